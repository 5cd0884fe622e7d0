// A client of the Lambda Runtime API. `node node.mjs <module>.<export>` loads the module from LAMBDA_TASK_ROOT and serves
// invocations, with `console` formatted as Lambda's Node.js runtime does.
import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync, writeSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format, types } from 'node:util';

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const json = process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
const initializationType = process.env.AWS_LAMBDA_INITIALIZATION_TYPE;
const concurrency = initializationType === 'lambda-managed-instances' ? Number(process.env.AWS_LAMBDA_MAX_CONCURRENCY ?? 1) : 1;
const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
const current = new AsyncLocalStorage();

function api(method, path, headers = {}, body = undefined) {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host, port, method, path: `/2018-06-01/runtime/${path}`, agent, headers }, async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') });
    });
    outgoing.on('error', reject);
    if (typeof body === 'function') body(outgoing);
    else outgoing.end(body);
  });
}

const asError = (error) => ({
  errorType: error?.name ?? 'Error',
  errorMessage: error?.message ?? String(error),
  trace: (error?.stack ?? '').split('\n'),
});

function jsonLine(level, args) {
  const { id, tenantId } = current.getStore() ?? {};
  const entry = { timestamp: new Date().toISOString(), level, requestId: id, tenantId };
  const error = args.find((arg) => types.isNativeError(arg));
  if (args.length === 1 && !error && typeof args[0] === 'object') entry.message = args[0];
  else entry.message = format(...args);
  if (error) {
    entry.errorType = error.name;
    entry.errorMessage = error.message;
    entry.stackTrace = (error.stack ?? '').split('\n').slice(1).map((line) => line.trim());
    if (args.length === 1) entry.message = error.message;
  }
  return JSON.stringify(entry);
}

// Not process.stdout, which may write later than the next call to the Runtime API.
function print(line) {
  for (let bytes = Buffer.from(`${line}\n`); bytes.length > 0;) {
    try {
      bytes = bytes.subarray(writeSync(1, bytes));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

const textLine = (level, args) => `${new Date().toISOString()}\t${current.getStore()?.id}\t${level}\t${format(...args)}`.replaceAll('\n', '\r');

for (const [method, level] of [['log', 'INFO'], ['info', 'INFO'], ['debug', 'DEBUG'], ['warn', 'WARN'], ['error', 'ERROR'], ['trace', 'TRACE']]) {
  console[method] = (...args) => print(json ? jsonLine(level, args) : textLine(level, args));
}

/** The third argument of a handler: makes the response a stream. */
function responder(id) {
  let finish;
  let sent;
  return {
    get used() {
      return sent;
    },
    stream() {
      let outgoing;
      sent = api('POST', `invocation/${id}/response`, {
        'Lambda-Runtime-Function-Response-Mode': 'streaming', 'Transfer-Encoding': 'chunked', 'Content-Type': 'application/octet-stream',
      }, (opened) => {
        outgoing = opened;
        finish = () => opened.end();
      });
      return { write: (text) => outgoing.write(text), end: () => finish() };
    },
  };
}

async function serve(handler) {
  for (;;) {
    const { headers, text } = await api('GET', 'invocation/next');
    const id = headers['lambda-runtime-aws-request-id'];
    process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'] ?? '';
    const tenantId = headers['lambda-runtime-aws-tenant-id'];
    await current.run({ id, tenantId }, async () => {
      const context = {
        awsRequestId: id,
        tenantId,
        invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
        getRemainingTimeInMillis: () => Number(headers['lambda-runtime-deadline-ms']) - Date.now(),
      };
      const streaming = responder(id);
      try {
        const result = await handler(JSON.parse(text), context, streaming);
        if (streaming.used) await streaming.used;
        else await api('POST', `invocation/${id}/response`, { 'Content-Type': 'application/json' }, JSON.stringify(result ?? null));
      } catch (error) {
        const { trace, ...rest } = asError(error);
        if (json) console.error(error);
        else console.error('Invoke Error ', JSON.stringify({ ...rest, stack: trace }));
        await api('POST', `invocation/${id}/error`, { 'Lambda-Runtime-Function-Error-Type': rest.errorType }, JSON.stringify({ ...rest, trace }));
      }
    });
  }
}

try {
  const [, module, name] = /^(.*)\.([^./]+)$/.exec(process.argv[2] ?? process.env._HANDLER) ?? [];
  const path = join(process.env.LAMBDA_TASK_ROOT, module);
  const file = ['.mjs', '.cjs', '.js'].map((extension) => path + extension).find(existsSync);
  if (file === undefined) throw Object.assign(new Error(`Cannot find module '${module}'`), { name: 'Runtime.ImportModuleError' });
  const imported = await import(pathToFileURL(file).href);
  // Exports of a CommonJS module that could not be seen without running it are in its default alone.
  const loaded = imported[name] === undefined && imported.default ? imported.default : imported;
  if (typeof loaded[name] !== 'function') throw Object.assign(new Error(`${module}.${name} is undefined or not exported`), { name: 'Runtime.HandlerNotFound' });
  if (initializationType === 'snap-start') await api('GET', 'restore/next');
  await Promise.all(Array.from({ length: concurrency }, () => serve(loaded[name])));
} catch (error) {
  const { trace, ...rest } = asError(error);
  console.error('Uncaught Exception ', JSON.stringify({ ...rest, stack: trace }));
  await api('POST', 'init/error', { 'Lambda-Runtime-Function-Error-Type': rest.errorType }, JSON.stringify({ ...rest, trace }));
  process.exit(1);
}
