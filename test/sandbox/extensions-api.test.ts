import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { EventRecorder } from '../../sandbox/events';
import { ExtensionsApi } from '../../sandbox/extensions-api';
import { ApiServer } from '../../sandbox/http';
import type { InitializationType } from '../../sandbox/types';

interface Reply {
  status: number;
  body: Record<string, unknown>;
  id: string;
}

async function api(
  t: { after(fn: () => Promise<void>): void },
  names: string[],
  mode: InitializationType = 'on-demand',
) {
  const server = new ApiServer();
  const errors: string[] = [];
  const extensions = new ExtensionsApi(server, new EventRecorder(), {
    mode,
    functionName: 'orders',
    functionVersion: '7',
    handler: 'index.handler',
    accountId: '111122223333',
    onError: (_name, type) => errors.push(type),
  });
  extensions.reset(names);
  await server.listen();
  t.after(() => server.close());
  const call = async (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string,
  ): Promise<Reply> => {
    const response = await fetch(`http://127.0.0.1:${server.port}/2020-01-01/extension${path}`, {
      method,
      headers,
      body,
    });
    return {
      status: response.status,
      body: (await response.json()) as Record<string, unknown>,
      id: response.headers.get('lambda-extension-identifier') ?? '',
    };
  };
  const register = (name: string, body?: string, feature?: string): Promise<Reply> =>
    call(
      'POST',
      '/register',
      {
        'Lambda-Extension-Name': name,
        ...(feature ? { 'Lambda-Extension-Accept-Feature': feature } : {}),
      },
      body,
    );
  const next = (id: string): Promise<Reply> => call('GET', '/event/next', { 'Lambda-Extension-Identifier': id });
  return { extensions, errors, call, register, next };
}

const refused = (reply: Reply, errorType: string, status = 403): void => {
  assert.deepEqual([reply.status, reply.body.errorType], [status, errorType]);
  assert.equal(typeof reply.body.errorMessage, 'string');
};

test('register answers with the function, and with the account only when the feature is asked for', async (t) => {
  const { register } = await api(t, ['a', 'b']);
  const plain = await register('a', '{"events":["INVOKE","SHUTDOWN"]}');
  assert.equal(plain.status, 200);
  assert.match(plain.id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(plain.body, { functionName: 'orders', functionVersion: '7', handler: 'index.handler' });
  const featured = await register('b', '{}', 'somethingElse, accountId');
  assert.equal(featured.body.accountId, '111122223333');
});

test('register refuses what Lambda refuses, with its error types', async (t) => {
  const { register, extensions } = await api(t, ['a']);
  refused(await register(''), 'Extension.InvalidExtensionName');
  refused(await register('a', 'not json'), 'InvalidRequestFormat');
  refused(await register('a', '{"events":["LAUNCH"]}'), 'Extension.InvalidEventType');
  refused(await register('a', '{"configurationKeys":["x"]}'), 'InvalidRequestFormat');
  assert.equal((await register('a')).status, 200, 'an empty body is legal');
  refused(await register('a'), 'Extension.InvalidExtensionState');
  for (let index = 0; index < 9; index++)
    assert.equal((await register(`inner-${index}`, '{"events":["INVOKE"]}')).status, 200);
  refused(await register('one-too-many'), 'Extension.TooManyExtensions');
  extensions.closeRegistration();
  refused(await register('late'), 'Extension.RegistrationClosed');
});

test('an unknown name is taken for an extension inside the runtime, which gets no SHUTDOWN', async (t) => {
  const { register, extensions } = await api(t, ['lambdawatch']);
  refused(await register('lambda-watch', '{"events":["SHUTDOWN"]}'), 'Extension.InvalidEventType');
  assert.equal((await register('lambda-watch', '{"events":["INVOKE"]}')).status, 200);
  assert.deepEqual(
    extensions.agents.map(({ name, external, state }) => [name, external, state]),
    [
      ['lambdawatch', true, 'Started'],
      ['lambda-watch', false, 'Registered'],
    ],
  );
});

test('INVOKE is refused on Managed Instances', async (t) => {
  const { register } = await api(t, ['a'], 'lambda-managed-instances');
  refused(await register('a', '{"events":["INVOKE","SHUTDOWN"]}'), 'Extension.InvalidEventType');
  assert.equal((await register('a', '{"events":["SHUTDOWN"]}')).status, 200);
});

test('the identifier is checked on every call', async (t) => {
  const { call, next } = await api(t, ['a']);
  refused(await call('GET', '/event/next'), 'Extension.MissingExtensionIdentifier');
  refused(await next('not-a-uuid'), 'Extension.InvalidExtensionIdentifier');
  refused(await next(randomUUID()), 'Extension.UnknownExtensionIdentifier');
});

test('/next blocks until an event, and there may be only one', async (t) => {
  const { register, next, extensions } = await api(t, ['a']);
  const { id } = await register('a', '{"events":["INVOKE"]}');
  const pending = next(id);
  await extensions.allReady();
  refused(await next(id), 'Extension.InvalidExtensionState');
  extensions.dispatch({ eventType: 'INVOKE', deadlineMs: 1, requestId: 'r' });
  assert.deepEqual((await pending).body, { eventType: 'INVOKE', deadlineMs: 1, requestId: 'r' });
});

test('an event waits for an extension that is busy; others of another subscription get nothing', async (t) => {
  const { register, next, extensions } = await api(t, ['a', 'b']);
  const a = await register('a', '{"events":["INVOKE","SHUTDOWN"]}');
  const b = await register('b', '{"events":["SHUTDOWN"]}');
  const first = next(a.id);
  const other = next(b.id);
  await extensions.allReady();
  extensions.dispatch({ eventType: 'INVOKE', deadlineMs: 1, requestId: 'r' });
  await first;
  extensions.dispatch({ eventType: 'SHUTDOWN', deadlineMs: 2, shutdownReason: 'spindown' });
  assert.equal((await other).body.eventType, 'SHUTDOWN', 'b had no INVOKE');
  assert.equal((await next(a.id)).body.eventType, 'SHUTDOWN');
});

test('init/error and exit/error need a type and a fitting state', async (t) => {
  const { register, call, next, errors } = await api(t, ['a', 'b']);
  const a = await register('a');
  const headers = (id: string): Record<string, string> => ({
    'Lambda-Extension-Identifier': id,
    'Lambda-Extension-Function-Error-Type': 'Extension.Why',
  });
  refused(await call('POST', '/init/error', { 'Lambda-Extension-Identifier': a.id }), 'Extension.MissingHeader');
  const accepted = await call('POST', '/init/error', headers(a.id));
  assert.deepEqual([accepted.status, accepted.body], [202, { status: 'OK' }]);
  refused(await next(a.id), 'Extension.InvalidExtensionState');
  const b = await register('b');
  assert.equal((await call('POST', '/exit/error', headers(b.id))).status, 202);
  refused(await call('POST', '/exit/error', headers(b.id)), 'Extension.InvalidExtensionState');
  assert.deepEqual(errors, ['Extension.InitError', 'Extension.ExitError']);
});
