import assert from 'node:assert/strict';
import * as http from 'node:http';
import * as net from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import * as zlib from 'node:zlib';
import { postPush, pushOf } from './client';
import { faults, startFakeLoki, type FakeLoki } from '../../../sandbox/loki';

describe('a fake Loki that fails on demand', () => {
  let fake: FakeLoki;
  let agent: http.Agent;
  const post = async (body: string, timeoutMs?: number) => postPush(fake.pushUrl, body, { agent, timeoutMs });
  const storedLines = () => fake.stored.map(({ line }) => line);

  beforeEach(async () => {
    fake = await startFakeLoki();
    agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  });
  afterEach(async () => {
    agent.destroy();
    await fake.stop();
  });

  it('answers as told for so many requests, then is well again', async () => {
    fake.script({ fault: faults.unavailable(7), times: 2 });
    const answers = [await post(pushOf('a')), await post(pushOf('b')), await post(pushOf('c'))];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [503, 503, 204],
    );
    assert.equal(answers[0]!.headers['retry-after'], '7');
    assert.match(answers[0]!.headers['content-type']!, /html/);
    assert.match(answers[0]!.text, /<h1>503 /);
    assert.deepEqual(storedLines(), ['c']);
    assert.deepEqual(
      fake.pushes.map(({ fault }) => fault),
      ['answer 503', 'answer 503', undefined],
    );
  });

  for (const [name, fault, status, says] of [
    ['ingestion rate', faults.ingestionRate(), 429, /^ingestion rate limit exceeded for user/],
    ['per-stream rate', faults.perStreamRate(), 429, /reason: 'Per stream rate limit exceeded \(limit: 3MB\/sec\)/],
    ['stream limit', faults.streamLimit(), 429, /^maximum active stream limit exceeded/],
    ['resource exhausted', faults.resourceExhausted(), 500, /ResourceExhausted/],
    ['blocked', faults.ingestionBlocked(), 260, /^ingestion blocked/],
    ['too large', faults.tooLarge(), 413, /413 Request Entity Too Large/],
    ['forbidden', faults.forbidden(), 403, /403 Forbidden/],
  ] as const) {
    it(`says ${name} in Loki's words`, async () => {
      fake.script({ fault });
      const answer = await post(pushOf('a'));
      assert.equal(answer.status, status);
      assert.match(answer.text, says);
      assert.deepEqual(fake.stored, []);
    });
  }

  it('stores what is good and refuses the rest', async () => {
    fake.script({ fault: faults.partial() });
    assert.equal((await post(pushOf('a'))).status, 400);
    assert.deepEqual(storedLines(), ['a']);
  });

  it('takes the first rule that fits, by head and by content', async () => {
    fake.script([
      {
        fault: faults.badGateway(),
        whenContent: (streams) => streams.some(({ entries }) => entries.some(({ line }) => line === 'poison')),
      },
      { fault: faults.unavailable(), when: ({ requestOnConnection }) => requestOnConnection === 1 },
    ]);
    const statuses = [];
    for (const line of ['first', 'second', 'poison', 'last']) {
      statuses.push((await post(pushOf(line))).status);
    }
    assert.deepEqual(statuses, [503, 204, 502, 204]);
    assert.deepEqual(fake.connections.opened, 1);
  });

  it('never answers out of a black hole, and still knows what came', async () => {
    fake.script({ fault: { kind: 'black-hole' } });
    const request = assert.rejects(post(pushOf('a', 'b'), 80), { code: 'TIMEOUT' });
    const received = await fake.waitForPush(({ state }) => state === 'received');
    assert.equal(received.fault, 'black-hole');
    assert.equal(received.status, undefined);
    await request;
    const settled = await fake.waitForPush(({ state }) => state === 'aborted');
    assert.equal(settled.lines, 2);
    assert.deepEqual(fake.stored, []);
  });

  for (const at of ['head', 'body', 'response'] as const) {
    it(`resets the connection at the ${at}`, async () => {
      fake.script({ fault: { kind: 'reset', at }, times: 1 });
      await assert.rejects(post(pushOf('a')), (error: NodeJS.ErrnoException) =>
        /ECONNRESET|EPIPE/.test(error.code ?? ''),
      );
      assert.deepEqual(storedLines(), at === 'response' ? ['a'] : []);
      assert.equal((await post(pushOf('b'))).status, 204);
      assert.equal(fake.connections.opened, 2);
      assert.equal(fake.pushes[0]!.state, 'cut');
    });
  }

  it('stores and then cuts the connection, so that a retry is a duplicate', async () => {
    fake.script({ fault: { kind: 'store-then-cut' }, times: 1 });
    const body = pushOf('a', 'b');
    await assert.rejects(post(body), { code: 'ECONNRESET' });
    assert.deepEqual(storedLines(), ['a', 'b']);
    assert.equal((await post(body)).status, 204);
    assert.deepEqual(storedLines(), ['a', 'b']);
    assert.equal(fake.duplicates, 2);
    assert.deepEqual(
      fake.pushes.map(({ stored, duplicates }) => [stored, duplicates]),
      [
        [2, 0],
        [0, 2],
      ],
    );
  });

  it('drips its answer, whole in the end', async () => {
    fake.script({ fault: { kind: 'drip', everyMs: 5, chunkBytes: 10 }, times: 1 });
    const started = Date.now();
    assert.equal((await post(pushOf('a'))).status, 204);
    assert.ok(Date.now() - started >= 35, 'some eight chunks, 5 ms apart');
    assert.deepEqual(storedLines(), ['a']);
  });

  it('is as slow as told, at any time', async () => {
    const timed = async () => {
      const started = performance.now();
      await post(pushOf('x'));
      return performance.now() - started;
    };
    await timed();
    fake.latencyMs = 60;
    assert.ok((await timed()) >= 59);
    fake.latencyMs = 0;
    fake.script({ fault: { kind: 'pass' }, delayMs: 40, times: 1 });
    assert.ok((await timed()) >= 39);
    await timed();
    assert.deepEqual(
      fake.pushes.slice(-2).map(({ fault }) => fault),
      ['pass', undefined],
    );
  });

  it('refuses connections while down, and is back on the same port with its lines', async () => {
    await post(pushOf('a'));
    const { pushUrl } = fake;
    await fake.down();
    await assert.rejects(postPush(fake.pushUrl, pushOf('b')), { code: 'ECONNREFUSED' });
    await fake.up();
    assert.equal(fake.pushUrl, pushUrl);
    assert.equal((await postPush(fake.pushUrl, pushOf('c'))).status, 204);
    assert.deepEqual(storedLines(), ['a', 'c']);
  });

  it('can go down and leave the open connections', async () => {
    await post(pushOf('a'));
    await fake.down({ connections: 'keep' });
    assert.equal((await post(pushOf('b'))).status, 204, 'on the connection from before');
    await assert.rejects(postPush(fake.pushUrl, pushOf('c')), { code: 'ECONNREFUSED' });
  });

  for (const how of ['close', 'reset'] as const) {
    it(`ends idle connections: ${how}`, async () => {
      const socket = net.connect(fake.port, '127.0.0.1');
      socket.setEncoding('utf8');
      const body = pushOf('a');
      socket.write(
        `POST /loki/api/v1/push HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      const [answer] = await new Promise<string[]>((resolve) => socket.once('data', (text: string) => resolve([text])));
      assert.match(answer!, /^HTTP\/1\.1 204 /);
      const ended = new Promise<string>((resolve) => {
        socket.once('end', () => resolve('close'));
        socket.once('error', ({ code }: NodeJS.ErrnoException) =>
          resolve(code === 'ECONNRESET' ? 'reset' : String(code)),
        );
      });
      fake.endIdleConnections(how);
      assert.equal(await ended, how);
      socket.destroy();
    });
  }

  it('does not end connections that are at work when it ends the idle ones', async () => {
    fake.latencyMs = 50;
    const answer = post(pushOf('a'));
    await fake.waitForPush(({ state }) => state === 'received');
    fake.endIdleConnections('reset');
    assert.equal((await answer).status, 204);
  });

  it('records what was on the wire', async () => {
    const body = pushOf('a'.repeat(5_000), 'b');
    const zipped = zlib.gzipSync(body);
    const url = new URL(fake.pushUrl);
    await new Promise<void>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip', 'x-test': 'yes' };
      http
        .request(url, { method: 'POST', agent, headers }, (response) => response.resume().once('end', resolve))
        .once('error', reject)
        .end(zipped);
    });
    const [push] = fake.pushes;
    assert.deepEqual(push!.body, zipped);
    assert.equal(push!.wireBytes, zipped.length);
    assert.equal(push!.uncompressedBytes, body.length);
    assert.equal(push!.lines, 2);
    assert.equal(push!.streams, 1);
    assert.equal(push!.status, 204);
    assert.equal(push!.headers['x-test'], 'yes');
    assert.equal(push!.connectionId, 1);
    assert.ok(push!.settledAt! >= push!.receivedAt);
  });

  it('tells how many lines there were when too few came', async () => {
    await post(pushOf('a', 'b'));
    assert.equal((await fake.waitForLines(2)).length, 2);
    await assert.rejects(fake.waitForLines(3, 20), /2 lines stored in place of 3/);
    const later = fake.waitForLines(3);
    await post(pushOf('c'));
    assert.equal((await later).length, 3);
  });
});

describe('a fake Loki behind a gateway', () => {
  it('wants the credentials it was given', async () => {
    const fake = await startFakeLoki({ credentials: { username: 'user', password: 'päss' } });
    try {
      const basic = `Basic ${Buffer.from('user:päss').toString('base64')}`;
      assert.equal((await postPush(fake.pushUrl, pushOf('a'))).status, 401);
      assert.equal((await postPush(fake.pushUrl, pushOf('a'), { headers: { authorization: 'Bearer x' } })).status, 401);
      assert.equal((await postPush(fake.pushUrl, pushOf('a'), { headers: { authorization: basic } })).status, 204);
    } finally {
      await fake.stop();
    }
  });

  it('refuses bodies over its limit', async () => {
    const fake = await startFakeLoki({ limits: { maxBodyBytes: 1_000 } });
    try {
      assert.equal((await postPush(fake.pushUrl, pushOf('x'.repeat(2_000)))).status, 413);
      assert.equal((await postPush(fake.pushUrl, pushOf('x'.repeat(500)))).status, 204);
    } finally {
      await fake.stop();
    }
  });

  it('lets a tenant send again when its rate allows', async () => {
    let now = Date.now();
    const fake = await startFakeLoki({ limits: { ingestionRate: 1_000, ingestionBurstSize: 1_500 }, now: () => now });
    try {
      assert.equal((await postPush(fake.pushUrl, pushOf('x'.repeat(1_000)))).status, 204);
      assert.equal((await postPush(fake.pushUrl, pushOf('x'.repeat(1_000)))).status, 429);
      now += 600;
      assert.equal((await postPush(fake.pushUrl, pushOf('x'.repeat(1_000)))).status, 204);
    } finally {
      await fake.stop();
    }
  });
});
