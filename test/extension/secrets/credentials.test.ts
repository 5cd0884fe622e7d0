import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CredentialSettings } from '../../../extension/config/outbound-settings';
import { parseSecretRef, type SecretRef } from '../../../extension/config/secret-ref';
import { Diagnostics } from '../../../extension/diagnostics';
import { redacted } from '../../../extension/redaction';
import { Credentials } from '../../../extension/secrets/credentials';
import type { SecretOutcome } from '../../../extension/secrets/secret-store';
import { FakePlatform } from '../support/fake-platform';

const ref = (variable: string, field?: string): SecretRef =>
  parseSecretRef(
    variable,
    `arn:aws:secretsmanager:eu-west-1:111122223333:secret:loki${field === undefined ? '' : `#${field}`}`,
  ).ref!;
const PASSWORD: CredentialSettings = {
  apiKey: {},
  username: { plain: 'u' },
  password: { secret: ref('LOKI_PASSWORD_SECRET', 'p') },
};
const basic = (password: string): string => `Basic ${Buffer.from(`u:${password}`).toString('base64')}`;

interface Bench {
  readonly platform: FakePlatform;
  readonly fetches: { refs: readonly SecretRef[]; at: number }[];
  /** May be changed at any time. @param count of the fetches, from 1. */
  answer: (ref: SecretRef, count: number) => SecretOutcome;
  readonly credentials: Credentials;
}

function benchOf(
  settings: CredentialSettings = PASSWORD,
  answer: (ref: SecretRef, count: number) => SecretOutcome = () => ({ value: 'pw' }),
  afterMs = 20,
): Bench {
  const platform = new FakePlatform();
  const fetches: Bench['fetches'] = [];
  const bench: Bench = {
    platform,
    fetches,
    answer,
    credentials: new Credentials({
      platform,
      diagnostics: new Diagnostics(platform),
      settings,
      load: async () => ({
        async fetch(refs) {
          fetches.push({ refs, at: platform.monotonic() });
          const count = fetches.length;
          await new Promise<void>((resolve) => platform.setTimer(afterMs, resolve));
          return refs.map((each) => bench.answer(each, count));
        },
      }),
    }),
  };
  return bench;
}

const failure: SecretOutcome = { problem: "can't be read: no", kind: 'lasting' };

test('nothing is fetched before it is started or needed, and once is enough', async () => {
  const { platform, credentials, fetches } = benchOf();
  await platform.advance(10_000);
  assert.equal(fetches.length, 0);
  credentials.start();
  credentials.start();
  const waits = [credentials.wait(1000), credentials.wait(1000)];
  assert.deepEqual(await platform.until(Promise.all(waits.map(({ done }) => done))), [true, true]);
  assert.equal(credentials.authorization, basic('pw'));
  assert.equal(await credentials.wait(0).done, true);
  assert.equal(fetches.length, 1);
  assert.equal(platform.timers, 0, 'no timer is left');
});

test('waiting ends with its limit, and the fetch goes on', async () => {
  const { platform, credentials } = benchOf(PASSWORD, undefined, 500);
  const before = platform.monotonic();
  assert.equal(await platform.until(credentials.wait(100).done), false);
  assert.equal(platform.monotonic() - before, 100);
  await platform.advance(400);
  assert.equal(credentials.ready, true);
});

test('waiting can be called off', async () => {
  const { platform, credentials } = benchOf(PASSWORD, undefined, 500);
  const { done, cancel } = credentials.wait(1000);
  await platform.settle();
  cancel();
  assert.equal(await done, false);
});

