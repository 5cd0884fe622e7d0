import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import {
  type Environment,
  type EnvironmentOptions,
  freePort,
  type InvokeResult,
  startEnvironment,
} from '../../sandbox';
import { CliError, EXIT, UsageError } from '../errors';
import { Interrupt } from '../interrupt';
import { packageFile } from '../layer-zip';
import { Ui } from '../output/ui';
import { readEvents } from '../run/events';
import { functionToRun } from '../run/function';
import { startTarget, type Target } from '../run/loki';
import { checkSettings, type Given, settingsFromFile, settingsFromOptions } from '../settings/settings';

export interface RunOptions {
  readonly handler?: string;
  readonly folder: string;
  readonly event?: string[];
  readonly times: number;
  readonly pause: number;
  readonly timeout: number;
  readonly memory: number;
  readonly env?: string[];
  readonly fromFile?: string;
  readonly nodeExtension?: boolean;
  readonly json?: boolean;
}

/** Longer lines may be split. */
const LONG_LINE = 50_000;

/** Credentials for a trial, from the user's own environment, because they must not be on a command line. */
const CREDENTIALS = ['LOKI_USERNAME', 'LOKI_PASSWORD', 'LOKI_API_KEY'];

/** Runs a user's function with the layer on this machine, as Lambda would. */
export async function run(command: readonly string[], options: RunOptions): Promise<number> {
  const ui = new Ui({ json: options.json ?? false });
  if (process.platform === 'win32')
    throw new CliError('run needs Linux or macOS, as it stops and continues processes; in WSL it works');
  const settings: Given = {
    ...(options.fromFile === undefined ? {} : settingsFromFile(options.fromFile)),
    ...settingsFromOptions({ ...options }),
  };
  checkSettings(settings);
  const events = readEvents(options.event ?? []);
  const runtime = functionToRun(options.handler, command, options.folder, variables(options.env ?? []));
  const extension = extensionFor(options.nodeExtension ?? false);
  if (extension.note) ui.note(extension.note);

  const { LOKI_ENDPOINT: endpoint, ...others } = settings;
  const target = await startTarget(endpoint);
  const interrupt = new Interrupt((line) => ui.note(line));
  let environment: Environment | undefined;
  const results: InvokeResult[] = [];
  try {
    const credentials = Object.fromEntries(
      CREDENTIALS.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    );
    environment = await startEnvironment({
      ...extension.parts,
      runtime,
      timeoutMs: options.timeout * 1000,
      memoryMb: options.memory,
      functionName: (options.handler === undefined ? basename(command[0]) : basename(resolve(options.folder)))
        .replace(/[^\w-]/g, '-')
        .slice(0, 64),
      environment: {
        LOKI_REQUEST_ID_AS: 'metadata',
        LOKI_TELEMETRY_PORT: String(await freePort()),
        ...credentials,
        ...others,
        LOKI_ENDPOINT: target.relay.url,
      },
    });
    ui.print(`${ui.out.dim('→')} ${target.name}`);
    if (environment.initOutcome.status !== 'success')
      ui.warn(
        `Init ended with ${environment.initOutcome.status} (${environment.initOutcome.errorType ?? 'no reason'})`,
      );
    await invokeAll(ui, environment, target, events, options, interrupt, results);
    await environment.shutdown();
    await show(ui, target);
    return report(ui, environment, target, results, interrupt);
  } finally {
    await environment?.close();
    await target.stop();
    interrupt.release();
  }
}

async function invokeAll(
  ui: Ui,
  environment: Environment,
  target: Target,
  events: readonly unknown[],
  { times, pause }: RunOptions,
  interrupt: Interrupt,
  results: InvokeResult[],
): Promise<void> {
  const all = Array.from({ length: times }, () => events).flat();
  for (const event of all) {
    if (interrupt.requested) return;
    // The environment stays frozen for the pause, as between the invocations of a function that isn't busy.
    if (results.length > 0 && pause > 0 && environment.isFrozen()) await environment.idle(pause);
    const result = await environment.invoke(event);
    results.push(result);
    await show(ui, target);
    const outcome = result.error
      ? `${result.error.errorType}: ${result.error.errorMessage}`
      : result.status === 'success'
        ? short(result.response)
        : '';
    const status = failed(result) ? ui.out.red(result.error ? 'error' : result.status) : ui.out.green(result.status);
    ui.print(
      `${ui.out.bold(`#${results.length}`)} ${status} in ${ms(result.durationMs)}, held ${ms(result.extensionOverheadMs)} ${ui.out.dim(outcome)}`,
    );
  }
}

