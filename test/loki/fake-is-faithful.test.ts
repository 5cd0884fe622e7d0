import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertSameAnswers, post, run, sorted } from './compare';
import { NO_RATE_LIMITS, startFakeLoki, type FakeLoki, type FakeLokiOptions } from '../../sandbox/loki';
import { json, push, PUSH_CASES, type PushCase } from './push-cases';
import { startRealLoki, type RealLoki, type RealLokiOptions } from './real';
import type { StoredLine } from '../../sandbox/loki/types';
import { withRealLoki } from './with-real';

/** Both Lokis, started and stopped around the tests of a suite. */
function both(fakeOptions: FakeLokiOptions = {}, realOptions: RealLokiOptions = {}) {
  const lokis = {} as { fake: FakeLoki; real: RealLoki };
  before(async () => {
    lokis.fake = await startFakeLoki(fakeOptions);
    lokis.real = await startRealLoki({ ...realOptions, onProgress: (line) => console.error(line) });
  });
  after(async () => {
    await lokis.real?.stop();
    await lokis.fake?.stop();
  });
  return lokis;
}

function ofCase(lines: readonly StoredLine[], name: string): StoredLine[] {
  return sorted(lines.filter(({ labels }) => labels.test_case === name));
}

async function assertAgreement(lokis: { fake: FakeLoki; real: RealLoki }, test: PushCase, name: string): Promise<void> {
  const now = BigInt(Date.now()) * 1_000_000n;
  const [fake, real] = [await run(lokis.fake, test, name, now), await run(lokis.real, test, name, now)];
  assertSameAnswers(test, fake, real);
  const inReal = sorted(await lokis.real.query({ selector: `{test_case="${name}"}` }));
  assert.equal(inReal.length, test.stored, 'lines in the real Loki');
  assert.deepEqual(ofCase(lokis.fake.stored, name), inReal);
}

