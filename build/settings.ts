import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { CATALOGUE, type Setting } from '../extension/config/catalogue';
import { values } from '../extension/config/describe';

const ROOT = path.join(__dirname, '..');
const HEAD = "// Written from extension/config/catalogue.ts by `npx tsx build/settings.ts`. Don't edit it by hand.";

/** Reads a file of the repository. */
type Read = (file: string) => Promise<string>;

/** The files that follow from the catalogue, as they should be. */
export async function filesFromCatalogue(
  read: Read = (file) => fs.readFile(path.join(ROOT, file), 'utf8'),
): Promise<Map<string, string>> {
  let readme = await read('README.md');
  readme = between(readme, 'settings', settingsTable());
  return new Map([
    ...(await rulesForConstruct(read)),
    ['extension/config/definitions.ts', definitions()],
    ['src/private/catalogue.ts', constructCatalogue()],
    ['README.md', readme],
  ]);
}

/** What reads `LOKI_RULES`, for the construct: the library for CDK is built of `src/` alone. */
async function rulesForConstruct(read: Read): Promise<[string, string][]> {
  const folder = 'extension/config/rules';
  const files = (await fs.readdir(path.join(ROOT, folder))).sort();
  return Promise.all(
    files.map(async (file): Promise<[string, string]> => {
      const head = `// Copied from ${folder}/${file} by \`npx tsx build/settings.ts\`. Don't edit it by hand.`;
      return [`src/private/rules/${file}`, `${head}\n\n${await read(`${folder}/${file}`)}`];
    }),
  );
}

/** What the extension needs to read variables, without the words about them. */
function definitions(): string {
  const fields = (
    name: string,
    kind: Setting['kind'],
    comment: string,
    row: (setting: Setting) => unknown[],
  ): string[] => [
    `  /** ${comment} */`,
    `  ${name}: {`,
    ...CATALOGUE.filter((setting) => setting.kind === kind && setting.field !== undefined).map(
      (setting) =>
        `    ${setting.field}: [${row(setting)
          .filter((cell) => cell !== undefined)
          .map(literal)
          .join(', ')}],`,
    ),
    '  },',
  ];
  const variables = (settings: readonly Setting[]): string[] =>
    settings.flatMap(({ variable, alias }) => [variable, ...(alias === undefined ? [] : [alias])]);
  const secrets = CATALOGUE.filter(({ kind }) => kind === 'secret ARN');
  const others = CATALOGUE.filter((setting) => setting.outbound && !secrets.includes(setting));
  return [
    HEAD,
    '',
    '/** The settings that are read by their kind alone. */',
    'export const BY_KIND = {',
    ...fields(
      'number',
      'number',
      'Variable, smallest and largest value, default, and the variable that is read where that is not set.',
      ({ variable, min, max, default: value, alias }) => [variable, min, max, value, alias],
    ),
    ...fields('boolean', 'boolean', 'Variable and default.', ({ variable, default: value }) => [variable, value]),
    ...fields('word', 'word', 'Variable, words and default.', ({ variable, words, default: value }) => [
      variable,
      words,
      value,
    ]),
    ...fields('list', 'words', 'Variable, words and default.', ({ variable, words, default: value }) => [
      variable,
      words,
      value,
    ]),
    '} as const;',
    '',
    '/** Variables with the ARN of a secret. */',
    'export const SECRET_VARIABLES = [',
    ...wrapped(variables(secrets).map(literal)),
    '] as const;',
    '',
    '/** Variables about the way to Loki. They are read when the first push needs them, not at the start. */',
    'export const OUTBOUND_VARIABLES = [',
    '  ...SECRET_VARIABLES,',
    ...wrapped(variables(others).map(literal)),
    '] as const;',
    '',
  ].join('\n');
}

function constructCatalogue(): string {
  const rows = CATALOGUE.filter(({ property }) => property !== undefined).map(
    ({ variable, alias, property, min, max }) => {
      const cells = { variable, alias, property, min, max };
      return `  { ${Object.entries(cells)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `${name}: ${literal(value)}`)
        .join(', ')} },`;
    },
  );
  return [
    HEAD,
    '',
    '/** A setting of the extension that has a property. */',
    'export interface Setting {',
    '  readonly variable: string;',
    '  /** A variable that the extension reads where `variable` is not set. */',
    '  readonly alias?: string;',
    '  /** Path of the property. */',
    '  readonly property: string;',
    '  /** Numbers only: milliseconds, bytes or a count. */',
    '  readonly min?: number;',
    '  readonly max?: number;',
    '}',
    '',
    'export const SETTINGS: readonly Setting[] = [',
    ...rows,
    '];',
    '',
  ].join('\n');
}

function settingsTable(): string[] {
  return table(
    ['variable', 'CDK property', 'default', 'values', 'meaning'],
    CATALOGUE.map((setting) => {
      const { variable, alias, property, kind, default: value, otherwise = '', meaning } = setting;
      const quoted = kind === 'number' || kind === 'boolean' || value === undefined ? value : `\`${value}\``;
      const also = alias === undefined ? '' : `, else \`${alias}\``;
      const own = property === undefined ? '' : `\`${property}\``;
      return [`\`${variable}\`${also}`, own, quoted ?? otherwise, values(setting), meaning];
    }),
  );
}

function table(head: string[], rows: unknown[][]): string[] {
  const line = (cells: unknown[]): string => `| ${cells.join(' | ')} |`.replace(/\| {2,}(?=\|)/g, '| ');
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)];
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  return typeof value === 'string' ? `'${value}'` : String(value);
}

/** Cells, as many in a line as fit. */
function wrapped(cells: string[]): string[] {
  const lines = [' '];
  for (const cell of cells) {
    if (lines[lines.length - 1].length + cell.length > 117) lines.push(' ');
    lines[lines.length - 1] += ` ${cell},`;
  }
  return lines;
}

/** The text with these lines in place of those between its marks. */
function between(text: string, name: string, lines: string[]): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no lines ${begin} and ${end} to put the table between`);
  return `${text.slice(0, from + begin.length)}\n${lines.join('\n')}\n${text.slice(to)}`;
}

async function main(): Promise<void> {
  for (const [file, text] of await filesFromCatalogue()) {
    await fs.mkdir(path.dirname(path.join(ROOT, file)), { recursive: true });
    await fs.writeFile(path.join(ROOT, file), text);
  }
}

if (require.main === module) void main();
