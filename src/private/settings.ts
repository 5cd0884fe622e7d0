import { Duration, Fn, RemovalPolicy, Size, Token } from 'aws-cdk-lib';
import { DiagnosticLevel } from '../diagnostic-level';
import { LambdaWatchProps } from '../lambda-watch-props';
import { LogLevel } from '../log-level';
import { LogRule } from '../log-rule';
import { LogType } from '../log-type';
import { PlatformLine } from '../platform-line';
import { RequestIdMode } from '../request-id-mode';
import { ServiceNameSource } from '../service-name-source';
import { SynthesisReport } from '../synthesis-report';
import { SETTINGS } from './catalogue';
import { readRules } from './rules/read-rules';
import { checkShapes, valueOf } from './shapes';
import { Validation, show } from './validation';

/** Variables that have a property. There is one way to set each of them. */
const COVERED = new Set(SETTINGS.flatMap(({ variable, alias }) => [variable, ...(alias === undefined ? [] : [alias])]));
const CREDENTIALS = /^LOKI_(USERNAME|PASSWORD|API_KEY)(_SECRET)?$/;

/**
 * Checks all properties and converts those that are set into environment variables, except for `auth` and `labels`,
 * which depend on the stack. Throws one error that lists all problems.
 */
export function settingsOf(props: LambdaWatchProps, path: string): Record<string, string> {
  const check = new Validation();
  const env: Record<string, string> = {};
  const set = (variable: string, value: string | undefined): void => {
    if (value !== undefined) env[variable] = value;
  };

  checkShapes(props, check);
  // Values of a wrong type can't be checked any further.
  if (check.problems.length > 0) throw new Error(`LambdaWatch ${path}: ${check.problems.join('\n')}`);
  check.endpoint(props.endpoint);
  set('LOKI_ENDPOINT', props.endpoint);
  if (props.tenantId !== undefined) check.tenantId(props.tenantId);
  set('LOKI_TENANT_ID', props.tenantId);
  if (props.serviceName !== undefined) check.serviceName(props.serviceName);
  set('LOKI_SERVICE_NAME', props.serviceName);
  // This is not the extension's own default, which existing templates rely on: with a label, each invocation would be a
  // stream.
  const { requestId = RequestIdMode.METADATA } = props;
  check.labels(props.labels ?? {}, requestId === RequestIdMode.LABEL);
  if (requestId === RequestIdMode.OFF) set('LOKI_EXTRACT_REQUEST_ID', 'false');
  else set('LOKI_REQUEST_ID_AS', requestId);
  check.word('requestId', props.requestId, RequestIdMode);
  check.word('diagnostics', props.diagnostics, DiagnosticLevel);
  check.word('serviceNameFrom', props.serviceNameFrom, ServiceNameSource);
  check.word('report', props.report, SynthesisReport);
  check.word('layerRemovalPolicy', props.layerRemovalPolicy, RemovalPolicy);
  set('LOKI_LOG_TYPES', logTypes(props.logTypes, check));
  set('LOKI_LOG_LEVEL', props.diagnostics);
  set('LOKI_RULES', rules(props.rules, check));
  check.word('minLevel', props.minLevel, LogLevel);
  set('LOKI_MIN_LEVEL', props.minLevel);
  set('LOKI_FLUSH_STRATEGY', props.flushStrategy?._render());
  set('LOKI_METADATA', metadata(props.metadata, check));
  set('LOKI_PLATFORM_LINES', platformLines(props.platformLines, check));

  for (const { variable, property, min, max } of SETTINGS) {
    const value = valueOf(props, property);
    if (value === undefined) continue;
    if (min !== undefined && max !== undefined) {
      set(variable, check.number({ property, min, max }, value as number | Duration | Size));
    } else if (typeof value === 'boolean') {
      set(variable, String(value));
    }
  }
  // Telemetry API, "Configuring a listener".
  if (props.telemetryPort === 9001)
    check.problem('telemetryPort', 9001, 'Lambda uses that port itself; choose another.');

  if (props.layer && props.layers) check.problems.push('layer and layers are both given; leave one out.');
  tls(props, check, set);
  proxy(props, check, set);
  environment(props, check, set);

  if (check.problems.length > 0) {
    throw new Error(`LambdaWatch ${path}: ${check.problems.join('\n')}`);
  }
  return env;
}

type Setter = (variable: string, value: string | undefined) => void;

function logTypes(types: LogType[] | undefined, check: Validation): string | undefined {
  if (types === undefined) return undefined;
  if (types.length === 0)
    check.problem('logTypes', types, 'nothing would be shipped; name at least one type, or leave it out.');
  for (const type of types) check.word('logTypes', type, LogType);
  // Always in the same order, so that templates don't change without a reason.
  return [LogType.FUNCTION, LogType.PLATFORM, LogType.EXTENSION].filter((type) => types.includes(type)).join(',');
}

