/**
 * What Loki 3.7 says when it refuses, word for word where a client may look at the words.
 * All but the last groups are texts of one entry or stream; the answer joins them.
 */
const MAX_RETURNED_STREAM_ERRORS = 10;

/** RFC 3339 to the second, as Go prints it in UTC. */
export function rfc3339(timestampNs: bigint): string {
  return `${new Date(Math.floor(Number(timestampNs) / 1e9) * 1_000).toISOString().slice(0, 19)}Z`;
}

/** Go's `Time.String()` in UTC. */
function goTime(timestampNs: bigint): string {
  const iso = new Date(Number(timestampNs / 1_000_000n)).toISOString();
  const fraction = (timestampNs % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}${fraction && `.${fraction}`} +0000 UTC`;
}

export const texts = {
  tooOld: (labels: string, timestamp: bigint, oldest: bigint) =>
    `entry for stream '${labels}' has timestamp too old: ${rfc3339(timestamp)}, oldest acceptable timestamp is: ${rfc3339(oldest)}`,
  tooNew: (labels: string, timestamp: bigint) =>
    `entry for stream '${labels}' has timestamp too new: ${rfc3339(timestamp)}`,
  lineTooLong: (labels: string, limit: number, length: number) =>
    `max entry size '${limit}' bytes exceeded for stream '${labels}' while adding an entry with length '${length}' bytes`,
  tooManyLabels: (labels: string, count: number, limit: number) =>
    `entry for stream '${labels}' has ${count} label names; limit ${limit}`,
  labelNameTooLong: (labels: string, name: string) => `stream '${labels}' has label name too long: '${name}'`,
  labelValueTooLong: (labels: string, value: string) => `stream '${labels}' has label value too long: '${value}'`,
  metadataDisallowed: (labels: string) =>
    `stream '${labels}' includes structured metadata, but this feature is disallowed. ` +
    'Please see `limits_config.allow_structured_metadata` or contact your Loki administrator to enable it',
  metadataTooLarge: (labels: string, size: number, limit: number) =>
    `stream '${labels}' has structured metadata too large: '${size}' bytes, limit: '${limit}' bytes. ` +
    'Please see `limits_config.max_structured_metadata_size` or contact your Loki administrator to increase it',
  metadataTooMany: (labels: string, count: number, limit: number) =>
    `stream '${labels}' has too many structured metadata labels: '${count}', limit: '${limit}'. ` +
    'Please see `limits_config.max_structured_metadata_entries_count` or contact your Loki administrator to increase it',
  metadataNameEmpty: 'label name is empty',
  metadataNameInvalid: (name: string, normalized: string) =>
    `normalization for label name ${JSON.stringify(name)} resulted in invalid name ${JSON.stringify(normalized)}`,

  noStreams: 'error at least one valid stream is required for ingestion',
  ingestionRate: (tenant: string, limit: number, lines: number, bytes: number) =>
    `ingestion rate limit exceeded for user ${tenant} (limit: ${Math.floor(limit)} bytes/sec) while attempting to ingest '${lines}' lines ` +
    `totaling '${bytes}' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased`,
  streamLimit: (tenant: string, labels: string) =>
    `maximum active stream limit exceeded when trying to create stream ${labels}, reduce the number of active streams ` +
    '(reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be increased, ' +
    `user: '${tenant}'`,
  grpcTooLarge: (bytes: number, limit: number) =>
    `rpc error: code = ResourceExhausted desc = grpc: received message larger than max (${bytes} vs. ${limit})`,
  tooFarBehind: (timestamp: bigint, cutoff: bigint) =>
    `entry too far behind, entry timestamp is: ${rfc3339(timestamp)}, oldest acceptable timestamp is: ${rfc3339(cutoff)}`,
  perStreamRate: (labels: string, limit: number, bytes: number) =>
    `Per stream rate limit exceeded (limit: ${byteSize(limit)}/sec) while attempting to ingest for stream '${labels}' totaling ${byteSize(bytes)}, ` +
    'consider splitting a stream via additional labels or contact your Loki administrator to see if the limit can be increased',

  noOrgId: 'no org id',
  multipleOrgIds: 'multiple org IDs present',
  tenantTooLong: 'tenant ID is too long: max 150 characters',
  tenantCharacter: (tenant: string, character: string) =>
    `tenant ID '${tenant}' contains unsupported character '${character}'`,
  tenantUnsafe: "tenant ID is '.' or '..'",

  noMediaType: 'mime: no media type',
  notSnappy: 'snappy: corrupt input',
  encodingNotSupported: (encoding: string) => `Content-Encoding "${encoding}" not supported`,
  gzipHeader: 'gzip: invalid header',
  unexpectedEof: 'unexpected EOF',
  labelSyntax: (detail: string) => `couldn't parse labels: 1:2: parse error: ${detail}`,
  jsonString: "Value is string, but can't find closing '\"' symbol",
  jsonObject: "Value looks like object, but can't find closing '}' symbol",
  jsonArray: "Value looks like array, but can't find closing ']' symbol",
  jsonNumber: "Value looks like Number/Boolean/None, but can't find its end: ',' or '}' symbol",
} as const;

/** Several refusals in one answer: equal ones are counted. */
export function groupErrors(errors: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const error of errors) {
    counts.set(error, (counts.get(error) ?? 0) + 1);
  }
  const numbered = counts.size > 1 || errors.length > 1;
  return [...counts].map(([error, count]) => (numbered ? `${count} errors like: ${error}` : error)).join('; ');
}

/** The ingester's answer about one stream. */
export function ignoredEntries(
  tenant: string,
  labels: string,
  total: number,
  ignored: readonly { timestamp: bigint; reason: string }[],
): string {
  const listed = ignored
    .slice(0, MAX_RETURNED_STREAM_ERRORS)
    .map(({ timestamp, reason }) => `entry with timestamp ${goTime(timestamp)} ignored, reason: '${reason}',\n`)
    .join('');
  return `${listed}user '${tenant}', total ignored: ${ignored.length} out of ${total} for stream: ${labels}`;
}

/** A size as Loki prints it: in the largest unit that leaves no fraction, `3MB`, `1537B`. */
function byteSize(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value > 0 && value % 1_024 === 0 && unit < units.length - 1) {
    value /= 1_024;
    unit++;
  }
  return `${value}${units[unit]}`;
}
