import type { ResolvedOptions } from './options';
import type { ExtensionSpec, ProcessRuntime } from './types';

/** Documented as not visible to extensions; beside these, none whose name begins with an underscore is. */
const HIDDEN_FROM_EXTENSIONS = new Set([
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_XRAY_CONTEXT_MISSING',
  'AWS_XRAY_DAEMON_ADDRESS',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
  'AWS_LAMBDA_MAX_CONCURRENCY',
]);
/** Given to extensions on Managed Instances only. */
const MANAGED_INSTANCES_ONLY = new Set(['AWS_LAMBDA_LOG_FORMAT', 'PATH', 'LANG']);

/** The variables of the runtime's process. Nothing of the test's own environment is in them. */
export function runtimeVariables(
  options: ResolvedOptions,
  runtimeApi: string,
  logStream: string,
  spec: ProcessRuntime,
): Record<string, string> {
  return {
    ...options.environment,
    ...common(options, runtimeApi),
    PATH: '/usr/local/bin:/usr/bin/:/bin:/opt/bin',
    LANG: 'en_US.UTF-8',
    AWS_LAMBDA_LOG_FORMAT: options.logFormat === 'json' ? 'JSON' : 'Text',
    AWS_EXECUTION_ENV: `AWS_Lambda_${spec.name}`,
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${options.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    AWS_XRAY_DAEMON_ADDRESS: '169.254.100.1:2000',
    _AWS_XRAY_DAEMON_ADDRESS: '169.254.100.1',
    _AWS_XRAY_DAEMON_PORT: '2000',
    LAMBDA_TASK_ROOT: spec.cwd ?? '/',
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    _HANDLER: options.handler,
    ...(options.mode === 'lambda-managed-instances'
      ? { AWS_LAMBDA_MAX_CONCURRENCY: String(options.lifecycle.maxConcurrency) }
      : {}),
    ...spec.env,
  };
}

/** The variables of an extension's process: those of the runtime without what Lambda hides. */
export function extensionVariables(
  options: ResolvedOptions,
  runtimeApi: string,
  logStream: string,
  spec: ExtensionSpec,
): Record<string, string> {
  const runtime: ProcessRuntime = { kind: 'process', name: options.runtime.name, command: [] };
  const all = Object.entries(runtimeVariables(options, runtimeApi, logStream, runtime));
  const managed = options.mode === 'lambda-managed-instances';
  const visible = all.filter(
    ([name]) =>
      !name.startsWith('_') && !HIDDEN_FROM_EXTENSIONS.has(name) && (managed || !MANAGED_INSTANCES_ONLY.has(name)),
  );
  return { ...Object.fromEntries(visible), ...spec.env };
}

function common(options: ResolvedOptions, runtimeApi: string): Record<string, string> {
  return {
    TZ: ':UTC',
    AWS_REGION: options.region,
    AWS_DEFAULT_REGION: options.region,
    AWS_LAMBDA_FUNCTION_NAME: options.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: options.functionVersion,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(options.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: options.mode,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    AWS_ACCESS_KEY_ID: 'ASIAEXAMPLEEXAMPLE00',
    AWS_SECRET_ACCESS_KEY: 'sandbox/secret/access/key/not/to/be/logged',
    AWS_SESSION_TOKEN: 'sandbox-session-token-not-to-be-logged',
  };
}
