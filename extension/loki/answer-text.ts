/** The most characters of an answer that are shown … */
const SHOWN = 300;

/** … and that are searched for them, because markup may precede the text. */
const LOOKED_AT = 4096;

/**
 * The first words of an answer, after a colon, for a message to the operator; '' when there are none. Of an HTML page,
 * only the text is used. The time is proportional to {@link LOOKED_AT}, whatever the answer is.
 */
export function firstWords(body: string): string {
  const start = body.slice(0, LOOKED_AT);
  const text = (/^\s*<(?:html|!doctype)/i.test(start) ? textOfHtml(start) : start).trim().replace(/\s+/g, ' ');
  if (text === '') return '';
  return `: ${text.length > SHOWN || body.length > LOOKED_AT ? `${text.slice(0, SHOWN)}…` : text}`;
}

/** Elements whose content isn't text for people. */
const UNREAD = ['style', 'script'];

/**
 * The text between the tags of a page, found in one pass: regular expressions for it take quadratic time on a page of
 * nothing but `<`.
 */
function textOfHtml(html: string): string {
  const lower = html.toLowerCase();
  let text = '';
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open < 0) return text + html.slice(at);
    text += `${html.slice(at, open)} `;
    const unread = UNREAD.find((name) => lower.startsWith(name, open + 1));
    const end = unread === undefined ? html.indexOf('>', open) : endOf(lower, unread, open);
    if (end < 0) return text;
    at = end + 1;
  }
  return text;
}

/** Where the closing tag of an element ends; -1 if it isn't found. */
function endOf(lower: string, name: string, open: number): number {
  const close = lower.indexOf(`</${name}`, open);
  return close < 0 ? -1 : lower.indexOf('>', close);
}
