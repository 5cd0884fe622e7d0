import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ensureFunction, type FunctionKind, MissingToolchainError } from '../functions';
import { startRealLoki } from '../loki/real';
import { withRealLoki } from '../loki/with-real';
import { environmentWithLayer } from '../support/e2e';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const LINES = [
  'nothing stated',
  '[WARN] slow',
  'time=2026-01-02T03:04:05.006Z level=ERROR msg=declined',
  `{"level":"error","msg":"declined","userId":17,"trace_id":"${TRACE}","status":"of the line"}`,
];

withRealLoki('structured metadata in a real Loki, by the queries of docs/lines.md', () => {
  for (const kind of ['node', 'python', 'go', 'java'] as FunctionKind[]) {
    it(kind, async (t) => {
      const runtime = await ensureFunction(kind).catch((error: unknown) => {
        if (error instanceof MissingToolchainError) return error.message;
        throw error;
      });
      if (typeof runtime === 'string') return t.skip(runtime);
      const loki = await startRealLoki();
      const name = `metadata-${kind}`;
      try {
        const environment = await environmentWithLayer(loki, {
          functionName: name,
          runtime,
          environment: { LOKI_REQUEST_ID_AS: 'metadata', LOKI_METADATA: 'userId:user_id,status' },
        });
        try {
          for (let i = 0; i < 2; i++) {
            await environment.invoke({ write: LINES.map((line) => ({ via: 'raw', text: `${line}\n` })) });
          }
          await environment.shutdown();
        } finally {
          await environment.close();
        }
        await loki.waitForLines(2 * LINES.length);
        const found = async (filter: string): Promise<string[]> =>
          (await loki.query({ selector: `{function_name="${name}"} ${filter}` })).map(({ line }) => line);
        const [, warn, error, json] = LINES;
        assert.deepEqual(await found('| level="error"'), [error, json, error, json]);
        assert.deepEqual(await found('| level=~"warn|error" | cold_start="true"'), [warn, error, json]);
        assert.deepEqual(await found(`| trace_id="${TRACE}"`), [json, json]);
        assert.deepEqual(await found('| user_id="17"'), [json, json]);
        const reports = await found('| duration_ms > 0 | max_memory_used_mb >= 1');
        assert.deepEqual(
          reports.map((line) => line.slice(0, 17)),
          ['REPORT RequestId:', 'REPORT RequestId:'],
        );
        // Loki 3.7: a parsed field of the same name is put beside the metadata, not in its place.
        assert.deepEqual(await found('| json | level="error" | level_extracted="error"'), [json, json]);
      } finally {
        await loki.stop();
      }
    });
  }
});
