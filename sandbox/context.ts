import type { EventRecorder } from './events';
import type { ExtensionsApi } from './extensions-api';
import type { ResolvedOptions } from './options';
import type { RuntimeApi } from './runtime-api';
import type { Supervisor } from './supervisor';
import type { TelemetryApi } from './telemetry-api';
import type { PausableTimers } from './timers';

/** What the phases share. */
export interface Context {
  readonly options: ResolvedOptions;
  readonly events: EventRecorder;
  readonly timers: PausableTimers;
  readonly extensions: ExtensionsApi;
  readonly runtime: RuntimeApi;
  readonly telemetry: TelemetryApi;
  readonly supervisor: Supervisor;
  readonly logStream: string;
  /** `cold`: the processes have to be started before the next invocation. */
  state: 'cold' | 'ready' | 'ended';
  /** Invocation in progress; lines are written under it. Always absent on Managed Instances. */
  requestId?: string;
  /** When it was frozen, in epoch milliseconds. */
  frozenAt?: number;
  /** Duration of an Init that no report has mentioned yet, in milliseconds. */
  unreportedInitMs?: number;
  /** A snapshot was taken, and the next invocation has to restore it. */
  snapshotTaken?: boolean;
}
