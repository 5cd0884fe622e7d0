import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type Environment, scriptedRuntime } from '../../sandbox';
import { type RealLoki, startRealLoki } from '../loki/real';
import { withRealLoki } from '../loki/with-real';
import { environmentWithLayer } from '../support/e2e';
import { blocksIn } from './pages';

const REQUEST_ID = '8cc2c2f1-3f3c-4a0e-9e0f-2b1d6a1a1d11';

const EXECUTION = 'arn:aws:lambda:eu-west-1:111122223333:function:orders:7/durable-execution/order-17/0a1b2c3d';

/** Larger than Loki takes, so that there is a line about a line that is missing. */
const TOO_LONG = 'x'.repeat(280_000);

const queries = blocksIn('logql').flatMap(({ page, text }) =>
  text
    .split('\n\n')
    .map((query) => ({ page, name: query.split('\n')[0].slice(2), query: query.split('\n').slice(1).join('\n') })),
);

withRealLoki('the LogQL of the pages', () => {
  let loki: RealLoki;
  let environment: Environment;
  let requestId: string;

  before(
    async () => {
      loki = await startRealLoki();
      environment = await environmentWithLayer(loki, {
        functionName: 'orders',
        timeoutMs: 2000,
        runtime: scriptedRuntime(async (payload, io) => {
          for (const line of payload as string[]) io.line(line);
          if ((payload as string[]).length === 0)
            await new Promise((resolve) => io.signal.addEventListener('abort', resolve));
        }),
        logFormat: 'json',
        environment: {
          LOKI_REQUEST_ID_AS: 'metadata',
          LOKI_SERVICE_NAME: 'shop',
          LOKI_MAX_LINE_SIZE: '300000',
          LOKI_UNWRAP_JSON: 'true',
        },
      });
      const lines = [
        'order 4711 accepted',
        'ERROR no stock',
        '{"level":"error","msg":"no stock"}',
        '{"level":50,"msg":"no stock"}',
        '{"level":"warn","message":"in a span","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}',
        '{"level":"INFO","message":"{\\"order\\":17}","logger":"payments"}',
        `{"level":"INFO","executionArn":"${EXECUTION}","message":"step"}`,
        TOO_LONG,
      ];
      ({ requestId } = await environment.invoke(lines, { tenantId: 'blue' }));
      await environment.invoke([]);
      await environment.shutdown();
    },
    { timeout: 120_000 },
  );
  after(async () => {
    await environment?.close();
    await loki?.stop();
  });

  it('is there', () => assert.ok(queries.length >= 8, JSON.stringify(queries)));

  for (const { page, name, query } of queries) {
    it(`finds what it is for: ${page}: ${name}`, async () => {
      const found = await ask(loki, query.replace(REQUEST_ID, requestId));
      assert.ok(found.length > 0, environment.extensionStderr);
      // What is taken out of a line is there as well.
      for (const [, field] of query.matchAll(/<([a-z]\w*)>/g)) assert.match(found[0][field] ?? '', /^[\d.]+$/, field);
    });
  }

  it('finds one invocation where request ids are a label, too', async () => {
    const label = await environmentWithLayer(loki, {
      functionName: 'orders',
      runtime: scriptedRuntime((_, io) => io.line('a line')),
      environment: { LOKI_REQUEST_ID_AS: 'label' },
    });
    try {
      const { requestId: id } = await label.invoke();
      await label.shutdown();
      const { query } = queries.find((one) => one.query.includes(REQUEST_ID))!;
      assert.ok((await ask(loki, query.replace(REQUEST_ID, id))).length > 0, label.extensionStderr);
    } finally {
      await label.close();
    }
  });
});

/** The labels of each stream, or of each series, that a query finds. */
async function ask(loki: RealLoki, query: string): Promise<Record<string, string>[]> {
  const now = Date.now();
  const parameters = new URLSearchParams({
    query,
    start: `${now - 3_600_000}000000`,
    end: `${now + 60_000}000000`,
    step: '60',
  });
  const response = await fetch(`${loki.baseUrl}/loki/api/v1/query_range?${parameters}`);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  const { data } = JSON.parse(text) as {
    data: { result: { stream?: Record<string, string>; metric?: Record<string, string> }[] };
  };
  return data.result.map(({ stream, metric }) => stream ?? metric ?? {});
}
