export { freePort, startEnvironment } from './environment';
export { EventRecorder, nowMs, type EventType, type SandboxEvent } from './events';
export { peakMemory, residentMemory } from './processes';
export { scriptedRuntime, type ScriptedHandler, type ScriptedIo } from './scripted-runtime';
export type * from './types';
