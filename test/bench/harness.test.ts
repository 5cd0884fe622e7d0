import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, test } from 'node:test';
import { isStatic } from '../../bench/elf';
import { Harness } from '../../bench/harness';
import { readPushes } from '../../bench/pushes';
import { scriptFor } from '../../bench/telemetry';

/** How long the stand-in sits on each invocation after its last line is in Loki. */
const HELD_MS = 40;

/** An extension of a few lines: one push a delivery, then a rest, then `/next`. */
const STAND_IN = `#!${process.execPath}
const http = require('node:http');
const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API;
const headers = { 'Lambda-Extension-Name': 'stand-in', 'Lambda-Extension-Identifier': 'x', 'Content-Type': 'application/json' };
let over = () => {};
const server = http.createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  response.end();
  const events = JSON.parse(body);
  const values = events.filter(({ type }) => type === 'function').map(({ time, record }) => [String(Date.parse(time)), record.trimEnd()]);
  if (process.env.TELL) console.error('age ' + (Date.now() - Date.parse(events[events.length - 1].time)));
  if (process.env.HASTY) over();
  await fetch(process.env.PUSH_URL, { method: 'POST', headers, body: JSON.stringify({ streams: [{ stream: {}, values }] }) });
  if (events.some(({ type }) => type === 'platform.runtimeDone')) setTimeout(over, ${HELD_MS});
});
server.listen(0, async () => {
  await fetch(api + '/2020-01-01/extension/register', { method: 'POST', headers, body: '{"events":["INVOKE","SHUTDOWN"]}' });
  const URI = 'http://sandbox.localdomain:' + server.address().port + '/logs';
  await fetch(api + '/2022-07-01/telemetry', { method: 'PUT', headers, body: JSON.stringify({ destination: { protocol: 'HTTP', URI } }) });
  for (;;) {
    const { eventType } = await (await fetch(api + '/2020-01-01/extension/event/next', { headers })).json();
    if (eventType === 'SHUTDOWN') process.exit(0);
    if (process.env.DIE) { console.error('out of ideas'); process.exit(3); }
    await new Promise((resolve) => { over = resolve; });
  }
});
`;

let folder: string;
let harness: Harness;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'lambdawatch-harness-'));
  harness = await Harness.ensure((line) => console.log(line));
  await fs.writeFile(path.join(folder, 'stand-in'), STAND_IN, { mode: 0o755 });
  await fs.writeFile(path.join(folder, 'script'), scriptFor({ invocations: 3, lines: 40 }).content);
});

after(() => fs.rm(folder, { recursive: true }));

function run(env: Record<string, string>, lokiLatencyMs = 0) {
  const [executable, script, pushes, log] = ['stand-in', 'script', 'pushes', 'log'].map((name) =>
    path.join(folder, name),
  );
  return harness.run({
    executable,
    script,
    pushes,
    log,
    lokiLatencyMs,
    limitMs: 20_000,
    env: { PUSH_URL: '{endpoint}', ...env },
  });
}

test("the time that an invocation is held has Loki's latency and the extension's own rest in it", async () => {
  const { invocations, startNs, shutdown } = await run({}, 25);
  assert.equal(invocations.length, 3);
  for (const { heldNs, wallNs, pushes, cpuNs } of invocations) {
    assert.ok(heldNs / 1e6 >= 25 + HELD_MS - 1, `held ${heldNs / 1e6} ms`);
    assert.ok(wallNs >= heldNs);
    assert.equal(pushes, 1);
    assert.ok(cpuNs > 0 && cpuNs < wallNs + 1e9);
  }
  // Node.js itself takes longer than this to start, and a clock in another unit would show here.
  assert.ok(startNs / 1e6 > 5 && startNs / 1e6 < 20_000, `start ${startNs / 1e6} ms`);
  assert.equal(shutdown?.exitCode, 0);
});

test('all lines that were pushed are counted', async () => {
  const { memory } = await run({});
  const arrived = readPushes(await fs.readFile(path.join(folder, 'pushes')), 40);
  assert.equal(arrived.lines, 120);
  assert.equal(arrived.linesInTime, 120);
  assert.ok(memory.peakKb >= memory.residentKb && memory.residentKb > 10_000, JSON.stringify(memory));
});

test('an extension that calls /next before its lines are in Loki is found out', async () => {
  const { invocations } = await run({ HASTY: '1' }, 400);
  assert.ok(invocations[1].heldNs / 1e6 < 400, `held ${invocations[1].heldNs / 1e6} ms`);
  const { linesInTime } = readPushes(await fs.readFile(path.join(folder, 'pushes')), 40);
  assert.equal(linesInTime, 0);
});

test('events are of the moment of their delivery, however old the script is', async () => {
  await fs.writeFile(
    path.join(folder, 'script'),
    scriptFor({ invocations: 3, lines: 40 }, Date.UTC(2020, 1, 29)).content,
  );
  await run({ TELL: '1' });
  const ages = (await fs.readFile(path.join(folder, 'log'), 'utf8')).match(/(?<=age )-?\d+/g)?.map(Number) ?? [];
  assert.equal(ages.length, 3);
  for (const age of ages) assert.ok(age >= 0 && age < 2000, `${age} ms old`);
});

test('an extension that dies is reported with its last words', async () => {
  await assert.rejects(run({ DIE: '1' }), /ended by itself(\n|.)*out of ideas/);
});

test('the floor is a static executable that gets to /next', async () => {
  const { startNs, invocations } = await harness.run({
    executable: harness.floor,
    env: {},
    log: path.join(folder, 'log'),
  });
  assert.ok(startNs > 0);
  assert.equal(invocations.length, 0);
  assert.equal(await isStatic(harness.floor), true);
});
