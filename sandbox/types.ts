import type { EventRecorder } from './events';
import type { ScriptedHandler } from './scripted-runtime';

/** How the environment came into being; the value of `AWS_LAMBDA_INITIALIZATION_TYPE`. */
export type InitializationType = 'on-demand' | 'provisioned-concurrency' | 'snap-start' | 'lambda-managed-instances';

export type ShutdownReason = 'spindown' | 'timeout' | 'failure';

export type TelemetryCategory = 'platform' | 'function' | 'extension';

/** A runtime that is a process of its own and speaks the Runtime API. */
export interface ProcessRuntime {
  readonly kind: 'process';
  /** As in `AWS_EXECUTION_ENV`, without the prefix: `python3.11`, `nodejs20.x`, `provided.al2023`. */
  readonly name: string;
  readonly command: readonly string[];
  /** Variables beside those that the sandbox sets. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory and `LAMBDA_TASK_ROOT`. @default '/' */
  readonly cwd?: string;
  /**
   * Offer `_LAMBDA_TELEMETRY_LOG_FD`, through which AWS's runtime clients send log messages of several lines as one
   * record. @default false
   */
  readonly framedLogs?: boolean;
  /** Value of `_HANDLER`. @default 'handler' */
  readonly handler?: string;
}

/** A runtime that is a function of the test, for speed and for faults; see `scriptedRuntime`. */
export interface InProcessRuntime {
  readonly kind: 'scripted';
  readonly name: string;
  readonly handler: ScriptedHandler;
  readonly init?: ScriptedInit;
  /** Runs when the runtime gets SIGTERM at the end of the environment; what it writes is still the function's. */
  readonly terminated?: (io: { write(text: string): void }) => void;
}

/** Runs during Init of a scripted runtime; a rejection is reported as an init error. */
export type ScriptedInit = (io: { write(text: string): void }) => void | Promise<void>;

export type RuntimeSpec = ProcessRuntime | InProcessRuntime;

