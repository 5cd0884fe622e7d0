export { startFakeLoki, FakeLoki, type FakeLokiOptions } from './server';
export { faults } from './faults';
export { DEFAULT_LIMITS, NO_RATE_LIMITS, type FakeLokiLimits } from './limits';
export type { PushRecord, PushState, RequestHead } from './push-record';
export type { Fault, Rule } from './script';
export type { Credentials } from './tenancy';
export {
  startTcpProxy,
  TcpProxy,
  type ProxyMode,
  ProxiedConnection,
  type ConnectionMode,
  type TcpProxyOptions,
} from './tcp-proxy';
