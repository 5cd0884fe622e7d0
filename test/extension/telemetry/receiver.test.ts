import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { Diagnostics } from '../../../extension/diagnostics';
import { platformError } from '../../../extension/platform/errors';
import { type Receiver, startReceiver } from '../../../extension/telemetry/receiver';
import { RECORD } from '../../../extension/lambda/events';
import type { JsonRows } from '../../../extension/platform/types';
import { delivery } from '../support/builders';
import { FakePlatform, type FakeServer } from '../support/fake-platform';

type Accept = (events: JsonRows) => Promise<void>;

/** A delivery of records. */
const rowsOf = (...records: string[]): JsonRows => delivery(records.map((record) => ({ record })));
const NONE = rowsOf();
const recordsOf = (rows: JsonRows): (string | undefined)[] =>
  Array.from({ length: rows.count() }, (_, row) => rows.text(row, RECORD));

async function start(
  accept: Accept = async () => undefined,
  { port = 4327, platform = new FakePlatform() } = {},
): Promise<{
  platform: FakePlatform;
  receiver: Receiver | undefined;
  server: FakeServer;
}> {
  const receiver = await startReceiver(platform, new Diagnostics(platform), port, accept);
  return { platform, receiver, server: platform.servers[0] };
}

test('listens on the port of the settings, with bounds, and asks for what is looked at', async () => {
  const { receiver, server, platform } = await start();
  assert.equal(receiver?.port, 4327);
  assert.deepEqual(server.options.members, ['time', 'type', 'record']);
  assert.ok(server.options.maxBodyBytes >= 2 * 1024 * 1024, 'Lambda sends up to twice its 1 MiB');
  assert.deepEqual(platform.stderrLines, []);
});

test('a delivery is answered 200, when its lines have been taken in', async () => {
  let takenIn = false;
  const { platform, server } = await start(async () => {
    await new Promise<void>((resolve) => platform.setTimer(100, resolve));
    takenIn = true;
  });
  assert.deepEqual(await platform.until(server.send({ rows: NONE })), { status: 200 });
  assert.ok(takenIn);
});

test('two deliveries at once are taken in one after the other, in the order of arrival', async () => {
  const order: string[] = [];
  const { platform, server, receiver } = await start(async (rows) => {
    const [name, ms] = recordsOf(rows);
    order.push(`${name} begins`);
    await new Promise<void>((resolve) => platform.setTimer(Number(ms), resolve));
    order.push(`${name} ends`);
  });
  const answers = Promise.all([
    server.send({ rows: rowsOf('first', '50') }),
    server.send({ rows: rowsOf('second', '1') }),
  ]);
  await platform.until(receiver!.settled());
  assert.deepEqual(order, ['first begins', 'first ends', 'second begins', 'second ends']);
  assert.deepEqual(await answers, [{ status: 200 }, { status: 200 }]);
});

test('another path is 404 and another method 405; neither reaches the intake', async () => {
  const { server } = await start(async () => assert.fail('reached'));
  for (const path of ['/telemetry', '/x?y', '//', ''])
    assert.equal((await server.send({ path, rows: NONE })).status, 404, path);
  for (const method of ['GET', 'PUT', 'DELETE', 'HEAD'])
    assert.equal((await server.send({ method, rows: NONE })).status, 405, method);
  assert.equal((await server.send({ method: 'GET', path: '/telemetry' })).status, 404);
});

test('a query on the path does no harm', async () => {
  const { server } = await start();
  assert.equal((await server.send({ path: '/?a=b', rows: NONE })).status, 200);
});

test('what is no JSON array is left out, said once, and answered 200 so that it does not come again', async () => {
  const { platform, server } = await start(async () => assert.fail('reached'));
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(await server.send({ rows: undefined, bodyBytes: 77 }), { status: 200 });
  }
  assert.equal(platform.stderrLines.length, 1);
  assert.match(platform.stderrLines[0], /77 bytes is not a JSON array/);
});

test('a delivery that could not be taken in does not stop the next', async () => {
  let calls = 0;
  const { server, receiver } = await start(async () => {
    if (calls++ === 0) throw new Error('boom');
  });
  await assert.rejects(server.send({ rows: NONE }), /boom/);
  await receiver!.settled();
  assert.deepEqual(await server.send({ rows: NONE }), { status: 200 });
});

test('Lambda may have several connections', async () => {
  const { server } = await start();
  assert.ok(server.options.maxConnections >= 8, String(server.options.maxConnections));
});

