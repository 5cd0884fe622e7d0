import { type Fault as Answer, faults as answers, startFakeLoki } from '../../sandbox/loki';
import { type Fault, faults } from './fault';
import { mayMissTroubles, waitsForNothing } from './strategy';

const NO_LOKI = 'there is no Loki to bring the lines to; the number is told';

/**
 * Loki, or what stands before it, refuses for two invocations and not afterwards; the lines must be there in the end.
 */
function passing(name: string, story: string, fault: Answer, told: RegExp): Fault {
  return {
    name,
    story,
    async run(trial) {
      await trial.environmentOf();
      await trial.away(fault);
      await trial.succeed();
      await trial.succeed();
      trial.expectSaid(told, 1);
      await trial.recover();
      await trial.shutdown();
    },
  };
}

/** Loki refuses one push for good. */
function final(name: string, story: string, fault: Answer, told: RegExp): Fault {
  return {
    name,
    story,
    unavoidable: 'Loki says that it will never take these lines; its words and their number are told',
    async run(trial) {
      await trial.environmentOf();
      await trial.succeed();
      trial.trouble({
        fault,
        times: 1,
        whenContent: (streams) => streams.some(({ entries }) => entries.some(({ line }) => line.startsWith('line '))),
      });
      const { extensionOverheadMs } = await trial.succeed();
      trial.expect(
        extensionOverheadMs < 1000 + 2 * trial.healthyMs,
        `held ${extensionOverheadMs} ms: a refused push is not tried again`,
      );
      await trial.succeed();
      await trial.shutdown();
      trial.expectSaid(told);
    },
  };
}

/** One line is refused, whatever push it is in, and all others would pass. */
function poison(name: string, story: string, fault: Answer): Fault {
  return {
    name: `poison, ${name}`,
    story: `${story}; every push with a certain line is refused so, all others pass`,
    unavoidable: 'the poisonous line, and it alone; it is counted and told',
    always: ['0.04 s'],
    async run(trial) {
      await trial.environmentOf({ environment: { BUFFER_SIZE: '400' } });
      await trial.succeed();
      trial.trouble({
        fault,
        whenContent: (streams) => streams.some(({ entries }) => entries.some(({ line }) => line.includes('poison'))),
      });
      await trial.succeed({ lines: 1, word: 'poison' });
      for (let i = 0; i < 12; i++) await trial.succeed({ lines: 20 });
      const good = (): number => trial.loki.stored.filter(({ line }) => line.startsWith('line ')).length;
      const before = good();
      if (!waitsForNothing())
        trial.expect(before >= 230, `${before} of 250 good lines are stored before the environment ends`);
      await trial.shutdown();
      trial.expect(good() === 250, `${good()} of 250 good lines are stored`);
      const noise = trial.said.match(/could not be delivered yet/g)?.length ?? 0;
      trial.expect(
        noise <= 2,
        `"could not be delivered yet" was said ${noise} times, while one line was refused and all others passed`,
      );
    },
  };
}

/** `ResourceExhausted` is the code of every quota and overload, not only of messages that are too large. */
function exhausted(status: number, body: string): Fault {
  return {
    name: `${status} ResourceExhausted, overload`,
    story: `Loki answers ${status} "${body.slice(0, 80)}…" for one invocation of 300 lines`,
    always: ['0.04 s'],
    async run(trial) {
      await trial.environmentOf();
      await trial.succeed();
      await trial.away({ kind: 'answer', status, body: `${body}\n` });
      await trial.succeed({ lines: 300 });
      await trial.recover();
      const before = trial.loki.pushes.length;
      await trial.succeed({ lines: 300 });
      const pushes = trial.loki.pushes.length - before;
      trial.expect(pushes <= 8, `${pushes} pushes for 300 lines after it`);
      await trial.shutdown();
    },
  };
}

const WAF = { kind: 'answer', headers: { 'content-type': 'text/html' } } as const;

