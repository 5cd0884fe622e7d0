import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');

/** What is generated from other sources, and long. Links may lead there; nothing else in them is checked. */
export const GENERATED = /^(API\.md|docs\/api\/)/;

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  readonly line: number;
  /** Such as `sh`; '' where none is named. */
  readonly language: string;
  /** What stands behind the language, such as `fixture=image`. */
  readonly info: string;
  readonly text: string;
}

/** Every Markdown page of the repository, as a path from its root. */
export const PAGES: readonly string[] = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((page) => page !== '')
  .sort();

export const WRITTEN = PAGES.filter((page) => !GENERATED.test(page));

export function textOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  let open: { line: number; language: string; info: string; lines: string[] } | undefined;
  for (const [index, line] of textOf(page).split('\n').entries()) {
    if (open === undefined) {
      const [, language, info] = /^```(\S*) *(.*)$/.exec(line) ?? [];
      if (language !== undefined) open = { line: index + 1, language, info, lines: [] };
    } else if (line === '```') {
      const { lines, ...head } = open;
      blocks.push({ page, ...head, text: lines.join('\n') });
      open = undefined;
    } else {
      open.lines.push(line);
    }
  }
  if (open !== undefined) throw new Error(`${page}:${open.line}: the block has no end`);
  return blocks;
}

/** Every block of the pages that people have written. */
export const BLOCKS: readonly Block[] = WRITTEN.flatMap(blocksOf);

export function blocksIn(...languages: readonly string[]): Block[] {
  return BLOCKS.filter(({ language }) => languages.includes(language));
}

export function at({ page, line }: Block): string {
  return `${page}:${line}`;
}

/** The commands of a block, each on one line, without comments. */
export function commandsOf({ text }: Block): string[] {
  return text
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
}
