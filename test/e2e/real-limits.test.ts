import assert from 'node:assert/strict';
import { it } from 'node:test';
import { account } from '../faults/oracle';
import { lineOf, workOf } from '../faults/work';
import { startRealLoki, type RealLoki, type RealLokiOptions } from '../loki/real';
import type { StoredLine } from '../../sandbox/loki/types';
import { withRealLoki } from '../loki/with-real';
import { type Environment, type EnvironmentOptions, scriptedRuntime } from '../../sandbox';
import { environmentWithLayer } from '../support/e2e';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

type Options = Partial<EnvironmentOptions>;

interface Books {
  readonly loki: RealLoki;
  readonly environments: Environment[];
  /** An environment of the function, pushing to this Loki. */
  start(options?: Options): Promise<Environment>;
  /** Ends an environment and gives what Loki has of its lines in the end. */
  end(environment: Environment): Promise<void>;
  stored(): Promise<StoredLine[]>;
}

/** A real Loki under certain limits, and environments whose lines are held against what it has. */
function limited(name: string, options: RealLokiOptions, test: (books: Books) => Promise<void>): void {
  it(name, { timeout: 120_000 }, async () => {
    const loki = await startRealLoki(options);
    const environments: Environment[] = [];
    const books: Books = {
      loki,
      environments,
      async start(more = {}) {
        const environment = await environmentWithLayer(loki, { runtime: scriptedRuntime(workOf), ...more });
        environments.push(environment);
        return environment;
      },
      async end(environment) {
        const { extensionExitCodes } = await environment.shutdown();
        assert.deepEqual(extensionExitCodes, { lambdawatch: 0 });
      },
      stored: () => loki.lines(),
    };
    try {
      await test(books);
      const said = environments.map(({ extensionStderr }) => extensionStderr).join('');
      const { lost, duplicated, disordered, reconciled } = account(
        environments,
        { stored: await loki.lines(), pushes: [] },
        said,
      );
      assert.deepEqual(
        { lost, duplicated, disordered, reconciled },
        { lost: 0, duplicated: 0, disordered: 0, reconciled: true },
        said,
      );
    } finally {
      for (const environment of environments) await environment.close();
      await loki.stop();
    }
  });
}

const times = async (count: number, act: () => Promise<unknown>): Promise<void> => {
  for (let i = 0; i < count; i++) await act();
};

