import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createNodePlatform } from '../../extension/platform/node';
import { Diagnostics } from '../../extension/diagnostics';
import { createSecretStore } from '../../extension/secrets/aws';
import { parseSecretRef } from '../../extension/config/secret-ref';
import { startFakeLoki, type FakeLoki } from '../../sandbox/loki';
import { type Moto, MotoUnavailableError, startMoto } from '../tools/moto';
import { assertNothingLeaked, startEnvironment, stored, warnings } from './support';

const FIRST = 'first-pässword "%"';
const SECOND = 'second-password';

void startMoto().then(
  (moto) => suite(moto),
  (error: unknown) => {
    if (!(error instanceof MotoUnavailableError)) throw error;
    describe('secrets in moto', () => it('all', { skip: error.message }, () => undefined));
  },
);

function suite(moto: Moto): void {
  describe('secrets in moto', () => {
    let loki: FakeLoki;
    /** What the gateway in front of Loki takes at the moment. */
    let expected = '';
    const basic = (user: string, password: string): string =>
      `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

    before(async () => {
      loki = await startFakeLoki({});
      loki.script({
        when: ({ headers }) => headers.authorization !== expected,
        fault: { kind: 'answer', status: 401, body: 'who are you?' },
      });
    });
    after(async () => {
      await loki.stop();
      await moto.stop();
    });

    it('user name and password are fields of one secret', async () => {
      const arn = await moto.createSecret('fields', JSON.stringify({ user: 'grafana', password: FIRST, port: 443 }));
      expected = basic('grafana', FIRST);
      await delivers(
        { LOKI_USERNAME_SECRET: `${arn}#user`, LOKI_PASSWORD_SECRET: `${arn}#password` },
        ['one', 'two'],
        [FIRST],
      );
    });

    it('the password is all of a secret, the user name stands in the environment', async () => {
      const arn = await moto.createSecret('whole', `${FIRST}\n`);
      expected = basic('grafana', FIRST);
      await delivers(
        { LOKI_USERNAME: 'grafana', LOKI_PASSWORD_SECRET: arn, LOKI_PASSWORD: 'not this one' },
        ['three'],
        [FIRST, 'not this one'],
      );
    });

    it('the API key is a SecureString parameter', async () => {
      const arn = await moto.putParameter('/team/loki/api-key', FIRST.replace('ä', 'a'));
      expected = `Bearer ${FIRST.replace('ä', 'a')}`;
      await delivers(
        { LOKI_API_KEY_SECRET: arn, LOKI_USERNAME: 'ignored', LOKI_PASSWORD: 'ignored too' },
        ['four'],
        [FIRST.replace('ä', 'a')],
      );
    });

    it('user name in one, password in the other', async () => {
      const [user, password] = [
        await moto.createSecret('user', 'grafana'),
        await moto.putParameter('plain-name', SECOND),
      ];
      expected = basic('grafana', SECOND);
      await delivers({ LOKI_USERNAME_SECRET: user, LOKI_PASSWORD_SECRET: password }, ['five'], [SECOND]);
    });

    for (const kind of ['secret', 'parameter'] as const) {
      it(`a ${kind} that is rotated is read again when Loki refuses the old one, and nothing is lost`, async () => {
        const arn =
          kind === 'secret' ? await moto.createSecret('rotated', FIRST) : await moto.putParameter('/rotated', FIRST);
        expected = basic('grafana', FIRST);
        const environment = await startEnvironment(loki.pushUrl, {
          AWS_ENDPOINT_URL: moto.url,
          LOKI_USERNAME: 'grafana',
          LOKI_PASSWORD_SECRET: arn,
        });
        try {
          const lines = (name: string): string[] => Array.from({ length: 250 }, (_, i) => `${kind} ${name} ${i}`);
          await environment.invoke(lines('before'));
          if (kind === 'secret') await moto.changeSecret(arn, SECOND);
          else await moto.putParameter('/rotated', SECOND, true);
          expected = basic('grafana', SECOND);
          const { status } = await environment.invoke(lines('after'));
          assert.equal(status, 'success');
          assert.deepEqual(
            stored(loki).filter((line) => line.startsWith(kind)),
            [...lines('before'), ...lines('after')],
            'stored by the end of the invocation',
          );
          assert.deepEqual((await environment.shutdown()).extensionExitCodes, { lambdawatch: 0 });
          assert.deepEqual(warnings(environment), []);
          assertNothingLeaked(environment, loki, [FIRST, SECOND]);
        } finally {
          await environment.close();
        }
      });
    }

    it('a parameter that is not there yet: the lines wait for it', async () => {
      const arn = (await moto.putParameter('/there', SECOND)).replace('/there', '/late');
      expected = basic('grafana', SECOND);
      const environment = await startEnvironment(loki.pushUrl, {
        AWS_ENDPOINT_URL: moto.url,
        LOKI_USERNAME: 'grafana',
        LOKI_PASSWORD_SECRET: arn,
      });
      try {
        const { status, extensionOverheadMs } = await environment.invoke(['early line']);
        assert.equal(status, 'success');
        assert.ok(extensionOverheadMs < 500, `the function was held for ${extensionOverheadMs} ms`);
        const said = warnings(environment).filter((line) => line.includes(arn));
        assert.equal(said.length, 1, environment.extensionStderr);
        assert.match(
          said[0],
          /^\[lambdawatch\] warn: LOKI_PASSWORD_SECRET: arn:\S+ does not exist or has no value: ParameterNotFound/,
        );
        assert.ok(!stored(loki).includes('early line'));
        await moto.putParameter('/late', SECOND);
        await environment.idle(600);
        await environment.invoke(['late line']);
        await environment.shutdown();
        assert.deepEqual(stored(loki).slice(-2), ['early line', 'late line']);
        assertNothingLeaked(environment, loki, [SECOND]);
      } finally {
        await environment.close();
      }
    });

    it("a binary secret can't be used; the plain variable is", async () => {
      const arn = await moto.createSecret('binary', Buffer.from('binary-password'));
      expected = basic('grafana', SECOND);
      const said = await delivers(
        { LOKI_USERNAME: 'grafana', LOKI_PASSWORD: SECOND, LOKI_PASSWORD_SECRET: arn },
        ['six'],
        [SECOND, 'binary-password'],
      );
      assert.deepEqual(said, [
        `[lambdawatch] warn: LOKI_PASSWORD_SECRET: ${arn} is a binary secret; only text can be used; LOKI_PASSWORD is used`,
      ]);
    });

    it("with credentials from the container's URL", async () => {
      const arn = await moto.createSecret('container', FIRST);
      const outcomes = await readWithContainerCredentials(moto, arn);
      assert.deepEqual(outcomes, [{ value: FIRST }]);
    });

    /** @returns what was warned of. */
    async function delivers(variables: Record<string, string>, lines: string[], secrets: string[]): Promise<string[]> {
      const environment = await startEnvironment(loki.pushUrl, { AWS_ENDPOINT_URL: moto.url, ...variables });
      try {
        assert.equal((await environment.invoke(lines)).status, 'success');
        assert.deepEqual(stored(loki).slice(-lines.length), lines, environment.extensionStderr);
        assert.deepEqual((await environment.shutdown()).extensionExitCodes, { lambdawatch: 0 });
        assertNothingLeaked(environment, loki, secrets);
        return warnings(environment);
      } finally {
        await environment.close();
      }
    }
  });
}

async function readWithContainerCredentials(moto: Moto, arn: string): Promise<unknown> {
  const { createServer } = await import('node:http');
  const tokens: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    tokens.push(request.headers.authorization);
    response.end(
      JSON.stringify({
        AccessKeyId: 'ASIAFROMURL',
        SecretAccessKey: 'from-url',
        Token: 'session',
        Expiration: new Date(Date.now() + 3_600_000).toISOString(),
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as { port: number };
    const env = {
      AWS_ENDPOINT_URL: moto.url,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'token of the container',
    };
    const platform = { ...createNodePlatform(), env };
    const store = createSecretStore(platform, new Diagnostics(platform), undefined);
    const { ref } = parseSecretRef('LOKI_PASSWORD_SECRET', arn);
    const outcomes = await store.fetch([ref!]);
    await store.fetch([ref!]);
    assert.deepEqual(tokens, ['token of the container'], 'asked once, with the token');
    return outcomes;
  } finally {
    server.close();
  }
}
