import { UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type FakeLoki, startFakeLoki } from '../../sandbox/loki';
import { type Moto, startMoto } from '../tools/moto';
import { AwsInBetween } from './aws-in-between';
import { Account, builtCli, CommandLine, reasonToSkip } from './support';

interface Diagnosis {
  readonly findings: readonly { level: string; about: string; text: string; wayOut?: string }[];
}

describe('lambdawatch doctor', () => {
  let moto: Moto | undefined;
  let aws: AwsInBetween;
  let cli: CommandLine;
  let account: Account;
  let loki: FakeLoki;
  let secret = '';
  let skip: string | undefined;

  before(async () => {
    try {
      const file = await builtCli();
      moto = await startMoto();
      aws = await AwsInBetween.start(moto.url);
      cli = new CommandLine(file, aws.url);
      account = new Account(moto.url);
      loki = await startFakeLoki({ credentials: { username: 'me', password: 'geheim-genug' } });
      secret = await moto.createSecret('loki', 'geheim-genug');
      await account.function('orders', await account.role('orders'), {
        Environment: { Variables: { DATABASE: 'postgres://user:pw@db' } },
      });
      const args = [
        'attach',
        '-f',
        'orders',
        '--endpoint',
        loki.pushUrl,
        '--username',
        'me',
        '--password-secret',
        secret,
        '--yes',
      ];
      assert.equal((await cli.run(args)).code, 0);
    } catch (error) {
      skip = reasonToSkip(error);
    }
  });
  after(async () => {
    await loki?.stop();
    aws?.stop();
    await moto?.stop();
  });

  it('finds nothing wrong with a function that works, and its line is in Loki', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const { code, stdout, stderr } = await cli.run(['doctor', 'orders', '--push']);
    assert.equal(code, 0, stdout + stderr);
    for (const words of [
      /^✓ layer: arn:\S+:lambdawatch-x86_64:1, for x86_64$/m,
      /^✓ settings: /m,
      /^✓ role: it may secretsmanager:GetSecretValue/m,
      /^✓ network: not in a VPC/m,
      /^✓ CloudWatch: on/m,
      /^✓ Loki: \S+ has stored a line/m,
    ])
      assert.match(stdout, words);
    assert.deepEqual(
      (await loki.lines()).map(({ labels }) => labels.source),
      ['lambdawatch-doctor'],
    );
    assert.equal((await cli.run(['doctor', 'orders'])).code, 0);
    assert.equal((await loki.lines()).length, 1);
  });

  it('writes a report without secrets, account and values of others', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const file = join(mkdtempSync(join(tmpdir(), 'lambdawatch-doctor-')), 'report.json');
    assert.equal((await cli.run(['doctor', 'orders', '--bundle', file])).code, 0);
    const text = readFileSync(file, 'utf8');
    assert.doesNotMatch(text, /geheim|postgres|123456789012|orders/);
    const report = JSON.parse(text) as { function: { Variables: Record<string, string> } };
    assert.equal(report.function.Variables.DATABASE, '(21 bytes)');
    assert.equal(report.function.Variables.LOKI_USERNAME, 'me');
  });

  const broken: [string, () => Promise<void> | void, RegExp, RegExp][] = [
    [
      'the role may not read the secret',
      () => void (aws.allowed = () => false),
      /^it may not secretsmanager:GetSecretValue/,
      /--grant$/,
    ],
    [
      'the VPC has no way to the secret',
      () => void aws.overlays.set('orders', { VpcConfig: { VpcId: 'vpc-1', SubnetIds: ['subnet-1'] } }),
      /^the secrets can't be read from vpc-1: .*com\.amazonaws\.eu-west-1\.secretsmanager/,
      /endpoint, or a NAT gateway/,
    ],
    [
      'the layer is gone',
      async () =>
        void (await account.lambda.send(
          new UpdateFunctionConfigurationCommand({ FunctionName: 'orders', Layers: [] }),
        )),
      /^it was attached, and the layer is gone/,
      /attach again/,
    ],
    [
      'the password was changed',
      () => moto!.changeSecret(secret, 'another-one'),
      /does not let us in: status 401/,
      /check user, password or token/,
    ],
  ];
  for (const [what, change, text, wayOut] of broken) {
    it(`finds that ${what}, and says what to do`, async (t) => {
      if (skip !== undefined) return t.skip(skip);
      await change();
      const { code, value } = await cli.json<Diagnosis>(['doctor', 'orders']);
      assert.equal(code, 1);
      const found = value.findings.find((one) => one.level === 'problem' && text.test(one.text));
      assert.ok(found, JSON.stringify(value.findings, null, 1));
      assert.match(found.wayOut ?? '', wayOut);
      aws.allowed = () => true;
      aws.overlays.clear();
    });
  }

  it('looks at Loki alone, without AWS', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const env = {
      AWS_ACCESS_KEY_ID: undefined,
      AWS_REGION: undefined,
      LOKI_USERNAME: 'me',
      LOKI_PASSWORD: 'geheim-genug',
    };
    const ran = await cli.run(['doctor', '--endpoint', loki.pushUrl], { env });
    assert.equal(ran.code, 0, ran.stdout);
    const wrong = await cli.run(['doctor', '--endpoint', loki.pushUrl], {
      env: { ...env, LOKI_PASSWORD: 'falsch-gedacht' },
    });
    assert.equal(wrong.code, 1);
    assert.doesNotMatch(wrong.stdout + wrong.stderr, /falsch/);
    const nobody = await cli.run(['doctor', '--endpoint', 'http://127.0.0.1:9/loki/api/v1/push'], { env });
    assert.equal(nobody.code, 1);
    assert.match(nobody.stdout, /^✗ Loki: 127\.0\.0\.1:9 does not answer/m);
  });

  describe('tells how many streams the tenant has', () => {
    const answers = { stats: { status: 200, body: '' }, limits: { status: 404, body: '404 page not found' } };
    const asked: { url: string; headers: IncomingHttpHeaders }[] = [];
    let server: Server;
    let endpoint = '';

    before(async () => {
      server = createServer((request, response) => {
        const { url = '', headers } = request;
        request.resume();
        if (request.method === 'POST') return void response.writeHead(422).end('error at least one valid stream');
        asked.push({ url, headers });
        const { status, body } = url.startsWith('/loki/api/v1/series?') ? answers.stats : answers.limits;
        response.writeHead(status).end(body);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/loki/api/v1/push`;
    });
    after(() => {
      server.closeAllConnections();
      server.close();
    });

    const stats = (streams: number): string =>
      JSON.stringify({
        status: 'success',
        data: Array.from({ length: streams }, (_, n) => ({ request_id: String(n) })),
      });
    for (const [what, series, limits, more, level, words, wayOut] of [
      ['few of them', stats(37), '', [], 'ok', /^37 .* of 5000, Loki's default limit$/, /^$/],
      ['nearly all, by request ids', stats(4200), '', [], 'warning', /^4200 /, /--request-id-as metadata$/],
      [
        'nearly all, by other labels',
        stats(4200),
        '',
        ['--request-id-as', 'metadata'],
        'warning',
        /^4200 /,
        /fewer labels, or raise max_global_streams_per_user$/,
      ],
      [
        'few of a limit that Loki tells',
        stats(4200),
        'ingestion_rate_mb: 4\nmax_global_streams_per_user: 10000\n',
        [],
        'ok',
        /^4200 of the tenant in the last hour, of 10000$/,
        /^$/,
      ],
    ] as const) {
      it(what, async (t) => {
        if (skip !== undefined) return t.skip(skip);
        asked.length = 0;
        answers.stats = { status: 200, body: series };
        answers.limits = limits === '' ? { status: 404, body: '404 page not found' } : { status: 200, body: limits };
        const args = ['doctor', '--endpoint', endpoint, '--tenant-id', 'shop', ...more];
        const { code, value } = await cli.json<Diagnosis>(args);
        const found = value.findings.find(({ about }) => about === 'streams');
        assert.deepEqual([code, found?.level], [0, level], JSON.stringify(value.findings, null, 1));
        assert.match(found?.text ?? '', words);
        assert.match(found?.wayOut ?? '', wayOut);
      });
    }

    it('by the way and with the credentials of the push', async (t) => {
      if (skip !== undefined) return t.skip(skip);
      asked.length = 0;
      answers.stats = { status: 200, body: stats(1) };
      await cli.run(['doctor', '--endpoint', endpoint, '--tenant-id', 'shop'], {
        env: { LOKI_USERNAME: 'me', LOKI_PASSWORD: 'geheim-genug' },
      });
      const [{ url, headers }] = asked;
      assert.match(decodeURIComponent(url), /\{service_name=~"\.\+"\}&start=\d{19}&end=\d{19}$/);
      const basic = `Basic ${Buffer.from('me:geheim-genug').toString('base64')}`;
      assert.deepEqual([headers.authorization, headers['x-scope-orgid']], [basic, 'shop']);
    });

    for (const [status, words] of [
      [401, /^Loki does not tell .*: status 401, so the credentials may only write$/],
      [404, /^Loki does not tell .*: status 404$/],
    ] as const) {
      it(`or that Loki does not, with ${status}, which is no problem`, async (t) => {
        if (skip !== undefined) return t.skip(skip);
        answers.stats = { status, body: 'no' };
        const { code, value } = await cli.json<Diagnosis>(['doctor', '--endpoint', endpoint]);
        const found = value.findings.find(({ about }) => about === 'streams');
        assert.deepEqual([code, found?.level], [0, 'unknown']);
        assert.match(found?.text ?? '', words);
      });
    }
  });

  it('refuses to look at nothing', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const ran = await cli.run(['doctor']);
    assert.deepEqual([ran.code, ran.stderr], [2, 'error: name a function, or give --endpoint to look at Loki alone\n']);
    assert.match((await cli.run(['doctor', 'nobody'])).stderr, /there is no function nobody in eu-west-1/);
  });
});
