import assert from 'node:assert/strict';
import * as http from 'node:http';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { postPush, pushOf } from './client';
import { startFakeLoki, startTcpProxy, type FakeLoki, type TcpProxy } from '../../../sandbox/loki';

describe('a TCP proxy in front of Loki', () => {
  let fake: FakeLoki;
  let proxy: TcpProxy;
  let agent: http.Agent;
  const post = async (line: string, timeoutMs?: number) =>
    (await postPush(proxy.through(fake.pushUrl), pushOf(line), { agent, timeoutMs })).status;
  const storedLines = () => fake.stored.map(({ line }) => line);

  beforeEach(async () => {
    fake = await startFakeLoki();
    proxy = await startTcpProxy({ target: fake.pushUrl });
    agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  });
  afterEach(async () => {
    agent.destroy();
    await proxy.stop();
    await fake.stop();
  });

  it('passes requests on, many over one connection', async () => {
    assert.deepEqual([await post('a'), await post('b')], [204, 204]);
    assert.equal(proxy.opened, 1);
    assert.equal(fake.connections.opened, 1);
    assert.deepEqual(storedLines(), ['a', 'b']);
  });

  it('passes large bodies on', async () => {
    const line = 'é'.repeat(100_000);
    assert.equal(await post(line), 204);
    assert.deepEqual(storedLines(), [line]);
  });

  it('makes an open connection silently dead, while a new one works', async () => {
    await post('a');
    proxy.setOpenConnections('black-hole');
    await assert.rejects(post('lost', 60), { code: 'TIMEOUT' });
    assert.equal(await post('b'), 204);
    assert.deepEqual(storedLines(), ['a', 'b']);
    assert.equal(proxy.opened, 2);
  });

  it('keeps from a client that Loki closed a dead connection', async () => {
    await post('a');
    proxy.setOpenConnections('black-hole');
    fake.endConnections('close');
    await assert.rejects(post('lost', 60), { code: 'TIMEOUT' });
  });

  it('knows which answers of Loki have not come through', async () => {
    await post('a');
    fake.latencyMs = 100;
    const lost = assert.rejects(post('stored', 300), { code: 'TIMEOUT' });
    await fake.waitForPush(({ index, state }) => index === 1 && state === 'received', 1000);
    proxy.setOpenConnections('black-hole');
    await lost;
    fake.latencyMs = 0;
    await post('b');
    const swallowed = fake.pushes.map(({ clientPort, settledAt }) => proxy.hasSwallowed(clientPort, settledAt!));
    assert.deepEqual(
      [storedLines(), swallowed],
      [
        ['a', 'stored', 'b'],
        [false, true, false],
      ],
    );
  });

  it('takes new connections into a black hole', async () => {
    await proxy.setMode('black-hole');
    await assert.rejects(post('lost', 60), { code: 'TIMEOUT' });
    assert.equal(fake.connections.opened, 0);
  });

  it('resets an open connection at its next use', async () => {
    await post('a');
    proxy.setOpenConnections('reset-on-use');
    assert.equal(proxy.connections.length, 1, 'nothing happens before');
    await assert.rejects(post('lost'), { code: 'ECONNRESET' });
    assert.equal(await post('b'), 204);
    assert.deepEqual(storedLines(), ['a', 'b']);
  });

  for (const mode of ['reset', 'close'] as const) {
    it(`ends open connections: ${mode}`, async () => {
      await post('a');
      const socket = Object.values(agent.freeSockets)[0]![0]!;
      const ended = new Promise<string>((resolve) => {
        socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? ''));
        socket.once('close', () => resolve('closed'));
      });
      proxy.setOpenConnections(mode);
      assert.equal(await ended, mode === 'reset' ? 'ECONNRESET' : 'closed');
      assert.equal(await post('b'), 204);
      assert.equal(proxy.opened, 2);
    });
  }

  it('resets new connections', async () => {
    await proxy.setMode('reset');
    await assert.rejects(post('lost'), { code: 'ECONNRESET' });
  });

  it('refuses new connections and keeps the open ones', async () => {
    await post('a');
    await proxy.setMode('refuse');
    assert.equal(await post('b'), 204);
    await assert.rejects(postPush(proxy.through(fake.pushUrl), pushOf('c')), { code: 'ECONNREFUSED' });
    await proxy.setMode('pass');
    assert.equal((await postPush(proxy.through(fake.pushUrl), pushOf('d'))).status, 204);
  });

  it('adds its latency to a round trip', async () => {
    await post('warm');
    proxy.latencyMs = 60;
    const started = performance.now();
    await post('a');
    assert.ok(performance.now() - started >= 59);
  });

  it('passes on that Loki ended a connection', async () => {
    await post('a');
    const socket = Object.values(agent.freeSockets)[0]![0]!;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    fake.endConnections('close');
    await closed;
  });

  it('passes on that nothing listens', async () => {
    await fake.down();
    await assert.rejects(post('a'), { code: 'ECONNRESET' });
  });
});
