import * as fs from 'node:fs';
import * as path from 'node:path';
import { FORMATS } from '.';

const PAGE = path.join(__dirname, '..', '..', '..', '..', 'docs', 'log-formats.md');

/** `docs/log-formats.md` as it should be. */
export function formatsPage(): string {
  const count = FORMATS.reduce((sum, { lines }) => sum + lines.length, 0);
  return [
    '# Levels and trace ids in log lines',
    '',
    `What LambdaWatch finds in ${count} lines in the formats of common loggers, as \`level\` and \`trace_id\` of [structured metadata](lines.md). This page is written`,
    'from the test that holds it: `npx tsx test/extension/lines/formats/page.ts`. A tab is shown as `⇥`, a line break as `↵`, and ESC as `␛`.',
    ...FORMATS.flatMap(({ name, lines }) => [
      '',
      `## ${name}`,
      '',
      '| line | level | trace id |',
      '|---|---|---|',
      ...lines.map(([line, level, trace]) => `| ${shown(line)} | ${level ?? ''} | ${trace ?? ''} |`),
    ]),
    '',
  ].join('\n');
}

function shown(line: string): string {
  if (line.trim() === '') return line === '' ? '(empty)' : '(a space)';
  const text = line.replaceAll('\t', '⇥').replaceAll('\n', '↵').replaceAll('\x1b', '␛').replaceAll('|', '\\|');
  return `\`${text.length > 160 ? `${text.slice(0, 160)}…` : text}\``;
}

export const currentPage = (): string => fs.readFileSync(PAGE, 'utf8');

if (require.main === module) fs.writeFileSync(PAGE, formatsPage());
