/** A platform event in a log. */
export interface PlatformLine {
  readonly line: string;
  /** The invocation that the event names. */
  readonly requestId?: string;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Renders a platform event as the line that CloudWatch shows for it; nothing for unknown events and those without a
 * line in CloudWatch (events: AWS Lambda Developer Guide, "Lambda Telemetry API Event schema reference").
 * @param time the event's time as ISO 8601, which the line of a timeout begins with.
 */
export function platformLines(type: string, record: unknown, time: string): PlatformLine[] {
  if (type === 'platform.fault') return fault(record);
  const fields: Fields = typeof record === 'object' && record !== null ? (record as Fields) : {};
  const requestId = text(fields.requestId);
  const about = (line: string): PlatformLine => (requestId === undefined ? { line } : { line, requestId });
  switch (type) {
    case 'platform.initStart':
      return [
        about(
          join(
            `INIT_START Runtime Version: ${text(fields.runtimeVersion) ?? 'unknown'}`,
            named('Runtime Version ARN', fields.runtimeVersionArn),
          ),
        ),
      ];
    case 'platform.initReport':
      // CloudWatch reports an Init of its own only when it failed; otherwise REPORT has its duration.
      if (!failed(fields)) return [];
      return [
        about(
          join(
            `INIT_REPORT Init Duration: ${millis(metric(fields, 'durationMs'))}`,
            named('Phase', fields.phase),
            ...outcome(fields),
          ),
        ),
      ];
    case 'platform.start':
      return [about(`START RequestId: ${requestId ?? 'unknown'} Version: ${text(fields.version) ?? '$LATEST'}`)];
    case 'platform.runtimeDone': {
      const end = about(`END RequestId: ${requestId ?? 'unknown'}`);
      if (fields.status !== 'timeout') return [end];
      const seconds = (metric(fields, 'durationMs') ?? 0) / 1000;
      return [about(`${time} ${requestId ?? 'unknown'} Task timed out after ${seconds.toFixed(2)} seconds`), end];
    }
    case 'platform.report':
      return [about(report(fields, requestId))];
    case 'platform.restoreStart':
      return [
        about(
          join(
            `RESTORE_START Runtime Version: ${text(fields.runtimeVersion) ?? 'unknown'}`,
            named('Runtime Version ARN', fields.runtimeVersionArn),
          ),
        ),
      ];
    case 'platform.restoreReport':
      return [
        about(join(`RESTORE_REPORT Restore Duration: ${millis(metric(fields, 'durationMs'))}`, ...outcome(fields))),
      ];
    case 'platform.extension':
      // Registrations are noise on every cold start; a failed extension is not.
      return fields.errorType === undefined
        ? []
        : [
            about(
              join(
                `EXTENSION\tName: ${text(fields.name) ?? 'unknown'}`,
                named('State', fields.state),
                named('Error Type', fields.errorType),
              ),
            ),
          ];
    case 'platform.logsDropped':
      return [
        about(
          join(
            `LOGS_DROPPED Records: ${count(fields.droppedRecords)}`,
            `Bytes: ${count(fields.droppedBytes)}`,
            named('Reason', fields.reason),
          ),
        ),
      ];
    default:
      return [];
  }
}

function fault(record: unknown): PlatformLine[] {
  if (record === undefined || record === null) return [];
  const line = (typeof record === 'string' ? record : JSON.stringify(record)).replace(/\n$/, '');
  const requestId = /RequestId: ([0-9a-f-]{36})/.exec(line)?.[1];
  return [requestId === undefined ? { line } : { line, requestId }];
}

function report(fields: Fields, requestId: string | undefined): string {
  const duration = (label: string, name: string): string | undefined => {
    const value = metric(fields, name);
    return value === undefined ? undefined : `${label}: ${millis(value)}`;
  };
  const size = (label: string, name: string): string | undefined => {
    const value = metric(fields, name);
    return value === undefined ? undefined : `${label}: ${value} MB`;
  };
  const billed = metric(fields, 'billedDurationMs');
  return join(
    `REPORT RequestId: ${requestId ?? 'unknown'}`,
    duration('Duration', 'durationMs'),
    billed === undefined ? undefined : `Billed Duration: ${billed} ms`,
    size('Memory Size', 'memorySizeMB'),
    size('Max Memory Used', 'maxMemoryUsedMB'),
    duration('Init Duration', 'initDurationMs'),
    duration('Restore Duration', 'restoreDurationMs'),
    duration('Billed Restore Duration', 'billedRestoreDurationMs'),
    ...outcome(fields),
  );
}

/** Status and error type; nothing after a success, as in CloudWatch. */
function outcome(fields: Fields): (string | undefined)[] {
  return failed(fields) ? [named('Status', fields.status), named('Error Type', fields.errorType)] : [];
}

function failed(fields: Fields): boolean {
  return (fields.status !== undefined && fields.status !== 'success') || fields.errorType !== undefined;
}

function metric(fields: Fields, name: string): number | undefined {
  const value = (fields.metrics as Fields | null | undefined)?.[name];
  return typeof value === 'number' ? value : undefined;
}

function millis(value: number | undefined): string {
  return `${(value ?? 0).toFixed(2)} ms`;
}

function count(value: unknown): string {
  return typeof value === 'number' ? String(value) : 'unknown';
}

function named(label: string, value: unknown): string | undefined {
  const shown = text(value);
  return shown === undefined ? undefined : `${label}: ${shown}`;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function join(...parts: (string | undefined)[]): string {
  let line = '';
  for (const part of parts) if (part !== undefined) line += line === '' ? part : `\t${part}`;
  return line;
}
