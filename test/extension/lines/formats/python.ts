import { AT, type Format, ID, OTEL, TRACE, XRAY } from './types';

export const PYTHON: readonly Format[] = [
  {
    name: 'Python on Lambda, text',
    lines: [
      [`[DEBUG]\t${AT}\t${ID}\tlookup`, 'debug'],
      [`[INFO]\t${AT}\t${ID}\torder accepted`, 'info'],
      [`[WARNING]\t${AT}\t${ID}\tslow`, 'warn'],
      [`[ERROR]\t${AT}\t${ID}\tdeclined\nTraceback (most recent call last):`, 'error'],
      [`[CRITICAL]\t${AT}\t${ID}\tgone`, 'fatal'],
      [
        '[ERROR] ValueError: boom\nTraceback (most recent call last):\n  File "/var/task/app.py", line 7, in handler',
        'error',
      ],
      ["[ERROR] Runtime.ImportModuleError: Unable to import module 'app': No module named 'x'", 'error'],
      ['[WARNING] a line of the runtime', 'warn'],
      ['LAMBDA_WARNING: Unhandled exception. The most likely cause is an issue in the function code.', undefined],
    ],
  },
  {
    name: 'Python on Lambda, JSON',
    lines: [
      [
        `{"timestamp": "2026-01-02T03:04:05Z", "level": "DEBUG", "message": "lookup", "logger": "root", "requestId": "${ID}"}`,
        'debug',
      ],
      [
        `{"timestamp": "2026-01-02T03:04:05Z", "level": "INFO", "message": "accepted", "logger": "root", "requestId": "${ID}"}`,
        'info',
      ],
      [
        `{"timestamp": "2026-01-02T03:04:05Z", "level": "WARNING", "message": "slow", "logger": "root", "requestId": "${ID}"}`,
        'warn',
      ],
      [
        `{"timestamp": "2026-01-02T03:04:05Z", "level": "ERROR", "message": "declined", "logger": "root", "requestId": "${ID}", "errorType": "ValueError", "stackTrace": ["  File \\"/var/task/app.py\\""]}`,
        'error',
      ],
      [
        `{"timestamp": "2026-01-02T03:04:05Z", "level": "CRITICAL", "message": "gone", "logger": "root", "requestId": "${ID}"}`,
        'fatal',
      ],
      [
        `{"timestamp": "2026-01-02T03:04:05Z", "log_level": "ERROR", "errorMessage": "boom", "errorType": "ValueError", "requestId": "${ID}"}`,
        'error',
      ],
    ],
  },
  {
    name: 'Powertools for AWS Lambda (Python)',
    lines: [
      [
        `{"level":"INFO","location":"handler:7","message":"accepted","timestamp":"2026-01-02 03:04:05,006+0000","service":"orders"}`,
        'info',
      ],
      [
        `{"level":"INFO","location":"handler:8","message":"accepted","timestamp":"2026-01-02 03:04:05,006+0000","service":"orders","cold_start":true,"function_name":"orders","function_memory_size":"128","function_arn":"arn:aws:lambda:eu-west-1:111122223333:function:orders","function_request_id":"${ID}","xray_trace_id":"${XRAY}"}`,
        'info',
        TRACE,
      ],
      [
        `{"level":"DEBUG","location":"f:3","message":"lookup","timestamp":"2026-01-02 03:04:05,006+0000","service":"orders","xray_trace_id":"${XRAY}"}`,
        'debug',
        TRACE,
      ],
      [
        `{"level":"WARNING","location":"f:3","message":"slow","timestamp":"2026-01-02 03:04:05,006+0000","service":"orders"}`,
        'warn',
      ],
      [
        `{"level":"ERROR","location":"f:3","message":"boom","timestamp":"2026-01-02 03:04:05,006+0000","service":"orders","exception":"Traceback (most recent call last):\\n  File \\"app.py\\"","exception_name":"ValueError","xray_trace_id":"${XRAY}"}`,
        'error',
        TRACE,
      ],
      [
        `{"level":"CRITICAL","location":"f:3","message":{"level":"INFO","a":"dict"},"timestamp":"2026-01-02 03:04:05,006+0000","service":"orders"}`,
        'fatal',
      ],
    ],
  },
  {
    name: 'logging of Python',
    lines: [
      ['DEBUG:root:lookup', 'debug'],
      ['INFO:orders.payment:order accepted', 'info'],
      ['WARNING:root:slow', 'warn'],
      ['ERROR:orders:declined', 'error'],
      ['CRITICAL:root:gone', 'fatal'],
      ['2026-01-02 03:04:05,006 - orders - INFO - order accepted', 'info'],
      ['2026-01-02 03:04:05,006 - orders.payment - WARNING - slow', 'warn'],
      ['2026-01-02 03:04:05,006 ERROR declined', 'error'],
      ['2026-01-02 03:04:05,006 [ERROR] orders: declined', 'error'],
      ['2026-01-02 03:04:05,006 root DEBUG lookup', 'debug'],
      ['2026-01-02 03:04:05,006 INFO [orders] [app.py:7] [trace_id=0 span_id=0] - accepted', 'info'],
      [
        `2026-01-02 03:04:05,006 INFO [orders] [app.py:7] [trace_id=${OTEL} span_id=00f067aa0ba902b7 resource.service.name=orders] - accepted`,
        'info',
        OTEL,
      ],
    ],
  },
  {
    name: 'structlog, loguru, python-json-logger, aws-lambda-powertools-free JSON',
    lines: [
      ['2026-01-02 03:04:05 [info     ] order accepted                 order=17', 'info'],
      ['2026-01-02T03:04:05.006007Z [error    ] declined                       code=402', 'error'],
      ['{"event": "order accepted", "level": "info", "timestamp": "2026-01-02T03:04:05.006007Z"}', 'info'],
      [`{"event": "declined", "level": "error", "trace_id": "${OTEL}", "span_id": "00f067aa0ba902b7"}`, 'error', OTEL],
      ['2026-01-02 03:04:05.006 | INFO     | orders:handler:7 - order accepted', 'info'],
      ['2026-01-02 03:04:05.006 | ERROR    | orders:handler:8 - declined', 'error'],
      ['2026-01-02 03:04:05.006 | CRITICAL | orders:handler:9 - gone', 'fatal'],
      ['{"asctime": "2026-01-02 03:04:05,006", "name": "orders", "levelname": "WARNING", "message": "slow"}', 'warn'],
      [
        `{"asctime": "2026-01-02 03:04:05,006", "levelname": "INFO", "message": "in a span", "otelTraceID": "${OTEL}", "otelSpanID": "00f067aa0ba902b7", "otelServiceName": "orders"}`,
        'info',
        OTEL,
      ],
      [
        '{"asctime": "2026-01-02 03:04:05,006", "levelname": "INFO", "message": "in none", "otelTraceID": "0", "otelSpanID": "0"}',
        'info',
      ],
      ['{"text": "...", "record": {"level": {"name": "ERROR", "no": 40}, "message": "loguru, serialized"}}', undefined],
    ],
  },
  {
    name: 'servers of Python',
    lines: [
      ['INFO:     127.0.0.1:53210 - "GET /orders HTTP/1.1" 200 OK', 'info'],
      ['ERROR:    Exception in ASGI application', 'error'],
      ['[2026-01-02 03:04:05 +0000] [8] [INFO] Starting gunicorn 23.0.0', 'info'],
      ['[2026-01-02 03:04:05,006: WARNING/MainProcess] celery', 'warn'],
      ['Traceback (most recent call last):', undefined],
      ['  File "/var/task/app.py", line 7, in handler', undefined],
    ],
  },
];
