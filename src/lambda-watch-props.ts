import { RemovalPolicy } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { DiagnosticLevel } from './diagnostic-level';
import { IFunctionFilter } from './function-filter';
import { LogType } from './log-type';
import { LokiAuth } from './loki-auth';
import { BatchingOptions, BufferOptions, ProxyOptions, RetryOptions, TlsOptions } from './options';
import { RequestIdMode } from './request-id-mode';

/**
 * Settings of LambdaWatch. Only those that are given become environment variables; the defaults live in the extension.
 */
export interface LambdaWatchProps {
  /**
   * The full push URL of Loki, `https://…/loki/api/v1/push`, without user and password. Environment variable `LOKI_ENDPOINT`.
   */
  readonly endpoint: string;

  /**
   * How the extension authenticates.
   *
   * @default LokiAuth.none()
   */
  readonly auth?: LokiAuth;

  /**
   * The Loki tenant, sent as `X-Scope-OrgID`: at most 150 letters, digits and `!-_.*'()`. Environment variable `LOKI_TENANT_ID`.
   *
   * @default - none, for a Loki with one tenant or behind a gateway that sets it
   */
  readonly tenantId?: string;

  /**
   * The label `service_name`. Environment variable `LOKI_SERVICE_NAME`.
   *
   * @default - each function's name
   */
  readonly serviceName?: string;

  /**
   * Further labels, the same for each line: names of letters, digits and `_`, values of at most 2048 bytes. Loki allows 15 labels in
   * all, of which the extension uses 4, and one more for the request id in mode `LABEL`. Environment variable `LOKI_LABELS`.
   *
   * @default - none
   */
  readonly labels?: { [name: string]: string };

  /**
   * Where the invocation's request id goes. Environment variables `LOKI_EXTRACT_REQUEST_ID` and `LOKI_REQUEST_ID_AS`.
   *
   * @default RequestIdMode.LABEL
   */
  readonly requestId?: RequestIdMode;

  /**
   * What is shipped. Environment variable `LOKI_LOG_TYPES`.
   *
   * @default [LogType.FUNCTION, LogType.PLATFORM]
   */
  readonly logTypes?: LogType[];

  /**
   * How lines are gathered into pushes.
   *
   * @default - see each option
   */
  readonly batching?: BatchingOptions;

  /**
   * What happens when Loki is slow, or does not answer.
   *
   * @default - see each option
   */
  readonly retry?: RetryOptions;

  /**
   * How much is held in memory while Loki can't take it.
   *
   * @default - see each option
   */
  readonly buffer?: BufferOptions;

  /**
   * A private certification authority, and mutual TLS.
   *
   * @default - the public certification authorities, no client certificate
   */
  readonly tls?: TlsOptions;

  /**
   * An HTTP proxy between the function and Loki.
   *
   * @default - none
   */
  readonly proxy?: ProxyOptions;

  /**
   * Port of the extension's telemetry receiver inside the function's environment, 1024 to 65535 but not 9001, which is Lambda's own.
   * Change it when the function itself listens there. Environment variable `LOKI_TELEMETRY_PORT`.
   *
   * @default 4327
   */
  readonly telemetryPort?: number;

  /**
   * How much the extension says about itself on stderr. Environment variable `LOKI_LOG_LEVEL`.
   *
   * @default DiagnosticLevel.WARN
   */
  readonly diagnostics?: DiagnosticLevel;

  /**
   * Further environment variables for each function, such as a setting of a newer extension in a `layer` of yours. Those that have a
   * property here, and those that would hold a secret, are refused.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * A layer of your own in place of the one in this package, for example one that is published once per account. It must fit the
   * architecture of each function.
   *
   * @default - one layer per stack and architecture, from this package
   */
  readonly layer?: lambda.ILayerVersion;

  /**
   * What happens to the old version of the layer when it changes or goes. Functions and versions that use it keep working either way.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly layerRemovalPolicy?: RemovalPolicy;

  /**
   * Whether each function's role is allowed to read the secrets of `auth`. When switched off, the roles need
   * `secretsmanager:GetSecretValue` or `ssm:GetParameter`, and `kms:Decrypt` for a customer-managed key, from elsewhere.
   *
   * @default true
   */
  readonly grantAccess?: boolean;

  /**
   * Functions to attach at once, as `attach` does.
   *
   * @default - none; call `attach` or `attachAll`
   */
  readonly functions?: lambda.IFunction[];
}

/**
 * Which functions of a whole scope are meant.
 */
export interface AttachAllOptions {
  /**
   * Only functions that one of these filters picks.
   *
   * @default - all
   */
  readonly include?: IFunctionFilter[];

  /**
   * No functions that one of these filters picks; stronger than `include`.
   *
   * @default - none
   */
  readonly exclude?: IFunctionFilter[];
}
