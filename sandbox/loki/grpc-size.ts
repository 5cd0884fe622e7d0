import type { ValidEntry, ValidStream } from './validate';

/** Loki adds `detected_level` to each line; the value differs, this is the usual one. */
const DETECTED_LEVEL_BYTES = field(field(Buffer.byteLength('detected_level')) + field(Buffer.byteLength('unknown')));
/** A stream also carries a hash of its labels. */
const HASH_BYTES = 10;

/**
 * Bytes of the protobuf message in which Loki's distributor hands a push to the ingester, to within a few bytes a line.
 */
export function grpcSize(streams: readonly ValidStream[]): number {
  return streams.reduce(
    (total, { key, entries }) =>
      total +
      field(
        field(Buffer.byteLength(key)) + HASH_BYTES + entries.reduce((sum, entry) => sum + field(entrySize(entry)), 0),
      ),
    0,
  );
}

function entrySize({ timestamp, lineBytes, metadata }: ValidEntry): number {
  const seconds = timestamp / 1_000_000_000n;
  const nanos = timestamp % 1_000_000_000n;
  return (
    field(1 + varint(Number(seconds)) + (nanos === 0n ? 0 : 1 + varint(Number(nanos)))) +
    field(lineBytes) +
    DETECTED_LEVEL_BYTES +
    metadata.reduce(
      (sum, [name, value]) => sum + field(field(Buffer.byteLength(name)) + field(Buffer.byteLength(value))),
      0,
    )
  );
}

/** A field with its one-byte tag and its length in front. */
function field(bytes: number): number {
  return 1 + varint(bytes) + bytes;
}

function varint(value: number): number {
  return value < 1 ? 1 : Math.floor(Math.log2(value) / 7) + 1;
}
