import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { bundleFor } from '../../build/bundle';
import { CATALOGUE } from '../../extension/config/catalogue';

it('the start loads what the start needs: the pipeline, the rules and the secrets are parts of their own', async () => {
  const { code, parts } = await bundleFor(join(__dirname, '..', '..', 'extension', 'main.native.ts'));
  const names = parts.map(({ name }) => name.replace(/^\d+\//, ''));
  assert.deepEqual(names, [
    'extension/pipeline.js',
    'extension/rules/index.js',
    'extension/loki/way/index.js',
    'extension/secrets/aws/index.js',
  ]);
  for (const late of ['Delivery', 'LineBuffer', 'Intake', 'Lifecycle']) {
    assert.doesNotMatch(
      code,
      new RegExp(`\\bclass ${late}\\b|\\b${late} = class\\b`),
      `${late} is loaded before /next`,
    );
    assert.match(parts[0].code, new RegExp(`\\bclass ${late}\\b|\\b${late} = class\\b`));
  }
  const prose = [code, ...parts.map((part) => part.code)].join('');
  for (const { meaning } of CATALOGUE) assert.ok(!prose.includes(meaning), `no words about settings: ${meaning}`);
});

it('private members are ordinary ones, and none is left that the engine would have to look up as a symbol', async () => {
  const { code, parts } = await bundleFor(join(__dirname, '..', '..', 'extension', 'main.native.ts'));
  for (const text of [code, ...parts.map((part) => part.code)]) {
    assert.doesNotMatch(text.replace(/\/\*.*?\*\//gs, ''), /\.#[a-z]|^\s+(?:(?:static|async|get|set) )*#[a-z]/im);
  }
  assert.match(parts[0].code, /this\.\$platform = parts\.platform/);
});
