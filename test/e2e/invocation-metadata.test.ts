import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type Environment, type InvokeOptions, scriptedRuntime } from '../../sandbox';
import { ensureFunction, type FunctionKind, type FunctionScript, MissingToolchainError } from '../functions';
import { type RealLoki, startRealLoki } from '../loki/real';
import { withRealLoki } from '../loki/with-real';
import { environmentWithLayer } from '../support/e2e';

const KINDS: readonly FunctionKind[] = ['node', 'python', 'go', 'java'];

const ROOT = '67891233-abcdef012345678912345678';
const TRACE = ROOT.replace('-', '');
const OTHER_TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const header = (sampled: 0 | 1): string => `Root=1-${ROOT};Parent=0123456789abcdef;Sampled=${sampled}`;

const ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:orders:7/durable-execution/order-17/0a1b2c3d';
/** What the durable functions' SDK of a language calls it. */
const ARN_FIELD: Readonly<Record<FunctionKind, string>> = {
  node: 'executionArn',
  python: 'executionArn',
  go: 'executionArn',
  java: 'durableExecutionArn',
};

const INNER = `{"level":"error","msg":"declined","trace_id":"${OTHER_TRACE}","order":17}`;

const raw = (...lines: string[]): FunctionScript => ({
  write: lines.map((text) => ({ via: 'raw', text: `${text}\n` })),
});
const logger = (...lines: string[]): FunctionScript => ({ write: lines.map((text) => ({ via: 'logger', text })) });

