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
 * Settings of the extension, which may differ from function to function. Only those that are given become environment
 * variables; the defaults live in the extension.
 */
export interface LambdaWatchSettings {
  /**
   * The Loki tenant, sent as `X-Scope-OrgID`: at most 150 letters, digits and `!-_.*'()`. Environment variable
   * `LOKI_TENANT_ID`.
   *
   * @default - none, for a Loki with one tenant or behind a gateway that sets it
   */
  readonly tenantId?: string;

  /**
   * The label `service_name`, 1 to 2048 bytes. Environment variable `LOKI_SERVICE_NAME`.
   *
   * @default - as `serviceNameFrom` says
   */
  readonly serviceName?: string;

  /**
   * What the label `service_name` is where `serviceName` is not given.
   *
   * @default ServiceNameSource.FUNCTION_NAME
   */
  readonly serviceNameFrom?: ServiceNameSource;

  /**
   * Further labels, the same for each line: names of letters, digits and `_`, values of at most 2048 bytes. Loki allows
   * 15 labels in all, of which the extension uses 4, and one more for the request id in mode `LABEL`. Environment
   * variable `LOKI_LABELS`.
   *
   * @default - none
   */
  readonly labels?: { [name: string]: string };

  /**
   * Where the invocation's request id goes. Environment variables `LOKI_EXTRACT_REQUEST_ID` and `LOKI_REQUEST_ID_AS`.
   *
   * @default RequestIdMode.METADATA
   */
  readonly requestId?: RequestIdMode;

  /**
   * What is shipped. Environment variable `LOKI_LOG_TYPES`.
   *
   * @default [LogType.FUNCTION, LogType.PLATFORM]
   */
  readonly logTypes?: LogType[];

  /**
   * Rules that drop, mask and sample lines, applied in their order. They take part of the 4 KB that Lambda allows for
   * environment variables. Environment variable `LOKI_RULES`.
   *
   * @default - none
   */
  readonly rules?: LogRule[];

  /**
   * Lines of a lower level are not shipped; lines that state no level are. Environment variable `LOKI_MIN_LEVEL`.
   *
   * @default LogLevel.TRACE
   */
  readonly minLevel?: LogLevel;

  /**
   * Whether lines below `minLevel`, and those of sampled-out invocations, wait in memory (at most 4 MiB) and are
   * shipped if their invocation fails, times out, crashes or prints an error. Environment variable
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
   * Fields of JSON lines that become structured metadata, by the name that they get there:
   * `{ user_id: 'userId', status: 'http.status' }`. A field with dots is one as it stands, or a path into objects.
   * At most 16; values are cut at 1 KiB. Environment variable `LOKI_METADATA`.
   *
   * @default - none
   */
  readonly metadata?: { [name: string]: string };

  /**
   * Whether lines get as structured metadata what is known without being asked for: `level`, `trace_id`, `tenant_id`,
   * `execution_id` and `execution_name` of durable functions, `cold_start`, and the numbers of REPORT.
   * Environment variable `LOKI_METADATA_DEFAULT`.
   *
   * @default true
   */
  readonly defaultMetadata?: boolean;

  /**
   * With Lambda's JSON log format: whether the `message` of a record becomes the line, and its other fields structured
   * metadata. A record whose fields don't fit there stays as it is. Environment variable `LOKI_UNWRAP_JSON`.
   *
   * @default false
   */
  readonly unwrapJson?: boolean;

  /**
   * Which lines of the platform are shipped. Environment variable `LOKI_PLATFORM_LINES`.
   *
   * @default PlatformLine.ALL
   */
  readonly platformLines?: PlatformLine[];

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
   * An HTTP proxy between the function and Loki. Its environment variables have their usual names, so that AWS's SDKs
   * and other clients in the function's own code use the proxy, too.
   *
   * @default - none
   */
  readonly proxy?: ProxyOptions;

  /**
   * Port of the extension's telemetry receiver inside the function's environment, 1024 to 65535 but not 9001, which is
   * Lambda's own. Change it when the function itself listens there. Environment variable `LOKI_TELEMETRY_PORT`.
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
   * Further environment variables for each function, such as a setting of a newer extension in a `layer` of yours.
   * Those that have a property here, and those that would hold a secret, are refused.
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
   * The full push URL of Loki, `https://…/loki/api/v1/push`, without user and password; or what
   * `LokiEndpoint.fromSsmParameterName` returns. Environment variable `LOKI_ENDPOINT`.
   */
  readonly endpoint: string;

  /**
   * How the extension authenticates.
   *
   * @default LokiAuth.none()
   */
  readonly auth?: LokiAuth;

  /**
   * A layer of your own in place of the one in this package, for example one that is published once per account. It
   * must fit the architecture of each function; where functions have different ones, use `layers`.
   *
   * @default - one layer per stack and architecture, from this package
   */
  readonly layer?: lambda.ILayerVersion;

  /**
   * Layers of your own for each architecture, by its name: `x86_64`, `arm64`. Functions of another architecture can't
   * be attached. Not together with `layer`.
   *
   * @default - one layer per stack and architecture, from this package
   */
  readonly layers?: { [architecture: string]: lambda.ILayerVersion };

  /**
   * What happens to the old version of the layer when it changes or is removed. Functions and versions that use it keep
   * working either way. The first `LambdaWatch` of a stack decides for all of the stack.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly layerRemovalPolicy?: RemovalPolicy;

  /**
   * Whether each function's role is allowed to read the secrets of `auth`. When switched off, the roles need
   * `secretsmanager:GetSecretValue` or `ssm:GetParameter`, and `kms:Decrypt` for a customer-managed key, from
   * elsewhere.
   *
   * @default true
   */
  readonly grantAccess?: boolean;

  /**
   * Whether Lambda goes on writing the functions' logs to CloudWatch Logs. Attach with `KEEP` first, and look whether
   * the logs are in Loki.
   *
   * @default CloudWatchLogs.KEEP
   */
  readonly cloudWatchLogs?: CloudWatchLogs;

  /**
   * Whether the grants are one managed policy for each stack and set of secrets, in place of a policy for each role.
   * Saves a resource for each function, of which a stack may have 500, and satisfies rules against inline policies
   * (`IAMNoInlinePolicy` of cdk-nag). A role may have 10 managed policies unless the account's quota was raised. The
   * policy of a customer-managed key must leave permissions to IAM policies, as keys that CDK makes do.
   *
   * @default false
   */
  readonly sharedPolicy?: boolean;

  /**
   * What is reported at synthesis beside warnings and errors.
   *
   * @default SynthesisReport.NONE
   */
  readonly report?: SynthesisReport;

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
   * No functions that one of these filters picks; takes precedence over `include`.
   *
   * @default - none
   */
  readonly exclude?: IFunctionFilter[];
}
