import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { nodeFunction } from '../functions';
import { type FakeLoki, faults, startFakeLoki } from '../../sandbox/loki';
import { environmentWithLayer } from '../support/e2e';

const running: FakeLoki[] = [];
after(() => Promise.all(running.map((one) => one.stop())));

async function loki(): Promise<FakeLoki> {
  const started = await startFakeLoki();
  running.push(started);
  return started;
}

const own = async (fake: FakeLoki): Promise<string[]> =>
  (await fake.lines()).map(({ line }) => line).filter((line) => line.includes('[lambdawatch] '));

for (const types of ['function,platform', 'function,platform,extension']) {
  it(`the extension's own warnings reach Loki once, with LOKI_LOG_TYPES=${types}`, async (t) => {
    const fake = await loki();
    const environment = await environmentWithLayer(fake, {
      runtime: nodeFunction(),
      environment: { LOKI_SHIP_DIAGNOSTICS: 'true', LOKI_LOG_TYPES: types, LOKI_BATCH_SIZE: 'many' },
    });
    t.after(() => environment.close());
    await environment.invoke({ write: [{ text: 'an order' }] });
    await environment.shutdown();
    const lines = await own(fake);
    assert.equal(lines.length, 1, lines.join('\n'));
    assert.match(lines[0], /^\[lambdawatch\] warn: LOKI_BATCH_SIZE: "many" is not a whole number/);
  });
}

it('they stay on stderr unless they are wanted in Loki', async (t) => {
  const fake = await loki();
  const environment = await environmentWithLayer(fake, {
    runtime: nodeFunction(),
    environment: { LOKI_BATCH_SIZE: 'many' },
  });
  t.after(() => environment.close());
  await environment.invoke({ write: [{ text: 'an order' }] });
  await environment.shutdown();
  assert.deepEqual(await own(fake), []);
  assert.match(environment.extensionStderr, /LOKI_BATCH_SIZE/);
});

it('a Loki that refuses every push gets no loop of warnings about warnings', async (t) => {
  const fake = await loki();
  fake.script({ fault: faults.badRequest() });
  const environment = await environmentWithLayer(fake, {
    runtime: nodeFunction(),
    environment: { LOKI_SHIP_DIAGNOSTICS: 'true', LOKI_FLUSH_INTERVAL_MS: '20' },
  });
  t.after(() => environment.close());
  for (let i = 0; i < 3; i++) await environment.invoke({ write: [{ text: `order ${i}` }], sleepMs: 500 });
  await environment.shutdown();
  const refused = fake.pushes.length;
  // Lines of the function and the platform come in a few pushes; the messages are at most five, and one of each kind.
  assert.ok(refused <= 20, `${refused} pushes`);
  assert.match(environment.extensionStderr, /refused/);
});
