import { AT, type Format, ID, OTEL, TRACE, XRAY } from './types';

export const JAVA: readonly Format[] = [
  {
    name: 'Java on Lambda, LambdaLogger',
    lines: [
      ['[DEBUG] lookup', 'debug'],
      ['[INFO] order accepted', 'info'],
      ['[WARN] slow', 'warn'],
      ['[ERROR] declined', 'error'],
      ['[FATAL] gone', 'fatal'],
      ['order accepted, without a level', undefined],
      [`{"timestamp":"${AT}","message":"order accepted","level":"INFO","AWSRequestId":"${ID}"}`, 'info'],
      [`{"timestamp":"${AT}","message":"declined","level":"ERROR","AWSRequestId":"${ID}","tenantId":"blue"}`, 'error'],
      ['java.lang.IllegalStateException: ERROR is the message', undefined],
      ['\tat com.example.Handler.handleRequest(Handler.java:7)', undefined],
    ],
  },
  {
    name: 'log4j2',
    lines: [
      [`2026-01-02 03:04:05 ${ID} INFO  Handler:42 - order accepted`, 'info'],
      [`2026-01-02 03:04:05 ${ID} WARN  Handler:43 - slow`, 'warn'],
      [`2026-01-02 03:04:05 ${ID} ERROR Handler:44 - declined`, 'error'],
      ['2026-01-02 03:04:05  DEBUG Handler:12 - during Init', 'debug'],
      ['03:04:05.006 [main] INFO  com.example.Handler - order accepted', 'info'],
      ['03:04:05.006 [pool-1-thread-1] FATAL com.example.Handler - gone', 'fatal'],
      ['2026-01-02T03:04:05,006 TRACE [main] com.example.Handler: step', 'trace'],
      [
        '{"instant":{"epochSecond":1767323045,"nanoOfSecond":6000000},"thread":"main","level":"ERROR","loggerName":"com.example.Handler","message":"declined","endOfBatch":false}',
        'error',
      ],
      [
        `{"@timestamp":"${AT}","ecs.version":"1.2.0","log.level":"WARN","message":"slow","process.thread.name":"main","log.logger":"com.example.Handler"}`,
        'warn',
      ],
      [
        `{"@timestamp":"${AT}","ecs.version":"1.2.0","log.level":"INFO","message":"in a span","trace.id":"${OTEL}","span.id":"00f067aa0ba902b7"}`,
        'info',
        OTEL,
      ],
    ],
  },
  {
    name: 'Powertools for AWS Lambda (Java)',
    lines: [
      [
        `{"level":"INFO","message":"accepted","cold_start":true,"function_arn":"arn:aws:lambda:eu-west-1:111122223333:function:orders","function_memory_size":512,"function_name":"orders","function_request_id":"${ID}","function_version":"$LATEST","service":"orders","timestamp":"${AT}","xray_trace_id":"${XRAY}"}`,
        'info',
        TRACE,
      ],
      [
        `{"level":"DEBUG","message":"lookup","service":"orders","timestamp":"${AT}","xray_trace_id":"${XRAY}"}`,
        'debug',
        TRACE,
      ],
      [
        `{"level":"ERROR","message":"declined","error":{"name":"java.lang.IllegalStateException","message":"402","stack":"..."},"service":"orders","timestamp":"${AT}"}`,
        'error',
      ],
      [
        `{"@timestamp":"${AT}","ecs.version":"1.2.0","log.level":"INFO","message":"accepted","service.name":"orders","faas.execution":"${ID}","trace.id":"${XRAY}"}`,
        'info',
        TRACE,
      ],
    ],
  },
  {
    name: 'Logback, Spring Boot, SLF4J simple',
    lines: [
      ['03:04:05.006 [main] INFO com.example.Handler - order accepted', 'info'],
      ['03:04:05.006 [main] DEBUG com.example.Handler -- lookup', 'debug'],
      ['2026-01-02T03:04:05.006Z  INFO 8 --- [orders] [           main] com.example.Application : Started', 'info'],
      [
        '2026-01-02T03:04:05.006Z ERROR 8 --- [           main] o.s.boot.SpringApplication : Application run failed',
        'error',
      ],
      ['[main] INFO com.example.Handler - order accepted', 'info'],
      ['[main] WARN com.example.Handler - slow', 'warn'],
      [
        '{"@timestamp":"2026-01-02T03:04:05.006Z","@version":"1","message":"accepted","logger_name":"com.example.Handler","thread_name":"main","level":"INFO","level_value":20000}',
        'info',
      ],
      [
        `{"@timestamp":"2026-01-02T03:04:05.006Z","@version":"1","message":"in a span","level":"WARN","level_value":30000,"traceId":"${OTEL}","spanId":"00f067aa0ba902b7"}`,
        'warn',
        OTEL,
      ],
      [
        `{"timestamp":1767323045006,"level":"ERROR","loggerName":"com.example.Handler","message":"quarkus","mdc":{"traceId":"${OTEL}","spanId":"00f067aa0ba902b7"}}`,
        'error',
        OTEL,
      ],
    ],
  },
  {
    name: 'java.util.logging',
    lines: [
      ['Jan 02, 2026 3:04:05 AM com.example.Handler handleRequest\nINFO: order accepted', 'info'],
      ['Jan 02, 2026 3:04:05 AM com.example.Handler handleRequest\nSEVERE: declined', 'error'],
      ['WARNING: slow', 'warn'],
      ['SEVERE: declined', 'error'],
      ['Jan 02, 2026 3:04:05 AM com.example.Handler handleRequest', undefined],
    ],
  },
];