export interface ExtensionSpec {
  /** Full file name that it registers under. */
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface EnvironmentOptions {
  readonly runtime: RuntimeSpec;
  readonly extensions?: readonly ExtensionSpec[];
  /**
   * Zip files that are unpacked, in order, to a temporary `/opt`; every regular file in its `extensions/` is started.
   */
  readonly layerZips?: readonly string[];
  /** The customer's variables: the runtime and the extensions see them. */
  readonly environment?: Readonly<Record<string, string>>;
  /** @default 'on-demand' */
  readonly mode?: InitializationType;
  /** @default 'orders' */
  readonly functionName?: string;
  /** @default '$LATEST' */
  readonly functionVersion?: string;
  /** @default 'eu-west-1' */
  readonly region?: string;
  /** @default '111122223333' */
  readonly accountId?: string;
  /** MB. @default 256 */
  readonly memoryMb?: number;
  /** The function's time limit in milliseconds. @default 3000 */
  readonly timeoutMs?: number;
  /**
   * Limit of Init in milliseconds; exceeded, Init is done again in the first invocation. @default 10000, or 130000
   * where Lambda has no short cap
   */
  readonly initTimeoutMs?: number;
  /** @default 'text' */
  readonly logFormat?: 'text' | 'json';
  readonly telemetry?: Partial<TelemetryKnobs>;
  readonly lifecycle?: Partial<LifecycleKnobs>;
}

/** What of the Lambda service's behaviour around the processes can be set. */
export interface LifecycleKnobs {
  /**
   * Whether the processes are stopped between invocations. Lambda may leave them running where the next one is there
   * already. @default true
   */
  readonly freezes: boolean;
  /** Between the moment all are in `/next` and the freeze. 0 to 20 ms on Lambda. @default 0 */
  readonly freezeDelayMs: number;
  /** Time from the start of a shutdown to SIGKILL. @default 2000 */
  readonly shutdownMs: number;
  /** Share of it that the runtime gets between SIGTERM and SIGKILL. @default 300 */
  readonly runtimeShutdownMs: number;
  /** The documentation prints the reason in upper case, the service sends lower case. @default false */
  readonly upperCaseShutdownReason: boolean;
  /** Whether the 2020 feature `accountId` is known. @default true */
  readonly accountIdFeature: boolean;
  /** Whether the INVOKE event carries `tracing`. @default true */
  readonly tracing: boolean;
  /** Most invocations at a time on Managed Instances. @default 8 */
  readonly maxConcurrency: number;
}

/** A record on its way into the telemetry stream. */
export interface RecordInTransit {
  readonly type: string;
  readonly requestId?: string;
  /** JSON text of the record. */
  readonly recordJson: string;
}

/**
 * What becomes of a record: it goes into the stream at once, never, or after a delay (of thawed time), behind what was
 * emitted meanwhile.
 */
export type RecordFate = 'deliver' | 'lose' | { readonly lateMs: number };

/** When a POST is sent again although the extension has taken it. */
export interface Repetition {
  /** The platform waits so long for an answer, gives the connection up and sends the POST again. */
  readonly giveUpMs?: number;
  /** Every n-th POST is answered, and the answer gets lost. */
  readonly loseAnswerOf?: number;
  /** The last POST that was answered before a freeze is sent again after it. */
  readonly afterFreeze?: boolean;
}

export type SubscribeBehaviour =
  | 'accept'
  /** As a local emulator without the Telemetry API: 202, and nothing is ever sent. */
  | 'not-supported'
  | 'client-error'
  | 'server-error'
  | { readonly delayMs: number };

/** What of the Telemetry API's behaviour can be set. The defaults are what a healthy Lambda does. */
export interface TelemetryKnobs {
  /** @default 'accept' */
  readonly subscribe: SubscribeBehaviour;
  /** Schema versions that are refused with 400. @default none; on Managed Instances all but 2025-01-29 */
  readonly rejectSchemaVersions: readonly string[];
  /** POSTs that may be unanswered at a time. @default 1 */
  readonly inFlight: 1 | 2;
  /** Send to the port alone, without the path of the subscription. @default false */
  readonly dropPath: boolean;
  /** Start, function lines and runtimeDone in POSTs of their own. @default false */
  readonly split: boolean;
  /** Every second POST is sent after its successor. @default false */
  readonly reorder: boolean;
  /** Send the body in pieces of `bytes` every `everyMs` milliseconds. @default at once */
  readonly drip: { readonly bytes: number; readonly everyMs: number } | null;
  /** @default 'content-length' */
  readonly transfer: 'content-length' | 'chunked';
  /** @default 'keep-alive' */
  readonly connection: 'keep-alive' | 'new';
  /** Text records of lines end with the line's newline. @default true */
  readonly trailingNewline: boolean;
  /**
   * When `platform.runtimeDone` is sent: at once, never, after a delay, or so early that the extension has it before
   * the INVOKE event.
   * @default 'at-once'
   */
  readonly runtimeDone: 'at-once' | 'never' | 'before-invoke' | { readonly lateMs: number };
  /** Asked once for each record. @default all are delivered at once */
  readonly fate: (record: RecordInTransit) => RecordFate;
  /** @default null: each POST is sent until it is answered with 2xx, and not again */
  readonly repeat: Repetition | null;
  /** @default 'after-freeze' */
  readonly report: 'after-freeze' | 'omit';
  /**
   * The report of an invocation that ended in a reset: while the environment shuts down, to the next one's extensions,
   * or not at all. @default 'during'
   */
  readonly reportOnReset: 'during' | 'after' | 'omit';
  /** Between the SHUTDOWN event and the POST with what was still held back, the last report included. @default 10 */
  readonly afterShutdownMs: number;
  /** Pause before the first repeat of a POST; doubles up to `retryMaxMs`. @default 100 */
  readonly retryFirstMs: number;
  /** @default 1000 */
  readonly retryMaxMs: number;
  /** Bytes of records held for one subscriber; beyond that the oldest are dropped. @default 33554432 */
  readonly maxQueuedBytes: number;
}

export interface InvokeOptions {
  /** Overrides the function's time limit for this invocation, in milliseconds. */
  readonly timeoutMs?: number;
  readonly requestId?: string;
  /** Of a function with tenant isolation: whom it is invoked for. Lambda gives an environment to one tenant alone. */
  readonly tenantId?: string;
  /** The X-Ray header. @default a new trace, which is sampled */
  readonly traceId?: string;
}

export type InvokeStatus = 'success' | 'error' | 'failure' | 'timeout';

export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace?: readonly unknown[];
}

