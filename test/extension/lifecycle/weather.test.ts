import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pushOf, randomFrom } from '../support/builders';
import { FakeEnvironment } from '../support/environment';
import type { Answer } from '../support/fake-platform';

/** What Loki is like for a while, given how long it takes and a number below 100. */
const WEATHER: readonly ((afterMs: number, percent: number) => Answer)[] = [
  (afterMs) => ({ status: 204, afterMs }),
  (afterMs, percent) => ({ status: percent < 70 ? 204 : [429, 500, 502, 503][percent % 4], afterMs }),
  (afterMs, percent) => ({ status: percent < 70 ? 204 : 403, afterMs }),
  (afterMs, percent) =>
    percent < 70 ? { status: 204, afterMs } : { status: 429, headers: { 'retry-after': '2' }, afterMs },
  (afterMs, percent) => (percent < 70 ? { status: 204, afterMs } : { error: 'ECONNRESET', reused: true, afterMs: 1 }),
  (afterMs) => ({ status: 503, afterMs }),
  (afterMs) => ({ status: 500, afterMs }),
  (afterMs) => ({ status: 403, afterMs }),
  () => ({ error: 'ECONNREFUSED', afterMs: 1 }),
  () => ({ hangs: true }),
];

const idOf = (n: number): string => `${String(n).padStart(8, '0')}-1111-4111-8111-111111111111`;

/** 60 invocations in changing weather, then good weather until SHUTDOWN. */
for (let seed = 1; seed <= 8; seed++) {
  test(`changing weather, seed ${seed}: nothing is lost that is not told, nobody is held too long, nothing is in flight at /next`, async () => {
    const random = randomFrom(seed);
    const one = <T>(list: readonly T[]): T => list[random(list.length)];
    const environment = new FakeEnvironment({
      env: { LOKI_REQUEST_ID_AS: one(['label', 'metadata']), LOKI_BATCH_SIZE: one(['1', '100', '10000']) },
    });
    const { platform } = environment;
    platform.randoms = Array.from({ length: 97 }, () => random(1000) / 1000);
    const stored = new Set<string>();
    let [weather, afterMs] = [WEATHER[0], 40];
    platform.onRequest = (request) => {
      const answer = weather(afterMs, random(100));
      if ('status' in answer && answer.status === 204) for (const [, line] of pushOf(request).values) stored.add(line);
      return answer;
    };

    const written: string[] = [];
    for (let i = 0; i < 66; i++) {
      if (i >= 60) [weather, afterMs] = [WEATHER[0], 40];
      else if (random(8) === 0) weather = one(WEATHER);
      if (i < 60 && random(10) === 0) afterMs = one([5, 40, 300, 900, 1300, 1800]);
      const id = idOf(i);
      const lines = Array.from({ length: random(20) === 0 ? 1000 : random(30) }, (_, n) => `line ${i}/${n}`);
      written.push(...lines);
      await environment.invoke(id, one([3000, 30_000]));
      await environment.start(id);
      await environment.log(...lines);
      await platform.advance(i < 60 ? one([5, 50, 500]) : 500);
      await environment.done(id);
      const held = await environment.untilNext();
      assert.equal(held <= 4000, true, `held for ${held} ms`);
      if (random(5) > 0) await environment.report(id);
      await platform.advance(20);
      await platform.freeze(i < 60 ? one([0, 0, 1000, 60_000]) : 15_000);
    }
    await environment.shutdown();
    await platform.until(environment.ended);
    const told = platform.stderrLines.reduce(
      (sum, line) => sum + Number(/dropped (\d+) of the oldest/.exec(line)?.[1] ?? 0),
      0,
    );
    const missing = written.filter((line) => !stored.has(line)).length;
    assert.equal(missing <= told, true, `${missing} lines are missing, and ${told} are told`);
    assert.equal(environment.buffer.lines, 0);
    assert.equal(Math.max(...environment.nextCalls.map(({ inFlight }) => inFlight)), 0);
    assert.equal(platform.stderrLines.length <= 40, true, platform.stderrLines.join('\n'));
  });
}
