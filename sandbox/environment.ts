import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from './context';
import { deferred, delay, type Deferred } from './deferred';
import { EventRecorder, nowMs } from './events';
import { ExtensionsApi } from './extensions-api';
import { ApiServer } from './http';
import { extensionsIn, unpackLayer } from './layers';
import { resolveOptions, type ResolvedOptions } from './options';
import { freeze } from './phases/freeze';
import { runInit } from './phases/init';
import { reset, runInvoke } from './phases/invoke';
import { runManagedInvoke } from './phases/managed-invoke';
import { endProcesses, forgetProcesses } from './phases/shutdown';
import { lineRecord } from './records';
import { RuntimeApi } from './runtime-api';
import { Supervisor } from './supervisor';
import { injectedJson, TelemetryApi } from './telemetry-api';
import { PausableTimers } from './timers';
import type {
  AcknowledgedRecord,
  Environment,
  EnvironmentOptions,
  InitOutcome,
  InvokeOptions,
  InvokeResult,
  ShutdownReason,
  ShutdownResult,
  WrittenLine,
} from './types';

const live = new Set<SandboxEnvironment>();
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function killLive(): void {
  for (const environment of live) environment.killNow();
}

/** Stopped processes would stay for ever when this process ends in the middle. */
function onSignal(signal: NodeJS.Signals): void {
  killLive();
  for (const each of SIGNALS) process.removeListener(each, onSignal);
  process.kill(process.pid, signal);
}

function keep(environment: SandboxEnvironment): void {
  if (live.size === 0) {
    process.on('exit', killLive);
    for (const signal of SIGNALS) process.on(signal, onSignal);
  }
  live.add(environment);
}

function forgetLive(environment: SandboxEnvironment): void {
  live.delete(environment);
  if (live.size > 0) return;
  process.removeListener('exit', killLive);
  for (const signal of SIGNALS) process.removeListener(signal, onSignal);
}

/**
 * Starts an execution environment and does its Init; except on Managed Instances it is frozen when the promise
 * resolves. A failed Init does not reject: see {@link Environment.initOutcome}.
 */
export async function startEnvironment(options: EnvironmentOptions): Promise<Environment> {
  let optDir: string | undefined;
  if (options.layerZips?.length) {
    optDir = mkdtempSync(join(tmpdir(), 'sandbox-opt-'));
    for (const zip of options.layerZips) unpackLayer(zip, optDir);
  }
  const environment = new SandboxEnvironment(
    resolveOptions(options, optDir === undefined ? [] : extensionsIn(optDir)),
    optDir,
  );
  keep(environment);
  try {
    await environment.start();
  } catch (error) {
    await environment.close();
    throw error;
  }
  return environment;
}

