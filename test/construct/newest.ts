import { layers } from './support';
import { newest, withCdk } from './cdk-of';
import { failuresIn, runAgain } from './runs';

/**
 * Runs the construct's tests against the newest CDK on npm, with and without the feature flags that `cdk init` sets.
 * `npm test` runs them against the oldest CDK that the library works with, and against a newer one whose version is
 * fixed.
 *
 *     npm run test:newest-cdk
 */
async function main(): Promise<number> {
  await layers();
  const versions = { 'aws-cdk-lib': newest('aws-cdk-lib'), constructs: newest('constructs') };
  console.log(
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  );
  return withCdk(versions, (copy) => {
    const failed = (['none', 'recommended'] as const).filter((flags) => {
      const { passed, output } = runAgain(copy, flags);
      console.log(`flags ${flags}: ${passed ? (/ℹ pass \d+/.exec(output)?.[0] ?? 'passed') : failuresIn(output)}`);
      return !passed;
    });
    return failed.length === 0 ? 0 : 1;
  });
}

void main().then((code) => process.exit(code));
