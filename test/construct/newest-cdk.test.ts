import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { CdkUnavailableError, withCdk } from './cdk-of';
import { failuresIn, runAgain } from './runs';
import { layers } from './support';

/**
 * `npm run test:newest-cdk` takes the newest on npm; what runs with every change is fixed, so that it fails for a
 * change alone.
 */
const VERSIONS = { 'aws-cdk-lib': '2.276.0', constructs: '10.8.1' };

before(layers);

it(`all that holds for the oldest CDK holds for ${VERSIONS['aws-cdk-lib']}`, async (t) => {
  let result: ReturnType<typeof runAgain>;
  try {
    result = await withCdk(VERSIONS, (copy) => runAgain(copy, 'none', ['catalogue.test.ts']));
  } catch (error) {
    if (!(error instanceof CdkUnavailableError)) throw error;
    return t.skip(error.message);
  }
  assert.ok(result.passed, failuresIn(result.output));
  assert.match(result.output, /ℹ pass [1-9]\d\d/);
  return undefined;
});
