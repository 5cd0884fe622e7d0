import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { Aspects, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks, HIPAASecurityChecks, NagSuppressions, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import { LambdaWatch, LokiAuth, LokiSecret, type LambdaWatchProps } from '../../src';
import { ENDPOINT, layers, newApp, newFunction } from './support';

before(layers);

type Attach = (watch: LambdaWatch, fn: lambda.Function) => void;

/** What cdk-nag says of an app with one function, as "rule path". */
function findings(attach?: Attach, props: Partial<LambdaWatchProps> = {}): string[] {
  const app = newApp();
  const stack = new Stack(app, 'Stack', { env: { account: '111111111111', region: 'eu-central-1' } });
  const fn = newFunction(stack);
  const auth = LokiAuth.bearer(LokiSecret.fromSecretName('loki'));
  attach?.(new LambdaWatch(stack, 'Watch', { endpoint: ENDPOINT, auth, ...props }), fn);
  for (const Pack of [AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks])
    Aspects.of(app).add(new Pack());
  const annotations = Annotations.fromStack(stack);
  const found = [...annotations.findWarning('*', Match.anyValue()), ...annotations.findError('*', Match.anyValue())];
  return found.map(({ id, entry }) => `${/^[^:]+/.exec(String(entry.data))![0]} ${id}`).sort();
}

const INLINE_POLICY = ['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'].map((pack) => `${pack}-IAMNoInlinePolicy`);
const suppressions = INLINE_POLICY.map((id) => ({ id, reason: 'reading the credentials of Loki' }));

const ways: [string, Attach, Attach][] = [
  [
    'attach',
    (watch, fn) => watch.attach(fn),
    (_, fn) => NagSuppressions.addResourceSuppressions(fn.role!, suppressions, true),
  ],
  [
    'attachAll',
    (watch, fn) => watch.attachAll(fn.node.root),
    (_, fn) => NagSuppressions.addStackSuppressions(Stack.of(fn), suppressions),
  ],
];
for (const [way, attach, acknowledge] of ways) {
  it(`after ${way} cdk-nag finds nothing new but the inline policy that any grant makes, and that can be acknowledged`, () => {
    const known = findings();
    assert.ok(
      known.some((finding) => finding.startsWith('AwsSolutions-')),
      'cdk-nag did not look',
    );
    const added = (steps: Attach[]): string[] =>
      findings((watch, fn) => steps.forEach((step) => step(watch, fn))).filter((finding) => !known.includes(finding));
    assert.deepEqual(
      added([attach]),
      INLINE_POLICY.map((rule) => `${rule} /Stack/Fn/ServiceRole/DefaultPolicy/Resource`),
    );
    assert.deepEqual(added([attach, acknowledge]), []);
  });
}

it('with sharedPolicy cdk-nag finds nothing new at all', () => {
  const known = findings();
  const all = findings((watch, fn) => watch.attachAll(Stack.of(fn)), { sharedPolicy: true });
  assert.deepEqual(
    all.filter((finding) => !known.includes(finding)),
    [],
  );
});
