import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { ensureFunction, type FunctionKind, type FunctionScript, MissingToolchainError } from '../functions';
import type { StoredLine } from '../../sandbox/loki/types';
import { type Environment, type InvokeResult, startEnvironment } from '../../sandbox';
import { type ExtensionUnderTest, extensionUnderTest } from '../support/extension';
import { type DemoLoki, startLoki } from './loki';
import { Meter } from './meter';
import { type DemoOptions, HELP, readOptions } from './options';
import { summarize } from './summary';

const LANGUAGES: readonly FunctionKind[] = ['node', 'python', 'go'];

/** How long the lines may take from the last push to being found in Loki. */
const ARRIVAL_MS = 20_000;

/** One function of the demo and what it did. */
export interface DemoFunction {
  readonly name: string;
  readonly environment: Environment;
  readonly results: InvokeResult[];
  /** Resident memory of the extension after the last invocation, in KiB. */
  residentKib?: number;
}

const say = (line: string): void => console.error(styleText('dim', line));
const running: { stop(): Promise<void> | void }[] = [];

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(HELP);
    return 0;
  }
  process.on('SIGINT', () => {
    say('Interrupted; stopping what runs.');
    void stopAll().then(() => process.exit(130));
  });

  say('Building the layer and the functions, unless they are cached …');
  const extension = await extensionUnderTest();
  const runId = randomBytes(4).toString('hex');
  const loki = await startLoki(options.loki, runId, say);
  running.push(loki);
  const meter = await Meter.start(loki.pushUrl);
  running.push(meter);
  console.log(`${styleText('bold', 'LambdaWatch')} → ${loki.name}\n`);

  const functions = (await Promise.all(LANGUAGES.map((language) => start(language, extension, meter, runId)))).filter(
    (one) => one !== undefined,
  );
  const screen = new Tail(options.quiet);
  const tailing = screen.follow(loki);
  await Promise.all(functions.map((one) => invokeAll(one, options)));
  for (const { environment } of functions) await environment.shutdown();

  const expected = functions.flatMap(({ environment }) =>
    environment.linesWritten.filter(({ source }) => source === 'function').map(({ text }) => text),
  );
  const stored = await tailing(expected.length);
  const { text, lost } = summarize({ functions, expected, stored, meter, native: extension.native });
  console.log(`\n${text}`);
  await stopAll();
  return lost === 0 ? 0 : 1;
}

async function start(
  language: FunctionKind,
  extension: ExtensionUnderTest,
  meter: Meter,
  runId: string,
): Promise<DemoFunction | undefined> {
  const name = `demo-${language}`;
  try {
    const environment = await startEnvironment({
      functionName: name,
      runtime: await ensureFunction(language, say),
      timeoutMs: 10_000,
      layerZips: extension.layerZips,
      extensions: extension.extensions,
      environment: { LOKI_ENDPOINT: meter.pushUrl, LOKI_LABELS: JSON.stringify({ demo_run: runId }) },
    });
    running.push({ stop: () => environment.close() });
    if (environment.initOutcome.status !== 'success')
      throw new Error(`${name} did not start: ${environment.initOutcome.errorType}\n${environment.extensionStderr}`);
    return { name, environment, results: [] };
  } catch (error) {
    if (!(error instanceof MissingToolchainError)) throw error;
    say(`Without ${name}: ${error.message}`);
    return undefined;
  }
}

async function invokeAll(one: DemoFunction, { invocations, lines }: DemoOptions): Promise<void> {
  for (let i = 1; i <= invocations; i++) {
    const script: FunctionScript = {
      write: [
        { via: 'console', text: `order ${i} accepted for User {id: ${i}}` },
        {
          via: 'raw',
          text: `${JSON.stringify({ level: 'info', msg: 'payment checked', attempt: i, amount: 12.5 })}\n`,
        },
        { via: 'logger', text: `order ${i} shipped ✅` },
      ].slice(0, lines) as FunctionScript['write'],
      lines: { count: Math.max(0, lines - 3), prefix: `order ${i} item`, bytes: 60 },
      sleepMs: 50,
    };
    one.results.push(await one.environment.invoke(script));
    await sleep(150);
  }
  const pid = one.environment.pid('lambdawatch');
  const status = pid === undefined ? '' : readFileSync(`/proc/${pid}/status`, 'utf8');
  one.residentKib = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? NaN);
}

/** Prints lines as they turn up in Loki. */
class Tail {
  #shown = new Set<string>();
  #all: StoredLine[] = [];
  constructor(private readonly quiet: boolean) {}

  /**
   * Follows until the returned function is called, and then until `count` lines of functions are there or {@link
   * ARRIVAL_MS} have passed.
   */
  follow(loki: DemoLoki): (count: number) => Promise<StoredLine[]> {
    let expected = Infinity;
    let until = Infinity;
    const done = (async () => {
      while (Date.now() < until) {
        this.#show(await loki.lines());
        if (this.#all.filter(isFunctionLine).length >= expected) break;
        await sleep(200);
      }
      return this.#all;
    })();
    return (count) => {
      expected = count;
      until = Date.now() + ARRIVAL_MS;
      return done;
    };
  }

  #show(lines: StoredLine[]): void {
    this.#all = lines;
    for (const { labels, timestamp, line, metadata } of lines) {
      const key = `${timestamp} ${labels.function_name} ${line}`;
      if (this.#shown.has(key)) continue;
      this.#shown.add(key);
      if (this.quiet) continue;
      const time = new Date(Number(BigInt(timestamp) / 1_000_000n)).toISOString().slice(11, 23);
      const requestId = (labels.request_id ?? metadata.request_id ?? '').slice(0, 8).padEnd(8);
      console.log(
        [
          styleText('dim', time),
          styleText('cyan', (labels.function_name ?? '').padEnd(11)),
          styleText('yellow', requestId),
          line,
        ].join(' '),
      );
    }
  }
}

/** Tells a function's own lines from those that stand for platform events. */
export function isFunctionLine({ line }: StoredLine): boolean {
  return !/^(INIT_START|START RequestId|END RequestId|REPORT RequestId|INIT_REPORT|RESTORE_)/.test(line);
}

async function stopAll(): Promise<void> {
  for (const part of running.splice(0).reverse()) await part.stop();
}

main().then(
  (code) => process.exit(code),
  async (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    await stopAll();
    process.exit(1);
  },
);