withRealLoki('what is known of an invocation, by the queries of docs/lines.md in a real Loki', () => {
  let loki: RealLoki;
  before(async () => void (loki = await startRealLoki()), { timeout: 300_000 });
  after(() => loki?.stop());

  /** Invokes a function, ends its environment, and gives what finds the lines that a query has. */
  async function played(
    functionName: string,
    options: Omit<Parameters<typeof environmentWithLayer>[1], 'functionName'>,
    invocations: readonly [script: unknown, options?: InvokeOptions][],
  ): Promise<(filter: string) => Promise<string[]>> {
    const environment: Environment = await environmentWithLayer(loki, {
      ...options,
      functionName,
      environment: { LOKI_REQUEST_ID_AS: 'metadata', ...options.environment },
    });
    try {
      for (const [script, how] of invocations) await environment.invoke(script, how);
      await environment.shutdown();
      assert.equal(environment.extensionStderr, '');
    } finally {
      await environment.close();
    }
    return async (filter) =>
      (await loki.query({ selector: `{function_name="${functionName}"} ${filter}` })).map(({ line }) => line);
  }

  /** The value of a metric query that has one. */
  async function valueOf(query: string): Promise<number> {
    const answer = await fetch(`${loki.baseUrl}/loki/api/v1/query?${new URLSearchParams({ query })}`);
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    const { data } = JSON.parse(text) as { data: { result: { value: [number, string] }[] } };
    assert.equal(data.result.length, 1, text);
    return Number(data.result[0].value[1]);
  }

  for (const kind of KINDS) {
    const run = (name: string, test: (runtime: Awaited<ReturnType<typeof ensureFunction>>) => Promise<void>): void => {
      it(`${kind}: ${name}`, async (t) => {
        const runtime = await ensureFunction(kind).catch((error: unknown) => {
          if (error instanceof MissingToolchainError) return error.message;
          throw error;
        });
        return typeof runtime === 'string' ? t.skip(runtime) : test(runtime);
      });
    };

    run('the tenant whom it is invoked for, on all its lines', async (runtime) => {
      const blue = await played(`tenant-blue-${kind}`, { runtime }, [
        [raw('one'), { tenantId: 'blue' }],
        [raw('two', 'ERROR 3'), { tenantId: 'blue' }],
      ]);
      await played(`tenant-green-${kind}`, { runtime }, [[raw('four'), { tenantId: 'green' }]]);
      assert.deepEqual((await blue('| tenant_id="blue"')).map(firstWord), [
        ...['START', 'one', 'END', 'REPORT', 'START', 'two', 'ERROR', 'END', 'REPORT'],
      ]);
      const errors = `{function_name="tenant-blue-${kind}"} | tenant_id!="" | level=~"error|fatal"`;
      assert.equal(await valueOf(`sum by (tenant_id) (count_over_time(${errors} [1h]))`), 1);
      assert.deepEqual((await blue('| tenant_id=""')).map(firstWord), ['INIT_START'], 'no tenant is known in Init');
      const green = await loki.query({ selector: `{function_name=~"tenant-.*-${kind}"} | tenant_id="green"` });
      assert.deepEqual(
        green.map(({ line }) => firstWord(line)),
        ['START', 'four', 'END', 'REPORT'],
      );
    });

    run('its trace, when X-Ray samples it, and one that a line states before that', async (runtime) => {
      const found = await played(`trace-${kind}`, { runtime }, [
        [raw('one', INNER), { traceId: header(1) }],
        [raw('two', INNER), { traceId: header(0) }],
      ]);
      assert.deepEqual((await found(`| trace_id="${TRACE}"`)).map(firstWord), ['START', 'one', 'END', 'REPORT']);
      assert.deepEqual(await found(`| trace_id="${OTHER_TRACE}"`), [INNER, INNER]);
      assert.equal((await found('| trace_id="" | cold_start=""')).includes('two'), true);
    });

    run('the durable execution that it is a part of, from the line on that names it', async (runtime) => {
      const naming = JSON.stringify({ level: 'INFO', [ARN_FIELD[kind]]: ARN, message: 'step' });
      const found = await played(`durable-${kind}`, { runtime }, [
        [raw('before', naming, 'after')],
        [raw('no execution')],
        [raw(naming, 'replayed')],
      ]);
      const expected = [naming, 'after', 'END', 'REPORT', naming, 'replayed', 'END', 'REPORT'].map(firstWord);
      assert.deepEqual((await found('| execution_name="order-17"')).map(firstWord), expected);
      assert.deepEqual((await found('| execution_id="0a1b2c3d"')).map(firstWord), expected);
    });

    run(
      "LOKI_UNWRAP_JSON: what the function logged is the line, and the record's fields are metadata",
      async (runtime) => {
        const found = await played(
          `unwrap-${kind}`,
          { runtime, logFormat: 'json', environment: { LOKI_UNWRAP_JSON: 'true' } },
          [[logger('plain words', INNER), { tenantId: 'blue' }]],
        );
        const own = (await found('| tenant_id="blue"')).filter((line) => !/^(START|END|REPORT) /.test(line));
        if (kind === 'go') {
          // Its `log` writes text, whatever the log format; text is left alone.
          assert.deepEqual(
            own.map((line) => line.slice('2026/12/01 00:00:00 '.length)),
            ['plain words', INNER],
          );
          return;
        }
        assert.deepEqual(own, ['plain words', INNER]);
        assert.deepEqual(await found(`| level="error" | trace_id="${OTHER_TRACE}"`), [INNER]);
        assert.deepEqual(await found('| json | order="17" | timestamp=~"20.+"'), [INNER], 'JSON in JSON, one parser');
        // Java's logger states no level unless it is told one.
        assert.deepEqual(await found(kind === 'java' ? '| level="" | logger=""' : '| level="info"'), [
          ...(kind === 'java' ? await found('|~ "^(INIT_START|START) "') : []),
          'plain words',
          ...(kind === 'java' ? await found('|~ "^(END|REPORT) "') : []),
        ]);
      },
    );

    run('LOKI_PLATFORM_LINES: those that were chosen, with numbers to calculate with', async (runtime) => {
      const name = `platform-${kind}`;
      const found = await played(
        name,
        { runtime, timeoutMs: 5000, environment: { LOKI_PLATFORM_LINES: 'report,timeout' } },
        [[{ ...raw('slow'), sleepMs: 300 }], [raw('quick')], [{ ...raw('late'), fail: 'hang' }, { timeoutMs: 1000 }]],
      );
      const lines = (await found('')).map((line) =>
        line.includes('Task timed out after') ? 'timeout' : firstWord(line),
      );
      assert.deepEqual(lines, ['slow', 'REPORT', 'quick', 'REPORT', 'late', 'timeout', 'REPORT']);
      assert.deepEqual((await found('| duration_ms > 250 | status="success"')).map(firstWord), ['REPORT']);
      assert.deepEqual((await found('| status="timeout"')).map(firstWord), ['REPORT']);
      const selector = `{function_name="${name}"} | unwrap duration_ms`;
      const longest = await valueOf(`max_over_time(${selector} [5m]) by (function_name)`);
      assert.equal(longest >= 900 && longest < 5000, true, `${longest} ms`);
      const p50 = await valueOf(`quantile_over_time(0.5, ${selector} [5m]) by (function_name)`);
      assert.equal(p50 >= 300 && p50 < 900, true, `${p50} ms`);
      const memory = `{function_name="${name}"} | unwrap max_memory_used_mb`;
      assert.equal((await valueOf(`max_over_time(${memory} [5m]) by (function_name)`)) >= 1, true);
    });
  }

  it('metadata takes precedence over fields that a parser finds', async () => {
    const JSON_LINE = '{"level":50,"user":"of the line","request_id":"of the line","msg":"x"}';
    const LOGFMT_LINE = 'level=err user=of-the-line msg=x';
    const runtime = scriptedRuntime((_, io) => {
      io.line(JSON_LINE);
      io.line(LOGFMT_LINE);
    });
    const requestId = '8f507cfc-1111-4222-8333-0123456789ab';
    const environment = { LOKI_METADATA: 'msg:user' };
    const found = await played('precedence', { runtime, environment }, [[null, { requestId }]]);

    assert.deepEqual(await found('| level="error"'), [JSON_LINE, LOGFMT_LINE]);
    assert.deepEqual(await found('| json | level="error" | level_extracted="50"'), [JSON_LINE]);
    assert.deepEqual(await found('| logfmt | level="error" | level_extracted="err"'), [LOGFMT_LINE]);
    assert.deepEqual(await found('| json | user="x" | user_extracted="of the line"'), [JSON_LINE]);
    assert.deepEqual(await found(`| json | request_id="${requestId}" | request_id_extracted="of the line"`), [
      JSON_LINE,
    ]);
    assert.deepEqual(await found('| json | level="50"'), [], 'a field of the line is never in its place');
    // One that is named gets the name that it is given.
    assert.deepEqual(await found('| json stated="level" | stated="50" | level="error"'), [JSON_LINE]);
  });
});

function firstWord(line: string): string {
  return line.startsWith('{') ? 'JSON' : line.split(' ')[0];
}
