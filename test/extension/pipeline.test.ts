import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Diagnostics } from '../../extension/diagnostics';
import type { LifecycleEvent } from '../../extension/lambda/events';
import { createPipeline } from '../../extension/pipeline';
import { delivery, ENDPOINT, ID_1, ID_2, pushOf, settingsOf } from './support/builders';
import { FakePlatform, START } from './support/fake-platform';

interface Environment {
  readonly platform: FakePlatform;
  invoke(requestId: string): Promise<void>;
  /** One delivery: a platform event by its type, a line by its text, now or at another time. */
  deliver(...events: readonly (string | [type: string, record: unknown, aheadMs?: number])[]): Promise<void>;
  /** What has been pushed, push by push, after a while. */
  pushes(): Promise<{ lines: string[]; ids: (string | undefined)[]; times: string[]; bytes: number }[]>;
}

/** The pipeline as it runs in the layer, but for sockets and time. */
function environmentOf(env: Record<string, string> = {}, randoms: readonly number[] = [0.5]): Environment {
  const platform = new FakePlatform({ AWS_REGION: 'eu-west-1', ...env });
  platform.randoms = randoms;
  const waiting: ((event: LifecycleEvent) => void)[] = [];
  const { intake, lifecycle } = createPipeline({
    platform,
    diagnostics: new Diagnostics(platform),
    settings: settingsOf({ LOKI_ENABLE_GZIP: 'false', LOKI_LOG_TYPES: 'function', ...env }),
    url: ENDPOINT,
    next: () => new Promise((resolve) => waiting.push(resolve)),
    registration: { functionName: 'orders', functionVersion: '7', invokeEvents: true },
    receiver: { port: 4327, close: () => undefined, settled: async () => undefined },
  });
  void lifecycle.run(true);
  return {
    platform,
    async invoke(requestId) {
      await platform.settle();
      waiting.shift()!({ eventType: 'INVOKE', requestId, deadlineMs: platform.now() + 30_000 });
      await platform.settle();
    },
    async deliver(...events) {
      await platform.until(
        intake.accept(
          delivery(
            events.map((event) => {
              const [type, record, aheadMs = 0] = typeof event === 'string' ? ['function', event] : event;
              const time = new Date(platform.now() + aheadMs).toISOString();
              return { time, type: type === 'function' ? type : `platform.${type}`, record };
            }),
          ),
        ),
      );
    },
    async pushes() {
      await platform.advance(10_000);
      return platform.sent.map(({ request }) => {
        const { stream, values } = pushOf(request);
        const ids = values.map(([, , metadata]) => stream.request_id ?? metadata?.request_id);
        const bytes = request.body!.length;
        return { lines: values.map(([, line]) => line), ids, times: values.map(([time]) => time), bytes };
      });
    },
  };
}

describe('request ids', () => {
  const idsOf = async (environment: Environment): Promise<Record<string, string | undefined>> =>
    Object.fromEntries(
      (await environment.pushes()).flatMap(({ lines, ids }) => lines.map((line, i) => [line, ids[i]])),
    );

  it('follow INVOKE where platform.start is lost, but not before Init is over', async () => {
    const environment = environmentOf();
    await environment.deliver(['initStart', {}], 'of Init');
    await environment.invoke(ID_1);
    await environment.deliver('of Init, late', ['initRuntimeDone', {}], 'of the first');
    await environment.deliver(['runtimeDone', { requestId: ID_1, status: 'success' }], 'between');
    await environment.pushes();
    await environment.invoke(ID_2);
    await environment.deliver('of the second');
    assert.deepEqual(await idsOf(environment), {
      'of Init': undefined,
      'of Init, late': undefined,
      'of the first': ID_1,
      between: undefined,
      'of the second': ID_2,
    });
  });

  it('take a report for the end where that is lost', async () => {
    const environment = environmentOf();
    await environment.deliver(
      ['initRuntimeDone', {}],
      ['start', { requestId: ID_1 }],
      ['report', { requestId: ID_1 }],
      'after',
    );
    assert.deepEqual(await idsOf(environment), { after: undefined });
  });

  it('wait for the end of a restore', async () => {
    const environment = environmentOf();
    await environment.deliver(['initRuntimeDone', {}], ['restoreStart', {}]);
    await environment.invoke(ID_1);
    await environment.deliver('of a hook', ['restoreRuntimeDone', {}], 'of the first');
    assert.deepEqual(await idsOf(environment), { 'of a hook': undefined, 'of the first': ID_1 });
  });
});

