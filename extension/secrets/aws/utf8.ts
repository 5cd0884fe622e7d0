/** The UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array {
  const bytes = unescape(encodeURIComponent(text)); // one character per byte
  const array = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) array[i] = bytes.charCodeAt(i);
  return array;
}

/** The part of the web API that the signing library needs and QuickJS lacks. */
class SmallTextEncoder {
  readonly encoding = 'utf-8';
  readonly encode = utf8;
}

const web = globalThis as { TextEncoder?: unknown };
web.TextEncoder ??= SmallTextEncoder;
