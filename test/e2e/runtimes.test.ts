import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ensureFunction, type FunctionKind, type FunctionScript, MissingToolchainError } from '../functions';
import { LokiBuildError } from '../loki/build';
import { type RealLoki, startRealLoki } from '../loki/real';
import type { StoredLine } from '../../sandbox/loki/types';
import type { ProcessRuntime } from '../../sandbox';
import { assertSameLines, environmentWithLayer, functionLines, written } from '../support/e2e';

// The layer as users get it, with functions on AWS's own runtime clients, and a real Loki.
describe("a function's lines in a real Loki", () => {
  let loki: RealLoki | undefined;
  let without = '';

  before(async () => {
    loki = await startRealLoki().catch((error: unknown) => {
      if (!(error instanceof LokiBuildError)) throw error;
      without = error.message;
      return undefined;
    });
  });
  after(() => loki?.stop());

  for (const kind of ['node', 'python', 'go', 'java'] as FunctionKind[]) {
    it(`${kind}: every line once, in order, with labels, request ids and platform lines`, async (t) => {
      if (!loki) return t.skip(without);
      const runtime = await runtimeOrReason(kind);
      if (typeof runtime === 'string') return t.skip(runtime);
      const functionName = `e2e-${kind}`;
      const environment = await environmentWithLayer(loki, {
        functionName,
        runtime,
        environment: { LOKI_LABELS: '{"env":"test","team":"größe"}', SERVICE_NAME: 'checkout' },
      });
      try {
        const requestIds: string[] = [];
        for (let i = 0; i < 3; i++) {
          const script: FunctionScript = {
            write: [
              { via: 'console', text: `console ${i}` },
              { via: 'logger', text: `logger ${i}` },
              { via: 'raw', text: `raw ${i}\twith a tab\n` },
            ],
            lines: { count: 150, prefix: `invocation ${i} line` },
          };
          const result = await environment.invoke(script);
          assert.equal(result.status, 'success', environment.extensionStderr);
          requestIds.push(result.requestId);
        }
        const ended = await environment.shutdown();
        assert.deepEqual(ended.extensionExitCodes, { lambdawatch: 0 });

        const expected = written(environment);
        assert.ok(expected.length >= 3 * 153);
        const stored = (await loki.waitForLines(expected.length)).filter(
          ({ labels }) => labels.function_name === functionName,
        );
        assertSameLines(
          functionLines(stored).map(({ line }) => line),
          expected,
        );
        assertLabels(stored, functionName, requestIds);
        assertPlatformLines(stored, requestIds);
        assert.equal(environment.extensionStderr, '');
      } finally {
        await environment.close();
      }
    });
  }

  it('puts request ids into structured metadata when told to', async (t) => {
    if (!loki) return t.skip(without);
    const environment = await environmentWithLayer(loki, {
      functionName: 'e2e-metadata',
      runtime: await ensureFunction('node'),
      environment: { LOKI_REQUEST_ID_AS: 'metadata', LOKI_METADATA_DEFAULT: 'false' },
    });
    try {
      const { requestId } = await environment.invoke({ lines: { count: 5 } });
      await environment.shutdown();
      const stored = (await loki.waitForLines(1)).filter(({ labels }) => labels.function_name === 'e2e-metadata');
      assert.deepEqual([...new Set(stored.map(({ labels }) => labels.request_id))], [undefined]);
      assert.deepEqual(
        functionLines(stored).map(({ metadata }) => metadata),
        Array(5).fill({ request_id: requestId }),
      );
    } finally {
      await environment.close();
    }
  });
});

async function runtimeOrReason(kind: FunctionKind): Promise<ProcessRuntime | string> {
  try {
    return await ensureFunction(kind);
  } catch (error) {
    if (error instanceof MissingToolchainError) return error.message;
    throw error;
  }
}

/** What lines have in their structured metadata without being told to. */
const BY_DEFAULT = new Set([
  'level',
  'trace_id',
  'cold_start',
  'status',
  'duration_ms',
  'billed_duration_ms',
  'memory_size_mb',
  'max_memory_used_mb',
  'init_duration_ms',
]);

function assertLabels(stored: readonly StoredLine[], functionName: string, requestIds: readonly string[]): void {
  const fixed = {
    function_name: functionName,
    function_version: '$LATEST',
    region: 'eu-west-1',
    source: 'lambda',
    service_name: 'checkout',
    env: 'test',
    team: 'größe',
  };
  for (const { labels, line, metadata } of stored) {
    const { request_id: requestId, ...rest } = labels;
    assert.deepEqual(rest, fixed);
    const others = Object.keys(metadata).filter((name) => !BY_DEFAULT.has(name));
    assert.deepEqual(others, [], line);
    assert.equal(metadata.cold_start, requestId === requestIds[0] ? 'true' : undefined, line);
    const invocation = /(?:invocation|console|logger|raw) (\d)/.exec(line)?.[1];
    if (invocation !== undefined) assert.equal(requestId, requestIds[Number(invocation)], line);
  }
}

function assertPlatformLines(stored: readonly StoredLine[], requestIds: readonly string[]): void {
  const lines = stored.map(({ line }) => line);
  assert.equal(lines.filter((line) => line.startsWith('INIT_START Runtime Version: ')).length, 1);
  for (const requestId of requestIds) {
    const own = stored.filter(({ labels }) => labels.request_id === requestId).map(({ line }) => line);
    assert.equal(own[0], `START RequestId: ${requestId} Version: $LATEST`);
    assert.equal(own.filter((line) => line === `END RequestId: ${requestId}`).length, 1);
    assert.equal(
      own.filter((line) => line.startsWith(`REPORT RequestId: ${requestId}\tDuration: `)).length,
      1,
      'REPORT, the last one included',
    );
  }
}