function failed({ status, error }: InvokeResult): boolean {
  return status !== 'success' || error !== undefined;
}

async function show(ui: Ui, target: Target): Promise<void> {
  for (const { labels, timestamp, line, metadata } of await target.newLines()) {
    const time = new Date(Number(BigInt(timestamp) / 1_000_000n)).toISOString().slice(11, 23);
    const id = (labels.request_id ?? metadata.request_id ?? '').slice(0, 8).padEnd(8);
    ui.print(`  ${ui.out.dim(time)} ${ui.out.cyan(id)} ${line}`);
  }
}

function report(
  ui: Ui,
  environment: Environment,
  { relay }: Target,
  results: readonly InvokeResult[],
  interrupt: Interrupt,
): number {
  const lines = environment.linesWritten.filter(({ source }) => source === 'function').map(({ text }) => text);
  const written = lines.length;
  const missing = missingLines(lines, relay.lines);
  const held = results.map(({ extensionOverheadMs }) => extensionOverheadMs).sort((a, b) => a - b);
  const bad = results.filter(failed).length;
  const said = environment.extensionStderr.split('\n').filter((line) => line.startsWith('[lambdawatch]'));
  const summary = {
    invocations: results.length,
    failed: bad,
    linesWritten: written,
    linesMissing: missing,
    linesTaken: relay.accepted,
    pushes: relay.pushes,
    bytes: relay.rawBytes,
    bytesSent: relay.sentBytes,
    heldMs: { median: round(held[held.length >> 1]), most: round(held.at(-1)) },
    refusals: [...new Set(relay.refusals)],
    extension: said,
  };
  ui.print('');
  ui.print(
    [
      `${summary.invocations} invocations, ${bad} failed`,
      `${written} lines written by the function; Loki took ${relay.accepted}, those of the platform included, in ${relay.pushes} pushes`,
      `${relay.rawBytes} bytes, ${relay.sentBytes} as sent`,
      `held after the function's end: ${ms(summary.heldMs.median)} median, ${ms(summary.heldMs.most)} at most`,
    ].join('\n'),
  );
  // Settings may drop or change lines: these aren't lost.
  const lost = missing > 0 && (relay.refusals.length > 0 || said.length > 0);
  if (lost) ui.warn(`${missing} of the function's lines were not taken`);
  for (const refusal of summary.refusals) ui.warn(`not taken: ${refusal}`);
  for (const line of said) ui.note(line);
  ui.printJson({
    ...summary,
    results: results.map(({ requestId, status, response, error, durationMs, extensionOverheadMs }) => ({
      requestId,
      status,
      response,
      error,
      durationMs: round(durationMs),
      heldMs: round(extensionOverheadMs),
    })),
  });
  if (interrupt.requested) return EXIT.interrupted;
  return bad > 0 || lost ? EXIT.failed : EXIT.ok;
}

/** How many lines were not stored as they were written. Lines that are split are not checked. */
function missingLines(written: readonly string[], taken: ReadonlyMap<string, number>): number {
  const left = new Map(taken);
  let missing = 0;
  for (const line of written) {
    const count = left.get(line) ?? 0;
    if (count > 0) left.set(line, count - 1);
    else if (line.length < LONG_LINE) missing++;
  }
  return missing;
}

/** The layer's executable if it runs here, otherwise its TypeScript on Node.js. */
function extensionFor(onNode: boolean): { parts: Pick<EnvironmentOptions, 'layerZips' | 'extensions'>; note?: string } {
  const zip = packageFile('lib', 'layer', `lambdawatch-${process.arch === 'arm64' ? 'arm64' : 'x86_64'}.zip`);
  if (process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch) && !onNode) {
    if (!existsSync(zip))
      throw new CliError(`${zip} is missing; an installed package always has it, so install it again`);
    return { parts: { layerZips: [zip] } };
  }
  return {
    parts: {
      extensions: [{ name: 'lambdawatch', command: [process.execPath, join(__dirname, 'extension-on-node.js')] }],
    },
    note: "The extension runs on Node.js here: the same code as in the layer, but larger and slower, so that times and memory are not Lambda's.",
  };
}

function variables(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new UsageError(`--env is ${JSON.stringify(text)}; give NAME=VALUE`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function round(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 10) / 10;
}

function ms(value: number | undefined): string {
  return value === undefined ? '–' : `${value.toFixed(1)} ms`;
}
