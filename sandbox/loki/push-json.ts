import { Refusal } from './refusal';
import { texts } from './texts';

/** One entry of a push, as sent. */
export interface PushedEntry {
  readonly timestamp: bigint;
  readonly line: string;
  readonly metadata: readonly (readonly [name: string, value: string])[];
}

/** One stream of a push, as sent. */
export interface PushedStream {
  readonly labels: ReadonlyMap<string, string>;
  readonly entries: readonly PushedEntry[];
}

const INT64_MAX = 2n ** 63n - 1n;

/**
 * Reads a push in JSON.
 * @throws Refusal 400 for anything that is not of the right shape: Loki then takes nothing of the push.
 */
export function parsePush(body: string): PushedStream[] {
  let push: unknown;
  try {
    push = JSON.parse(body);
  } catch (error) {
    throw malformed(body === '' ? 'EOF' : (error as Error).message);
  }
  if (push === null) {
    return [];
  }
  if (!isObject(push)) {
    throw malformed('readObjectStart: expect { or n');
  }
  const streams = push.streams ?? [];
  if (!Array.isArray(streams)) {
    throw malformed('decode slice: expect [ or n');
  }
  return streams.map(parseStream);
}

function parseStream(stream: unknown): PushedStream {
  if (!isObject(stream)) {
    throw malformed(texts.jsonObject);
  }
  const labels = new Map<string, string>();
  if (stream.stream !== undefined) {
    if (!isObject(stream.stream)) {
      throw malformed(texts.jsonObject);
    }
    // Loki takes the text of any value that isn't a string.
    for (const [name, value] of Object.entries(stream.stream)) {
      labels.set(name, typeof value === 'string' ? value : JSON.stringify(value));
    }
  }
  const values = stream.values ?? [];
  if (!Array.isArray(values)) {
    throw malformed(texts.jsonArray);
  }
  return { labels, entries: values.filter((value) => value !== null).map(parseEntry) };
}

function parseEntry(value: unknown): PushedEntry {
  if (!Array.isArray(value)) {
    throw malformed(texts.jsonArray);
  }
  let timestamp = 0n;
  let line = '';
  let metadata: PushedEntry['metadata'] = [];
  // As in Loki, an element of the wrong kind leaves the next one in its place, and the last problem is the one that is
  // told.
  let place = 0;
  let problem: string | undefined;
  for (const element of value as unknown[]) {
    if (place < 2 && typeof element !== 'string') {
      problem = texts.jsonString;
      continue;
    }
    if (place === 0) {
      const parsed = parseTimestamp(element as string);
      if (parsed === undefined) {
        problem = texts.jsonNumber;
        continue;
      }
      timestamp = parsed;
    } else if (place === 1) {
      line = element as string;
    } else if (place === 2) {
      if (!isObject(element)) {
        problem = texts.jsonObject;
        continue;
      }
      if (!isStrings(element)) {
        problem = texts.jsonString;
        continue;
      }
      metadata = Object.entries(element);
    }
    place++;
  }
  if (problem !== undefined) {
    throw malformed(problem);
  }
  return { timestamp, line, metadata };
}

function parseTimestamp(text: string): bigint | undefined {
  if (!/^-?\d+$/.test(text)) {
    return undefined;
  }
  const timestamp = BigInt(text);
  return timestamp > INT64_MAX || timestamp < -INT64_MAX - 1n ? undefined : timestamp;
}

function isStrings(object: Record<string, unknown>): object is Record<string, string> {
  return Object.values(object).every((value) => typeof value === 'string');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(detail: string): Refusal {
  return new Refusal(400, `loghttp.PushRequest.Streams: []loghttp.LogProtoStream: unmarshalerDecoder: ${detail}`);
}
