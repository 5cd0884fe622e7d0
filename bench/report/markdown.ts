/** Rows as a table of Markdown; all columns but the first are aligned to the right. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** Whether a text shows a figure, or is no table: one whose cells were all not measured shows none. */
export function hasFigures(text: string): boolean {
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  return (
    rows.length === 0 ||
    rows.slice(2).some((row) =>
      row
        .split(' | ')
        .slice(1)
        .some((cell) => /\d/.test(cell)),
    )
  );
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
