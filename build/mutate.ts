import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import * as ts from 'typescript';
import { modulesOf } from '../test/set-up';

const HELP = `Changes the extension in one place after the other and runs the unit tests that load the file. A change that no test
notices is printed. Files are changed where they are and put back, so don't edit them meanwhile.

  npm run mutate -- extension/buffer             all files whose path contains the word
  npm run mutate -- buffer --minutes 5           no longer than this; a spread of all changes is tried (default 10)
`;

const ROOT = join(__dirname, '..');

/** A test that takes longer than this with a change, and not without it, waits for something that no longer happens. */
const LONGEST_TEST_MS = 30_000;

interface Mutation {
  readonly file: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const OPERATORS: Readonly<Record<string, string>> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '&&': '||',
  '||': '&&',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
};

/** Other operators, opposite conditions, other constants, and statements that are gone. */
function mutationsOf(file: string): Mutation[] {
  const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.ES2022, true);
  const found: Mutation[] = [];
  const add = (node: ts.Node, text: string): void => {
    const start = node.getStart(source);
    found.push({ file, line: source.getLineAndCharacterOfPosition(start).line + 1, start, end: node.getEnd(), text });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) {
      const other = OPERATORS[node.operatorToken.getText(source)];
      const joinsText = [node.left, node.right].some(
        (side) => ts.isStringLiteralLike(side) || ts.isTemplateExpression(side),
      );
      if (other !== undefined && !joinsText) add(node.operatorToken, other);
    }
    if (ts.isIfStatement(node)) for (const text of ['true', 'false']) add(node.expression, text);
    if (ts.isConditionalExpression(node)) for (const text of ['true', 'false']) add(node.condition, text);
    if (ts.isNumericLiteral(node)) add(node, `${Number(node.text.replaceAll('_', '')) + 1}`);
    if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, 'false');
    if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, 'true');
    if (
      ts.isExpressionStatement(node) &&
      (ts.isCallExpression(node.expression) || ts.isBinaryExpression(node.expression))
    )
      add(node, ';');
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function tsFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
    .sort();
}

/** @returns whether the tests fail, or wait for ever. */
function notice(tests: readonly string[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const args = ['--import', 'tsx', '--test', '--test-concurrency=2', '--test-reporter=dot', ...tests];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'ignore', detached: true });
    const end = (): void => void process.kill(-child.pid!, 'SIGKILL');
    const timer = setTimeout(end, LONGEST_TEST_MS);
    child.on('error', reject);
    child.on('exit', (code) => {
      clearTimeout(timer);
      resolve(code !== 0);
    });
  });
}

async function main(): Promise<number> {
  const { values, positionals: words } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean' }, minutes: { type: 'string', default: '10' } },
  });
  const files = tsFiles('extension').filter((file) => words.some((word) => file.includes(word)));
  if (values.help || files.length === 0) {
    console.log(HELP);
    return values.help ? 0 : 1;
  }
  // The file's own tests alone, if it has any: those of the same folder that load it, or else all units that do.
  const loads = tsFiles('test/extension')
    .filter((file) => file.endsWith('.test.ts') && !/platform\/native|faults/.test(file))
    .map((test) => ({ test, modules: modulesOf([test]) }));
  const testsOf = (file: string): string[] => {
    const all = loads.filter(({ modules }) => modules.has(file)).map(({ test }) => test);
    const near = all.filter((test) => dirname(relative('test', test)) === dirname(file));
    return near.length > 0 ? near : all;
  };
  for (const file of files) {
    const tests = testsOf(file);
    if (tests.length > 0 && (await notice(tests))) throw new Error(`The tests of ${file} fail without any change.`);
  }
  const all = files.flatMap(mutationsOf);
  const end = Date.now() + Number(values.minutes) * 60_000;
  const tally = new Map<string, { tried: number; noticed: number }>();
  // In strides, so that a run that is cut short has tried something of each file.
  const stride = Math.max(1, Math.floor(all.length / 7)) | 1;
  const left = [...all];
  for (let at = 0; left.length > 0 && Date.now() < end; ) {
    at = (at + stride) % left.length;
    const [mutation] = left.splice(at, 1);
    const path = join(ROOT, mutation.file);
    const text = readFileSync(path, 'utf8');
    const restore = (): void => writeFileSync(path, text);
    process.once('exit', restore);
    let noticed: boolean;
    try {
      writeFileSync(path, text.slice(0, mutation.start) + mutation.text + text.slice(mutation.end));
      const tests = testsOf(mutation.file);
      noticed = tests.length > 0 && (await notice(tests));
    } finally {
      restore();
      process.off('exit', restore);
    }
    const folder = dirname(mutation.file);
    const count = tally.get(folder) ?? { tried: 0, noticed: 0 };
    tally.set(folder, { tried: count.tried + 1, noticed: count.noticed + Number(noticed) });
    if (!noticed)
      console.log(
        `${mutation.file}:${mutation.line}: ${text.slice(mutation.start, mutation.end).split('\n')[0]} → ${mutation.text}`,
      );
  }
  for (const [folder, { tried, noticed }] of tally)
    console.log(`${folder}: ${noticed} of ${tried} noticed, ${((noticed / tried) * 100).toFixed(0)} %`);
  if (left.length > 0) console.log(`${left.length} of ${all.length} were not tried: the time was up.`);
  return 0;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
