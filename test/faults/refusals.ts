import assert from 'node:assert/strict';
import { faults as answers, type Fault as Answer, LOKI_RATE_LIMITS } from '../loki/fake';
import { type Fault, faults } from './fault';

/** Loki, or what stands before it, refuses for one invocation and not afterwards; the lines must be there in the end. */
function passing(name: string, story: string, fault: Answer, told: RegExp): Fault {
  return {
    name, story,
    async run(trial) {
      await trial.environmentOf();
      trial.loki.script({ fault });
      await trial.succeed();
      await trial.succeed();
      assert.match(trial.said, told);
      assert.equal(trial.said.match(told.source.startsWith('status') ? new RegExp(told.source, 'g') : told)?.length, 1, `told once:\n${trial.said}`);
      trial.loki.script();
      await trial.succeed();
      await trial.shutdown();
    },
  };
}

/** Loki refuses one push for good. */
function final(name: string, story: string, fault: Answer, told: RegExp): Fault {
  return {
    name, story, unavoidable: 'Loki says that it will never take these lines; its words are told',
    async run(trial) {
      await trial.environmentOf();
      await trial.succeed();
      trial.loki.script({ fault, times: 1, whenContent: (streams) => streams.some(({ entries }) => entries.some(({ line }) => line.startsWith('line '))) });
      const { extensionOverheadMs } = await trial.succeed();
      assert.ok(extensionOverheadMs < 1000, `held ${extensionOverheadMs} ms: a refused push is not tried again`);
      await trial.succeed();
      await trial.shutdown();
      assert.match(trial.said, told);
    },
  };
}

export const refusals = faults([
  final('400, whole push', 'Loki can\'t parse a push (none of ours is such) and takes nothing of it', answers.badRequest(), /Loki refused lines, which are not sent again: status 400/),
  final('422', 'Loki sees no streams in a push', answers.noStreams(), /status 422/),
  final('260, ingestion blocked', 'the tenant is blocked, and Loki throws the lines away behind a status of success', answers.ingestionBlocked(), /status 260: ingestion blocked/),
  {
    name: '400, some lines',
    story: 'Loki refuses some lines of a push and stores the others',
    async run(trial) {
      await trial.environmentOf();
      trial.loki.script({ fault: answers.partial(), times: 1 });
      await trial.succeed();
      await trial.shutdown();
      assert.match(trial.said, /max entry size '262144' bytes exceeded/);
    },
  },
  passing('401', 'the credentials are wrong for two invocations, then mended', answers.unauthorized(), /status 401: no org id/),
  passing('403', 'a gateway forbids it for two invocations', answers.forbidden(), /status 403: 403 Forbidden/),
  passing('404', 'the path is wrong until the gateway is mended', answers.notFound(), /status 404/),
  passing('redirect', 'a gateway answers with a redirect for two invocations', answers.redirect('https://elsewhere.example/'), /a redirect to https:\/\/elsewhere\.example\//),
  passing('500', 'Loki fails for two invocations', answers.internalError(), /status 500: empty ring/),
  passing('502 HTML page', 'a load balancer answers with an error page', answers.badGateway(), /status 502: 502 Bad Gateway/),
  passing('429, per-stream rate', 'the stream is over its rate for two invocations', answers.perStreamRate(), /Per stream rate limit exceeded/),
  {
    name: '429, ingestion rate',
    story: 'the tenant\'s real rate limits, and 8 MB of lines in one invocation',
    loki: { limits: LOKI_RATE_LIMITS },
    async run(trial) {
      await trial.environmentOf();
      await trial.succeed({ lines: 800, bytes: 10_000 });
      await trial.succeed({ lines: 1, ms: 1000 });
      await trial.shutdown();
    },
  },
  {
    name: '429, stream limit',
    story: 'the tenant may have two streams, and each invocation would be one',
    loki: { limits: { maxGlobalStreamsPerUser: 2 } },
    async run(trial) {
      await trial.environmentOf();
      const results = [await trial.succeed(), await trial.succeed(), await trial.succeed()];
      await trial.shutdown();
      assert.equal(trial.said.match(/limit of streams is reached/g)?.length, 1, trial.said);
      const ids = trial.loki.stored.map(({ labels, metadata }) => labels.request_id ?? metadata.request_id);
      for (const { requestId } of results) assert.ok(ids.filter((id) => id === requestId).length >= 10, 'each line still has its request id');
    },
  },
  {
    name: '413',
    story: 'a gateway takes bodies of 2 000 bytes only',
    loki: { limits: { maxBodyBytes: 2000 } },
    async run(trial) {
      await trial.environmentOf({ environment: { LOKI_ENABLE_GZIP: 'false' } });
      await trial.succeed({ lines: 100, bytes: 100 });
      const before = trial.loki.pushes.filter(({ status }) => status === 413).length;
      await trial.succeed({ lines: 100, bytes: 100 });
      await trial.shutdown();
      const after = trial.loki.pushes.filter(({ status }) => status === 413).length - before;
      assert.ok(before > 0 && after <= 2, `the size that passes is remembered: ${before} refusals, then ${after}`);
    },
  },
  {
    name: '413, one line',
    story: 'a single line is larger than a gateway takes',
    loki: { limits: { maxBodyBytes: 3000 } },
    unavoidable: 'the line can\'t pass as it is; it alone is given up, and told',
    async run(trial) {
      await trial.environmentOf({ environment: { LOKI_ENABLE_GZIP: 'false' } });
      await trial.succeed({ lines: 1, bytes: 5000 });
      await trial.succeed({ lines: 20 });
      await trial.shutdown();
      assert.match(trial.said, /status 413/);
      assert.equal(trial.figures().lost, 1);
    },
  },
  {
    name: '500 ResourceExhausted',
    story: 'a push is over the gRPC limit between Loki\'s own parts',
    loki: { limits: { grpcMaxRecvMsgSize: 50_000 } },
    async run(trial) {
      await trial.environmentOf();
      await trial.succeed({ lines: 200, bytes: 2000 });
      await trial.shutdown();
      assert.ok(trial.loki.pushes.some(({ status }) => status === 500));
    },
  },
  {
    name: 'unknown host',
    story: 'the name of Loki\'s host can\'t be resolved',
    unavoidable: 'there is no Loki to bring the lines to; it is told',
    async run(trial) {
      await trial.environmentOf({ environment: { LOKI_ENDPOINT: 'http://loki.invalid/loki/api/v1/push' } });
      for (let i = 0; i < 2; i++) assert.ok((await trial.succeed()).extensionOverheadMs <= 4500);
      await trial.shutdown();
      assert.match(trial.said, /loki\.invalid/);
      assert.match(trial.said, /the environment ends with \d+ lines that Loki did not take/);
    },
  },
  {
    name: 'TLS with a peer that has none',
    story: 'the endpoint says https, and the server speaks plain HTTP',
    unavoidable: 'there is no Loki to bring the lines to; it is told',
    async run(trial) {
      await trial.environmentOf({ environment: { LOKI_ENDPOINT: trial.pushUrl.replace('http:', 'https:') } });
      for (let i = 0; i < 2; i++) assert.ok((await trial.succeed()).extensionOverheadMs <= 4500);
      await trial.shutdown();
      assert.match(trial.said, /TLS/);
    },
  },
]);
