import type {
  EnvironmentOptions,
  ExtensionSpec,
  InitializationType,
  LifecycleKnobs,
  RuntimeSpec,
  TelemetryKnobs,
} from './types';

export interface ResolvedOptions {
  readonly runtime: RuntimeSpec;
  readonly extensions: readonly ExtensionSpec[];
  readonly environment: Readonly<Record<string, string>>;
  readonly mode: InitializationType;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly functionArn: string;
  readonly region: string;
  readonly accountId: string;
  readonly handler: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly initTimeoutMs: number;
  readonly logFormat: 'text' | 'json';
  readonly telemetry: TelemetryKnobs;
  readonly lifecycle: LifecycleKnobs;
}

const ON_DEMAND_INIT_MS = 10_000;
const LONG_INIT_MS = 130_000;

const TELEMETRY: TelemetryKnobs = {
  subscribe: 'accept',
  rejectSchemaVersions: [],
  inFlight: 1,
  dropPath: false,
  split: false,
  reorder: false,
  drip: null,
  transfer: 'content-length',
  connection: 'keep-alive',
  trailingNewline: true,
  runtimeDone: 'at-once',
  fate: () => 'deliver',
  repeat: null,
  report: 'after-freeze',
  reportOnReset: 'during',
  afterShutdownMs: 10,
  retryFirstMs: 100,
  retryMaxMs: 1000,
  maxQueuedBytes: 32 * 1024 * 1024,
};

const LIFECYCLE: LifecycleKnobs = {
  freezes: true,
  freezeDelayMs: 0,
  shutdownMs: 2000,
  runtimeShutdownMs: 300,
  upperCaseShutdownReason: false,
  accountIdFeature: true,
  tracing: true,
  maxConcurrency: 8,
};

export function resolveOptions(options: EnvironmentOptions, fromLayers: readonly ExtensionSpec[]): ResolvedOptions {
  const region = options.region ?? 'eu-west-1';
  const accountId = options.accountId ?? '111122223333';
  const functionName = options.functionName ?? 'orders';
  const functionVersion = options.functionVersion ?? '$LATEST';
  const mode = options.mode ?? 'on-demand';
  const qualifier = functionVersion === '$LATEST' ? '' : `:${functionVersion}`;
  return {
    runtime: options.runtime,
    extensions: [...(options.extensions ?? []), ...fromLayers],
    environment: options.environment ?? {},
    mode,
    functionName,
    functionVersion,
    functionArn: `arn:aws:lambda:${region}:${accountId}:function:${functionName}${qualifier}`,
    region,
    accountId,
    handler: options.runtime.kind === 'process' ? (options.runtime.handler ?? 'handler') : 'handler',
    memoryMb: options.memoryMb ?? 256,
    timeoutMs: options.timeoutMs ?? 3000,
    initTimeoutMs: options.initTimeoutMs ?? (mode === 'on-demand' ? ON_DEMAND_INIT_MS : LONG_INIT_MS),
    logFormat: options.logFormat ?? 'text',
    telemetry: { ...TELEMETRY, ...options.telemetry },
    lifecycle: { ...LIFECYCLE, ...options.lifecycle },
  };
}