/** Checked by the code that the extension reads them with. */
function rules(given: LogRule[] | undefined, check: Validation): string | undefined {
  if (given === undefined || given.length === 0) return undefined;
  const at = given.findIndex((rule) => typeof (rule as Partial<LogRule> | null)?._render !== 'function');
  if (at >= 0) {
    check.problem(`rules[${at}]`, given[at], 'it is no LogRule; use LogRule.exclude, include, mask or sample.');
    return undefined;
  }
  const text = JSON.stringify(given.map((rule) => rule._render()));
  if (Token.isUnresolved(text)) {
    check.problems.push('rules has a value that is only known at deployment; rules are checked at synthesis.');
    return undefined;
  }
  for (const problem of readRules(text).problems)
    check.problems.push(`rules: ${problem.replace(/; using [^;]*$/, '')}.`);
  return text;
}

/** Names of structured metadata that the extension uses itself. */
const RESERVED = ['request_id', 'part', 'parts', 'detected_level'];

/** The maximum number of fields that the extension accepts. */
const MOST_FIELDS = 16;

/**
 * Follows the extension's own rules, except for names: names that the extension would have to change are rejected here.
 */
function metadata(given: { [name: string]: string } | undefined, check: Validation): string | undefined {
  const entries = Object.entries(given ?? {});
  if (entries.length > MOST_FIELDS)
    check.problems.push(`metadata has ${entries.length} fields; at most ${MOST_FIELDS} are possible.`);
  for (const [name, field] of entries) {
    if (!/^(?=.*[a-zA-Z0-9])[a-zA-Z_][a-zA-Z0-9_]{0,127}$/.test(name))
      check.problems.push(
        `metadata has the name ${show(name)}; letters, digits and _ are possible, not beginning with a digit.`,
      );
    else if (RESERVED.includes(name))
      check.problems.push(`metadata has the name ${name}, which the extension uses itself; choose another.`);
    if (Token.isUnresolved(field)) check.problems.push(`metadata.${name} is only known at deployment; write it out.`);
    else if (typeof field !== 'string' || !/^[^\s,:]([^,:]*[^\s,:])?$/.test(field))
      check.problem(`metadata.${name}`, field, 'give a field of JSON lines, like userId or http.status.');
  }
  return entries.length === 0 ? undefined : entries.map(([name, field]) => `${field}:${name}`).join(',');
}

function platformLines(lines: PlatformLine[] | undefined, check: Validation): string | undefined {
  if (lines === undefined) return undefined;
  if (lines.length === 0)
    check.problem('platformLines', lines, 'name at least one; for none, leave PLATFORM out of `logTypes`.');
  for (const line of lines) check.word('platformLines', line, PlatformLine);
  return Object.values(PlatformLine)
    .filter((line) => lines.includes(line))
    .join(',');
}

function tls({ tls: options = {} }: LambdaWatchProps, check: Validation, set: Setter): void {
  set('LOKI_CA_CERT', options.ca?._render());
  set('LOKI_CLIENT_CERT', options.clientCertificate?._render());
  set('LOKI_CLIENT_KEY', options.clientKeyPath);
  const key = options.clientKeyPath;
  if ((options.clientCertificate === undefined) !== (key === undefined)) {
    check.problems.push('tls has only one of clientCertificate and clientKeyPath; mutual TLS needs both.');
  }
  if (key !== undefined && !Token.isUnresolved(key) && !/^\/\S/.test(key)) {
    // The value is not shown: it might be the key itself.
    check.problems.push(
      "tls.clientKeyPath is not an absolute path inside the function's environment, like /opt/client.key; the key " +
        'itself ' +
        "can't be given, as it would stand in the template.",
    );
  }
}

function proxy({ proxy: options = {} }: LambdaWatchProps, check: Validation, set: Setter): void {
  const wayOut = 'use a proxy that knows its clients otherwise';
  if (options.https !== undefined) check.url('proxy.https', options.https, wayOut);
  if (options.http !== undefined) check.url('proxy.http', options.http, wayOut);
  set('HTTPS_PROXY', options.https);
  set('HTTP_PROXY', options.http);
  if (
    !Token.isUnresolved(options.bypass) &&
    options.bypass?.some((host) => !Token.isUnresolved(host) && !/^[^\s,]+$/.test(host))
  ) {
    check.problem('proxy.bypass', options.bypass, 'give one host in each entry, without commas and spaces.');
  }
  // A list that is only known at deployment can't be joined here.
  set('NO_PROXY', Token.isUnresolved(options.bypass) ? Fn.join(',', options.bypass!) : options.bypass?.join(','));
}

function environment(props: LambdaWatchProps, check: Validation, set: Setter): void {
  for (const [name, value] of Object.entries(props.environment ?? {})) {
    if (CREDENTIALS.test(name)) {
      check.problems.push(
        `environment has ${name}; credentials go into \`auth\`, which keeps them out of the template.`,
      );
    } else if (COVERED.has(name)) {
      check.problems.push(
        `environment has ${name}, which has a property of its own; use that. (For one function there is ` +
          '`configure`.)',
      );
    } else if (!/^[a-zA-Z][a-zA-Z0-9_]+$/.test(name)) {
      check.problems.push(
        `environment has the name ${show(name)}; Lambda allows letters, digits and _, at least two, beginning with ` +
          'a letter.',
      );
    } else if (typeof value !== 'string') {
      check.problem(`environment.${name}`, value, 'environment variables are strings; put it in quotes.');
    }
    set(name, value);
  }
}
