import { RemovalPolicy } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CloudWatchLogs } from './cloud-watch-logs';
import { DiagnosticLevel } from './diagnostic-level';
import { FlushStrategy } from './flush-strategy';
import { IFunctionFilter } from './function-filter';
import { LogLevel } from './log-level';
import { LogRule } from './log-rule';
import { LogType } from './log-type';
import { LokiAuth } from './loki-auth';
import { BatchingOptions, BufferOptions, ProxyOptions, RetryOptions, TlsOptions } from './options';
import { PlatformLine } from './platform-line';
import { RequestIdMode } from './request-id-mode';
import { ServiceNameSource } from './service-name-source';
import { SynthesisReport } from './synthesis-report';

/**
 * Settings of the extension. They may differ between functions. Only settings that are passed become environment
 * variables; the extension has the defaults.
 */
export interface LambdaWatchSettings {
  /**
   * The Loki tenant, sent as `X-Scope-OrgID`: at most 150 letters, digits and `!-_.*'()`. Environment variable
   * `LOKI_TENANT_ID`.
   *
   * @default - none, for a Loki with a single tenant or behind a gateway that sets the tenant
   */
  readonly tenantId?: string;

  /**
   * The label `service_name`, 1 to 2048 bytes. Environment variable `LOKI_SERVICE_NAME`.
   *
   * @default - determined by `serviceNameFrom`
   */
  readonly serviceName?: string;

  /**
   * The source of the label `service_name` when `serviceName` is not set.
   *
   * @default ServiceNameSource.FUNCTION_NAME
   */
  readonly serviceNameFrom?: ServiceNameSource;

  /**
   * Additional labels of all lines: names consist of letters, digits and `_`; values have at most 2048 bytes. Loki
   * allows 15 labels in total. The extension uses 4 of them, and one more for the request id in mode `LABEL`.
   * Environment variable `LOKI_LABELS`.
   *
   * @default - none
   */
  readonly labels?: { [name: string]: string };

  /**
   * Where Loki stores the request id of the invocation. Environment variables `LOKI_EXTRACT_REQUEST_ID` and
   * `LOKI_REQUEST_ID_AS`.
   *
   * @default RequestIdMode.METADATA
   */
  readonly requestId?: RequestIdMode;

  /**
   * Which log streams are shipped. Environment variable `LOKI_LOG_TYPES`.
   *
   * @default [LogType.FUNCTION, LogType.PLATFORM]
   */
  readonly logTypes?: LogType[];

  /**
   * Rules that drop, mask and sample lines. They are applied in order, and count towards the 4 KB that Lambda allows
   * for environment variables. Environment variable `LOKI_RULES`.
   *
   * @default - none
   */
  readonly rules?: LogRule[];

  /**
   * Lines with a lower level are not shipped; lines without a level are shipped. Environment variable `LOKI_MIN_LEVEL`.
   *
   * @default LogLevel.TRACE
   */
  readonly minLevel?: LogLevel;

  /**
   * Whether lines below `minLevel`, and lines of invocations that sampling excludes, wait in memory (at most 4 MiB) and
   * are shipped if their invocation fails, times out, crashes or logs an error. Environment variable
   * `LOKI_KEEP_ON_ERROR`.
   *
   * @default false
   */
  readonly keepOnError?: boolean;

  /**
   * When lines are sent, and what an invocation waits for. Environment variable `LOKI_FLUSH_STRATEGY`.
   *
   * @default FlushStrategy.END
   */
  readonly flushStrategy?: FlushStrategy;

  /**
   * Fields of JSON lines that become structured metadata, each under its name in the metadata: `{ user_id: 'userId',
   * status: 'http.status' }`. A name with dots matches a field with exactly this name, or is a path into nested
   * objects. At most 16 fields; values are truncated to 1 KiB. Environment variable `LOKI_METADATA`.
   *
   * @default - none
   */
  readonly metadata?: { [name: string]: string };

  /**
   * Whether lines get structured metadata that needs no configuration: `level`, `trace_id`, `tenant_id`, `execution_id`
   * and `execution_name` of durable functions, `cold_start`, and the figures of REPORT. Environment variable
   * `LOKI_METADATA_DEFAULT`.
   *
   * @default true
   */
  readonly defaultMetadata?: boolean;

  /**
   * With Lambda's JSON log format: whether the `message` of a record becomes the line, and the other fields become
   * structured metadata. A record with fields that don't fit into structured metadata is not changed. Environment
   * variable `LOKI_UNWRAP_JSON`.
   *
   * @default false
   */
  readonly unwrapJson?: boolean;

  /**
   * Which platform lines are shipped. Environment variable `LOKI_PLATFORM_LINES`.
   *
   * @default PlatformLine.ALL
   */
  readonly platformLines?: PlatformLine[];