withRealLoki("the layer against a real Loki's limits", () => {
  limited(
    'no structured metadata: lines come without it, and it is told once',
    { limits: { allow_structured_metadata: false } },
    async ({ start, end, stored }) => {
      const environment = await start({ environment: { LOKI_REQUEST_ID_AS: 'metadata' } });
      await times(3, () => environment.invoke());
      await end(environment);
      assert.equal((await stored()).filter(({ metadata }) => Object.keys(metadata).length > 0).length, 0);
      assert.equal(
        environment.extensionStderr.match(/takes no structured metadata/g)?.length,
        1,
        environment.extensionStderr,
      );
    },
  );

  const levels = scriptedRuntime((_, io) => {
    for (let i = 0; i < 20; i++) {
      io.line(`[WARN] ${lineOf()}`);
      io.line(JSON.stringify({ level: 'error', userId: i, trace_id: TRACE, msg: lineOf() }));
      io.line(lineOf(0, 'of no level'));
    }
  });
  const asked = { LOKI_REQUEST_ID_AS: 'metadata', LOKI_METADATA: 'userId:user_id', LOKI_METADATA_DEFAULT: 'true' };

  for (const strategy of ['end', 'next', 'handoff'])
    limited(
      `no structured metadata, and lines that have all kinds of it, with the strategy ${strategy}: no line is lost`,
      { limits: { allow_structured_metadata: false } },
      async ({ start, end, stored }) => {
        const environment = await start({ runtime: levels, environment: { ...asked, LOKI_FLUSH_STRATEGY: strategy } });
        for (let i = 0; i < 4; i++) await environment.invoke(null, { tenantId: 'blue' });
        await end(environment);
        const lines = await stored();
        assert.equal(lines.filter(({ line }) => line.startsWith('REPORT ')).length, 4);
        assert.deepEqual([...new Set(lines.flatMap((line) => Object.keys(line.metadata)))], []);
        assert.equal(environment.extensionStderr.match(/takes no structured metadata/g)?.length, 1);
      },
    );

  limited(
    'lines that wait for an error, when Loki takes no structured metadata: none is lost',
    { limits: { allow_structured_metadata: false } },
    async ({ start, end }) => {
      const keep = { ...asked, LOKI_MIN_LEVEL: 'fatal', LOKI_KEEP_ON_ERROR: 'true' };
      const environment = await start({ runtime: levels, environment: keep });
      await times(3, () => environment.invoke());
      await end(environment);
    },
  );

  limited(
    'structured metadata, all kinds of it, as large as Loki takes by default: all of it is there',
    {},
    async ({ start, end, stored }) => {
      const fields = Array.from({ length: 16 }, (_, i) => `f${i}`);
      const large = scriptedRuntime((_, io) => {
        for (let i = 0; i < 30; i++)
          io.line(
            JSON.stringify({ msg: lineOf(), ...Object.fromEntries(fields.map((name) => [name, 'ä'.repeat(600)])) }),
          );
      });
      const environment = await start({ runtime: large, environment: { ...asked, LOKI_METADATA: fields.join() } });
      await times(2, () => environment.invoke(null, { tenantId: 'blue' }));
      await end(environment);
      const own = (await stored()).filter(({ line }) => line.startsWith('{'));
      assert.equal(own.length, 60);
      for (const { metadata: has } of own) {
        assert.deepEqual(
          fields.map((name) => has[name]),
          fields.map(() => 'ä'.repeat(512)),
        );
        assert.equal(has.tenant_id, 'blue');
      }
    },
  );

  limited(
    'no structured metadata and a limit on streams: neither loses a line',
    {
      limits: { allow_structured_metadata: false, max_global_streams_per_user: 5 },
    },
    async ({ start, end }) => {
      const environment = await start({ environment: { LOKI_REQUEST_ID_AS: 'label' } });
      await times(8, () => environment.invoke());
      await end(environment);
    },
  );

  limited(
    'a limit on streams: request ids become structured metadata',
    { limits: { max_global_streams_per_user: 3 } },
    async ({ start, end, stored }) => {
      const environment = await start({ environment: { LOKI_REQUEST_ID_AS: 'label' } });
      const ids: string[] = [];
      await times(6, async () => ids.push((await environment.invoke()).requestId));
      await end(environment);
      const lines = await stored();
      for (const id of ids)
        assert.ok(
          lines.filter(({ labels, metadata }) => (labels.request_id ?? metadata.request_id) === id).length >= 10,
          `lines of ${id}`,
        );
      assert.equal(
        environment.extensionStderr.match(/limit of streams is reached/g)?.length,
        1,
        environment.extensionStderr,
      );
    },
  );

  limited(
    'the rates of a tenant and a stream: what is over them comes later',
    {
      limits: {
        ingestion_rate_mb: 1,
        ingestion_burst_size_mb: 2,
        per_stream_rate_limit: '1MB',
        per_stream_rate_limit_burst: '2MB',
      },
    },
    async ({ start, end, stored, environments }) => {
      const environment = await start();
      await environment.invoke({ lines: 400, bytes: 10_000 });
      for (let i = 0; i < 20 && (await stored()).length < environments[0].linesWritten.length; i++)
        await environment.invoke({ lines: 1, ms: 500 });
      await end(environment);
      assert.match(environment.extensionStderr, /429|rate limit/i);
    },
  );

  // Half of max_chunk_age is how far a line may be behind the newest one of its stream: 3 s here, an hour by default.
  limited(
    'too far behind: lines of Init are there before a long freeze',
    { config: { ingester: { max_chunk_age: '6s' } } },
    async ({ start, end, stored }) => {
      const runtime = scriptedRuntime(workOf, {
        init: (io) => io.write(`${lineOf(0, 'of Init')}\n${lineOf(0, 'of Init')}\n`),
      });
      const provisioned = await start({ mode: 'provisioned-concurrency', runtime });
      await provisioned.idle(5000);
      const other = await start();
      await other.invoke();
      await provisioned.invoke();
      await end(other);
      await end(provisioned);
      assert.equal((await stored()).filter(({ line }) => line.includes('of Init')).length, 2);
    },
  );
});
