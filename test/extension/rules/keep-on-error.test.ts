import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pushOf } from '../support/builders';
import { FakeEnvironment } from '../support/environment';

const KEEP = { LOKI_MIN_LEVEL: 'info', LOKI_KEEP_ON_ERROR: 'true', LOKI_REQUEST_ID_AS: 'metadata' };

/** What stands in Loki in the end, in Loki's order: by time. */
function inLoki(environment: FakeEnvironment): string[] {
  return environment.platform.sent
    .flatMap(({ request }) => pushOf(request).values)
    .sort(([a], [b]) => (BigInt(a) < BigInt(b) ? -1 : 1))
    .map(([, line]) => line)
    .filter((line) => !/^(START|END|REPORT)|Task timed out/.test(line));
}

async function invocation(environment: FakeEnvironment, id: string, status: string, ...lines: string[]): Promise<void> {
  await environment.invoke(id);
  await environment.start(id);
  for (const line of lines) {
    await environment.log(line);
    await environment.platform.advance(5);
  }
  await environment.done(id, status);
  await environment.untilNext();
  await environment.report(id);
}

for (const strategy of ['end', 'handoff', 'next', 'adaptive', 'periodically,500']) {
  describe(`LOKI_KEEP_ON_ERROR with LOKI_FLUSH_STRATEGY=${strategy}`, () => {
    it('ships the debug lines of failed invocations alone, each at its place', async () => {
      const environment = new FakeEnvironment({ env: { ...KEEP, LOKI_FLUSH_STRATEGY: strategy } });
      environment.loki(204);
      await invocation(environment, 'a', 'success', 'DEBUG a1', 'INFO a2', 'DEBUG a3');
      await invocation(environment, 'b', 'success', 'DEBUG b1', 'INFO b2', 'ERROR b3', 'DEBUG b4');
      await invocation(environment, 'c', 'timeout', 'DEBUG c1', 'INFO c2', 'DEBUG c3');
      await environment.shutdown();
      await environment.platform.advance(3000);
      await environment.ended;
      assert.deepEqual(inLoki(environment), [
        'INFO a2',
        ...['DEBUG b1', 'INFO b2', 'ERROR b3', 'DEBUG b4'],
        ...['DEBUG c1', 'INFO c2', 'DEBUG c3'],
      ]);
    });

    it('ships those of an invocation that was cut off', async () => {
      const environment = new FakeEnvironment({ env: { ...KEEP, LOKI_FLUSH_STRATEGY: strategy } });
      environment.loki(204);
      await environment.invoke('a', 200);
      await environment.start('a');
      await environment.log('DEBUG a1', 'INFO a2');
      await environment.untilNext();
      await environment.shutdown('timeout');
      await environment.platform.advance(3000);
      await environment.ended;
      assert.deepEqual(inLoki(environment), ['DEBUG a1', 'INFO a2']);
    });
  });
}

it('lines that come free when the buffer is full keep its bound, and what goes for them is counted', async () => {
  const bound = 40_000;
  const env = {
    ...KEEP,
    LOKI_BUFFER_MAX_BYTES: String(bound),
    LOKI_LOG_TYPES: 'function',
    LOKI_FLUSH_TIMEOUT_MS: '100',
  };
  const environment = new FakeEnvironment({ env });
  environment.diagnostics.level = 'info';
  environment.lokiHangs();
  await environment.invoke('a', 2000);
  await environment.start('a');
  await environment.log(...Array.from({ length: 130 }, (_, i) => `INFO ${i}`));
  await environment.log(...Array.from({ length: 200 }, (_, i) => `DEBUG ${i}`));
  assert.equal(environment.buffer.lines, 130);
  await environment.log('ERROR x');
  await environment.platform.advance(3000);
  assert.equal(environment.buffer.resident <= bound, true, `${environment.buffer.resident} bytes`);
  await environment.shutdown();
  await environment.platform.advance(3000);
  await environment.ended;

  const said = environment.platform.stderrLines.join('\n');
  const sum = (pattern: RegExp): number =>
    [...said.matchAll(pattern)].reduce((all, [, number]) => all + Number(number), 0);
  const kept = sum(/(\d+) kept for a failed invocation/g);
  assert.equal(sum(/LOKI_MIN_LEVEL: (\d+) dropped/g) + kept, 200, said);
  assert.equal(kept > 20, true, said);
  // All but those are lost, as Loki hangs: the error, and the line about those that are missing.
  const lost = sum(/dropped (\d+) of the oldest lines/g) + sum(/ends with (\d+) lines/g);
  assert.equal(lost, 130 + kept + 2, said);
});

it('finds the invocation of a line where request ids are not sent along', async () => {
  const environment = new FakeEnvironment({ env: { ...KEEP, LOKI_EXTRACT_REQUEST_ID: 'false' } });
  environment.loki(204);
  await invocation(environment, 'a', 'success', 'DEBUG a1');
  await invocation(environment, 'b', 'error', 'DEBUG b1');
  assert.deepEqual(inLoki(environment), ['DEBUG b1']);
  assert.deepEqual(new Set(environment.stored.map(({ requestId }) => requestId)), new Set([undefined]));
});

it('masks what is longer than a line may be, before it is split', async () => {
  const rules = [{ type: 'mask_sequences', name: 'm', pattern: '4\\d{15}', replace_placeholder: '#' }];
  const environment = new FakeEnvironment({ env: { LOKI_RULES: JSON.stringify(rules), LOKI_MAX_LINE_SIZE: '64' } });
  environment.loki(204);
  await invocation(environment, 'a', 'success', `${'x'.repeat(56)}4111111111111111${'y'.repeat(20)}`);
  assert.equal(inLoki(environment).join(''), `${'x'.repeat(56)}#${'y'.repeat(20)}`);
});