  /**
   * How lines are batched into pushes.
   *
   * @default - see each option
   */
  readonly batching?: BatchingOptions;

  /**
   * What happens when Loki is slow or does not answer.
   *
   * @default - see each option
   */
  readonly retry?: RetryOptions;

  /**
   * How much is kept in memory while Loki does not accept lines.
   *
   * @default - see each option
   */
  readonly buffer?: BufferOptions;

  /**
   * A private certificate authority, and mutual TLS.
   *
   * @default - the public certificate authorities, no client certificate
   */
  readonly tls?: TlsOptions;

  /**
   * An HTTP proxy between the function and Loki. The environment variables have their usual names, so the AWS SDKs and
   * other clients in the function's own code use the proxy too.
   *
   * @default - none
   */
  readonly proxy?: ProxyOptions;

  /**
   * Port of the extension's telemetry receiver inside the function's environment, 1024 to 65535 except 9001, which
   * Lambda uses. Change it if the function itself listens on this port. Environment variable `LOKI_TELEMETRY_PORT`.
   *
   * @default 4327
   */
  readonly telemetryPort?: number;

  /**
   * How much the extension logs about itself on stderr. Environment variable `LOKI_LOG_LEVEL`.
   *
   * @default DiagnosticLevel.WARN
   */
  readonly diagnostics?: DiagnosticLevel;

  /**
   * Additional environment variables for each function, such as a setting of a newer extension in your own `layer`.
   * Variables that have a property here, and variables for secrets, are rejected.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };
}

/**
 * Properties of `LambdaWatch`.
 */
export interface LambdaWatchProps extends LambdaWatchSettings {
  /**
   * The full push URL of Loki, `https://…/loki/api/v1/push`, without user name and password, or the result of
   * `LokiEndpoint.fromSsmParameterName`. Environment variable `LOKI_ENDPOINT`.
   */
  readonly endpoint: string;

  /**
   * How the extension authenticates to Loki.
   *
   * @default LokiAuth.none()
   */
  readonly auth?: LokiAuth;

  /**
   * Your own layer instead of the one in this package, for example a layer that is published once per account. It must
   * match the architecture of all functions; if their architectures differ, use `layers`.
   *
   * @default - one layer per stack and architecture, from this package
   */
  readonly layer?: lambda.ILayerVersion;

  /**
   * Your own layer for each architecture, by the architecture's name: `x86_64`, `arm64`. Functions with another
   * architecture can't be attached. Can't be combined with `layer`.
   *
   * @default - one layer per stack and architecture, from this package
   */
  readonly layers?: { [architecture: string]: lambda.ILayerVersion };

  /**
   * What happens to the old version of the layer when it changes or is removed. Functions and versions that use it keep
   * working in both cases. The first `LambdaWatch` in a stack decides for the whole stack.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly layerRemovalPolicy?: RemovalPolicy;

  /**
   * Whether each function's role is granted read access to the secrets of `auth`. If `false`, you have to grant the
   * roles `secretsmanager:GetSecretValue` or `ssm:GetParameter`, and `kms:Decrypt` for a customer-managed key.
   *
   * @default true
   */
  readonly grantAccess?: boolean;

  /**
   * Whether Lambda keeps writing the functions' logs to CloudWatch Logs. Deploy with `KEEP` first, and check that the
   * logs arrive in Loki.
   *
   * @default CloudWatchLogs.KEEP
   */
  readonly cloudWatchLogs?: CloudWatchLogs;

  /**
   * Whether read access is granted by one managed policy for each stack and set of secrets, instead of one policy for
   * each role. This saves one resource for each function (a stack may have 500 resources) and satisfies rules against
   * inline policies (`IAMNoInlinePolicy` of cdk-nag). A role may have 10 managed policies unless the account's quota
   * was raised. The key policy of a customer-managed key must delegate permissions to IAM policies, as the key policies
   * of CDK do.
   *
   * @default false
   */
  readonly sharedPolicy?: boolean;

  /**
   * What is reported at synthesis in addition to warnings and errors.
   *
   * @default SynthesisReport.NONE
   */
  readonly report?: SynthesisReport;

  /**
   * Functions to attach immediately, as with `attach`.
   *
   * @default - none; call `attach` or `attachAll`
   */
  readonly functions?: lambda.IFunction[];
}

/**
 * Which functions of a scope are attached.
 */
export interface AttachAllOptions {
  /**
   * Only functions that match one of these filters.
   *
   * @default - all
   */
  readonly include?: IFunctionFilter[];

  /**
   * Functions that match one of these filters are not attached. Takes precedence over `include`.
   *
   * @default - none
   */
  readonly exclude?: IFunctionFilter[];
}
