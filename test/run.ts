import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { coverage, run, runTests } from './run-files';

const HELP = `Runs the tests.

  npm test                    everything, after building what it needs, and npm run check
  npm test -- loki/real       only the test files whose path contains one of the words, and nothing else
  npm test -- --list          name the test files and stop
  npm test -- --no-set-up     build nothing first; tests that find a part missing build it or say so
  npm test -- --strict        a test that is skipped for want of a tool is a failure; so it is wherever CI=true
  npm run watch -- telemetry  run them, and again whichever a change concerns (without a word: the units of extension/)
  npm run coverage            the lines that they cover (without a word: the units of extension/)
`;

const root = join(__dirname, '..');

/** The tests of one part of the extension: no layer, no Loki, no functions. */
const UNITS = /^test\/extension\/(?!faults|platform\/native)/;

/** Fixtures are run by tests. */
const ELSEWHERE = ['node_modules', 'fixtures'];

function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ELSEWHERE.includes(entry.name) ? [] : testFiles(path);
    return entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

async function main(): Promise<number> {
  const { values, positionals: words } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean' },
      list: { type: 'boolean' },
      'no-set-up': { type: 'boolean' },
      strict: { type: 'boolean' },
      watch: { type: 'boolean' },
      coverage: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const all = testFiles(join(root, 'test'))
    .map((file) => relative(root, file))
    .sort();
  const units = (values.watch || values.coverage) && words.length === 0;
  const wanted = units
    ? all.filter((file) => UNITS.test(file))
    : all.filter((file) => words.some((word) => file.includes(word)));
  const files = words.length === 0 && !units ? all : wanted;
  if (files.length === 0) {
    console.error(`No test file has ${words.join(' or ')} in its path; npm test -- --list names them.`);
    return 1;
  }
  if (values.list) {
    console.log(files.join('\n'));
    return 0;
  }
  const strict = values.strict ?? process.env.CI === 'true';
  if (!values['no-set-up']) {
    const { setUp } = await import('./set-up');
    await setUp(files, { strict });
  }
  if (values.watch) return run(['--import', 'tsx', '--test', '--watch', ...files]);
  if (values.coverage) return coverage(files);
  const code = await runTests(files, strict);
  return words.length > 0 || values['no-set-up'] ? code : (await run(['--import', 'tsx', 'build/check.ts'])) || code;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
