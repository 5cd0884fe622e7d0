import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { LokiBuildError } from '../loki/build';
import { FakeLoki, startFakeLoki } from '../../sandbox/loki';
import { startRealLoki } from '../loki/real';
import { builtCli, CommandLine, reasonToSkip } from './support';

interface Summary {
  readonly invocations: number;
  readonly failed: number;
  readonly linesWritten: number;
  readonly linesMissing: number;
  readonly refusals: readonly string[];
  readonly results: readonly { response?: unknown; status: string; error?: { errorType: string } }[];
}

const NODE = `
let last = Date.now(), gap = 0;
setInterval(() => { gap = Math.max(gap, Date.now() - last); last = Date.now(); }, 10);
exports.handler = async (event) => {
  await new Promise((resolve) => setTimeout(resolve, 50));
  console.log('order', event.id);
  if (event.fail) throw new TypeError('no such order');
  if (event.hang) await new Promise(() => undefined);
  const longest = gap; gap = 0;
  return { id: event.id, gap: longest };
};
`;
const PYTHON = `
import sys
def handler(event, context):
    print("order", event["id"])
    print("no", file=sys.stderr)
    if event.get("fail"):
        raise ValueError("no such order")
    return context.function_name
`;

describe('lambdawatch run', () => {
  let cli: CommandLine;
  let loki: FakeLoki;
  let folder = '';
  let skip: string | undefined;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'orders-'));
    writeFileSync(join(folder, 'index.js'), NODE);
    writeFileSync(join(folder, 'app.py'), PYTHON);
    writeFileSync(join(folder, 'events.jsonl'), '{"id": 1}\n{"id": 2}\n');
    try {
      cli = new CommandLine(await builtCli(), '');
      loki = await startFakeLoki({ credentials: { username: 'me', password: 'geheim' } });
    } catch (error) {
      skip = reasonToSkip(error);
    }
  });
  after(() => loki?.stop());

  const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}, input?: string): ReturnType<CommandLine['run']> =>
    cli.run(['run', '--folder', folder, '--timeout', '10', ...args], {
      env: { AWS_ENDPOINT_URL: undefined, ...env },
      input,
    });

  it('shows the lines of a handler of Node.js as a stand-in for Loki stores them', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const { code, stdout, stderr } = await run([
      '--handler',
      'index.handler',
      '--event',
      '@' + join(folder, 'events.jsonl'),
    ]);
    assert.equal(code, 0, stderr);
    for (const id of [1, 2])
      assert.match(stdout, new RegExp(`^ {2}\\S+ [0-9a-f]{8} \\S+\\t[0-9a-f-]{36}\\tINFO\\torder ${id}$`, 'm'));
    assert.match(stdout, /^ {2}\S+ [0-9a-f]{8} REPORT RequestId/m);
    assert.match(stdout, /^2 invocations, 0 failed$/m);
  });

  it('sends those of a handler of Python to a store of which it knows the push API alone, with credentials', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const args = [
      '--handler',
      'app.handler',
      '--event',
      '{"id": 7}',
      '--endpoint',
      loki.pushUrl,
      '--labels',
      'team=shop',
      '--json',
    ];
    const ran = await run(args, { LOKI_USERNAME: 'me', LOKI_PASSWORD: 'geheim' });
    assert.equal(ran.code, 0, ran.stderr);
    assert.doesNotMatch(ran.stdout + ran.stderr, /geheim/);
    const lines = await loki.lines();
    for (const text of ['order 7', 'no']) {
      const stored = lines.find(({ line }) => line === text);
      assert.equal(stored?.labels.team, 'shop');
      assert.match(stored?.metadata.request_id ?? '', /^[0-9a-f-]{36}$/);
    }
  });

  it('freezes the function between invocations', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const ran = await run([
      '--handler',
      'index.handler',
      '--event',
      '{"id": 1}',
      '--times',
      '2',
      '--pause',
      '900',
      '--json',
    ]);
    const { results } = JSON.parse(ran.stdout) as Summary;
    const gap = (results[1].response as { gap: number }).gap;
    assert.ok(gap >= 800, `a timer of 10 ms was silent for ${gap} ms at most`);
  });

  it('runs any command that speaks the Runtime API', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const script = join(folder, 'bootstrap');
    const api = 'http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation';
    writeFileSync(
      script,
      `#!/bin/sh
while :; do
  id=$(curl -s -D - -o /dev/null ${api}/next | tr -d '\\r' | sed -n 's/^[Ll]ambda-[Rr]untime-[Aa]ws-[Rr]equest-[Ii]d: //p')
  echo "from a shell"
  curl -s -d '"ok"' ${api}/$id/response >/dev/null
done
`,
    );
    chmodSync(script, 0o755);
    const { code, stdout, stderr } = await run(['--', script]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /[0-9a-f]{8} from a shell$/m);
  });

  it("runs the extension on Node.js where the executable can't, and says so", async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const { code, stdout, stderr } = await run([
      '--handler',
      'app.handler',
      '--event',
      '{"id": 3}',
      '--node-extension',
    ]);
    assert.equal(code, 0);
    assert.match(stderr, /runs on Node\.js here: the same code as in the layer, but larger and slower/);
    assert.match(stdout, /[0-9a-f]{8} order 3$/m);
  });

  for (const [what, args, status, type] of [
    [
      'an error of Node.js',
      ['--handler', 'index.handler', '--event', '{"id": 1, "fail": true}'],
      'success',
      'TypeError',
    ],
    ['an error of Python', ['--handler', 'app.handler', '--event', '{"id": 1, "fail": true}'], 'success', 'ValueError'],
    [
      'a timeout',
      ['--handler', 'index.handler', '--event', '{"id": 1, "hang": true}', '--timeout', '1'],
      'timeout',
      'Sandbox.Timedout',
    ],
  ] as const) {
    it(`ends with 1 after ${what}, whose lines are there all the same`, async (t) => {
      if (skip !== undefined) return t.skip(skip);
      const { code, stdout } = await run([...args, '--json']);
      const { results, linesMissing } = JSON.parse(stdout) as Summary;
      assert.deepEqual([code, linesMissing, results[0].status, results[0].error?.errorType], [1, 0, status, type]);
    });
  }

  it('says what Loki refused, and ends with 1', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const { code, stderr } = await run(
      ['--handler', 'app.handler', '--event', '-', '--endpoint', loki.pushUrl],
      {},
      '{"id": 9}',
    );
    assert.equal(code, 1);
    assert.match(stderr, /warning: not taken: 401 /);
    assert.match(stderr, /warning: 2 of the function's lines were not taken/);
  });

  for (const [what, args, words, code] of [
    ['no function', [], /give either --handler FILE\.FUNCTION or, after --, a command/, 2],
    ['both', ['--handler', 'index.handler', '--', 'x'], /give either/, 2],
    ["no handler's name", ['--handler', 'index'], /--handler is "index"; give FILE\.FUNCTION/, 2],
    ['an event that is no JSON', ['--handler', 'index.handler', '--event', '{'], /--event is not JSON/, 2],
    [
      'an event on two lines that is no JSON',
      ['--handler', 'index.handler', '--event', '{"a":\ngeheim}'],
      /^error: --event is not JSON: (?!.*geheim)[^\n]+\n$/,
      2,
    ],
    [
      "a file of events that isn't there",
      ['--handler', 'index.handler', '--event', '@nowhere'],
      /--event @nowhere can't be read: ENOENT/,
      2,
    ],
    [
      "a file that isn't there",
      ['--handler', 'nowhere.handler'],
      /there is no \S+nowhere with \.mjs, \.cjs, \.js or \.py/,
      1,
    ],
  ] as const) {
    it(`refuses ${what}`, async (t) => {
      if (skip !== undefined) return t.skip(skip);
      const ran = await run(args);
      assert.equal(ran.code, code);
      assert.match(ran.stderr, words);
    });
  }

  it('delivers to a real Loki', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    try {
      const real = await startRealLoki();
      t.after(() => real.stop());
      const { code, stderr } = await run([
        '--handler',
        'app.handler',
        '--event',
        '{"id": 5}',
        '--endpoint',
        real.pushUrl,
      ]);
      assert.equal(code, 0, stderr);
      assert.ok((await real.waitForLines(5)).some(({ line }) => line === 'order 5'));
    } catch (error) {
      if (!(error instanceof LokiBuildError)) throw error;
      t.skip(error.message);
    }
  });
});
