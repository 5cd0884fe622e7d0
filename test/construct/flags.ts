import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Whether the apps of this run have them. */
export const withRecommendedFlags = process.env.LAMBDAWATCH_TEST_FLAGS === 'recommended';

/** CDK's feature flags as `cdk init` sets them in a new app of the installed version. */
export function recommendedFlags(): Record<string, unknown> {
  const folder = dirname(require.resolve('aws-cdk-lib/package.json'));
  return JSON.parse(readFileSync(join(folder, 'recommended-feature-flags.json'), 'utf8')) as Record<string, unknown>;
}
