/** A shorter one would occur in many words by chance. */
const SHORTEST_SECRET = 4;

/** Go's `html.EscapeString`; other programs differ in the quotes. */
const ENTITIES = [
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&#34;'],
  ["'", '&#39;'],
] as const;

/** The text with `***` in place of each secret. Those of under four characters can't be kept out. */
export function redacted(text: string, secrets: readonly string[]): string {
  const forms = new Set(secrets.filter(({ length }) => length >= SHORTEST_SECRET).flatMap(formsOf));
  // Of two secrets one may begin with the other: the longer one first, or its rest would stay.
  const sorted = [...forms].sort((a, b) => b.length - a.length);
  return sorted.reduce((message, form) => withoutStart(message.replaceAll(form, '***'), form), text);
}

/** Answers are cut where they get too long, with an ellipsis: a secret that they repeat may have lost its end there. */
function withoutStart(message: string, secret: string): string {
  if (!message.includes('…')) return message;
  for (let length = secret.length - 1; length >= SHORTEST_SECRET; length--) {
    const start = `${secret.slice(0, length)}…`;
    if (message.includes(start)) return message.replaceAll(start, '***…');
  }
  return message;
}

/** A text as it stands, in JSON, in a URL, and in HTML. */
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