test('after a failure, pauses grow to a minute and nobody waits meanwhile; one line says it, and it is worth a line again later', async () => {
  const { platform, credentials, fetches } = benchOf(PASSWORD, () => failure, 0);
  const pauses: number[] = [];
  for (let i = 0; i < 12; i++) {
    assert.equal(await platform.until(credentials.wait(1000).done), false);
    const pause = credentials.retryInMs;
    pauses.push(pause);
    const count = fetches.length;
    assert.equal(await credentials.wait(1000).done, false, 'at once');
    assert.equal(fetches.length, count);
    await platform.advance(pause);
  }
  for (const [i, pause] of pauses.entries()) {
    const ceiling = Math.min(500 * 2 ** i, 60_000);
    assert.ok(pause > ceiling / 2 - 2 && pause <= ceiling, `pause ${i}: ${pause} ms`);
  }
  const line =
    "[lambdawatch] warn: LOKI_PASSWORD_SECRET: arn:aws:secretsmanager:eu-west-1:111122223333:secret:loki can't be read: no; lines are kept, and it is tried again";
  assert.deepEqual(platform.stderrLines, [line]);
  assert.equal(credentials.lasting, true);
});

test("environments that failed together don't come back together", async () => {
  const pauses: number[] = [];
  for (const random of [0, 0.5, 0.9]) {
    const { platform, credentials } = benchOf(PASSWORD, () => failure, 0);
    platform.randoms = [random];
    await platform.until(credentials.wait(1000).done);
    pauses.push(credentials.retryInMs);
  }
  assert.deepEqual(pauses, [250, 375, 475]);
});

test('a pause ends when either clock says so', async () => {
  const { platform, credentials, fetches } = benchOf(PASSWORD, () => failure, 0);
  await platform.until(credentials.wait(1000).done);
  const now = platform.now();
  // The wall clock went on in a freeze, the monotonic one did not.
  Object.assign(platform, { now: () => now + 3_600_000 });
  await platform.until(credentials.wait(1000).done);
  assert.equal(fetches.length, 2);
});

test('mended later: delivered with it', async () => {
  const bench = benchOf(PASSWORD, () => failure, 0);
  await bench.platform.until(bench.credentials.wait(1000).done);
  bench.answer = () => ({ value: 'mended' });
  await bench.platform.advance(500);
  assert.equal(await bench.platform.until(bench.credentials.wait(1000).done), true);
  assert.equal(bench.credentials.authorization, basic('mended'));
});

test('of several secrets, only those that failed are fetched again', async () => {
  const [user, password] = [ref('LOKI_USERNAME_SECRET', 'u'), ref('LOKI_PASSWORD_SECRET', 'p')];
  const bench = benchOf({ apiKey: {}, username: { secret: user }, password: { secret: password } }, (each, count) =>
    each === user || count > 1 ? { value: 'u' } : failure,
  );
  await bench.platform.until(bench.credentials.wait(1000).done);
  await bench.platform.advance(500);
  assert.equal(await bench.platform.until(bench.credentials.wait(1000).done), true);
  assert.deepEqual(
    bench.fetches.map(({ refs }) => refs.map(({ field }) => field)),
    [['u', 'p'], ['p']],
  );
});

test('refused by Loki: fetched again once for all pushes, and not again for 30 s', async () => {
  let current = 'old';
  const { platform, credentials, fetches } = benchOf(PASSWORD, () => ({ value: current }));
  await platform.until(credentials.wait(1000).done);
  current = 'new';
  const renewals = Array.from({ length: 5 }, () => credentials.renew(basic('old'), 1000).done);
  assert.deepEqual(await platform.until(Promise.all(renewals)), [true, true, true, true, true]);
  assert.equal(fetches.length, 2);
  assert.equal(await credentials.renew(basic('old'), 1000).done, true, 'a push that went out with the old one');
  assert.equal(await credentials.renew(basic('new'), 1000).done, false, 'too soon');
  assert.equal(fetches.length, 2);
  await platform.advance(30_000);
  assert.equal(await platform.until(credentials.renew(basic('new'), 1000).done), false, 'unchanged');
  assert.equal(fetches.length, 3);
});

test('refused by Loki while AWS does not answer: the old one stays in use', async () => {
  const bench = benchOf();
  await bench.platform.until(bench.credentials.wait(1000).done);
  bench.answer = () => failure;
  assert.equal(await bench.platform.until(bench.credentials.renew(basic('pw'), 1000).done), false);
  assert.deepEqual([bench.credentials.ready, bench.credentials.authorization], [true, basic('pw')]);
});

