import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Environment, scriptedRuntime } from '../../sandbox';
import { startFakeLoki } from '../../sandbox/loki';
import type { LokiUnderTest, StoredLine } from '../../sandbox/loki/types';
import { ensureFunction, type FunctionKind, type FunctionScript, MissingToolchainError } from '../functions';
import { startRealLoki } from '../loki/real';
import { withRealLoki } from '../loki/with-real';
import { environmentWithLayer, functionLines, isPlatformLine, joined } from '../support/e2e';

const KINDS: readonly FunctionKind[] = ['node', 'python', 'go', 'java'];

const RULES = JSON.stringify([
  { type: 'exclude_at_match', name: 'noise', pattern: 'noise' },
  { type: 'exclude_at_match', name: 'start', pattern: '^(START|INIT_START) ', on: 'platform' },
  { type: 'mask_sequences', name: 'card', pattern: '\\d{12}(\\d{4})', replace_placeholder: '…$1' },
]);

const raw = (...lines: string[]): FunctionScript => ({
  write: lines.map((text) => ({ via: 'raw', text: `${text}\n` })),
});

function rulesIn(name: string, start: () => Promise<LokiUnderTest>): void {
  describe(`rules, with ${name}`, () => {
    let loki: LokiUnderTest;
    let count = 0;

    before(async () => void (loki = await start()), { timeout: 300_000 });
    after(() => loki?.stop());

    /** What a function's environment leaves in Loki. */
    async function play(
      options: Parameters<typeof environmentWithLayer>[1],
      scenario: (environment: Environment) => Promise<void>,
    ): Promise<{ lines: StoredLine[]; stderr: string }> {
      const functionName = `rules-${++count}`;
      const environment = await environmentWithLayer(loki, { ...options, functionName });
      try {
        await scenario(environment);
        await environment.shutdown();
        const lines = (await loki.waitForLines(0)).filter(({ labels }) => labels.function_name === functionName);
        return { lines, stderr: environment.extensionStderr };
      } finally {
        await environment.close();
      }
    }

    for (const kind of KINDS) {
      it(`${kind}: drop and mask lines, and leave all others as they are, in order`, async (t) => {
        const runtime = await runtimeOrReason(kind);
        if (typeof runtime === 'string') return t.skip(runtime);
        const environment = { LOKI_RULES: RULES, LOKI_LOG_LEVEL: 'info' };
        const { lines, stderr } = await play({ runtime, environment }, async (one) => {
          await one.invoke(
            raw('first', 'noise 1', 'paid with 4111111111111234', '{"n": 1,  "s":"ä"}', 'noise 2', 'last'),
          );
        });
        assert.deepEqual(
          functionLines(lines).map(({ line }) => line),
          ['first', 'paid with …1234', '{"n": 1,  "s":"ä"}', 'last'],
        );
        const platform = lines.filter(({ line }) => isPlatformLine(line)).map(({ line }) => line.split(' ')[0]);
        assert.deepEqual(platform, ['END', 'REPORT']);
        assert.match(stderr, /info: lines by rule: .*noise: 2 dropped/);
        assert.match(stderr, /card: 1 masked/);
      });

      it(`${kind}: keep what matches, by level, and a share of the invocations`, async (t) => {
        const runtime = await runtimeOrReason(kind);
        if (typeof runtime === 'string') return t.skip(runtime);
        const rules = [
          { type: 'include_at_match', name: 'orders', pattern: '(?i)order', on: 'function' },
          { type: 'sample', name: 'half', rate: 0.5 },
        ];
        const environment = {
          LOKI_RULES: JSON.stringify(rules),
          LOKI_MIN_LEVEL: 'info',
          LOKI_REQUEST_ID_AS: 'metadata',
          LOKI_LOG_LEVEL: 'info',
        };
        const stay = '00000000-0000-4000-8000-000000000001';
        const go = '00000000-0000-4000-8000-000000000003';
        const { lines, stderr } = await play({ runtime, environment }, async (one) => {
          const script = raw(
            'DEBUG order 1',
            'WARN order 2',
            'WARN stock 3',
            '{"level":20,"msg":"order 4"}',
            'Order 5',
          );
          for (const requestId of [stay, go]) await one.invoke(script, { requestId });
        });
        const of = (id: string): string[] =>
          lines.filter((one) => one.metadata.request_id === id).map(({ line }) => line);
        assert.deepEqual(of(go), []);
        assert.deepEqual(
          of(stay).map((line) => line.replace(/ RequestId.*/s, '')),
          ['START', 'WARN order 2', 'Order 5', 'END', 'REPORT'],
        );
        assert.match(stderr, /LOKI_MIN_LEVEL: 4 dropped; orders: 2 dropped; half: 5 dropped/);
      });

      it(`${kind}: an invocation that prints an error keeps what was below, at its place`, async (t) => {
        const runtime = await runtimeOrReason(kind);
        if (typeof runtime === 'string') return t.skip(runtime);
        const environment = { LOKI_MIN_LEVEL: 'info', LOKI_KEEP_ON_ERROR: 'true', LOKI_REQUEST_ID_AS: 'metadata' };
        const { lines } = await play({ runtime, environment }, async (one) => {
          await one.invoke(raw('DEBUG well 1', 'INFO well 2'));
          await one.invoke(raw('DEBUG bad 1', 'INFO bad 2', '{"level":"error","msg":"bad 3"}', 'DEBUG bad 4'));
        });
        assert.deepEqual(
          functionLines(lines).map(({ line, metadata }) => [line, metadata.level]),
          [
            ['INFO well 2', 'info'],
            ['DEBUG bad 1', 'debug'],
            ['INFO bad 2', 'info'],
            ['{"level":"error","msg":"bad 3"}', 'error'],
            ['DEBUG bad 4', 'debug'],
          ],
        );
      });

      it(`${kind}: debug lines are those of the invocations that crash or time out`, async (t) => {
        const runtime = await runtimeOrReason(kind);
        if (typeof runtime === 'string') return t.skip(runtime);
        const environment = { LOKI_MIN_LEVEL: 'info', LOKI_KEEP_ON_ERROR: 'true', LOKI_REQUEST_ID_AS: 'metadata' };
        const ids: Record<string, string> = {};
        const { lines } = await play({ runtime, environment, timeoutMs: 3000 }, async (one) => {
          const invoke = async (what: string, fail?: FunctionScript['fail']): Promise<void> => {
            const script = raw(`DEBUG ${what} 1`, `INFO ${what} 2`, `DEBUG ${what} 3`);
            ids[what] = (await one.invoke({ ...script, fail })).requestId;
          };
          await invoke('well');
          await invoke('crash', 'exit');
          await invoke('again');
          await invoke('timeout', 'hang');
        });
        const of = (what: string): string[] =>
          lines
            .filter(({ line, metadata }) => metadata.request_id === ids[what] && line.includes(` ${what} `))
            .map(({ line }) => line);
        assert.deepEqual(of('well'), ['INFO well 2']);
        assert.deepEqual(of('crash'), ['DEBUG crash 1', 'INFO crash 2', 'DEBUG crash 3']);
        assert.deepEqual(of('again'), ['INFO again 2']);
        assert.deepEqual(of('timeout'), ['DEBUG timeout 1', 'INFO timeout 2', 'DEBUG timeout 3']);
      });
    }

    for (const kind of ['node', 'python'] as const) {
      it(`${kind}: debug lines are those of the invocations that throw, too`, async (t) => {
        const runtime = await runtimeOrReason(kind);
        if (typeof runtime === 'string') return t.skip(runtime);
        const environment = { LOKI_MIN_LEVEL: 'warn', LOKI_KEEP_ON_ERROR: 'true' };
        const { lines } = await play({ runtime, environment }, async (one) => {
          await one.invoke({ ...raw('DEBUG before'), fail: 'exception' });
          await one.invoke(raw('DEBUG other'));
        });
        const own = functionLines(lines).map(({ line }) => line);
        assert.equal(own[0], 'DEBUG before');
        assert.match(own[1], /the script wants an exception/);
        assert.equal(own.includes('DEBUG other'), false);
      });
    }

    it('sampled invocations stay or go as a whole, and those that fail stay', async () => {
      const runtime = scriptedRuntime((payload, io) => {
        for (const line of payload as string[]) io.line(line);
      });
      const environment = {
        LOKI_RULES: '[{"type":"sample","name":"half","rate":0.5}]',
        LOKI_KEEP_ON_ERROR: 'true',
        LOKI_REQUEST_ID_AS: 'metadata',
      };
      const failed = new Set<string>();
      const all: string[] = [];
      const { lines } = await play({ runtime, environment }, async (one) => {
        for (let i = 0; i < 40; i++) {
          const { requestId } = await one.invoke(i % 8 === 0 ? ['1', '2', 'ERROR 3'] : ['1', '2', '3']);
          all.push(requestId);
          if (i % 8 === 0) failed.add(requestId);
        }
      });
      const sizes = all.map((id) => lines.filter(({ metadata }) => metadata.request_id === id).length);
      // START, three lines, END and REPORT.
      assert.deepEqual([...new Set(sizes)].sort(), [0, 6]);
      for (const id of failed) assert.equal(sizes[all.indexOf(id)], 6, id);
      const stay = sizes.filter((size) => size > 0).length;
      assert.equal(stay > 10 && stay < 35, true, `${stay} of 40 stay`);
    });

    for (const LOKI_FLUSH_STRATEGY of ['handoff', 'next', 'adaptive', 'periodically,200']) {
      it(`debug lines are those of the invocations that fail, with the strategy ${LOKI_FLUSH_STRATEGY}`, async () => {
        const runtime = scriptedRuntime(async (payload, io) => {
          const [what, end] = (payload as string).split(' ');
          for (const level of ['DEBUG', 'INFO', 'TRACE']) io.line(`${level} ${what}`);
          if (end === 'prints') io.line(`ERROR ${what}`);
          if (end === 'exits') io.crash({ code: 1 });
          if (end === 'hangs') await new Promise((resolve) => io.signal.addEventListener('abort', resolve));
        });
        const environment = { LOKI_MIN_LEVEL: 'info', LOKI_KEEP_ON_ERROR: 'true', LOKI_FLUSH_STRATEGY };
        const { lines } = await play({ runtime, environment, timeoutMs: 1000 }, async (one) => {
          for (const payload of ['a well', 'b prints', 'c well', 'd exits', 'e hangs', 'f well'])
            await one.invoke(payload);
        });
        assert.deepEqual(
          lines.map(({ line }) => line).filter((line) => /^[A-Z]+ [a-f]$/.test(line)),
          [
            'INFO a',
            ...['DEBUG b', 'INFO b', 'TRACE b', 'ERROR b'],
            'INFO c',
            ...['DEBUG d', 'INFO d', 'TRACE d'],
            ...['DEBUG e', 'INFO e', 'TRACE e'],
            'INFO f',
          ],
        );
      });
    }

    it('a broken mask ships nothing that it would have covered, and says so', async () => {
      const runtime = scriptedRuntime((_, io) => io.line('my secret'));
      const rules = [{ type: 'mask_sequences', name: 'typo', pattern: '(secret', on: 'function' }];
      const { lines, stderr } = await play(
        { runtime, environment: { LOKI_RULES: JSON.stringify(rules) } },
        async (one) => void (await one.invoke()),
      );
      assert.match(functionLines(lines)[0].line, /^LambdaWatch: a line was withheld, because the mask "typo"/);
      assert.equal(
        lines.some(({ line }) => line.includes('secret')),
        false,
      );
      assert.equal(
        lines.some(({ line }) => line.startsWith('REPORT ')),
        true,
      );
      assert.match(stderr, /warn: LOKI_RULES: rule 1 \("typo"\) has the pattern "\(secret"/);
    });

    it('a mask covers what a long line would be split at', async () => {
      const line = `${'x'.repeat(1016)}4111111111111234${'y'.repeat(1000)}`;
      const runtime = scriptedRuntime((_, io) => io.line(line));
      const { lines } = await play(
        { runtime, environment: { LOKI_RULES: RULES, LOKI_MAX_LINE_SIZE: '1024' } },
        async (one) => void (await one.invoke()),
      );
      assert.deepEqual(joined(functionLines(lines)), [`${'x'.repeat(1016)}…1234${'y'.repeat(1000)}`]);
    });

    it('patterns that would hold a backtracking engine for ever hold nobody', async () => {
      const runtime = scriptedRuntime((_, io) => io.line(`${'a'.repeat(200_000)}!`));
      const rules = ['(a+)+$', '(a|aa)+$', '(.*a){20}$', '(a|a?)+b'].map((pattern) => ({
        type: 'exclude_at_match',
        pattern,
      }));
      const { lines } = await play(
        { runtime, environment: { LOKI_RULES: JSON.stringify(rules) } },
        async (one) => void (await one.invoke()),
      );
      assert.deepEqual(
        functionLines(lines).map(({ line }) => line.length),
        [200_001],
      );
    });
  });
}

async function runtimeOrReason(kind: FunctionKind) {
  try {
    return await ensureFunction(kind);
  } catch (error) {
    if (error instanceof MissingToolchainError) return error.message;
    throw error;
  }
}

rulesIn('the stand-in', () => startFakeLoki());
withRealLoki('rules, with a real Loki', () => rulesIn('a real Loki', () => startRealLoki()));
