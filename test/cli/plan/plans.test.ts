import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FunctionState } from '../../../cli/aws/functions';
import { planAlias } from '../../../cli/plan/alias';
import { type AttachPlan, type AttachRequest, planAttach } from '../../../cli/plan/attach';
import { masked } from '../../../cli/plan/change';
import { planDetach } from '../../../cli/plan/detach';
import { environmentBytes } from '../../../cli/plan/function-view';
import { type AttachRecord, digestOf, readRecord, recordTags } from '../../../cli/plan/record';

const LAYER = 'arn:aws:lambda:eu-west-1:111122223333:layer:lambdawatch-x86_64:7';
const OLD = 'arn:aws:lambda:eu-west-1:111122223333:layer:lambdawatch-x86_64:2';
const OTHER = 'arn:aws:lambda:eu-west-1:444455556666:layer:other:1';
const ENDPOINT = 'https://logs.example.com/loki/api/v1/push';

function fn(
  layers: string[] = [],
  variables: Record<string, string> = {},
  tags: Record<string, string> = {},
  more: FunctionConfiguration = {},
): FunctionState {
  return {
    config: {
      FunctionName: 'orders',
      FunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:orders',
      Role: 'arn:aws:iam::111122223333:role/path/orders',
      Layers: layers.map((arn) => ({ Arn: arn })),
      Environment: { Variables: variables },
      ...more,
    },
    tags,
  };
}

const request = (more: Partial<AttachRequest> = {}): AttachRequest => ({
  layer: LAYER,
  layerName: 'lambdawatch',
  settings: { LOKI_ENDPOINT: ENDPOINT },
  defaults: {},
  aliases: { LOKI_ENDPOINT: 'LOKI_URL' },
  unset: [],
  packageVersion: '1.2.3',
  force: false,
  ...more,
});

function possible(plan: AttachPlan): Exclude<AttachPlan, { obstacle: unknown }> {
  if ('obstacle' in plan) assert.fail(plan.obstacle.reason);
  return plan;
}

/** The function as it is when the plan has been carried out. */
function carriedOut(state: FunctionState, plan: AttachPlan): FunctionState {
  const { change, record } = possible(plan);
  return fn([...change.layers], { ...change.variables }, { ...state.tags, ...recordTags(record) });
}

describe('planning an attach and a detach', () => {
  for (const [what, layers] of [
    ['none', []],
    ['one', [OTHER]],
    ['two', [`${OTHER}1`, OTHER]],
  ] as const) {
    it(`detach undoes attach, with ${what} other layers`, () => {
      const before = fn([...layers], { A: '1', LOKI_BATCH_SIZE: '5' }, { team: 'shop' });
      const attached = carriedOut(
        before,
        planAttach(before, request({ settings: { LOKI_ENDPOINT: ENDPOINT, LOKI_BATCH_SIZE: '9' } })),
      );
      const plan = planDetach(attached, { layerName: 'lambdawatch' });
      assert.ok(plan.kind === 'change');
      assert.deepEqual([plan.change.layers, plan.change.variables], [[...layers], { A: '1', LOKI_BATCH_SIZE: '5' }]);
      assert.deepEqual(
        Object.keys(attached.tags ?? {}).filter((key) => !plan.untag.includes(key)),
        ['team'],
      );
    });
  }

  it('puts a layer back that was attached by hand, with another version of it in its place meanwhile', () => {
    const before = fn([OTHER, OLD, `${OTHER}2`]);
    const attached = carriedOut(before, planAttach(before, request()));
    assert.deepEqual(
      attached.config.Layers?.map(({ Arn: arn }) => arn),
      [OTHER, LAYER, `${OTHER}2`],
    );
    const plan = planDetach(attached, { layerName: 'lambdawatch' });
    assert.ok(plan.kind === 'change');
    assert.deepEqual(plan.change.layers, [OTHER, OLD, `${OTHER}2`]);
  });

  it("treats a variable that was changed after attaching as the user's", () => {
    const attached = carriedOut(
      fn(),
      planAttach(fn(), request({ settings: { LOKI_ENDPOINT: ENDPOINT, LOKI_BATCH_SIZE: '9' } })),
    );
    const changed = fn(
      [LAYER],
      { ...attached.config.Environment?.Variables, LOKI_BATCH_SIZE: '77' },
      { ...attached.tags },
    );
    const again = possible(planAttach(changed, request({ settings: { LOKI_BATCH_SIZE: '9' } })));
    assert.equal(again.change.variables.LOKI_BATCH_SIZE, '77');
    assert.deepEqual(again.notes, ['LOKI_BATCH_SIZE stays 77: the function sets it itself']);
    const detach = planDetach(changed, { layerName: 'lambdawatch' });
    assert.ok(detach.kind === 'change');
    assert.deepEqual(detach.change.variables, { LOKI_BATCH_SIZE: '77' });
    assert.deepEqual(detach.notes, ['LOKI_BATCH_SIZE stays 77: it was changed after attaching']);
  });

  it('keeps settings of an earlier attach, changes them, and takes away what is unset', () => {
    const first = carriedOut(
      fn(),
      planAttach(fn(), request({ settings: { LOKI_ENDPOINT: ENDPOINT, LOKI_BATCH_SIZE: '9', LOKI_TENANT_ID: 'a' } })),
    );
    const plan = possible(
      planAttach(first, request({ settings: { LOKI_TENANT_ID: 'b' }, unset: ['LOKI_BATCH_SIZE'] })),
    );
    assert.deepEqual(plan.change.variables, { LOKI_ENDPOINT: ENDPOINT, LOKI_TENANT_ID: 'b' });
    assert.deepEqual([...plan.record.variables.keys()].sort(), ['LOKI_ENDPOINT', 'LOKI_TENANT_ID']);
  });

  it("doesn't unset what the function sets itself", () => {
    const state = fn([], { LOKI_BATCH_SIZE: '5' });
    assert.equal(
      possible(planAttach(state, request({ unset: ['LOKI_BATCH_SIZE'] }))).change.variables.LOKI_BATCH_SIZE,
      '5',
    );
  });

  it('leaves an endpoint under its other name alone', () => {
    const plan = possible(planAttach(fn([], { LOKI_URL: 'https://own.example.com/x' }), request()));
    assert.deepEqual(plan.change.variables, { LOKI_URL: 'https://own.example.com/x' });
  });

  it('counts the variables as Lambda does, to the byte', () => {
    const fixed = environmentBytes({ LOKI_ENDPOINT: ENDPOINT, A: '' });
    assert.equal(planAttach(fn([], { A: 'x'.repeat(4096 - fixed) }), request()).kind, 'change');
    assert.equal(planAttach(fn([], { A: 'x'.repeat(4097 - fixed) }), request()).kind, 'refused');
  });

  it('attaches a fifth layer and refuses a sixth; one of ours in another version is no sixth', () => {
    const four = [1, 2, 3, 4].map((i) => `${OTHER}${i}`);
    assert.equal(planAttach(fn(four), request()).kind, 'change');
    assert.equal(planAttach(fn([...four, OTHER]), request()).kind, 'refused');
    assert.equal(planAttach(fn([...four, OLD]), request()).kind, 'change');
  });

  it("refuses a function without an endpoint, and one whose tags can't be read", () => {
    const plan = planAttach(fn(), request({ settings: {} }));
    assert.ok('obstacle' in plan && plan.obstacle.wayOut.startsWith('pass --endpoint'));
    assert.equal(planAttach({ ...fn(), tags: undefined }, request()).kind, 'refused');
  });
});