export interface InvokeResult {
  readonly requestId: string;
  /**
   * `success` also when the handler threw and the runtime reported it; then `error` is set. As in
   * `platform.runtimeDone`.
   */
  readonly status: InvokeStatus;
  /** The parsed JSON of the response, or its text where it is not JSON. */
  readonly response?: unknown;
  readonly error?: FunctionError;
  /** Pieces of a streamed response. */
  readonly streamed?: readonly string[];
  /** From the start to the last `/next`, in milliseconds. */
  readonly durationMs: number;
  /** From the start to the response, in milliseconds; what the caller waits for. */
  readonly responseMs?: number;
  /** Only in an invocation that was the first after an Init. */
  readonly initDurationMs?: number;
  /** From the runtime's `/next` to that of the last extension, in milliseconds; 0 when the extensions were first. */
  readonly extensionOverheadMs: number;
  /** Times of the milestones, epoch milliseconds with fractions. */
  readonly startedAt: number;
  readonly runtimeDoneAt?: number;
  readonly lastNextAt?: number;
  /** When the processes were stopped; absent after a reset and on Managed Instances. */
  readonly frozenAt?: number;
  /** The environment was reset: all processes were ended and the next invocation starts them anew. */
  readonly reset: boolean;
}

export interface InitOutcome {
  readonly status: 'success' | 'error' | 'timeout';
  readonly errorType?: string;
  readonly durationMs: number;
}

export interface ShutdownResult {
  /** Exit code, or the name of the signal that ended it, by extension. */
  readonly extensionExitCodes: Readonly<Record<string, number | string>>;
  /** From the start of the shutdown to the end of the last process, in milliseconds. */
  readonly durationMs: number;
  /** Extensions that had to be killed. */
  readonly killed: readonly string[];
}

/** A line that went into the telemetry stream. */
export interface WrittenLine {
  readonly source: 'function' | 'extension';
  readonly text: string;
  /** Invocation during which it was written, if any. */
  readonly requestId?: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A record that a subscriber answered with 2xx. */
export interface AcknowledgedRecord {
  readonly subscriber: string;
  readonly type: string;
  /** ISO 8601, as sent. */
  readonly time: string;
  /** The record as sent, parsed. */
  readonly record: unknown;
  /** JSON text of the record as sent. */
  readonly recordJson: string;
  readonly requestId?: string;
}

export interface Environment {
  readonly events: EventRecorder;
  /** How Init ended. After anything but success the first invocation does it again. */
  readonly initOutcome: InitOutcome;
  /** Host and port of the APIs. */
  readonly runtimeApi: string;
  /** Name of the log stream, which is also the `instanceId` of `platform.initStart`. */
  readonly logStream: string;
  /** The unpacked layers, if any. */
  readonly optDir?: string;
  /** Lines of the function and of extensions in the order written. */
  readonly linesWritten: readonly WrittenLine[];
  /** All that extensions wrote, stdout and stderr. */
  readonly extensionStderr: string;
  /**
   * Invokes the function; resolves when the phase is over and the environment is frozen or reset. Queued behind a
   * running invocation.
   */
  invoke(payload?: unknown, options?: InvokeOptions): Promise<InvokeResult>;
  /** Resolves when all process groups are stopped. */
  frozen(): Promise<void>;
  isFrozen(): boolean;
  /** Stays frozen for `ms` milliseconds. */
  idle(ms: number): Promise<void>;
  shutdown(reason?: ShutdownReason): Promise<ShutdownResult>;
  /** Loss of the host: everything is killed at once, without an event. */
  kill(): Promise<void>;
  /** Kills one process group, as the kernel does when memory runs out. Works at any time. */
  oomKill(target: 'runtime' | { readonly extension: string }): void;
  /** Puts records, as they are, or a whole body into the telemetry stream of every subscriber. */
  injectTelemetry(records: readonly unknown[] | { readonly rawBody: string | Uint8Array }): void;
  /** From now on the platform stamps its records with a clock that is wrong by so many milliseconds. */
  shiftClock(ms: number): void;
  /**
   * Resolves when nothing is buffered or in flight for any subscriber. Rejects while frozen or after `timeoutMs`
   * (default 5000).
   */
  telemetryDrained(timeoutMs?: number): Promise<void>;
  /** Records that were answered with 2xx, in the order of the answers; of all subscribers or of one. */
  linesAcknowledged(subscriber?: string): readonly AcknowledgedRecord[];
  /** Forgets events, lines and acknowledgements so far; for long runs. */
  forget(): void;
  /** Process id of an extension or of the runtime, while it runs. */
  pid(name: string): number | undefined;
  /** Ends whatever still runs and closes the port. Idempotent; call it in `after`. */
  close(): Promise<void>;
}