describe('timestamps', () => {
  const timesOf = async (environment: Environment): Promise<string[]> =>
    (await environment.pushes()).flatMap(({ times }) => times);

  it('differ between environments that log the same in the same millisecond', async () => {
    const times = await Promise.all(
      [[0.1], [0.9]].map(async (randoms) => {
        const environment = environmentOf({}, randoms);
        await environment.deliver('the same');
        return timesOf(environment);
      }),
    );
    assert.deepEqual(times, [[`${START}140000`], [`${START}460000`]]);
  });

  it('differ between environments restored from one snapshot', async () => {
    const times = await Promise.all(
      [0.1, 0.9].map(async (random) => {
        const environment = environmentOf({}, [0.5, random]);
        await environment.deliver(['restoreStart', {}], 'the same');
        return timesOf(environment);
      }),
    );
    assert.deepEqual(times, [[`${START}140000`], [`${START}460000`]]);
  });

  it('of a record far in the future move no other', async () => {
    const environment = environmentOf();
    await environment.deliver(['function', 'nine minutes ahead', 540_000], 'now');
    await environment.platform.advance(5);
    await environment.deliver('after');
    assert.deepEqual(
      (await timesOf(environment)).map((time) => time.slice(0, 13)),
      [START, START, START + 5].map(String),
    );
  });
});

describe('a push', () => {
  it('keeps within LOKI_MAX_BATCH_SIZE_BYTES in bytes of UTF-8, not characters', async () => {
    const environment = environmentOf({ LOKI_MAX_BATCH_SIZE_BYTES: '2048' });
    const lines = Array.from({ length: 12 }, (_, i) => `${i} ${'ä€😀'.repeat(30)}`);
    await environment.deliver(...lines);
    const pushes = await environment.pushes();
    assert.deepEqual(
      pushes.flatMap((push) => push.lines),
      lines,
    );
    for (const { bytes, lines: some } of pushes) assert.ok(bytes <= 2048, `${bytes} bytes for ${some.length} lines`);
  });

  it('has no more than 1 MiB of lines, whatever the setting allows', async () => {
    const environment = environmentOf({ LOKI_MAX_BATCH_SIZE_BYTES: '52428800' });
    const lines = Array.from({ length: 30 }, (_, i) => `${i} ${'x'.repeat(100_000)}`);
    await environment.deliver(...lines);
    const pushes = await environment.pushes();
    assert.deepEqual(
      pushes.flatMap((push) => push.lines),
      lines,
    );
    for (const { bytes } of pushes) assert.ok(bytes <= 1.1 * 1024 * 1024, `${bytes} bytes`);
  });
});

describe('a secret of the environment', () => {
  /** Longer than what is shown of an answer, so that some of it is cut. */
  const PADDING = 270;

  it('finding 26: never appears on stderr, however Loki, a gateway or a proxy repeats it', async () => {
    const env = {
      LOKI_USERNAME: 'user',
      LOKI_PASSWORD: 'p4ss  <b>w0rd</b>',
      HTTPS_PROXY: 'http://user:pr%40xy-pass@proxy:3128',
      AWS_SECRET_ACCESS_KEY: 'wJalr/XUtn+FEMI',
      AWS_SESSION_TOKEN: 'IQoJb3JpZ2lu/X2Vj',
    };
    const repeated = [
      env.LOKI_PASSWORD,
      Buffer.from(`user:${env.LOKI_PASSWORD}`).toString('base64'),
      'pr@xy-pass',
      'pr%40xy-pass',
      env.AWS_SECRET_ACCESS_KEY,
      env.AWS_SESSION_TOKEN,
    ];
    for (const [i, text] of repeated.entries()) {
      for (const body of [
        `bad: ${text}`,
        `${'x'.repeat(PADDING)} ${text} after`,
        `<html><p>bad:</p> ${text} </html>`,
      ]) {
        // The proxy is not for this endpoint: its credentials are no less a secret.
        const environment = environmentOf({ ...env, NO_PROXY: '*' });
        environment.platform.onRequest = () => ({ status: 400, body });
        await environment.deliver('hello');
        // What knows of proxies is loaded meanwhile, which takes no virtual time.
        while (environment.platform.stderrLines.length === 0) await environment.platform.advance(1000);
        const said = environment.platform.stderrLines.join('\n');
        assert.match(said, /400/);
        for (const piece of [text.slice(0, 4), text.slice(-4)]) assert.ok(!said.includes(piece), `${i}: ${said}`);
      }
    }
  });
});

describe('a secret that cannot be read', () => {
  it('is reported once: not as a trouble with Loki as well', async () => {
    const environment = environmentOf({
      LOKI_API_KEY_SECRET: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:loki-AbCdEf',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'wJalr/XUtn+FEMI',
    });
    environment.platform.onRequest = () => ({
      status: 400,
      body: '{"__type":"AccessDeniedException","Message":"not allowed"}',
    });
    await environment.deliver('hello');
    while (environment.platform.stderrLines.length === 0) await environment.platform.advance(1000);
    for (let i = 0; i < 60; i++) await environment.platform.advance(1000);
    assert.equal(environment.platform.stderrLines.length, 1, environment.platform.stderrLines.join('\n'));
    assert.match(environment.platform.stderrLines[0], /needs secretsmanager:GetSecretValue/);
  });
});
