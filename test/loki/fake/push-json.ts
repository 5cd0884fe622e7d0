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
  if (push === null) {return [];}
  if (!isObject(push)) {throw malformed('readObjectStart: expect { or n');}
  const streams = push.streams ?? [];
  if (!Array.isArray(streams)) {throw malformed('decode slice: expect [ or n');}
  return streams.map(parseStream);
}

function parseStream(stream: unknown): PushedStream {
  if (!isObject(stream)) {throw malformed(texts.jsonObject);}
  const labels = new Map<string, string>();
  if (stream.stream !== undefined) {
    if (!isObject(stream.stream)) {throw malformed(texts.jsonObject);}
    // Loki takes the text of any value that isn't a string.
    for (const [name, value] of Object.entries(stream.stream)) {labels.set(name, typeof value === 'string' ? value : JSON.stringify(value));}
  }
  const values = stream.values ?? [];
  if (!Array.isArray(values)) {throw malformed(texts.jsonArray);}
  return { labels, entries: values.filter((value) => value !== null).map(parseEntry) };
}

function parseEntry(value: unknown): PushedEntry {
  if (!Array.isArray(value)) {throw malformed(texts.jsonArray);}
  const [timestamp, line = '', metadata] = value as unknown[];
  if (typeof timestamp !== 'string' || typeof line !== 'string') {throw malformed(texts.jsonString);}
  if (!/^-?\d+$/.test(timestamp)) {throw malformed(texts.jsonNumber);}
  const ns = BigInt(timestamp);
  if (ns > INT64_MAX || ns < -INT64_MAX - 1n) {throw malformed(texts.jsonNumber);}
  if (value.length < 3) {return { timestamp: ns, line, metadata: [] };}
  if (!isObject(metadata)) {throw malformed(texts.jsonObject);}
  return {
    timestamp: ns,
    line,
    metadata: Object.entries(metadata).map(([name, text]) => {
      if (typeof text !== 'string') {throw malformed(texts.jsonString);}
      return [name, text] as const;
    }),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(detail: string): Refusal {
  return new Refusal(400, `loghttp.PushRequest.Streams: []loghttp.LogProtoStream: unmarshalerDecoder: ${detail}`);
}
