import { isLogfmt } from './level-in-text';

/**
 * The fields in which trace ids are logged: OpenTelemetry's for most languages, Python's and Serilog's, ECS, Quarkus,
 * Powertools, Lambda's runtime for Rust.
 */
export const TRACE_FIELDS: readonly string[] = [
  'trace_id',
  'traceId',
  'traceID',
  'TraceId',
  'otelTraceID',
  '@tr',
  'trace.id',
  'mdc.traceId',
  'xray_trace_id',
  'xrayTraceId',
  'span.xrayTraceId',
];

const NONE = '0'.repeat(32);

/**
 * A trace id in W3C form (32 hexadecimal digits), from that form or from one of X-Ray's; `undefined` for other texts.
 */
export function traceIdOf(value: string): string | undefined {
  if (value.length === 32) {
    if (!/^[0-9a-fA-F]{32}$/.test(value)) return undefined;
    const id = value.toLowerCase();
    return id === NONE ? undefined : id;
  }
  // `1-67891233-abcdef012345678912345678`, alone or in a header: `Root=1-…;Parent=…;Sampled=1`
  const match =
    value.length < 35 ? null : /^(?:Self=[^;]{1,80};)?(?:Root=)?1-([0-9a-f]{8})-([0-9a-f]{24})(?:[;@]|$)/.exec(value);
  return match === null ? undefined : match[1] + match[2];
}

/** How far into a text line a trace id is searched. */
const HEAD = 512;

const PAIR = /(?:^|[\s[{(])(?:trace_?[iI][dD]|xrayTraceId)="?([\w=;-]{32,200})/;

/**
 * A trace id that a logger has written into a text line, as `trace_id=…`. Lines in Lambda's own formats for Node.js and
 * Python have none, and are not searched.
 */
export function traceIdInText(line: string): string | undefined {
  const first = line.charCodeAt(0);
  const stamped = (first >= 48 && first <= 57 && line.charCodeAt(24) !== 9) || first === 32;
  if (!stamped && !(first >= 97 && first <= 122 && isLogfmt(line))) return undefined;
  const head = line.length > HEAD ? line.slice(0, HEAD) : line;
  if (head.indexOf('race') < 0) return undefined;
  const value = PAIR.exec(head)?.[1];
  return value === undefined ? undefined : traceIdOf(value);
}
