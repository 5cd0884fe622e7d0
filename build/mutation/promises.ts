import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, type Change, isNoticed, ROOT, type Suites } from './bench';

/** A sentence of README, docs or CONTRIBUTING, and a change of the code that breaks it. */
interface Promised {
  readonly promise: string;
  readonly file: string;
  /** A text that occurs once in the file, and what stands there when the promise is broken. */
  readonly from: string;
  readonly to: string;
  /** The test files that have to notice. */
  readonly tests: readonly string[];
}

const SECRETS = ['test/construct/secrets.test.ts'];

/**
 * What is promised, and how it could be broken. Each change has to make a test fail:
 * `npm run mutate -- --promises`, with words to try only promises that contain one of them.
 */
export const PROMISES: readonly Promised[] = [
  {
    promise: 'no secret of the environment appears on stderr or in Loki',
    file: 'extension/pipeline.ts',
    from: 'diagnostics.conceal(() => secretsInEnv(platform.env, settings));',
    to: '',
    tests: ['test/extension/pipeline.test.ts'],
  },
  {
    promise: 'credentials of a proxy are masked in every message',
    file: 'extension/config/secrets-in-env.ts',
    from: ", 'HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'",
    to: '',
    tests: ['test/extension/config/secrets-in-env.test.ts'],
  },
  {
    promise: 'AWS credentials that were fetched are masked',
    file: 'extension/secrets/aws/index.ts',
    from: "concealed.add(found.secretAccessKey).add(found.sessionToken ?? '');",
    to: '',
    tests: ['test/extension/secrets/aws/store.test.ts'],
  },
  {
    promise: 'a password in the endpoint URL is masked',
    file: 'extension/config/secrets-in-env.ts',
    from: "['LOKI_ENDPOINT', 'LOKI_URL', ",
    to: '[',
    tests: ['test/extension/config/secrets-in-env.test.ts'],
  },
  {
    promise: 'the value of the Authorization header is masked',
    file: 'extension/config/secrets-in-env.ts',
    from: "authorization?.replace(/^\\w+ /, '')",
    to: 'undefined as string | undefined, (authorization, undefined)',
    tests: ['test/extension/config/secrets-in-env.test.ts'],
  },
  {
    promise: 'a push has no more than 1 MiB of lines',
    file: 'extension/pipeline.ts',
    from: 'Math.min(settings.batchBytes, PUSH_BYTES)',
    to: 'settings.batchBytes',
    tests: ['test/extension/pipeline.test.ts'],
  },
  {
    promise: 'LOKI_MAX_BATCH_SIZE_BYTES counts bytes, not characters',
    file: 'extension/loki/loki-client.ts',
    from: 'this.#platform.utf8Length(part) : part.bytes()',
    to: 'part.length : part.text().length',
    tests: ['test/extension/pipeline.test.ts', 'test/extension/loki/push-encoder.test.ts'],
  },
  {
    promise: 'connections are trusted for 45 s',
    file: 'extension/loki/loki-client.ts',
    from: 'const MAX_IDLE_MS = 45_000',
    to: 'const MAX_IDLE_MS = 43_200_000',
    tests: ['test/extension/loki/loki-client.test.ts'],
  },
  {
    promise: 'what was in flight at a freeze is sent again at the next invocation',
    file: 'extension/lifecycle/lifecycle.ts',
    from: 'this.#delivery.thawed();\n    const margin',
    to: 'const margin',
    tests: ['test/extension/lifecycle/lifecycle.test.ts'],
  },
  {
    promise: 'what was in flight at a freeze is sent again at SHUTDOWN',
    file: 'extension/lifecycle/lifecycle.ts',
    from: 'this.#delivery.thawed();\n    // What is here',
    to: '// What is here',
    tests: ['test/extension/lifecycle/lifecycle.test.ts'],
  },
  {
    promise: 'the same line in two environments is not taken for one',
    file: 'extension/pipeline.ts',
    from: 'offsetOf(platform.random())',
    to: 'offsetOf(0.5)',
    tests: ['test/extension/pipeline.test.ts'],
  },
  {
    promise: 'a secret that cannot be read is tried again with growing pauses, with jitter',
    file: 'extension/secrets/credentials.ts',
    from: 'this.#platform.random()',
    to: '0.5',
    tests: ['test/extension/secrets/credentials.test.ts'],
  },
  {
    promise: 'at SHUTDOWN the last REPORT is waited for, and no longer than it takes',
    file: 'extension/pipeline.ts',
    from: 'invocations.reported(requestId)',
    to: 'undefined',
    tests: ['test/extension/lifecycle/lifecycle.test.ts'],
  },
  {
    promise: "AWS_CA_BUNDLE adds roots for AWS's own endpoints",
    file: 'extension/secrets/aws/index.ts',
    from: 'const path = platform.env.AWS_CA_BUNDLE;',
    to: 'const path = undefined as string | undefined;',
    tests: ['test/extension/secrets/aws/store.test.ts'],
  },
  {
    promise: 'with SnapStart, the token of the container is read from its file',
    file: 'extension/secrets/aws/identity.ts',
    from: 'if (!file) return token;',
    to: 'return (file, token);',
    tests: ['test/extension/secrets/aws/store.test.ts'],
  },
  {
    promise: 'credentials of the container are fetched anew before they expire',
    file: 'extension/secrets/aws/identity.ts',
    from: 'this.#platform.now() > this.#fetched.expires - EXPIRY_MARGIN_MS',
    to: 'false',
    tests: ['test/extension/secrets/aws/store.test.ts'],
  },
  {
    promise: 'credentials that AWS refused are not taken from memory again',
    file: 'extension/secrets/aws/index.ts',
    from: 'identity.forget();',
    to: ';',
    tests: ['test/extension/secrets/aws/store.test.ts'],
  },
  {
    promise: 'a trouble with a secret is reported once',
    file: 'extension/loki/settlement.ts',
    from: 'if (told !== true) this.#tell(kind, reason);',
    to: 'this.#tell(kind, (told, reason));',
    tests: ['test/extension/pipeline.test.ts'],
  },
  {
    promise: 'a connection that merely stays open delays no telemetry',
    file: 'extension/telemetry/receiver.ts',
    from: 'const MAX_CONNECTIONS = 128',
    to: 'const MAX_CONNECTIONS = 1',
    tests: ['test/extension/telemetry/receiver.test.ts'],
  },
  {
    promise: 'encryptionKey of LokiSecret.fromSecretsManager is granted',
    file: 'src/loki-secret.ts',
    from: 'new SecretConstruct(secret, suffix(options, what), options.encryptionKey)',
    to: 'new SecretConstruct(secret, suffix(options, what), undefined)',
    tests: SECRETS,
  },
  {
    promise: 'encryptionKey of LokiSecret.fromSsmParameter is granted',
    file: 'src/loki-secret.ts',
    from: 'new ParameterConstruct(parameter, options.encryptionKey)',
    to: 'new ParameterConstruct(parameter, undefined)',
    tests: SECRETS,
  },
  {
    promise: 'two copies of the library in one app have layers of their own',
    file: 'src/private/layers.ts',
    from: 'if (existing[ORIGIN] !== __dirname) continue;',
    to: '',
    tests: ['test/construct/layer.test.ts'],
  },
  {
    promise: 'a line leaves memory only when Loki has it',
    file: 'extension/loki/settlement.ts',
    from: 'batch.uncertain = true;\n        this.#lastTrouble',
    to: 'this.#buffer.remove(batch);\n        this.#lastTrouble',
    tests: ['test/extension/loki/delivery.test.ts'],
  },
  {
    promise: 'lines that could not be delivered keep their stream once they may be in Loki',
    file: 'extension/loki/settlement.ts',
    from: 'if (!batch.uncertain) this.#streams',
    to: 'this.#streams',
    tests: ['test/extension/loki/delivery.test.ts'],
  },
  {
    promise: 'lines that are dropped are counted and reported',
    file: 'extension/pipeline.ts',
    from: 'dropped: (bytes) => losses.dropped(bytes)',
    to: 'dropped: () => undefined',
    tests: ['test/extension/lifecycle/lifecycle.test.ts'],
  },
  {
    promise: 'lines that Loki refused are counted and reported',
    file: 'extension/loki/settlement.ts',
    from: 'this.#losses.refused(some,',
    to: '((..._: unknown[]) => undefined)(some,',
    tests: ['test/extension/loki/delivery.test.ts'],
  },
  {
    promise: 'what is missing is reported in Loki as soon as it takes lines again',
    file: 'extension/pipeline.ts',
    from: 'if (line !== undefined) intake.note(line);',
    to: '',
    tests: ['test/extension/lifecycle/lifecycle.test.ts'],
  },
  {
    promise: 'what is left when the environment ends is reported with its number',
    file: 'extension/lifecycle/lifecycle.ts',
    from: 'if (!this.#buffer.isEmpty)\n      this.#diagnostics.warn(',
    to: 'if (false)\n      this.#diagnostics.warn(',
    tests: ['test/extension/lifecycle/lifecycle.test.ts'],
  },
  {
    promise: 'the oldest lines are dropped, not the newest',
    file: 'extension/buffer/line-buffer.ts',
    from: 'this.#batches.find((candidate) => !candidate.inFlight && !candidate.uncertain)',
    to: 'this.#batches.findLast((candidate) => !candidate.inFlight && !candidate.uncertain)',
    tests: ['test/extension/buffer/line-buffer.test.ts'],
  },
  {
    promise: 'the environment is held for LOKI_FLUSH_TIMEOUT_MS at most',
    file: 'extension/lifecycle/budget.ts',
    from: 'flushTimeout - heard',
    to: 'Infinity',
    tests: ['test/extension/lifecycle/budget.test.ts'],
  },
  {
    promise: 'time before the end of the function is heard of counts',
    file: 'extension/lifecycle/budget.ts',
    from: 'const heard = done === undefined ? 0 : Math.max(0, now - done);',
    to: 'const heard = 0 * (done ?? 0);',
    tests: ['test/extension/lifecycle/budget.test.ts'],
  },
  {
    promise: "the environment is never held beyond the function's timeout",
    file: 'extension/lifecycle/budget.ts',
    from: 'Math.min(left, deadline - margin / 2 - now)',
    to: 'Math.min(left, deadline + margin)',
    tests: ['test/extension/lifecycle/budget.test.ts'],
  },
  {
    promise: 'during an outage an invocation is held for a probe only',
    file: 'extension/loki/pacer.ts',
    from: 'if (this.#brief < FULL_PROBE_EVERY) return',
    to: 'if (this.#brief < 0) return',
    tests: ['test/extension/loki/pacer.test.ts'],
  },
  {
    promise: 'one invocation in eight may take the full timeout of a request',
    file: 'extension/loki/pacer.ts',
    from: 'const FULL_PROBE_EVERY = 8',
    to: 'const FULL_PROBE_EVERY = Infinity',
    tests: ['test/extension/loki/pacer.test.ts'],
  },
  {
    promise: 'Retry-After is capped at 10 s',
    file: 'extension/loki/pacer.ts',
    from: 'Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS)',
    to: 'retryAfterMs',
    tests: ['test/extension/loki/pacer.test.ts'],
  },
  {
    promise: 'pauses have jitter, so that environments do not come back together',
    file: 'extension/loki/backoff.ts',
    from: '(ceiling / 2) * random',
    to: '(ceiling / 2) * (random * 0)',
    tests: ['test/extension/loki/backoff.test.ts'],
  },
  {
    promise: 'a push of one invocation is never in flight when /next is called',
    file: 'extension/loki/delivery.ts',
    from: ', () => this.#client.cancelAll()));',
    to: ', () => undefined));',
    tests: ['test/extension/loki/delivery.test.ts'],
  },
  {
    promise: 'a line is stored as the function wrote it: one trailing newline is removed, no more',
    file: 'extension/telemetry/intake.ts',
    from: 'return text.charCodeAt(end) === 10 ? text.slice(0, end) : text;',
    to: 'return text.trimEnd();',
    tests: ['test/extension/telemetry/intake.test.ts'],
  },
  {
    promise: 'lines of more than LOKI_MAX_LINE_SIZE are split',
    file: 'extension/telemetry/intake.ts',
    from: 'return bytes > this.#maxLineBytes',
    to: 'return false',
    tests: ['test/extension/telemetry/intake.test.ts'],
  },
  {
    promise: 'parts of a line have their number in part and parts',
    file: 'extension/telemetry/intake.ts',
    from: 'part: String(i + 1)',
    to: 'part: String(i)',
    tests: ['test/extension/telemetry/intake.test.ts'],
  },
  {
    promise: 'no two lines of an environment have the same timestamp',
    file: 'extension/telemetry/timestamps.ts',
    from: '} else if (++this.#nanos === NANOS_PER_MS) {',
    to: '} else if (this.#nanos === NANOS_PER_MS) {',
    tests: ['test/extension/telemetry/timestamps.test.ts'],
  },
  {
    promise: "the extension's own messages are not shipped back with the stream of extensions",
    file: 'extension/telemetry/intake.ts',
    from: 'line === undefined || line.startsWith(DIAGNOSTICS_PREFIX)',
    to: 'line === undefined',
    tests: ['test/extension/telemetry/intake.test.ts'],
  },
  {
    promise: 'on Managed Instances only a line that names its request id has one',
    file: 'extension/pipeline.ts',
    from: 'new RequestIds(!invokeEvents)',
    to: 'new RequestIds(false)',
    tests: ['test/extension/lifecycle/lifecycle.test.ts'],
  },
  {
    promise: 'lines of a provisioned Init are in Loki before the environment freezes',
    file: 'extension/main.ts',
    from: 'if (frozenAfterInit) await lifecycle.init();',
    to: '',
    tests: ['test/extension/main.test.ts'],
  },
  {
    promise: 'the listener is up before the subscription, and the first /next comes before everything else',
    file: 'extension/main.ts',
    from: 'first = api.next();\n',
    to: '',
    tests: ['test/extension/main.test.ts'],
  },
  {
    promise: 'an unusable endpoint does not stop the function: the extension keeps calling /next',
    file: 'extension/main.ts',
    from: "while ((await next()).eventType !== 'SHUTDOWN');",
    to: '',
    tests: ['test/extension/main.test.ts'],
  },
  {
    promise: 'an unreadable delivery is answered with 200',
    file: 'extension/telemetry/receiver.ts',
    from: 'return TAKEN;\n    }\n    const key',
    to: 'return { status: 400 };\n    }\n    const key',
    tests: ['test/extension/telemetry/receiver.test.ts'],
  },
  {
    promise: 'a delivery that is repeated is taken in once',
    file: 'extension/telemetry/receiver.ts',
    from: 'if (latest.has(key)) return undefined;',
    to: '',
    tests: ['test/extension/telemetry/receiver.test.ts'],
  },
  {
    promise: 'if the port is in use, another one is taken',
    file: 'extension/telemetry/receiver.ts',
    from: 'const OTHER_PORTS = 8',
    to: 'const OTHER_PORTS = -1',
    tests: ['test/extension/telemetry/receiver.test.ts'],
  },
  {
    promise: '413 halves the batch',
    file: 'extension/loki/settlement.ts',
    from: 'else this.#buffer.splitTooLarge(batch);',
    to: "else this.#refused(batch, '');",
    tests: ['test/extension/loki/delivery.test.ts'],
  },
  {
    promise: 'request ids move into structured metadata when the tenant has too many streams',
    file: 'extension/loki/settlement.ts',
    from: 'this.leaveRequestIdLabel();\n',
    to: '',
    tests: ['test/extension/loki/delivery.test.ts'],
  },
  {
    promise: '401, 403 and 404 keep the lines',
    file: 'extension/loki/classify.ts',
    from: "return { kind: 'denied', reason, ...(status === 401 || status === 404 ? undefined : PERHAPS) };",
    to: "return { kind: 'refused', reason };",
    tests: ['test/extension/loki/classify.test.ts'],
  },
  {
    promise: 'when Loki answers 401 or 403, the secret is read again and the same push is repeated',
    file: 'extension/loki/way/index.ts',
    from: 'if (renewed || (status !== 401 && status !== 403)) return outcome;',
    to: 'return (renewed, outcome);',
    tests: ['test/extension/loki/way/way.test.ts'],
  },
  {
    promise: 'the proxy is used for pushes',
    file: 'extension/loki/way/index.ts',
    from: 'this.#proxy = proxies && proxyFor(proxies, url);',
    to: 'this.#proxy = undefined;',
    tests: ['test/extension/loki/way/way.test.ts'],
  },
  {
    promise: 'loopback and link-local addresses are never proxied',
    file: 'extension/config/proxy.ts',
    from: 'if (isLocal(host, address)) return undefined;',
    to: '',
    tests: ['test/extension/config/proxy.test.ts'],
  },
];

/** Breaks each promise. @returns 0 when a test has noticed each time. */
export async function breakPromises(
  benches: readonly Bench[],
  suites: Suites,
  words: readonly string[],
): Promise<number> {
  const left = PROMISES.filter(({ promise }) => words.length === 0 || words.some((word) => promise.includes(word)));
  const all = left.length;
  let held = 0;
  const work = async (bench: Bench): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      const change = changeOf(one);
      const noticed = change !== undefined && (await isNoticed(bench, await suites.together(one.tests), change));
      held += Number(noticed);
      const verdict = noticed ? 'held' : change === undefined ? `STALE, look at ${one.file}` : 'NOT HELD by any test';
      console.log(`${verdict}: ${one.promise}`);
    }
  };
  await Promise.all(benches.map(work));
  console.log(`${held} of ${all} promises are held by a test that fails when they are broken.`);
  return held === all ? 0 : 1;
}

function changeOf({ file, from, to }: Promised): Change | undefined {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const start = text.indexOf(from);
  if (start < 0 || text.indexOf(from, start + 1) >= 0) return undefined;
  return { file, start, end: start + from.length, to };
}
