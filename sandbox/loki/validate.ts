import { printLabels, streamLabels } from './labels';
import type { FakeLokiLimits } from './limits';
import { metadataSize, normalizeMetadata } from './metadata';
import type { PushedEntry, PushedStream } from './push-json';
import { texts } from './texts';

/** An entry that may be stored. */
export interface ValidEntry {
  readonly timestamp: bigint;
  readonly line: string;
  /** Bytes of UTF-8 in the line. */
  readonly lineBytes: number;
  readonly metadata: readonly (readonly [name: string, value: string])[];
  /** Bytes that count for rates: line and structured metadata. */
  readonly size: number;
}

export interface ValidStream {
  readonly labels: ReadonlyMap<string, string>;
  /** The labels printed; identifies the stream. */
  readonly key: string;
  readonly entries: readonly ValidEntry[];
}

export interface Validated {
  /** What passed; streams without entries are left out. */
  readonly streams: readonly ValidStream[];
  /** Why the rest didn't: one text for each entry, or for a stream as a whole. */
  readonly errors: readonly string[];
}

/**
 * What Loki's distributor checks of each line by itself. Lines that fail are left out, and the others go on.
 * @param now milliseconds since 1970
 * @throws Refusal where one fault costs the whole push: a label name (400), a metadata name (500).
 */
export function validate(pushed: readonly PushedStream[], limits: FakeLokiLimits, now: number): Validated {
  const errors: string[] = [];
  const streams: ValidStream[] = [];
  // All label names are looked at before any stream is.
  const labelled = pushed.map(({ labels, entries }) => ({ labels: streamLabels(labels), entries }));
  for (const { labels, entries } of labelled) {
    if (entries.length === 0) {
      continue;
    }
    const key = printLabels(labels);
    const labelProblem = checkLabels(labels, key, limits);
    if (labelProblem !== undefined) {
      errors.push(labelProblem);
      continue;
    }
    const valid: ValidEntry[] = [];
    for (const entry of entries) {
      const lineBytes = Buffer.byteLength(entry.line);
      const problem = checkEntry(entry, lineBytes, key, limits, now);
      if (problem === undefined) {
        const metadata = normalizeMetadata(entry.metadata);
        valid.push({
          timestamp: entry.timestamp,
          line: entry.line,
          lineBytes,
          metadata,
          size: lineBytes + metadataSize(metadata),
        });
      } else {
        errors.push(problem);
      }
    }
    if (valid.length > 0) {
      streams.push({ labels, key, entries: valid });
    }
  }
  return { streams, errors };
}

function checkLabels(labels: ReadonlyMap<string, string>, key: string, limits: FakeLokiLimits): string | undefined {
  // service_name is always there by now, and isn't counted.
  const count = labels.size - 1;
  if (count > limits.maxLabelNamesPerSeries) {
    return texts.tooManyLabels(key, count, limits.maxLabelNamesPerSeries);
  }
  for (const [name, value] of labels) {
    if (Buffer.byteLength(name) > limits.maxLabelNameLength) {
      return texts.labelNameTooLong(key, name);
    }
    if (Buffer.byteLength(value) > limits.maxLabelValueLength) {
      return texts.labelValueTooLong(key, value);
    }
  }
  return undefined;
}

function checkEntry(
  entry: PushedEntry,
  lineBytes: number,
  key: string,
  limits: FakeLokiLimits,
  now: number,
): string | undefined {
  const { timestamp, metadata } = entry;
  const oldest = BigInt(now - limits.rejectOldSamplesMaxAge) * 1_000_000n;
  if (timestamp < oldest) {
    return texts.tooOld(key, timestamp, oldest);
  }
  if (timestamp > BigInt(now + limits.creationGracePeriod) * 1_000_000n) {
    return texts.tooNew(key, timestamp);
  }
  if (lineBytes > limits.maxLineSize) {
    return texts.lineTooLong(key, limits.maxLineSize, lineBytes);
  }
  if (!limits.allowStructuredMetadata && metadata.length > 0) {
    return texts.metadataDisallowed(key);
  }
  const size = metadataSize(metadata);
  if (size > limits.maxStructuredMetadataSize) {
    return texts.metadataTooLarge(key, size, limits.maxStructuredMetadataSize);
  }
  if (metadata.length > limits.maxStructuredMetadataEntriesCount) {
    return texts.metadataTooMany(key, metadata.length, limits.maxStructuredMetadataEntriesCount);
  }
  return undefined;
}