test('an API key goes before user and password; without a usable one they are used', async () => {
  const key = ref('LOKI_API_KEY_SECRET');
  const settings = { apiKey: { secret: key }, username: { plain: 'u' }, password: { plain: 'p' } };
  const good = benchOf(settings, () => ({ value: 'key' }));
  await good.platform.until(good.credentials.wait(1000).done);
  assert.equal(good.credentials.authorization, 'Bearer key');
  const bad = benchOf(settings, () => ({ problem: 'is a binary secret', kind: 'unusable' }));
  await bad.platform.until(bad.credentials.wait(1000).done);
  assert.equal(bad.credentials.authorization, basic('p'));
});

test('an unusable secret without a plain variable is no credential: nothing is sent without', async () => {
  const bench = benchOf(PASSWORD, () => ({ problem: 'is empty', kind: 'unusable' }), 0);
  assert.equal(await bench.platform.until(bench.credentials.wait(1000).done), false);
  assert.equal(bench.credentials.lasting, true);
  bench.answer = () => ({ value: 'filled' });
  await bench.platform.advance(500);
  assert.equal(await bench.platform.until(bench.credentials.wait(1000).done), true);
});

test('without any secret that can be read, what is plain is there at once, be it nothing', () => {
  assert.equal(
    benchOf({ apiKey: {}, username: { plain: 'u' }, password: { plain: 'p' } }).credentials.authorization,
    basic('p'),
  );
  const { credentials } = benchOf({ apiKey: {}, username: {}, password: {} });
  assert.deepEqual([credentials.ready, credentials.authorization], [true, undefined]);
});

test("a store that can't be loaded, or throws, is said and tried again", async () => {
  const platform = new FakePlatform();
  const credentials = new Credentials({
    platform,
    diagnostics: new Diagnostics(platform),
    settings: PASSWORD,
    load: async () => {
      throw new Error('no such part');
    },
  });
  assert.equal(await platform.until(credentials.wait(1000).done), false);
  assert.deepEqual(platform.stderrLines, [
    "[lambdawatch] warn: the secrets can't be read because of an unexpected error: no such part",
  ]);
  assert.ok(credentials.retryInMs > 0);
});

test('what was a secret is not shown, in any form, even when it is out of date', async () => {
  const platform = new FakePlatform();
  const diagnostics = new Diagnostics(platform);
  diagnostics.redactor = redacted;
  let current = 'old "secret"';
  const credentials = new Credentials({
    platform,
    diagnostics,
    settings: PASSWORD,
    load: async () => ({ fetch: async (refs) => refs.map(() => ({ value: current })) }),
  });
  await platform.until(credentials.wait(1000).done);
  current = 'new+secret';
  await platform.until(credentials.renew(credentials.authorization, 1000).done);
  diagnostics.warn(
    `${JSON.stringify({ a: 'old "secret"', b: 'new+secret' })} old%20%22secret%22 new%2Bsecret ${basic('new+secret')} ${basic('old "secret"')} other`,
  );
  assert.equal(platform.stderrLines[0], '[lambdawatch] warn: {"a":"***","b":"***"} *** *** Basic *** Basic *** other');
});

test('a start fetches nothing when all is there, nor before a pause is over', async () => {
  const { platform, credentials, fetches } = benchOf(PASSWORD, (_, count) => (count === 1 ? failure : { value: 'pw' }));
  credentials.start();
  await platform.advance(20);
  const pause = credentials.retryInMs;
  await platform.advance(pause - 1);
  credentials.start();
  assert.deepEqual([credentials.retryInMs, fetches.length], [1, 1]);
  assert.equal(await credentials.wait(1000).done, false);
  await platform.advance(1);
  credentials.start();
  await platform.advance(20);
  assert.deepEqual([credentials.ready, credentials.retryInMs, fetches.length], [true, 0, 2]);
  credentials.start();
  await platform.advance(20);
  assert.equal(fetches.length, 2);
});