export const refusals = faults([
  final(
    '400, whole push',
    "Loki can't parse a push (none of ours is such) and takes nothing of it",
    answers.badRequest(),
    /status 400/,
  ),
  final('422', 'Loki sees no streams in a push', answers.noStreams(), /status 422/),
  final(
    '260, ingestion blocked',
    'the tenant is blocked, and Loki throws the lines away behind a status of success',
    answers.ingestionBlocked(),
    /status 260: ingestion blocked/,
  ),
  {
    name: '400, some lines',
    story:
      'three of 13 lines are longer than Loki takes, as LOKI_MAX_LINE_SIZE allows them; it refuses these and stores the others',
    unavoidable: "the long lines; Loki's words and their number are told",
    async run(trial) {
      await trial.environmentOf({ environment: { LOKI_MAX_LINE_SIZE: '400000' } });
      await trial.succeed();
      await trial.succeed({ lines: 3, bytes: 300_000 });
      await trial.succeed();
      await trial.shutdown();
      trial.expectSaid(/max entry size '262144' bytes exceeded/);
      trial.expect(trial.figures().lost === 3, `${trial.figures().lost} lines lost, not the three that are too long`);
    },
  },
  passing(
    '401',
    'the credentials are wrong for two invocations, then mended',
    answers.unauthorized(),
    /status 401: no org id/,
  ),
  passing('403', 'a gateway forbids it for two invocations', answers.forbidden(), /status 403: 403 Forbidden/),
  passing('404', 'the path is wrong until the gateway is mended', answers.notFound(), /status 404/),
  passing(
    'redirect',
    'a gateway answers with a redirect for two invocations',
    answers.redirect('https://elsewhere.example/'),
    /a redirect to https:\/\/elsewhere\.example\//,
  ),
  passing('500', 'Loki fails for two invocations', answers.internalError(), /status 500: empty ring/),
  passing(
    '502 HTML page',
    'a load balancer answers with an error page',
    answers.badGateway(),
    /status 502: 502 Bad Gateway/,
  ),
  passing(
    '429, per-stream rate',
    'the stream is over its rate for two invocations',
    answers.perStreamRate(),
    /Per stream rate limit exceeded/,
  ),
  passing(
    '200, sign-in page',
    'a proxy answers 200 with an HTML page to sign in at, for two invocations',
    {
      kind: 'answer',
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8' },
      body: '<!doctype html><html><head><title>Sign in</title></head><body><form></form></body></html>',
    },
    /status 200/,
  ),
  poison('400', 'a firewall answers 400 with a page of its own', {
    ...WAF,
    status: 400,
    body: '<html><body>Bad request</body></html>',
  }),
  poison('403', 'a firewall forbids it', answers.forbidden()),
  poison('406', 'a firewall finds it not acceptable', {
    ...WAF,
    status: 406,
    body: '<html><body>Not Acceptable!</body></html>',
  }),
  poison('413', 'a gateway finds it too large', answers.tooLarge()),
  poison('500', 'Loki stumbles over it', answers.internalError()),
  exhausted(
    500,
    'rpc error: code = ResourceExhausted desc = too many inflight push requests in the ingester, and more words',
  ),
  exhausted(503, 'upstream error: ResourceExhausted: quota of the load balancer is used up, and more words'),
  {
    name: '429, ingestion rate',
    heavy: true,
    story: "8 MB of lines in one invocation, more than Loki's default rates take at once",
    async run(trial) {
      await trial.environmentOf();
      await trial.succeed({ lines: 800, bytes: 10_000 });
      await trial.succeed({ lines: 1, ms: 1000 });
      await trial.recover();
      await trial.shutdown();
    },
  },
  {
    name: '429, stream limit',
    story: 'the tenant may have two streams, and each invocation would be one',
    loki: { limits: { maxGlobalStreamsPerUser: 2 } },
    async run(trial) {
      await trial.environmentOf({ environment: { LOKI_REQUEST_ID_AS: 'label' } });
      const results = [await trial.succeed(), await trial.succeed(), await trial.succeed()];
      await trial.recover();
      await trial.shutdown();
      trial.expectSaid(/limit of streams is reached/, 1);
      const ids = trial.loki.stored.map(({ labels, metadata }) => labels.request_id ?? metadata.request_id);
      for (const { requestId } of results)
        trial.expect(ids.filter((id) => id === requestId).length >= 10, 'each line still has its request id');
    },
  },
  {
    name: '429, stream limit, no metadata',
    story:
      'the tenant may have three streams, and this Loki takes no structured metadata (allow_structured_metadata: false)',
    loki: { limits: { maxGlobalStreamsPerUser: 3, allowStructuredMetadata: false } },
    always: ['0.04 s'],
    async run(trial) {
      await trial.environmentOf({ environment: { LOKI_REQUEST_ID_AS: 'label' } });
      for (let i = 0; i < 6; i++) await trial.succeed();
      await trial.recover();
      await trial.shutdown();
    },
  },
  {
    name: 'no structured metadata',
    story: 'Loki takes no structured metadata, LOKI_REQUEST_ID_AS is metadata, and a long line is split',
    loki: { limits: { allowStructuredMetadata: false } },
    async run(trial) {
      await trial.environmentOf({ environment: { LOKI_REQUEST_ID_AS: 'metadata' } });
      for (let i = 0; i < 3; i++) await trial.succeed();
      await trial.recover();
      await trial.shutdown();
      trial.expectSaid(/takes no structured metadata/, 1);
    },
  },
  {
    name: '413',
    story: 'a gateway takes bodies of 6 000 bytes only',
    loki: { limits: { maxBodyBytes: 6000 } },
    async run(trial) {
      await trial.environmentOf({ environment: { LOKI_ENABLE_GZIP: 'false' } });
      await trial.succeed({ lines: 100, bytes: 100 });
      await trial.recover();
      const before = trial.loki.pushes.filter(({ status }) => status === 413).length;
      await trial.succeed({ lines: 100, bytes: 100 });
      await trial.recover();
      await trial.shutdown();
      const after = trial.loki.pushes.filter(({ status }) => status === 413).length - before;
      trial.expect(
        (before > 0 || mayMissTroubles()) && after <= 3,
        `the size that passes is remembered: ${before} refusals, then ${after}`,
      );
    },
  },
  {
    name: '413, one line',
    story: 'a single line of 9 kB is larger than a gateway takes',
    loki: { limits: { maxBodyBytes: 6000 } },
    unavoidable: "the line can't pass as it is; it alone is given up, and told",
    async run(trial) {
      await trial.environmentOf({ environment: { LOKI_ENABLE_GZIP: 'false' } });
      await trial.succeed({ lines: 1, bytes: 9000 });
      await trial.succeed({ lines: 20 });
      await trial.recover();
      await trial.shutdown();
      trial.expectSaid(/status 413/);
      trial.expect(trial.figures().lost === 1, `${trial.figures().lost} lines lost, not the one`);
    },
  },
  {
    name: '500 ResourceExhausted, size',
    story: "a push is over the gRPC limit between Loki's own parts, which is 50 kB here",
    loki: { limits: { grpcMaxRecvMsgSize: 50_000 } },
    async run(trial) {
      await trial.environmentOf();
      await trial.succeed({ lines: 200, bytes: 2000 });
      await trial.recover();
      await trial.shutdown();
      trial.expect(
        trial.loki.pushes.some(({ status }) => status === 500),
        'a push is over the limit',
      );
    },
  },
  {
    name: 'unknown host',
    story: "the name of Loki's host can't be resolved",
    unavoidable: NO_LOKI,
    async run(trial) {
      await trial.environmentOf({ environment: { LOKI_ENDPOINT: 'http://loki.invalid/loki/api/v1/push' } });
      for (let i = 0; i < 2; i++) await trial.succeed();
      await trial.shutdown();
      trial.expectSaid(/loki\.invalid/);
      trial.expectSaid(/the environment ends with \d+ lines/);
    },
  },
  {
    name: 'TLS with a peer that has none',
    story: 'the endpoint says https, and the server speaks plain HTTP',
    unavoidable: NO_LOKI,
    async run(trial) {
      const plain = await startFakeLoki();
      await trial.environmentOf({ environment: { LOKI_ENDPOINT: plain.pushUrl.replace('http:', 'https:') } });
      for (let i = 0; i < 2; i++) await trial.succeed();
      await trial.shutdown();
      await plain.stop();
      trial.expectSaid(/TLS/);
    },
  },
]);
