import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSecretRef } from '../../../../extension/config/secret-ref';
import { Diagnostics } from '../../../../extension/diagnostics';
import type { HttpRequest } from '../../../../extension/platform/types';
import { redacted } from '../../../../extension/redaction';
import { createSecretStore } from '../../../../extension/secrets/aws';
import { Identity, IdentityError } from '../../../../extension/secrets/aws/identity';
import type { SecretOutcome } from '../../../../extension/secrets/secret-store';
import { FakePlatform, type Answer } from '../../support/fake-platform';

const CREDENTIALS_URL = 'http://169.254.170.23/v1/credentials';
const MINUTE = 60_000;
const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';

/** What the URL of container credentials answers. */
const credentials = (platform: FakePlatform, key: string, validMs = 60 * MINUTE): Answer => ({
  status: 200,
  body: JSON.stringify({
    AccessKeyId: `ASIA-${key}`,
    SecretAccessKey: `secret-${key}`,
    Token: `token-${key}`,
    Expiration: new Date(platform.now() + validMs).toISOString(),
  }),
});

describe("the identity of the function's role", () => {
  const container = { AWS_CONTAINER_CREDENTIALS_FULL_URI: CREDENTIALS_URL };

  it('stands in the environment on demand, and nothing is asked for it', async () => {
    const platform = new FakePlatform({
      ...container,
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_SECRET_ACCESS_KEY: 'key',
      AWS_SESSION_TOKEN: 'token',
    });
    assert.deepEqual(await new Identity(platform).get(), {
      accessKeyId: 'AKIA',
      secretAccessKey: 'key',
      sessionToken: 'token',
    });
    assert.equal(platform.sent.length, 0);
  });

  it('is fetched with SnapStart, with the token of a file or of the environment', async () => {
    const file = { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/run/token' };
    for (const [env, token] of [
      [file, 'of-the-file'],
      [{ AWS_CONTAINER_AUTHORIZATION_TOKEN: 'of-the-env' }, 'of-the-env'],
      [{}, undefined],
    ] as const) {
      const platform = new FakePlatform({ ...container, ...env });
      platform.files.set('/run/token', 'of-the-file\n');
      platform.onRequest = () => credentials(platform, '1');
      const identity = await platform.until(new Identity(platform).get());
      assert.deepEqual(identity, { accessKeyId: 'ASIA-1', secretAccessKey: 'secret-1', sessionToken: 'token-1' });
      assert.deepEqual(
        [platform.sent[0].request.url, platform.sent[0].request.headers?.authorization],
        [CREDENTIALS_URL, token],
      );
    }
  });

  it("is missing, with the reason, where the file of the token can't be read or the answer is none", async () => {
    const unreadable = new FakePlatform({ ...container, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/run/token' });
    await assert.rejects(
      new Identity(unreadable).get(),
      (error) => error instanceof IdentityError && /TOKEN_FILE can't be read/.test(error.message),
    );
    const refused = new FakePlatform(container);
    refused.onRequest = () => ({ status: 403, body: '{}' });
    await assert.rejects(
      refused.until(new Identity(refused).get()),
      /AWS_CONTAINER_CREDENTIALS_FULL_URI gives no credentials: status 403/,
    );
    await assert.rejects(new Identity(new FakePlatform()).get(), /no AWS credentials in the environment/);
  });

  it('has a session token only where there is one, and needs both keys', async () => {
    const keys = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'key' };
    assert.deepEqual(await new Identity(new FakePlatform(keys)).get(), { accessKeyId: 'AKIA', secretAccessKey: 'key' });
    const half = new FakePlatform({ ...container, AWS_ACCESS_KEY_ID: 'AKIA' });
    half.onRequest = () => ({ status: 200, body: '{"AccessKeyId":"A","SecretAccessKey":"S"}' });
    assert.deepEqual(await half.until(new Identity(half).get()), { accessKeyId: 'A', secretAccessKey: 'S' });
    assert.deepEqual(half.sent[0].request.headers, {});
    assert.equal(half.sent[0].request.maxIdleMs, 0);
  });

  it('is kept until five minutes before it expires, and then fetched anew', async () => {
    const platform = new FakePlatform(container);
    platform.onRequest = (_, index) => credentials(platform, String(index));
    const identity = new Identity(platform);
    const key = async (): Promise<string> => (await platform.until(identity.get())).secretAccessKey;
    assert.equal(await key(), 'secret-0');
    await platform.advance(55 * MINUTE);
    assert.equal(await key(), 'secret-0');
    await platform.advance(1);
    assert.equal(await key(), 'secret-1');
  });
});

describe('the store of secrets', () => {
  const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:loki/password-AbCdEf';
  const ref = parseSecretRef('LOKI_PASSWORD_SECRET', ARN).ref!;

  interface Store {
    readonly platform: FakePlatform;
    readonly diagnostics: Diagnostics;
    fetch(): Promise<SecretOutcome>;
    /** Requests to Secrets Manager. */
    readonly asked: () => HttpRequest[];
  }

  function storeOf(env: Record<string, string>, answer: (platform: FakePlatform, count: number) => Answer): Store {
    const platform = new FakePlatform({ AWS_CONTAINER_CREDENTIALS_FULL_URI: CREDENTIALS_URL, ...env });
    const diagnostics = new Diagnostics(platform);
    diagnostics.redactor = redacted;
    const asked = (): HttpRequest[] =>
      platform.sent.map(({ request }) => request).filter(({ url }) => url !== CREDENTIALS_URL);
    const fetches = (): number => platform.sent.length - asked().length;
    platform.onRequest = ({ url }) =>
      url === CREDENTIALS_URL ? credentials(platform, String(fetches())) : answer(platform, asked().length);
    const store = createSecretStore(platform, diagnostics, undefined);
    return { platform, diagnostics, asked, fetch: async () => (await platform.until(store.fetch([ref])))[0] };
  }

  const value: Answer = { status: 200, body: '{"SecretString":"hunter2"}' };

  it('fetches credentials again after AWS has refused them', async () => {
    const { fetch, platform } = storeOf({}, (_, count) =>
      count === 0 ? { status: 400, body: '{"__type":"ExpiredTokenException"}' } : value,
    );
    assert.ok('problem' in (await fetch()));
    assert.deepEqual(await fetch(), { value: 'hunter2' });
    const last = platform.sent.at(-1)!.request;
    assert.equal(last.headers?.['x-amz-security-token'], 'token-1');
  });

  it("trusts the roots in AWS_CA_BUNDLE, and says so where they can't be read", async () => {
    const readable = storeOf({ AWS_CA_BUNDLE: '/etc/ca.pem' }, () => value);
    readable.platform.files.set('/etc/ca.pem', PEM);
    await readable.fetch();
    assert.deepEqual(
      readable.asked().map(({ tls }) => tls),
      [{ ca: PEM }],
    );

    const unreadable = storeOf({ AWS_CA_BUNDLE: '/etc/ca.pem' }, () => value);
    await unreadable.fetch();
    assert.deepEqual(
      unreadable.asked().map(({ tls }) => tls),
      [undefined],
    );
    assert.match(
      unreadable.platform.stderrLines[0],
      /AWS_CA_BUNDLE can't be read.*only the public roots are trusted for AWS/,
    );
  });

  it('keeps credentials that AWS has not refused: where it fails, or is not reached', async () => {
    for (const [answer, token] of [
      [{ status: 499, body: '{}' }, 'token-1'],
      [{ status: 500, body: '{}' }, 'token-0'],
      [{ error: 'ECONNREFUSED' }, 'token-0'],
    ] as const) {
      const { fetch, platform } = storeOf({}, (_, count) => (count === 0 ? answer : value));
      await fetch();
      assert.deepEqual(await fetch(), { value: 'hunter2' });
      assert.equal(platform.sent.at(-1)!.request.headers['x-amz-security-token'], token, JSON.stringify(answer));
    }
  });

  it('names an endpoint that can not be used, once', async () => {
    const { fetch, platform } = storeOf({ AWS_ENDPOINT_URL: 'nowhere' }, () => value);
    await fetch();
    await fetch();
    assert.equal(platform.stderrLines.length, 1);
    assert.match(platform.stderrLines[0], /AWS_ENDPOINT_URL/);
  });

  it('never shows the credentials it fetched, even where an answer of AWS repeats them and is cut', async () => {
    for (const padding of [0, 270, 290, 293, 294]) {
      const message = `${'x'.repeat(padding)} secret-0 token-0`;
      const { fetch, diagnostics, platform } = storeOf({}, () => ({
        status: 400,
        body: JSON.stringify({ __type: 'E', message }),
      }));
      const outcome = await fetch();
      diagnostics.error('problem' in outcome ? outcome.problem : '');
      const [said] = platform.stderrLines;
      assert.match(said, /can't be read: E: /);
      assert.doesNotMatch(said, /sec|tok/, said);
    }
  });
});