describe('a delivery that is sent again', () => {
  const takenIn: (string | undefined)[] = [];
  const accept: Accept = async (events) => void takenIn.push(...recordsOf(events));
  beforeEach(() => void takenIn.splice(0));

  test('because its answer was lost, is answered 200 and taken in once', async () => {
    const { server } = await start(accept);
    for (const [record, digest] of [
      ['a', '1'],
      ['b', '2'],
      ['a', '1'],
      ['b', '2'],
      ['a', '1'],
    ] as const) {
      assert.deepEqual(await server.send({ rows: rowsOf(record), digest }), { status: 200 });
    }
    assert.deepEqual(takenIn, ['a', 'b']);
  });

  test('while the first is still waiting for room, waits with it', async () => {
    let roomy!: () => void;
    const room = new Promise<void>((resolve) => (roomy = resolve));
    const { platform, server } = await start(async (events) => room.then(() => accept(events)));
    const answered: string[] = [];
    const send = (name: string): void => {
      void server.send({ rows: rowsOf('a'), digest: '1' }).then(({ status }) => answered.push(`${name} ${status}`));
    };
    send('first');
    send('again');
    await platform.settle();
    assert.deepEqual(answered, []);
    roomy();
    await platform.settle();
    assert.deepEqual(answered, ['first 200', 'again 200']);
    assert.deepEqual(takenIn, ['a']);
  });

  test('after the first could not be taken in, is taken in', async () => {
    let calls = 0;
    const { server } = await start(async (events) => {
      if (calls++ === 0) throw new Error('boom');
      await accept(events);
    });
    await assert.rejects(server.send({ rows: rowsOf('a'), digest: '1' }), /boom/);
    assert.deepEqual(await server.send({ rows: rowsOf('a'), digest: '1' }), { status: 200 });
    assert.deepEqual(takenIn, ['a']);
  });

  test('after a freeze of an hour, and after other deliveries, is known', async () => {
    const { platform, server } = await start(accept);
    await server.send({ rows: rowsOf('a'), digest: 'a' });
    for (let i = 0; i < 10; i++) await server.send({ rows: rowsOf(String(i)), digest: String(i) });
    await platform.freeze(3_600_000);
    await server.send({ rows: rowsOf('a'), digest: 'a' });
    assert.equal(takenIn.filter((event) => event === 'a').length, 1);
  });

  test('is another one when Managed Instances number it differently', async () => {
    const { server } = await start(accept);
    assert.deepEqual(server.options.headerNames, ['sequence-id']);
    for (const id of ['x', 'y', 'x'])
      await server.send({ rows: rowsOf(id), digest: '1', headers: { 'sequence-id': id } });
    assert.deepEqual(takenIn, ['x', 'y']);
  });

  test('is remembered for a bounded time only', async () => {
    const { server } = await start(accept);
    await server.send({ rows: rowsOf('a'), digest: 'a' });
    for (let i = 0; i < 1000; i++) await server.send({ rows: NONE, digest: String(i) });
    await server.send({ rows: rowsOf('a'), digest: 'a' });
    assert.deepEqual(takenIn, ['a', 'a']);
  });
});

test('a taken port: the next one is used and the operator told', async () => {
  const platform = new FakePlatform();
  for (const port of [4327, 4328]) platform.takenPorts.add(port);
  const { receiver } = await start(undefined, { platform });
  assert.equal(receiver?.port, 4329);
  assert.equal(platform.stderrLines.length, 1);
  assert.match(platform.stderrLines[0], /port 4327 is taken.*port 4329.*LOKI_TELEMETRY_PORT/);
});

test('many taken ports: any free one', async () => {
  const platform = new FakePlatform();
  for (let port = 4327; port < 4400; port++) platform.takenPorts.add(port);
  const { receiver } = await start(undefined, { platform });
  assert.equal(receiver?.port, 40_000);
});

test("neither a port above the last one nor Lambda's own 9001 is tried", async () => {
  for (const port of [65_534, 8999]) {
    const platform = new FakePlatform();
    const tried: number[] = [];
    platform.takenPorts.has = (one) => {
      tried.push(one);
      return one !== 0;
    };
    await start(undefined, { platform, port });
    assert.equal(tried.at(-1), 0);
    assert.ok(
      tried.every((one) => one <= 65_535 && one !== 9001),
      String(tried),
    );
  }
});

test('no port to be had: no receiver, one line on stderr, no exception', async () => {
  for (const code of ['EADDRINUSE', 'EACCES'] as const) {
    const platform = new FakePlatform();
    Object.assign(platform, { serve: async () => Promise.reject(platformError(code, 'sorry')) });
    const { receiver } = await start(undefined, { platform });
    assert.equal(receiver, undefined);
    assert.equal(platform.stderrLines.length, 1);
    assert.match(platform.stderrLines[0], /no logs are shipped; the function is not affected/);
  }
});

test('closing it closes the listener', async () => {
  const { receiver, server } = await start();
  receiver!.close();
  assert.ok(server.closed);
});
