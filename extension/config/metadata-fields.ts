import { cleanName, type MetadataField } from './metadata-names';
import { quote } from './reader';

/** The most fields that can be listed. */
const MOST = 16;

/** Names that the extension needs for itself. */
const RESERVED = new Set(['request_id', 'part', 'parts', 'detected_level']);

export interface ParsedMetadata {
  readonly fields: readonly MetadataField[];
  readonly problems: readonly string[];
}

/**
 * Reads `LOKI_METADATA`, a list of fields of JSON lines, each followed, if it should get another name, by a colon and
 * that name: `userId:user_id,http.status:status,orderId`. An entry that can't be used is left out, and reported.
 */
export function parseMetadata(text: string): ParsedMetadata {
  const fields: MetadataField[] = [];
  const problems: string[] = [];
  const surplus: string[] = [];
  for (const entry of text.split(',').map((one) => one.trim())) {
    if (entry === '') continue;
    const parsed = parseEntry(entry, new Set(fields.map(({ name }) => name)));
    if (typeof parsed === 'string') problems.push(`${quote(entry)} ${parsed}; it is left out`);
    else if (fields.length === MOST) surplus.push(entry);
    else fields.push(parsed);
  }
  if (surplus.length > 0)
    problems.push(
      `has ${surplus.length} fields too many, as ${MOST} are allowed; left out: ${quote(surplus.join(','))}`,
    );
  return { fields, problems };
}

/** Returns the field, or what is wrong with it. */
function parseEntry(entry: string, taken: ReadonlySet<string>): MetadataField | string {
  const colon = entry.lastIndexOf(':');
  const field = (colon < 0 ? entry : entry.slice(0, colon)).trim();
  const given = colon < 0 ? field : entry.slice(colon + 1).trim();
  if (field === '' || given === '') return 'is not of the form field or field:name';
  const name = cleanName(given);
  if (name === undefined) return 'has a name without a letter or digit, which Loki refuses';
  if (RESERVED.has(name)) return `has the name ${name}, which the extension uses itself`;
  return taken.has(name) ? `has the name ${name}, which another field has` : { field, name };
}
