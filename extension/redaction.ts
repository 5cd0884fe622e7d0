/** A shorter secret would occur in many words by chance. */
const SHORTEST_SECRET = 4;

/** As Go's `html.EscapeString` does it; other programs differ in the quotes. */
const ENTITIES = [
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&#34;'],
  ["'", '&#39;'],
] as const;

/** The text with `***` in place of each secret. Secrets shorter than four characters can't be removed. */
export function redacted(text: string, secrets: readonly string[]): string {
  const forms = new Set(secrets.filter(({ length }) => length >= SHORTEST_SECRET).flatMap(formsOf));
  // One secret may begin with another: the longer one is replaced first, or its rest would remain.
  const sorted = [...forms].sort((a, b) => b.length - a.length);
  return sorted.reduce((message, form) => withoutStart(message.replaceAll(form, '***'), form), text);
}

/** Answers that are too long are shortened and end with an ellipsis, which may have cut off the end of a secret. */
function withoutStart(message: string, secret: string): string {
  if (!message.includes('…')) return message;
  for (let length = secret.length - 1; length >= SHORTEST_SECRET; length--) {
    const start = `${secret.slice(0, length)}…`;
    if (message.includes(start)) return message.replaceAll(start, '***…');
  }
  return message;
}

/** A text as it is, and as it is written in JSON, in a URL, and in HTML. */
function formsOf(secret: string): string[] {
  const inUrl = encodeURIComponent(secret.replace(/[\ud800-\udfff]/gu, '\ufffd'));
  const inHtml = ENTITIES.reduce((text, [character, entity]) => text.replaceAll(character, entity), secret);
  const withQuot = inHtml.replaceAll('&#34;', '&quot;');
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    inUrl,
    inUrl.replace(/%../g, (escape) => escape.toLowerCase()),
    inHtml,
    withQuot,
    withQuot.replaceAll('&#39;', '&#x27;'),
  ];
}
