import { deferred, type Deferred } from './deferred';
import type { EventRecorder } from './events';
import type { ExtensionsApi } from './extensions-api';
import type { ResolvedOptions } from './options';
import { peakMemory, Supervised, type ExitStatus } from './processes';
import type { RuntimeApi } from './runtime-api';
import { ScriptedProcess } from './scripted-runtime';
import { extensionVariables, runtimeVariables } from './variables';

/** Why the running phase can't go on. */
export interface Fault {
  readonly errorType: string;
  readonly message: string;
  readonly by: string;
}

export interface SupervisorParts {
  readonly options: ResolvedOptions;
  readonly events: EventRecorder;
  readonly extensionsApi: ExtensionsApi;
  readonly runtimeApi: RuntimeApi;
  readonly address: string;
  readonly logStream: string;
  readonly onLine: (source: 'function' | 'extension', line: string, terminated: boolean) => void;
}

export interface RunningExtension {
  readonly process: Supervised;
  readonly name: string;
}

/** Memory that a scripted runtime is taken to use, in bytes. */
const SCRIPTED_MEMORY = 32 * 1024 * 1024;

/** Starts the processes of an environment and notices when one ends that should not. */
export class Supervisor {
  readonly #parts: SupervisorParts;
  #extensions: RunningExtension[] = [];
  #runtime?: Supervised;
  #scripted?: ScriptedProcess;
  #runtimeExit: Deferred<ExitStatus> = deferred();
  #fault: Deferred<Fault> = deferred();
  #exitsExpected = false;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
  }

  get extensions(): readonly RunningExtension[] {
    return this.#extensions;
  }

  /** Resolves at the first thing that makes the phase fail. */
  get fault(): Promise<Fault> {
    return this.#fault.promise;
  }

  get faulted(): boolean {
    return this.#fault.settled;
  }

  /** Whether everything that was started still runs. */
  get intact(): boolean {
    return this.runtimeRunning && this.#extensions.every(({ process }) => process.running);
  }

  get runtimeRunning(): boolean {
    return this.#runtime?.running ?? this.#scripted?.running ?? false;
  }

  get runtimeStarted(): boolean {
    return (this.#runtime ?? this.#scripted) !== undefined;
  }

  get runtimeExit(): Promise<unknown> {
    return this.#runtimeExit.promise;
  }

  get processes(): readonly Supervised[] {
    return [...this.#extensions.map(({ process }) => process), ...(this.#runtime ? [this.#runtime] : [])].filter(
      (process) => process.running,
    );
  }

  /** Most memory that runtime and extensions have had, in bytes. */
  get peakMemory(): number {
    return this.processes.reduce((sum, { pid }) => sum + peakMemory(pid), this.#scripted ? SCRIPTED_MEMORY : 0);
  }

  pid(name: string): number | undefined {
    return this.processes.find((process) => process.name === name || (name === 'runtime' && process.role === 'runtime'))
      ?.pid;
  }

  /** Forgets what has ended; processes are started anew after it. */
  reset(): void {
    this.#extensions = [];
    this.#runtime = undefined;
    this.#scripted = undefined;
    this.#runtimeExit = deferred();
    this.#fault = deferred();
    this.#exitsExpected = false;
  }

  /** From now on an exit is what is wanted. */
  expectExits(): void {
    this.#exitsExpected = true;
  }

  raise(fault: Fault): void {
    if (!this.#exitsExpected) this.#fault.resolve(fault);
  }

  startExtensions(): void {
    const { options, events, extensionsApi, address, logStream, onLine } = this.#parts;
    extensionsApi.reset(options.extensions.map(({ name }) => name));
    this.#extensions = options.extensions.map((spec) => {
      const process = new Supervised(
        {
          name: spec.name,
          role: 'extension',
          command: spec.command,
          env: extensionVariables(options, address, logStream, spec),
          cwd: '/',
          onLine: (line, terminated) => onLine('extension', line, terminated),
        },
        events,
      );
      void process.exit.then((status) => {
        extensionsApi.exited(spec.name, status.code === 0 ? 'Exited' : 'ShutdownFailed');
        if (process.pid < 0)
          this.raise({
            errorType: 'Extension.LaunchError',
            message: `fork/exec ${spec.command[0]}: can't be started`,
            by: spec.name,
          });
        else this.raise({ errorType: 'Extension.Crash', message: describeExit(status), by: spec.name });
      });
      return { process, name: spec.name };
    });
  }

  startRuntime(): void {
    const { options, events, runtimeApi, address, logStream, onLine } = this.#parts;
    const spec = options.runtime;
    const exit = this.#runtimeExit;
    const ended = (status: ExitStatus): void => {
      exit.resolve(status);
      const message =
        status.code === 0
          ? 'Runtime exited without providing a reason'
          : `Runtime exited with error: ${describeExit(status)}`;
      this.raise({ errorType: 'Runtime.ExitError', message, by: 'runtime' });
    };
    if (spec.kind === 'scripted') {
      this.#scripted = new ScriptedProcess({
        spec,
        api: runtimeApi,
        onLine: (line, terminated) => onLine('function', line, terminated),
        onExit: (status) => ended(status as ExitStatus),
      });
      void this.#scripted.start(options.mode === 'lambda-managed-instances' ? options.lifecycle.maxConcurrency : 1);
      return;
    }
    this.#runtime = new Supervised(
      {
        name: 'runtime',
        role: 'runtime',
        command: spec.command,
        env: runtimeVariables(options, address, logStream, spec),
        cwd: spec.cwd ?? '/',
        joinOutput: true,
        framedLogs: spec.framedLogs,
        onLine: (line, terminated) => onLine('function', line, terminated),
      },
      events,
    );
    void this.#runtime.exit.then(ended);
  }

  /** Reads all lines that the runtime has written before its last call; what has no newline by then is a line too. */
  async drainRuntime(): Promise<void> {
    await this.#runtime?.drain();
    // With several invocations at a time, what has no newline yet may be the middle of another one's line.
    if (this.#parts.options.mode === 'lambda-managed-instances') return;
    this.#runtime?.flushPartial();
    this.#scripted?.flushPartial();
  }

  /** Reads all that any process has written so far. */
  async drainAll(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.drain()));
  }

  stopAll(): readonly number[] {
    const processes = this.processes;
    for (const process of processes) process.signal('SIGSTOP');
    return processes.map(({ pid }) => pid);
  }

  async allStopped(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.stopped()));
  }

  continueAll(): readonly number[] {
    const processes = this.processes;
    for (const process of processes) process.signal('SIGCONT');
    return processes.map(({ pid }) => pid);
  }

  signalRuntime(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#runtime?.signal(signal);
    this.#scripted?.end({ code: null, signal });
  }

  killAll(): void {
    this.signalRuntime('SIGKILL');
    for (const { process } of this.#extensions) process.signal('SIGKILL');
  }
}

/** An exit status as Go prints it, which is what Lambda's messages have. */
function describeExit({ code, signal }: ExitStatus): string {
  if (signal === 'SIGKILL') return 'signal: killed';
  if (signal === 'SIGSEGV') return 'signal: segmentation fault';
  if (signal === 'SIGABRT') return 'signal: aborted';
  return signal === null ? `exit status ${code}` : `signal: ${signal.slice(3).toLowerCase()}`;
}
