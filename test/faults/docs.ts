import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join(__dirname, '..', '..', 'docs', 'faults.md');

/** Puts tables between the marks of a part of docs/faults.md. */
export function writePart(part: 'faults' | 'strategies', tables: string): void {
  const text = readFileSync(FILE, 'utf8');
  const marks = [`<!-- ${part}: begin -->`, `<!-- ${part}: end -->`] as const;
  const [from, to] = [text.indexOf(marks[0]), text.indexOf(marks[1])];
  if (from < 0 || to < from) throw new Error(`${FILE} lacks the marks ${marks.join(' and ')}`);
  writeFileSync(FILE, `${text.slice(0, from + marks[0].length)}\n${tables}\n${text.slice(to)}`);
}

/** A table. @param words the columns that have words and no numbers. */
export function markdown(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  words: readonly number[],
): string {
  return [head, head.map((_, i) => (words.includes(i) ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
