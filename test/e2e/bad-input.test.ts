import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { startFakeLoki, type FakeLoki } from '../../sandbox/loki';
import { type Environment, freePort, scriptedRuntime } from '../../sandbox';
import { environmentWithLayer, functionLines } from '../support/e2e';

describe('bad input', () => {
  let loki: FakeLoki;
  let environment: Environment;
  let receiver = '';

  before(async () => {
    loki = await startFakeLoki({});
    const port = await freePort();
    receiver = `http://127.0.0.1:${port}`;
    // The invocation goes on until the test says so: the environment must not freeze while it is being abused.
    environment = await environmentWithLayer(loki, {
      functionName: 'abused',
      runtime: scriptedRuntime(() => new Promise((resolve) => (finish = resolve))),
      environment: { LOKI_TELEMETRY_PORT: String(port) },
    });
    invoked = environment.invoke();
    await post(JSON.stringify([{ time: new Date().toISOString(), type: 'function', record: 'received before' }]));
  });
  after(async () => {
    await environment.close();
    await loki.stop();
  });

  let finish: (value: unknown) => void = () => undefined;
  let invoked: Promise<unknown> = Promise.resolve();

  async function post(body: string | Uint8Array, path = '/', method = 'POST'): Promise<number> {
    const response = await fetch(receiver + path, { method, body: method === 'GET' ? undefined : body });
    await response.arrayBuffer();
    return response.status;
  }

  for (const [what, body] of [
    ['no JSON', 'not JSON'],
    ['nothing', ''],
    ['an object', '{}'],
    ['a number', '7'],
    ['half of it', '[{"time":"2026'],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x00])],
    ['brackets 100 000 deep', '['.repeat(100_000)],
  ] as const) {
    it(`answers a delivery that is ${what} with 200, so that it is not sent again`, async () => {
      assert.equal(await post(body), 200);
    });
  }

  it('takes what can be taken of a delivery with odd records', async () => {
    const odd = [
      null,
      1,
      'text',
      [],
      {},
      { type: 'function' },
      { type: 7, record: 'x' },
      { type: 'platform.unknown', record: {} },
      { type: 'platform.report' },
      { type: 'platform.report', record: null },
      { type: 'platform.start', record: { requestId: {} } },
      { time: 'yesterday', type: 'function', record: 'a bad time' },
      { time: {}, type: 'function', record: 'no time' },
      { type: 'platform.runtimeDone', record: { requestId: 'another one' } },
      { type: 'platform.fault', record: 5 },
    ];
    assert.equal(
      await post(
        JSON.stringify([...odd, { time: new Date().toISOString(), type: 'function', record: 'after the odd ones' }]),
      ),
      200,
    );
  });

  it('answers other paths and methods', async () => {
    assert.equal(await post('[]', '/elsewhere'), 404);
    assert.equal(await post('[]', '/', 'GET'), 405);
    assert.equal(await post('[]', '/', 'DELETE'), 405);
  });

  it('takes a delivery of 2 MB and refuses one of 5 MB', async () => {
    const line = 'z'.repeat(200_000);
    assert.equal(
      await post(
        JSON.stringify(
          Array.from({ length: 10 }, (_, i) => ({
            time: new Date().toISOString(),
            type: 'function',
            record: `big ${i} ${line}`,
          })),
        ),
      ),
      200,
    );
    // The connection may end before all of the body is out.
    assert.ok([413, 'cut'].includes(await post(' '.repeat(5_000_000)).catch(() => 'cut' as const)));
  });

  it('lives through something that is not HTTP', async () => {
    await new Promise<void>((resolve, reject) => {
      const socket = connect(Number(new URL(receiver).port), '127.0.0.1', () =>
        socket.write('\u0000\u0001GARBAGE\r\n\r\n'),
      );
      socket
        .on('data', () => undefined)
        .on('close', () => resolve())
        .on('error', reject);
    });
    assert.equal(await post('[]'), 200);
  });

  // As many at a time as it serves: beyond that a client that is silent for 100 ms gives way, which this process may be
  // when it is busy.
  it('answers a thousand connections, 120 at a time', async () => {
    const event = (i: number): string =>
      JSON.stringify([{ time: new Date().toISOString(), type: 'function', record: `connection ${i}` }]);
    const statuses: string[] = [];
    for (let from = 0; from < 1000; from += 120) {
      const group = Array.from({ length: Math.min(120, 1000 - from) }, (_, i) => onOwnConnection(event(from + i)));
      statuses.push(...(await Promise.all(group)));
    }
    assert.deepEqual([...new Set(statuses)], ['HTTP/1.1 200 OK']);
  });

  it('has lost nothing of what it received, and the function has not noticed', async () => {
    finish('done');
    assert.equal(((await invoked) as { status: string }).status, 'success');
    assert.deepEqual((await environment.shutdown()).extensionExitCodes, { lambdawatch: 0 });
    const lines = functionLines(await loki.lines(), 'abused').map(({ line }) => line);
    for (const one of ['received before', 'a bad time', 'no time', 'after the odd ones'])
      assert.ok(lines.includes(one), one);
    assert.equal(lines.filter((line) => line.startsWith('big ')).length, 10);
    assert.equal(new Set(lines.filter((line) => line.startsWith('connection '))).size, 1000);
  });

  function onOwnConnection(body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(receiver).port), '127.0.0.1');
      let answer = '';
      socket.on('connect', () =>
        socket.write(
          `POST / HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        ),
      );
      socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
      socket.on('close', () => resolve(answer.split('\r\n', 1)[0]));
      socket.on('error', reject);
    });
  }
});
