import { cleanName, MOST_VALUE_BYTES } from '../config/metadata-names';
import type { FieldReader, Platform } from '../platform/types';
import type { Level } from './level';
import { levelOfValue } from './level-words';
import { TRACE_FIELDS, traceIdOf } from './trace-id';

/** A record of Lambda's JSON log format, taken apart. */
export interface Unwrapped {
  /** What the function has logged: a text, or a value as JSON. */
  readonly message: string;
  readonly level: Level | undefined;
  /** All other fields. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The most fields of a record beside its message. Loki allows 128 entries for all the structured metadata of a line.
 */
const MOST_FIELDS = 32;

/** How many sets of fields are remembered: a logger usually writes the same ones. */
const REMEMBERED = 32;

const REQUEST_ID = new Set(['requestId', 'AWSRequestId', 'aws_request_id']);
const TRACE = new Set(TRACE_FIELDS);

/** What Java's logger writes where no level was given. */
const NO_LEVEL = 'UNDEFINED';

/** Names of metadata that lines get from elsewhere. */
const TAKEN = new Set(['request_id', 'part', 'parts', 'detected_level']);

/**
 * Takes records of Lambda's JSON log format apart. Nothing may be lost: a record stays as it is when one of its fields
 * is too large for structured metadata, or can't keep its name there.
 */
export class Unwrapper {
  readonly #platform: Pick<Platform, 'fieldReader' | 'utf8Length'>;
  /** By the names of the fields. */
  readonly #readers = new Map<string, FieldReader>();

  constructor(platform: Pick<Platform, 'fieldReader' | 'utf8Length'>) {
    this.#platform = platform;
  }

  /**
   * @param json the record
   * @param requestId the invocation that it belongs to, if lines get request ids
   */
  unwrap(json: string, requestId: string | undefined): Unwrapped | undefined {
    const names = namesIn(json);
    if (names === undefined || names.length > MOST_FIELDS + 1) return undefined;
    // The text of each value is used, not the value: 1.0 stays 1.0.
    const values = this.#readerOf(names)(json);
    const message = values?.[names.indexOf('message')];
    const level = values?.[names.indexOf('level')];
    if (values === undefined || message === undefined || level === undefined) return undefined;
    const metadata: Record<string, string> = {};
    for (let i = 0; i < names.length; i++) {
      const field = names[i];
      const value = values[i] ?? 'null';
      if (field === 'message' || (REQUEST_ID.has(field) && value === requestId)) continue;
      if (field === 'level' && value === NO_LEVEL) continue;
      const traceId = TRACE.has(field) ? traceIdOf(value) : undefined;
      const name = traceId !== undefined ? 'trace_id' : field === 'tenantId' ? 'tenant_id' : cleanName(field);
      if (name === undefined || TAKEN.has(name) || name in metadata) return undefined;
      if (this.#platform.utf8Length(value) > MOST_VALUE_BYTES) return undefined;
      metadata[name] = traceId ?? (field === 'level' ? (levelOfValue(value) ?? value) : value);
    }
    // A trailing newline is removed as from a line of text: Java's logger passes on the one that it was given.
    const line = message.endsWith('\n') ? message.slice(0, -1) : message;
    return { message: line, level: levelOfValue(level), metadata };
  }

  #readerOf(names: readonly string[]): FieldReader {
    const key = names.join('\n');
    const known = this.#readers.get(key);
    if (known !== undefined) return known;
    const reader = this.#platform.fieldReader(names.map((name) => [name]));
    this.#readers.set(key, reader);
    if (this.#readers.size > REMEMBERED) this.#readers.delete(this.#readers.keys().next().value!);
    return reader;
  }
}

/** The names of the fields of an object with a level and a message; `undefined` for other values. */
function namesIn(json: string): string[] | undefined {
  let record: unknown;
  try {
    record = JSON.parse(json);
  } catch {
    // The record is nested too deeply for the parser.
    return undefined;
  }
  if (typeof record !== 'object' || record === null) return undefined;
  const { level, message } = record as Readonly<Record<string, unknown>>;
  return typeof level === 'string' && message !== undefined && message !== null ? Object.keys(record) : undefined;
}
