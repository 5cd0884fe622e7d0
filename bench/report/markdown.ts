/** Rows as a table of Markdown; all columns but the first are aligned to the right. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/**
 * The text with new content between `<!-- NAME: begin -->` and `<!-- NAME: end -->`, each on a line of its own.
 * @throws Error where they are not there
 */
export function between(text: string, name: string, content: string): string {
  const [begin, end] = ['begin', 'end'].map((which) => `<!-- ${name}: ${which} -->\n`);
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`there is no ${begin.trim()} … ${end.trim()}`);
  return `${text.slice(0, from + begin.length)}${content.trimEnd()}\n${text.slice(to)}`;
}
