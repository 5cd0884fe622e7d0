/** What a field of a line is called in structured metadata. */
export interface MetadataField {
  /** The field of a JSON line, or a path into it, as `http.status`. */
  readonly field: string;
  readonly name: string;
}

/** The most bytes of a value. Loki allows 64 KiB for all the structured metadata of a line. */
export const MOST_VALUE_BYTES = 1024;

const LONGEST_NAME = 128;

/**
 * A name that Loki accepts: ASCII letters, digits and underscores, not beginning with a digit. `undefined` where only
 * underscores would be left: Loki refuses the whole push because of such a name.
 */
export function cleanName(text: string): string | undefined {
  const name = text.replace(/[^a-zA-Z0-9_]/g, '_').slice(0, LONGEST_NAME);
  if (!/[a-zA-Z0-9]/.test(name)) return undefined;
  return name.charCodeAt(0) <= 57 /* 9 */ ? `_${name}`.slice(0, LONGEST_NAME) : name;
}

/** A value as it can be stored: at most {@link MOST_VALUE_BYTES} of UTF-8, cut between characters. */
export function cutValue(value: string, utf8Length: (text: string) => number): string {
  // A character takes one byte at least.
  let text = value.length > MOST_VALUE_BYTES ? value.slice(0, MOST_VALUE_BYTES) : value;
  for (let bytes = utf8Length(text); bytes > MOST_VALUE_BYTES; bytes = utf8Length(text)) {
    // A unit of the text's length takes three bytes at most.
    text = text.slice(0, text.length - Math.ceil((bytes - MOST_VALUE_BYTES) / 3));
  }
  const last = text.charCodeAt(text.length - 1);
  return text.length < value.length && last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}
