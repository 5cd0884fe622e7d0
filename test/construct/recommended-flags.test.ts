import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, it } from 'node:test';
import { failuresIn, runAgain } from './runs';
import { layers } from './support';

before(layers);

it("all that holds for apps without CDK's feature flags holds for apps with those that `cdk init` sets", () => {
  // The command line's own apps have no flags.
  const { passed, output } = runAgain(join(__dirname, '..', '..'), 'recommended', ['cli.test.ts', 'catalogue.test.ts']);
  assert.ok(passed, failuresIn(output));
  assert.match(output, /ℹ pass [1-9]\d\d/);
});
