import { AT, type Format, ID, OTEL, TRACE, XRAY } from './types';

export const NODE: readonly Format[] = [
  {
    name: 'Node.js on Lambda, text',
    lines: [
      [`${AT}\t${ID}\tTRACE\tcache state { hits: 3, misses: 1 }`, 'trace'],
      [`${AT}\t${ID}\tDEBUG\tcache lookup key=product:17`, 'debug'],
      [`${AT}\t${ID}\tINFO\torder accepted order=17`, 'info'],
      [`${AT}\t${ID}\tINFO\tERROR is only a word in this message`, 'info'],
      [`${AT}\t${ID}\tINFO\t{"level":"error","message":"JSON behind the prefix"}`, 'info'],
      [`${AT}\t${ID}\tWARN\tretrying attempt=2`, 'warn'],
      [`${AT}\t${ID}\tERROR\tInvoke Error \t{"errorType":"TypeError","errorMessage":"x is not a function"}`, 'error'],
      [`${AT}\t${ID}\tERROR\tUnhandled Promise Rejection \t{"errorType":"Runtime.UnhandledPromiseRejection"}`, 'error'],
      [`${AT}\t${ID}\tFATAL\tout of retries`, 'fatal'],
      [`${AT}\tundefined\tINFO\tinit: connected`, 'info'],
      [`${AT}\tundefined\tERROR\tUncaught Exception \t{"errorType":"Runtime.ImportModuleError"}`, 'error'],
    ],
  },
  {
    name: 'Node.js on Lambda, JSON',
    lines: [
      [`{"timestamp":"${AT}","level":"TRACE","requestId":"${ID}","message":"state"}`, 'trace'],
      [`{"timestamp":"${AT}","level":"DEBUG","requestId":"${ID}","message":"lookup"}`, 'debug'],
      [`{"timestamp":"${AT}","level":"INFO","requestId":"${ID}","message":"order accepted"}`, 'info'],
      [`{"timestamp":"${AT}","level":"WARN","requestId":"${ID}","message":"slow"}`, 'warn'],
      [
        `{"timestamp":"${AT}","level":"ERROR","requestId":"${ID}","message":{"errorType":"Error","errorMessage":"boom","stackTrace":["Error: boom"]}}`,
        'error',
      ],
      [`{"timestamp":"${AT}","level":"FATAL","requestId":"${ID}","message":"gone"}`, 'fatal'],
      [
        `{"timestamp":"${AT}","level":"INFO","requestId":"${ID}","message":"{\\"level\\":50,\\"msg\\":\\"JSON in JSON\\"}"}`,
        'info',
      ],
      [`{"timestamp":"${AT}","level":"INFO","requestId":"${ID}","tenantId":"blue","message":"for a tenant"}`, 'info'],
    ],
  },
  {
    name: 'Powertools for AWS Lambda (TypeScript)',
    lines: [
      [`{"level":"DEBUG","message":"lookup","timestamp":"${AT}","service":"orders","sampling_rate":0.1}`, 'debug'],
      [
        `{"level":"INFO","message":"order accepted","timestamp":"${AT}","service":"orders","cold_start":true,"function_name":"orders","function_request_id":"${ID}","xray_trace_id":"${XRAY}"}`,
        'info',
        TRACE,
      ],
      [
        `{"level":"WARN","message":"slow","timestamp":"${AT}","service":"orders","xray_trace_id":"${XRAY}"}`,
        'warn',
        TRACE,
      ],
      [
        `{"level":"ERROR","message":"declined","timestamp":"${AT}","service":"orders","error":{"name":"Error","location":"/var/task/index.js:7","message":"402","stack":"Error: 402\\n    at handler"},"xray_trace_id":"${XRAY}"}`,
        'error',
        TRACE,
      ],
      [`{"level":"CRITICAL","message":"gone","timestamp":"${AT}","service":"orders"}`, 'fatal'],
      [`{"level":"TRACE","message":"step","timestamp":"${AT}","service":"orders"}`, 'trace'],
    ],
  },
  {
    name: 'pino',
    lines: [
      ['{"level":10,"time":1767323045006,"pid":8,"hostname":"169.254.1.1","msg":"trace"}', 'trace'],
      ['{"level":20,"time":1767323045006,"pid":8,"hostname":"169.254.1.1","msg":"debug"}', 'debug'],
      ['{"level":30,"time":1767323045006,"pid":8,"hostname":"169.254.1.1","msg":"order accepted"}', 'info'],
      ['{"level":35,"time":1767323045006,"pid":8,"hostname":"169.254.1.1","msg":"a level of one\'s own"}', 'info'],
      ['{"level":40,"time":1767323045006,"pid":8,"hostname":"169.254.1.1","msg":"slow"}', 'warn'],
      [
        '{"level":50,"time":1767323045006,"pid":8,"hostname":"169.254.1.1","err":{"type":"Error","message":"boom","stack":"Error: boom"},"msg":"boom"}',
        'error',
      ],
      ['{"level":60,"time":1767323045006,"pid":8,"hostname":"169.254.1.1","msg":"gone"}', 'fatal'],
      [
        `{"level":30,"time":1767323045006,"trace_id":"${OTEL}","span_id":"00f067aa0ba902b7","trace_flags":"01","msg":"in a span"}`,
        'info',
        OTEL,
      ],
      [
        `{"level":"INFO","time":1767323045006,"awsRequestId":"${ID}","x-correlation-trace-id":"Root=${XRAY}","msg":"pino-lambda"}`,
        'info',
      ],
      ['[12:34:56.789] INFO (8): pino-pretty', 'info'],
      ['[12:34:56.789] ERROR (8 on 169.254.1.1): pino-pretty', 'error'],
      ['\x1b[32mINFO\x1b[39m (8): \x1b[36mpino-pretty in colours\x1b[39m', 'info'],
    ],
  },
  {
    name: 'winston',
    lines: [
      ['{"level":"error","message":"boom","service":"orders"}', 'error'],
      ['{"level":"warn","message":"slow"}', 'warn'],
      ['{"level":"info","message":"order accepted","timestamp":"2026-01-02T03:04:05.006Z"}', 'info'],
      ['{"level":"http","message":"GET / 200"}', 'debug'],
      ['{"level":"verbose","message":"details"}', 'debug'],
      ['{"level":"debug","message":"lookup"}', 'debug'],
      ['{"level":"silly","message":"step"}', 'trace'],
      [
        `{"level":"info","message":"in a span","span_id":"00f067aa0ba902b7","trace_flags":"01","trace_id":"${OTEL}"}`,
        'info',
        OTEL,
      ],
      ['{"message":"level behind the message","level":"warn"}', 'warn'],
      ['info: order accepted {"order":17}', 'info'],
      ['error: declined {"code":402}', 'error'],
      ['2026-01-02T03:04:05.006Z warn: slow', 'warn'],
      ['2026-01-02T03:04:05.006Z [error]: declined', 'error'],
      ['2026-01-02 03:04:05 info: order accepted', 'info'],
      ['\x1b[32minfo\x1b[39m: in colours', 'info'],
      ['\x1b[31merror\x1b[39m: in colours', 'error'],
    ],
  },
  {
    name: 'bunyan',
    lines: [
      [
        '{"name":"orders","hostname":"h","pid":8,"level":20,"msg":"lookup","time":"2026-01-02T03:04:05.006Z","v":0}',
        'debug',
      ],
      [
        '{"name":"orders","hostname":"h","pid":8,"level":30,"msg":"accepted","time":"2026-01-02T03:04:05.006Z","v":0}',
        'info',
      ],
      [
        '{"name":"orders","hostname":"h","pid":8,"level":50,"err":{"message":"boom","name":"Error","stack":"Error: boom"},"msg":"boom","time":"2026-01-02T03:04:05.006Z","v":0}',
        'error',
      ],
      ['[2026-01-02T03:04:05.006Z]  INFO: orders/8 on h: order accepted', 'info'],
      ['[2026-01-02T03:04:05.006Z] ERROR: orders/8 on h: declined', 'error'],
    ],
  },
  {
    name: 'log4js, loglevel, consola, debug, tslog',
    lines: [
      ['[2026-01-02T03:04:05.006] [INFO] orders - order accepted', 'info'],
      ['[2026-01-02T03:04:05.006] [ERROR] orders - declined', 'error'],
      ['[warn] slow', 'warn'],
      ['2026-01-02 03:04:05.006\tERROR\t/index.ts:7\tdeclined', 'error'],
      ['  orders:cache lookup key=17 +0ms', undefined],
    ],
  },
];
