import { AT, type Format, ID, OTEL, TRACE, XRAY } from './types';

export const RUST: readonly Format[] = [
  {
    name: 'tracing',
    lines: [
      ['2026-01-02T03:04:05.006007Z TRACE orders: step', 'trace'],
      ['2026-01-02T03:04:05.006007Z DEBUG orders::cache: lookup', 'debug'],
      ['2026-01-02T03:04:05.006007Z  INFO orders: order accepted order=17', 'info'],
      ['2026-01-02T03:04:05.006007Z  WARN handle{order=17}: orders: slow', 'warn'],
      ['2026-01-02T03:04:05.006007Z ERROR orders: declined', 'error'],
      [' INFO orders: without a time, as lambda_runtime sets it up', 'info'],
      [' WARN orders: slow', 'warn'],
      ['ERROR orders: declined', 'error'],
      [
        ` INFO Lambda runtime invoke{requestId="${ID}" xrayTraceId="Root=${XRAY};Parent=0123456789abcdef;Sampled=1"}: orders: accepted`,
        'info',
        TRACE,
      ],
      [
        '\x1b[2m2026-01-02T03:04:05.006007Z\x1b[0m \x1b[32m INFO\x1b[0m \x1b[2morders\x1b[0m\x1b[2m:\x1b[0m accepted',
        'info',
      ],
      [
        '\x1b[2m2026-01-02T03:04:05.006007Z\x1b[0m \x1b[31mERROR\x1b[0m \x1b[2morders\x1b[0m\x1b[2m:\x1b[0m declined',
        'error',
      ],
      [`{"timestamp":"${AT}","level":"INFO","fields":{"message":"accepted","order":17},"target":"orders"}`, 'info'],
      [
        `{"timestamp":"${AT}","level":"ERROR","fields":{"message":"declined"},"target":"orders","span":{"name":"handle"}}`,
        'error',
      ],
      [`{"level":"WARN","message":"flattened","target":"orders"}`, 'warn'],
      [
        `{"timestamp":"${AT}","level":"INFO","fields":{"message":"in a span"},"target":"orders","trace_id":"${OTEL}"}`,
        'info',
        OTEL,
      ],
    ],
  },
  {
    name: 'env_logger, simple_logger, flexi_logger, panics of Rust',
    lines: [
      ['[2026-01-02T03:04:05Z INFO  orders] order accepted', 'info'],
      ['[2026-01-02T03:04:05Z ERROR orders::payment] declined', 'error'],
      ['2026-01-02T03:04:05.006Z WARN [orders] slow', 'warn'],
      ['INFO [orders] order accepted', 'info'],
      ["thread 'main' panicked at src/main.rs:7:5:", undefined],
    ],
  },
];
