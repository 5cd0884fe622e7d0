import type { TelemetryCategory } from './types';

/** One record of the telemetry stream, before it is written for a schema version. */
export interface TelemetryRecord {
  /** ISO 8601 in UTC with milliseconds: when the platform took notice. */
  readonly time: string;
  readonly type: string;
  /** JSON text of the record, taken over unchanged from the line where that is JSON. */
  readonly recordJson: string;
  /** The record as text, for the oldest schema, which knows only strings for lines. */
  readonly text?: string;
  /** Invocation it belongs to, as far as the sandbox knows; not sent. */
  readonly requestId?: string;
}

export const SCHEMA_VERSIONS = ['2022-07-01', '2022-12-13', '2025-01-29'] as const;
/** The first version in which a line that is a JSON object arrives as an object. */
const OBJECTS_SINCE = '2022-12-13';

export function category(type: string): TelemetryCategory {
  return type === 'function' || type === 'extension' ? type : 'platform';
}

export function isoTime(epochMs: number): string {
  return new Date(Math.floor(epochMs)).toISOString();
}

/** A number of milliseconds as the platform prints it: at most three decimals. */
export function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

export function platformRecord(type: string, record: unknown, at: number, requestId?: string): TelemetryRecord {
  return { time: isoTime(at), type, recordJson: JSON.stringify(record), requestId };
}

/**
 * A record for one written line. With the JSON log format a line that is a JSON object is embedded as it stands,
 * so that numbers of any size survive.
 */
export function lineRecord(
  type: 'function' | 'extension',
  line: string,
  at: number,
  options: { json: boolean; newline: boolean; requestId?: string },
): TelemetryRecord {
  const text = options.newline ? `${line}\n` : line;
  const embedded = options.json && isJsonObject(line);
  return {
    time: isoTime(at),
    type,
    recordJson: embedded ? line.trim() : JSON.stringify(text),
    text,
    requestId: options.requestId,
  };
}

/** The record's JSON text in a schema version. */
export function recordJsonFor(record: TelemetryRecord, schemaVersion: string): string {
  return schemaVersion < OBJECTS_SINCE && record.text !== undefined ? JSON.stringify(record.text) : record.recordJson;
}

/** The whole event as JSON text in a schema version. */
export function serialise(record: TelemetryRecord, schemaVersion: string): string {
  return `{"time":${JSON.stringify(record.time)},"type":${JSON.stringify(record.type)},"record":${recordJsonFor(record, schemaVersion)}}`;
}

function isJsonObject(line: string): boolean {
  const trimmed = line.trim();
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) return false;
  try {
    JSON.parse(trimmed);
    return true;
  } catch {
    return false;
  }
}