describe("the record in a function's tags", () => {
  it('survives tags of 256 characters, whatever the number of variables', () => {
    const variables = new Map(
      Array.from({ length: 40 }, (_, i) => [`LOKI_A_RATHER_LONG_SETTING_${i}`, digestOf(String(i))]),
    );
    const record: AttachRecord = { version: '1.2.3', layer: LAYER, replaced: OLD, policy: 'role/policy', variables };
    const tags = recordTags(record);
    for (const [key, value] of Object.entries(tags)) {
      assert.ok(key.length <= 128 && value.length <= 256, `${key}: ${value.length}`);
      assert.match(value, /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u);
    }
    const read = readRecord(tags);
    assert.deepEqual([...(read?.variables ?? [])].sort(), [...variables].sort());
    assert.deepEqual({ ...read, variables: undefined }, { ...record, variables: undefined });
  });

  it('is none where a function has other tags', () => assert.equal(readRecord({ team: 'shop' }), undefined));
});

describe('moving an alias', () => {
  const latest = fn([OTHER], { A: '1' }, {}, { CodeSha256: 'code' });
  const change = possible(planAttach(latest, request())).change;
  const plan = (config: FunctionConfiguration, weighted = false): ReturnType<typeof planAlias> =>
    planAlias(
      { name: 'live', version: '7', weighted, config },
      latest.config,
      change,
      ['LOKI_ENDPOINT'],
      'lambdawatch',
    );

  it('publishes a version where only the layer and our variables are new', () => {
    assert.deepEqual(plan(latest.config), {
      kind: 'change',
      change: { subject: 'alias live', before: 'version 7', after: 'a new version' },
    });
  });

  it('changes nothing where the version has them', () => {
    const has = fn([...change.layers], { ...change.variables }, {}, { CodeSha256: 'code' });
    assert.deepEqual(plan(has.config), { kind: 'unchanged' });
  });

  for (const [what, config] of [
    ['code', { CodeSha256: 'older' }],
    ['memory', { MemorySize: 512 }],
    ['other variables', { Environment: { Variables: { A: '2' } } }],
  ] as const) {
    it(`refuses to release ${what} along`, () => {
      const result = plan({ ...latest.config, ...config });
      assert.ok(result.kind === 'refused' && result.obstacle.reason.includes(`and ${what} of $LATEST differ`));
    });
  }

  it('refuses an alias that is split', () => assert.equal(plan(latest.config, true).kind, 'refused'));
});

describe('what a diff shows', () => {
  for (const [name, value, shown] of [
    ['LOKI_PASSWORD', 'hunter2', '***'],
    ['LOKI_API_KEY', 'glc_x', '***'],
    ['LOKI_CLIENT_KEY', '/opt/key.pem', '/opt/key.pem'],
    ['LOKI_CLIENT_KEY', '-----BEGIN PRIVATE KEY-----', '***'],
    ['HTTPS_PROXY', 'http://user:pw@proxy:3128', 'http://***@proxy:3128'],
    [
      'LOKI_PASSWORD_SECRET',
      'arn:aws:ssm:eu-west-1:111122223333:parameter/x',
      'arn:aws:ssm:eu-west-1:111122223333:parameter/x',
    ],
    ['LOKI_API_KEY_SECRET', 'glc_x', '***'],
    ['LOKI_ENDPOINT', 'https://u:p@x/loki', 'https://***@x/loki'],
  ] as const)
    it(`${name}=${shown}`, () => assert.equal(masked(name, value), shown));
});