test('a wait without a limit lasts as long as it takes; one that is called off leaves no timer', async () => {
  const { platform, credentials } = benchOf(PASSWORD, undefined, 500_000);
  const endless = credentials.wait(Infinity);
  await platform.settle();
  const before = platform.timers;
  const { cancel } = credentials.wait(1000);
  assert.equal(platform.timers, before + 1);
  cancel();
  assert.equal(platform.timers, before);
  assert.equal(await platform.until(endless.done), true);
  assert.equal(platform.timers, 0);
});

test('a failure that may pass by itself is not lasting, and one that has lasted is forgotten with it', async () => {
  const bench = benchOf(PASSWORD, () => failure, 0);
  const lastingAfter = async (outcome: SecretOutcome): Promise<boolean> => {
    bench.answer = () => outcome;
    await bench.platform.advance(60_000);
    await bench.platform.until(bench.credentials.wait(1000).done);
    return bench.credentials.lasting;
  };
  assert.equal(await lastingAfter(failure), true);
  assert.equal(await lastingAfter({ problem: 'is not answered', kind: 'passing' }), false);
  assert.equal(await lastingAfter(failure), true);
  assert.equal(await lastingAfter({ value: 'pw' }), false);
});

test('once it was mended, pauses begin anew and the same trouble is worth a line again', async () => {
  const bench = benchOf(PASSWORD, () => failure, 0);
  const { platform, credentials } = bench;
  for (let i = 0; i < 4; i++) {
    await platform.until(credentials.wait(1000).done);
    await platform.advance(credentials.retryInMs);
  }
  bench.answer = () => ({ value: 'pw' });
  assert.equal(await platform.until(credentials.wait(1000).done), true);
  assert.deepEqual([credentials.retryInMs, platform.stderrLines.length], [0, 1]);
  bench.answer = () => failure;
  assert.equal(await platform.until(credentials.renew(basic('pw'), 1000).done), false);
  assert.deepEqual([credentials.retryInMs, platform.stderrLines.length], [375, 2]);
});

test('a plain variable stands in for a secret that holds nothing usable, and the line says so', async () => {
  const unusable: SecretOutcome = { problem: 'is a binary secret', kind: 'unusable' };
  const secret = ref('LOKI_PASSWORD_SECRET');
  for (const [password, ready, end] of [
    [{ secret, plain: 'plain' }, true, /; LOKI_PASSWORD is used$/],
    [{ secret }, false, /; lines are kept, and it is tried again$/],
  ] as const) {
    const { platform, credentials } = benchOf({ apiKey: {}, username: { plain: 'u' }, password }, () => unusable, 0);
    assert.equal(await platform.until(credentials.wait(1000).done), ready);
    assert.match(platform.stderrLines.join(), end);
    assert.equal(credentials.retryInMs > 0, !ready);
    if (ready) assert.equal(credentials.authorization, basic('plain'));
  }
  const lasting = benchOf({ apiKey: {}, username: { plain: 'u' }, password: { secret, plain: 'p' } }, () => failure, 0);
  assert.equal(await lasting.platform.until(lasting.credentials.wait(1000).done), false, 'it may be readable later');
  assert.match(lasting.platform.stderrLines.join(), /; lines are kept/);
});

test('a password without a user name, or the other way round, is used as it is', async () => {
  const secret = ref('LOKI_PASSWORD_SECRET');
  for (const [settings, pair] of [
    [{ apiKey: {}, username: {}, password: { secret } }, ':pw'],
    [{ apiKey: {}, username: { secret }, password: {} }, 'pw:'],
  ] as const) {
    const { platform, credentials } = benchOf(settings);
    assert.equal(await platform.until(credentials.wait(1000).done), true);
    assert.equal(credentials.authorization, `Basic ${Buffer.from(pair).toString('base64')}`);
  }
});
