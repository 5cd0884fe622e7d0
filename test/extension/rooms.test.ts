import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { it } from 'node:test';
import { importsOf } from '../support/imports';

/** The rooms of the extension, folders and single files. Each may use those above it in this list, and itself. */
const ROOMS = [
  'version',
  'platform',
  'redaction',
  'diagnostics',
  'config',
  'lambda',
  'buffer',
  'lines',
  'rules',
  'secrets',
  'loki',
  'telemetry',
  'lifecycle',
  'pipeline',
  'main',
  'main.native',
  'main.node',
];

const ROOT = join(__dirname, '..', '..', 'extension');

const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && !name.startsWith('host/'))
  .sort();

/** Each file with those that it imports, as paths from `extension/`; types count, too. */
const graph = new Map(
  files.map((file) => {
    const path = join(ROOT, file);
    return [file, importsOf(path, readFileSync(path, 'utf8')).map((one) => relative(ROOT, one.path))];
  }),
);

const roomOf = (file: string): string =>
  file.includes('/') ? file.slice(0, file.indexOf('/')) : file.replace(/\.ts$/, '');

/** The first circle that is found, as a path that ends where it begins. */
function circleIn(arrows: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const from = (node: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of arrows.get(node) ?? []) {
      const circle = from(next, [...path, node]);
      if (circle) return circle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of arrows.keys()) {
    const circle = from(node, []);
    if (circle) return circle;
  }
  return undefined;
}

it('every file of the extension has its room', () => {
  assert.deepEqual(
    files.filter((file) => !ROOMS.includes(roomOf(file))),
    [],
  );
});

it('no import runs back up', () => {
  const up = [...graph].flatMap(([file, imports]) =>
    imports
      .filter((imported) => ROOMS.indexOf(roomOf(imported)) > ROOMS.indexOf(roomOf(file)))
      .map((imported) => `${file} → ${imported}`),
  );
  assert.deepEqual(up, []);
});

it('no files import each other in a circle', () => {
  assert.ok([...graph.values()].flat().length > 100, 'the imports were found');
  assert.deepEqual(circleIn(graph), undefined);
});

it('the modules of the host do not use each other in a circle', () => {
  const source = join(ROOT, 'host', 'src');
  const modules = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.rs'))
    .sort();
  // A folder is one module here: what is in it belongs together.
  const moduleOf = (file: string): string => file.replace(/\/.*|\.rs$/g, '');
  const arrows = new Map<string, string[]>();
  for (const file of modules) {
    const used = [...readFileSync(join(source, file), 'utf8').matchAll(/\bcrate::\{?(\w+)/g)].map(([, name]) => name);
    const from = moduleOf(file);
    arrows.set(from, [...new Set([...(arrows.get(from) ?? []), ...used.filter((name) => name !== from)])]);
  }
  assert.ok(arrows.size > 15, 'the modules were found');
  assert.deepEqual(circleIn(arrows), undefined);
});

it('what the command line is bundled from uses nothing of the tests', () => {
  const top = join(ROOT, '..');
  const sources = ['cli', 'sandbox'].flatMap((folder) =>
    readdirSync(join(top, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(top, folder, name)),
  );
  assert.ok(sources.length > 50, 'the files were found');
  assert.deepEqual(
    sources.flatMap((path) =>
      importsOf(path, readFileSync(path, 'utf8'))
        .filter((one) => relative(top, one.path).startsWith('test/'))
        .map((one) => `${relative(top, path)} → ${relative(top, one.path)}`),
    ),
    [],
  );
});