/** A TCP port that was free a moment ago; for the telemetry receiver of an extension. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

class SandboxEnvironment implements Environment {
  readonly events = new EventRecorder();
  readonly optDir?: string;
  readonly logStream: string;
  readonly linesWritten: WrittenLine[] = [];
  initOutcome: InitOutcome = { status: 'error', durationMs: 0 };
  readonly #options: ResolvedOptions;
  readonly #server = new ApiServer();
  readonly #managed: boolean;
  #extensionOutput: string[] = [];
  #context!: Context;
  /** The phase that runs; the next one waits for it. */
  #phase: Promise<unknown> = Promise.resolve();
  #frozen: Deferred<void> = deferred();
  #closed = false;

  constructor(options: ResolvedOptions, optDir: string | undefined) {
    this.#options = options;
    this.optDir = optDir;
    this.#managed = options.mode === 'lambda-managed-instances';
    const date = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
    this.logStream = `${date}/[${options.functionVersion}]${randomBytes(16).toString('hex')}`;
  }

  get runtimeApi(): string {
    return `127.0.0.1:${this.#server.port}`;
  }

  get extensionStderr(): string {
    return this.#extensionOutput.join('');
  }

  async start(): Promise<void> {
    const options = this.#options;
    const { events } = this;
    const timers = new PausableTimers();
    const runtime = new RuntimeApi(this.#server, events, this.#managed);
    const extensions = new ExtensionsApi(this.#server, events, {
      mode: options.mode,
      functionName: options.functionName,
      functionVersion: options.functionVersion,
      handler: options.handler,
      ...(options.lifecycle.accountIdFeature ? { accountId: options.accountId } : {}),
      onError: (name, errorType) =>
        this.#context.supervisor.raise({ errorType, message: `extension ${name} has reported an error`, by: name }),
    });
    const telemetry = new TelemetryApi(this.#server, {
      events,
      extensions,
      timers,
      knobs: options.telemetry,
      mode: options.mode,
    });
    await this.#server.listen();
    const supervisor = new Supervisor({
      options,
      events,
      extensionsApi: extensions,
      runtimeApi: runtime,
      address: this.runtimeApi,
      logStream: this.logStream,
      onLine: (source, line, terminated) => this.#line(source, line, terminated),
    });
    this.#context = {
      options,
      events,
      timers,
      runtime,
      extensions,
      telemetry,
      supervisor,
      logStream: this.logStream,
      state: 'cold',
    };
    await this.#exclusive(() => this.#init());
  }

  invoke(payload?: unknown, options: InvokeOptions = {}): Promise<InvokeResult> {
    if (this.#context.state === 'ended') return Promise.reject(new Error('the environment was shut down'));
    if (this.#managed) return runManagedInvoke(this.#context, payload, options);
    return this.#exclusive(async () => {
      this.#frozen = deferred();
      const outcome = await runInvoke(this.#context, payload, options);
      if (outcome.frozenAt !== undefined) this.#frozen.resolve();
      return outcome;
    });
  }

  frozen(): Promise<void> {
    return this.#frozen.promise;
  }

  isFrozen(): boolean {
    return this.#context.frozenAt !== undefined;
  }

  async idle(ms: number): Promise<void> {
    if (!this.#managed) await this.frozen();
    await delay(ms);
  }

  shutdown(reason: ShutdownReason = 'spindown'): Promise<ShutdownResult> {
    return this.#exclusive(async () => {
      this.#frozen = deferred();
      const ended = await endProcesses(this.#context, reason, 'shutdown');
      forgetProcesses(this.#context);
      this.#context.state = 'ended';
      return ended;
    });
  }

  async kill(): Promise<void> {
    const { supervisor } = this.#context;
    supervisor.expectExits();
    supervisor.killAll();
    await Promise.all([
      ...supervisor.extensions.map(({ process }) => process.exit),
      supervisor.runtimeStarted ? supervisor.runtimeExit : undefined,
    ]);
    forgetProcesses(this.#context);
    this.#context.state = 'ended';
  }

  killNow(): void {
    this.#context?.supervisor.killAll();
  }

  oomKill(target: 'runtime' | { readonly extension: string }): void {
    const { supervisor } = this.#context;
    if (target === 'runtime') supervisor.signalRuntime('SIGKILL');
    else supervisor.extensions.find(({ name }) => name === target.extension)?.process.signal('SIGKILL');
  }

  injectTelemetry(records: readonly unknown[] | { readonly rawBody: string | Uint8Array }): void {
    const body = 'rawBody' in records ? records.rawBody : `[${records.map(injectedJson).join(',')}]`;
    this.#context.telemetry.injectBody(Buffer.from(body as string));
  }

  shiftClock(ms: number): void {
    this.#context.telemetry.clockOffsetMs = ms;
  }

  async telemetryDrained(timeoutMs = 5000): Promise<void> {
    if (this.isFrozen()) throw new Error('nothing is delivered while the environment is frozen');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`telemetry was not delivered within ${timeoutMs} ms`)), timeoutMs);
    });
    const idle = Promise.all(this.#context.telemetry.deliverers.map((deliverer) => deliverer.whenIdle()));
    await Promise.race([idle, late]).finally(() => clearTimeout(timer));
    // What extensions printed before they answered is read with it.
    await this.#context.supervisor.drainAll();
  }

  linesAcknowledged(subscriber?: string): readonly AcknowledgedRecord[] {
    const { acknowledged } = this.#context.telemetry;
    return subscriber === undefined ? acknowledged : acknowledged.filter((record) => record.subscriber === subscriber);
  }

  forget(): void {
    this.events.clear();
    this.linesWritten.length = 0;
    this.#context.telemetry.acknowledged.length = 0;
    this.#extensionOutput = [];
  }

  pid(name: string): number | undefined {
    return this.#context.supervisor.pid(name);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#context) {
      await this.kill();
      this.#context.timers.clear();
    }
    await this.#server.close();
    if (this.optDir !== undefined) rmSync(this.optDir, { recursive: true, force: true });
    forgetLive(this);
  }

  async #init(): Promise<void> {
    const context = this.#context;
    this.initOutcome = await runInit(context, 'init', this.#options.initTimeoutMs);
    if (this.initOutcome.status !== 'success') {
      await reset(context, this.initOutcome.status === 'timeout' ? 'timeout' : 'failure');
      return;
    }
    context.state = 'ready';
    context.unreportedInitMs = this.#options.mode === 'snap-start' ? undefined : this.initOutcome.durationMs;
    context.snapshotTaken = this.#options.mode === 'snap-start';
    if (this.#managed) return;
    await freeze(context);
    this.#frozen.resolve();
  }

  #line(source: 'function' | 'extension', text: string, terminated: boolean): void {
    const at = nowMs();
    const { requestId, telemetry } = this.#context;
    if (source === 'extension') this.#extensionOutput.push(terminated ? `${text}\n` : text);
    this.linesWritten.push({ source, text, requestId, at });
    telemetry.emit(
      lineRecord(source, text, at, {
        json: source === 'function' && this.#options.logFormat === 'json',
        newline: terminated && this.#options.telemetry.trailingNewline,
        requestId,
      }),
    );
  }

  #exclusive<T>(phase: () => Promise<T>): Promise<T> {
    const next = this.#phase.then(phase, phase);
    this.#phase = next.catch(() => undefined);
    return next;
  }
}
