import type { Metadata } from '../buffer/batch';
import type { Settings } from '../config/settings';

type Words = Settings['platformLines'];

/** What `LOKI_PLATFORM_LINES` calls the lines of an event. */
type Kind = Exclude<Words extends ReadonlySet<infer Word> ? Word : never, 'all'>;

const KINDS: Readonly<Record<string, Kind | undefined>> = {
  'platform.initStart': 'init',
  'platform.initReport': 'init',
  'platform.restoreStart': 'restore',
  'platform.restoreReport': 'restore',
  'platform.start': 'start',
  'platform.runtimeDone': 'end',
  'platform.report': 'report',
  'platform.fault': 'fault',
  'platform.extension': 'extension',
  'platform.logsDropped': 'dropped',
};

/** Whether a line of this event is wanted. */
export function isWanted(wanted: Words, type: string, line: string): boolean {
  if (wanted.has('all')) return true;
  // A timeout has two lines, and the second one is END.
  const kind = type === 'platform.runtimeDone' && !line.startsWith('END ') ? 'timeout' : KINDS[type];
  return kind !== undefined && wanted.has(kind);
}

/** The numbers of REPORT, by their names in its metadata. */
const NUMBERS: Readonly<Record<string, string>> = {
  duration_ms: 'durationMs',
  billed_duration_ms: 'billedDurationMs',
  memory_size_mb: 'memorySizeMB',
  max_memory_used_mb: 'maxMemoryUsedMB',
  init_duration_ms: 'initDurationMs',
  restore_duration_ms: 'restoreDurationMs',
};

/**
 * The content of `platform.report` as structured metadata, so that queries need no parser; nothing for other events.
 */
export function reportMetadata(type: string, record: unknown): Metadata | undefined {
  if (type !== 'platform.report' || typeof record !== 'object' || record === null) return undefined;
  const { metrics, status, errorType } = record as Readonly<Record<string, unknown>>;
  const metadata: Record<string, string> = {};
  for (const name in NUMBERS) {
    const value = (metrics as Readonly<Record<string, unknown>> | null | undefined)?.[NUMBERS[name]];
    if (typeof value === 'number') metadata[name] = String(value);
  }
  if (typeof status === 'string' && status !== '') metadata.status = status;
  if (typeof errorType === 'string' && errorType !== '') metadata.error_type = errorType;
  return metadata;
}