withRealLoki('the fake Loki is like the real one', () => {
  describe('the fake Loki is like the real one: a push', () => {
    // The rates are out of the way here: the table sends many megabytes.
    const lokis = both(
      { limits: NO_RATE_LIMITS },
      {
        limits: {
          ingestion_rate_mb: 1_000,
          ingestion_burst_size_mb: 1_000,
          per_stream_rate_limit: '1GB',
          per_stream_rate_limit_burst: '1GB',
        },
      },
    );
    for (const [index, test] of PUSH_CASES.entries()) {
      it(`${test.name}: ${test.statuses.join(', ')}`, async () => assertAgreement(lokis, test, `c${index}`));
    }
  });

  describe('the fake Loki is like the real one: rates', () => {
    const lokis = both(
      {
        limits: {
          ingestionRate: 2_097_152,
          ingestionBurstSize: 3_145_728,
          perStreamRateLimit: 1_048_576,
          perStreamRateLimitBurst: 1_048_576,
        },
      },
      {
        limits: {
          ingestion_rate_mb: 2,
          ingestion_burst_size_mb: 3,
          per_stream_rate_limit: '1MB',
          per_stream_rate_limit_burst: '1MB',
        },
      },
    );
    const filler = (bytes: number) => 'x'.repeat(bytes);
    const half = 600_000;
    const lines = (now: bigint, count: number) =>
      Array.from({ length: count }, (_, n) => [`${now + BigInt(n)}`, filler(half / 6)] as const);

    const cases: PushCase[] = [
      {
        name: 'a push larger than the burst never passes',
        statuses: [429, 429],
        stored: 0,
        says: /^ingestion rate limit exceeded for user fake \(limit: 2097152 bytes\/sec\) while attempting to ingest '34' lines totaling '3400000' bytes/,
        requests: (stream, now) => [push(stream, ...lines(now, 34)), push(stream, ...lines(now, 34))],
      },
      {
        name: 'a stream over its rate keeps nothing of the push',
        statuses: [429],
        stored: 0,
        sameText: true,
        requests: (stream, now) => [push(stream, ...lines(now, 12))],
      },
      {
        name: 'a stream over its rate that is not the last is lost behind a 204',
        statuses: [204],
        stored: 1,
        requests: (stream, now) => [
          json({
            streams: [
              { stream: { ...stream, n: '1' }, values: lines(now, 11) },
              { stream: { ...stream, n: '2' }, values: [[`${now}`, 'x']] },
            ],
          }),
        ],
      },
    ];
    for (const [index, test] of cases.entries()) {
      it(`${test.name}: ${test.statuses.join(', ')}`, async () => assertAgreement(lokis, test, `r${index}`));
    }
  });

  describe('the fake Loki is like the real one: number of streams', () => {
    const lokis = both({ limits: { maxGlobalStreamsPerUser: 2 } }, { limits: { max_global_streams_per_user: 2 } });

    it('refuses new streams over the limit, keeps the known ones, and hides the loss unless it is the last', async () => {
      const now = BigInt(Date.now()) * 1_000_000n;
      const stream = (n: string, line: string) => ({ stream: { test_case: 's', n }, values: [[`${now}`, line]] });
      const pushes = [
        [stream('1', 'a')],
        [stream('2', 'a')],
        [stream('3', 'refused')],
        [stream('1', 'b'), stream('4', 'refused')],
        [stream('5', 'lost'), stream('2', 'b')],
      ];
      for (const [index, streams] of pushes.entries()) {
        const [fake, real] = [await post(lokis.fake, json({ streams })), await post(lokis.real, json({ streams }))];
        assert.equal(real.status, [204, 204, 429, 429, 204][index]);
        assert.deepEqual(fake, real);
      }
      assert.deepEqual(sorted(lokis.fake.stored), sorted(await lokis.real.lines()));
      assert.equal(lokis.fake.stored.length, 4);
      assert.equal(lokis.fake.silentlyLost, 1);
    });
  });

  describe('the fake Loki is like the real one: rates as they come', () => {
    const lokis = both();
    const lines = (now: bigint, count: number) =>
      Array.from({ length: count }, (_, n) => [`${now + BigInt(n)}`, 'x'.repeat(100_000)] as const);
    const stream = { test_case: 'default' };
    it('takes 3.9 MB at once, refuses what goes over 6 MiB and 4 MiB/s, and keeps nothing of that', async () => {
      for (const [loki, stored] of [
        [lokis.fake, async () => ofCase(lokis.fake.stored, 'default').length],
        [lokis.real, async () => (await lokis.real.query({ selector: '{test_case="default"}' })).length],
      ] as const) {
        const answers = [];
        for (let n = 0; n < 5; n++)
          answers.push(await post(loki, push(stream, ...lines(BigInt(Date.now()) * 1_000_000n, 39))));
        const statuses = answers.map(({ status }) => status);
        assert.deepEqual([statuses[0], statuses.includes(429)], [204, true], statuses.join(', '));
        const refused = answers.find(({ status }) => status === 429)!;
        assert.match(
          refused.text,
          /^ingestion rate limit exceeded for user fake \(limit: 4194304 bytes\/sec\) while attempting to ingest '39' lines totaling '3900000' bytes/,
        );
        assert.equal(await stored(), 39 * statuses.filter((status) => status === 204).length);
      }
    });
  });

  describe('the fake Loki is like the real one: without structured metadata', () => {
    const lokis = both(
      { limits: { allowStructuredMetadata: false } },
      { limits: { allow_structured_metadata: false } },
    );
    const cases: PushCase[] = [
      {
        name: 'a line with metadata is refused, its neighbour without is kept',
        statuses: [400],
        stored: 1,
        sameText: true,
        requests: (stream, now) => [push(stream, [`${now}`, 'x', { request_id: '1' }], [`${now + 1n}`, 'y'])],
      },
      {
        name: 'an empty object is no metadata',
        statuses: [204],
        stored: 1,
        requests: (stream, now) => [push(stream, [`${now}`, 'x', {}])],
      },
    ];
    for (const [index, test] of cases.entries()) {
      it(`${test.name}: ${test.statuses.join(', ')}`, async () => assertAgreement(lokis, test, `m${index}`));
    }
  });

  describe('the fake Loki is like the real one: tenants', () => {
    const lokis = both({ authEnabled: true }, { authEnabled: true });
    const tenants: readonly [tenant: string | undefined, status: number][] = [
      [undefined, 401],
      ['', 401],
      ['team-a', 204],
      ["a.b_c!d*e'f(g)", 204],
      ['a|b', 400],
      ['a|a', 204],
      ['a/b', 400],
      ['a b', 400],
      ['..', 400],
      ['x'.repeat(150), 204],
      ['x'.repeat(151), 400],
      ['é', 400],
    ];
    for (const [tenant, status] of tenants) {
      it(`${tenant === undefined ? 'none' : JSON.stringify(tenant.slice(0, 20))}: ${status}`, async () => {
        const now = BigInt(Date.now()) * 1_000_000n;
        const headers: Record<string, string> = tenant === undefined ? {} : { 'x-scope-orgid': tenant };
        const request = json({ streams: [{ stream: { test_case: 't' }, values: [[`${now}`, 'x']] }] }, headers);
        const [fake, real] = [await post(lokis.fake, request), await post(lokis.real, request)];
        assert.equal(real.status, status, real.text);
        assert.deepEqual(fake, real);
      });
    }

    it('keeps tenants apart', async () => {
      const request = json(
        { streams: [{ stream: { test_case: 'apart' }, values: [[`${BigInt(Date.now()) * 1_000_000n}`, 'mine']] }] },
        { 'x-scope-orgid': 'mine' },
      );
      await post(lokis.fake, request);
      await post(lokis.real, request);
      for (const loki of [lokis.fake, lokis.real]) {
        assert.deepEqual(
          (await loki.lines('mine')).map(({ line }) => line),
          ['mine'],
        );
        assert.deepEqual(await loki.lines('another'), []);
      }
    });
  });
});
