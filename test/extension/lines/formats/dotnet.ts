import { AT, type Format, ID, OTEL, TRACE, XRAY } from './types';

export const DOTNET: readonly Format[] = [
  {
    name: '.NET on Lambda, text',
    lines: [
      [`${AT}\t${ID}\ttrce\tstep`, 'trace'],
      [`${AT}\t${ID}\tdbug\tlookup`, 'debug'],
      [`${AT}\t${ID}\tinfo\torder accepted`, 'info'],
      [`${AT}\t${ID}\twarn\tslow`, 'warn'],
      [`${AT}\t${ID}\tfail\tSystem.InvalidOperationException: declined`, 'error'],
      [`${AT}\t${ID}\tcrit\tgone`, 'fatal'],
      [`${AT}\t\tinfo\tBootstrapping`, 'info'],
    ],
  },
  {
    name: '.NET on Lambda, JSON',
    lines: [
      [
        `{"timestamp":"${AT}","level":"Information","requestId":"${ID}","traceId":"${XRAY}","message":"accepted"}`,
        'info',
        TRACE,
      ],
      [
        `{"timestamp":"${AT}","level":"Warning","requestId":"${ID}","traceId":"${XRAY}","message":"slow"}`,
        'warn',
        TRACE,
      ],
      [
        `{"timestamp":"${AT}","level":"Error","requestId":"${ID}","traceId":"${XRAY}","message":"declined","errorType":"System.InvalidOperationException","stackTrace":["at Orders"]}`,
        'error',
        TRACE,
      ],
      [`{"timestamp":"${AT}","level":"Critical","requestId":"${ID}","message":"gone"}`, 'fatal'],
      [`{"timestamp":"${AT}","level":"Debug","requestId":"${ID}","message":"lookup"}`, 'debug'],
      [`{"timestamp":"${AT}","level":"Trace","requestId":"${ID}","message":"step"}`, 'trace'],
    ],
  },
  {
    name: 'ILogger of .NET',
    lines: [
      ['info: Orders.Function[0]\n      order accepted', 'info'],
      ['warn: Orders.Function[0]\n      slow', 'warn'],
      ['fail: Microsoft.AspNetCore.Server.Kestrel[13]\n      Connection id "0HN"', 'error'],
      ['crit: Orders.Function[0]\n      gone', 'fatal'],
      ['dbug: Orders.Function[0]\n      lookup', 'debug'],
      ['trce: Orders.Function[0]\n      step', 'trace'],
      ['{"EventId":0,"LogLevel":"Information","Category":"Orders.Function","Message":"accepted"}', 'info'],
      ['{"EventId":0,"LogLevel":"Error","Category":"Orders.Function","Message":"declined"}', 'error'],
    ],
  },
  {
    name: 'Serilog, NLog, Powertools for AWS Lambda (.NET)',
    lines: [
      ['[03:04:05 INF] order accepted', 'info'],
      ['[03:04:05 WRN] slow', 'warn'],
      ['[03:04:05 ERR] declined', 'error'],
      ['[03:04:05 FTL] gone', 'fatal'],
      ['2026-01-02 03:04:05.006 +00:00 [INF] order accepted', 'info'],
      ['2026-01-02 03:04:05.006 +00:00 [Error] declined', 'error'],
      ['{"@t":"2026-01-02T03:04:05.006Z","@mt":"declined {Code}","@l":"Error","Code":402}', 'error'],
      [
        `{"@t":"2026-01-02T03:04:05.006Z","@mt":"in a span","@l":"Warning","@tr":"${OTEL}","@sp":"00f067aa0ba902b7"}`,
        'warn',
        OTEL,
      ],
      ['{"Timestamp":"2026-01-02T03:04:05.006Z","Level":"Verbose","MessageTemplate":"step"}', 'debug'],
      [
        `{"Timestamp":"2026-01-02T03:04:05.006Z","Level":"Information","MessageTemplate":"accepted","TraceId":"${OTEL}"}`,
        'info',
        OTEL,
      ],
      ['2026-01-02 03:04:05.0061|INFO|Orders.Function|order accepted', 'info'],
      ['2026-01-02 03:04:05.0061|ERROR|Orders.Function|declined', 'error'],
      [
        `{"cold_start":true,"xray_trace_id":"${XRAY}","function_name":"orders","function_request_id":"${ID}","timestamp":"${AT}","level":"Information","service":"orders","name":"Logger","message":"accepted"}`,
        'info',
        TRACE,
      ],
    ],
  },
];
