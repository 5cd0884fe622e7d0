import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import * as ts from 'typescript';
import { parse as parseYaml } from 'yaml';
import { parseOptions } from '../../bench/options';
import { CATALOGUE } from '../../extension/config/catalogue';
import { checkEnvironment } from '../../extension/config/check-environment';
import { at, type Block, BLOCKS, blocksIn, commandsOf, ROOT, textOf } from './pages';

/** What is checked of a block, by its language. */
const CHECKED = {
  'compiled here': ['ts', 'python', 'java', 'go'],
  'compiled in test/languages': ['csharp'],
  'run in test/docs/queries.test.ts': ['logql'],
  'run in test/cli/pages.test.ts, or looked at here': ['sh'],
  'read here': ['json', 'yaml', 'hcl', 'dotenv', 'dockerfile'],
  'nothing to run': ['text'],
};

/** Programs that need an account, a release or a container; what they are told can't be tried here. */
const ELSEWHERE = ['aws', 'git', 'sha256sum', 'gh', 'RUSTUP_TOOLCHAIN=1.95.0', 'npm ci'];

const scripts = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> })
  .scripts;
const variables = new Set(
  CATALOGUE.flatMap(({ variable, alias }) => (alias === undefined ? [variable] : [variable, alias])),
);

describe('the blocks of the pages', () => {
  it('name a language, and each language is checked', () => {
    const known = Object.values(CHECKED).flat();
    assert.deepEqual(
      BLOCKS.filter(({ language }) => !known.includes(language)).map((block) => `${at(block)}: ${block.language}`),
      [],
    );
  });

  it('compile: TypeScript; and would not with a property, a method or a class that is not there', () => {
    const blocks = blocksIn('ts').map((block) => [at(block), sourceOf(block)] as const);
    assert.ok(blocks.length >= 8, `${blocks.length} blocks`);
    const [, whole] = blocks.find(([, text]) => text.includes('attachAll(app, {') && text.includes('sharedPolicy'))!;
    const wrong = [
      ['endpoint:', 'endPoint:'],
      ['.attachAll(', '.attachEvery('],
      ['FunctionFilter.within', 'Filters.within'],
    ].map(([one, other]) => {
      assert.ok(whole.includes(one));
      return [other, whole.replaceAll(one, other)] as const;
    });
    const errors = errorsIn([...blocks, ...wrong]);
    assert.deepEqual(
      errors.filter((text) => !wrong.some(([name]) => text.startsWith(`${name} `))),
      [],
    );
    for (const [name] of wrong)
      assert.ok(
        errors.some((text) => text.startsWith(`${name} `)),
        name,
      );
  });

  for (const block of blocksIn('python', 'java', 'go')) {
    it(`uses nothing that is not in the reference of its language: ${block.language}`, () => {
      const reference = textOf(`docs/api/${block.language}.md`);
      const names = [
        ...block.text.matchAll(
          /\b(?:attach_all|[aA]ttachAll|NewLambdaWatch|LambdaWatchProps|LambdaWatch|[eE]ndpoint|Builder|create)\b/g,
        ),
      ];
      assert.ok(names.length >= 3);
      for (const [name] of names) assert.match(reference, new RegExp(`\\b${name}\\b`), name);
    });
  }

  it('can be parsed: Python', (t) => {
    if (spawnSync('python3', ['--version']).status !== 0) return t.skip('there is no python3');
    for (const { text } of blocksIn('python'))
      execFileSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], { input: text });
  });

  it('can be parsed: Go', (t) => {
    if (spawnSync('gofmt', ['-h']).error !== undefined) return t.skip('there is no gofmt');
    for (const { text } of blocksIn('go')) {
      const [, imports, body] = /^((?:import .*\n)*)([^]*)$/.exec(text)!;
      execFileSync('gofmt', ['-e'], { input: `package main\n${imports}\nfunc main() {\n${body}\n}\n` });
    }
  });

  it('can be parsed: JSON and YAML', () => {
    for (const { text } of blocksIn('json')) JSON.parse(text);
    for (const block of blocksIn('yaml')) assert.equal(typeof parseYaml(block.text), 'object', at(block));
  });

  it('set only variables that there are', () => {
    const named = blocksIn('yaml', 'hcl', 'dotenv', 'sh').flatMap((block) =>
      [...block.text.matchAll(/\b((?:LOKI|BUFFER|SERVICE)_[A-Z_]+|\w+_PROXY)\b/g)].map(
        ([, name]) => `${at(block)}: ${name}`,
      ),
    );
    assert.ok(named.length > 8);
    assert.deepEqual(
      named.filter((text) => !variables.has(text.replace(/.* /, ''))),
      [],
    );
  });

  for (const block of blocksIn('dotenv')) {
    it(`sets what the extension can use: ${block.page}`, () => {
      const env = Object.fromEntries(
        commandsOf(block).map((line) => /^(\w+)=(.*)$/.exec(line)!.slice(1) as [string, string]),
      );
      assert.deepEqual(checkEnvironment(env), []);
    });
  }

  it('copy the executable to where Lambda looks for extensions', () => {
    for (const { text } of blocksIn('dockerfile'))
      assert.equal(text, 'COPY --chmod=755 lambdawatch /opt/extensions/lambdawatch');
  });

  it('call scripts that there are, with options that they take', () => {
    const commands = blocksIn('sh')
      .flatMap(commandsOf)
      .map((line) => line.split(/ {2,}/)[0]);
    const others = commands.filter(
      (command) =>
        !command.startsWith('npx cdk-lambdawatch ') && !ELSEWHERE.some((program) => command.startsWith(`${program} `)),
    );
    assert.ok(others.length > 15, others.join('\n'));
    for (const command of others) {
      const [, script, options = ''] = /^(?:npm (?:run )?|npx )([\w:-]+)(?: -- (.*))?$/.exec(command) ?? [];
      assert.ok(script === 'projen' || script in scripts, command);
      if (script === 'bench') assert.equal(typeof parseOptions(options.split(' ').filter(Boolean)).runs, 'number');
    }
  });

  it('and the sentences of all pages do so, too', () => {
    for (const page of new Set(BLOCKS.map((block) => block.page))) {
      for (const [command, script] of textOf(page).matchAll(/`npm run ([\w:-]+)[^`]*`/g))
        assert.ok(script in scripts, `${page}: ${command}`);
    }
  });
});

/** The example within its fixture, as jsii-rosetta does it: with its imports at the top. */
function sourceOf({ text, info }: Block): string {
  const [, fixture = 'default'] = /fixture=(\w+)/.exec(info) ?? [];
  const around = readFileSync(join(ROOT, 'rosetta', `${fixture}.ts-fixture`), 'utf8');
  const imports = [...text.matchAll(/^import .*$/gm)].join('\n');
  return `${imports}\n${around.replace('/// here', () => text.replace(/^import .*$/gm, ''))}`;
}

/** What the compiler says of sources that use the library as its users do. */
function errorsIn(sources: readonly (readonly [name: string, text: string])[]): string[] {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
    paths: { 'cdk-lambdawatch': [join(ROOT, 'src', 'index.ts')] },
  };
  const files = new Map(sources.map(([, text], i) => [join(ROOT, 'test', 'docs', `example-${i}.ts`), text]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.getSourceFile = (file, version, ...rest) =>
    files.has(file) ? ts.createSourceFile(file, files.get(file)!, version) : getSourceFile(file, version, ...rest);
  const program = ts.createProgram([...files.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    const index = [...files.keys()].indexOf(file?.fileName ?? '');
    return `${sources[index]?.[0] ?? file?.fileName} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}
