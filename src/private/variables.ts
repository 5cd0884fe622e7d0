import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { CloudWatchLogs } from '../cloud-watch-logs';
import { LambdaWatchProps, LambdaWatchSettings } from '../lambda-watch-props';
import { LokiAuth } from '../loki-auth';
import { ServiceNameSource } from '../service-name-source';
import { endpointIn } from './endpoint';
import { settingsOf } from './settings';
import { checkConfigured } from './shapes';
import { isFunction } from './targets';
import { requireMember } from './untyped';

/**
 * The environment variables of each function: the common settings, and those that `configure` sets for the function or
 * for constructs above it.
 */
export class Variables {
  private readonly given = new Map<IConstruct, LambdaWatchSettings>();
  private readonly known = new Map<IConstruct, Record<string, string>>();

  /** Throws one error that lists all problems. */
  constructor(
    private readonly props: LambdaWatchProps,
    private readonly path: string,
  ) {
    requireMember(props, 'endpoint', `LambdaWatch ${path}: props`, 'give an object with at least the endpoint');
    settingsOf(props, path);
  }

  /** Sets settings for a construct and everything below it, in addition to earlier ones. */
  public configure(scope: IConstruct, settings: LambdaWatchSettings): void {
    checkConfigured(settings, `LambdaWatch ${this.path}: configure ${scope.node.path}`);
    settingsOf(merge(this.propsFor(scope), settings), `${this.path}: configure ${scope.node.path}`);
    this.given.set(scope, merge(this.given.get(scope) ?? {}, settings));
    this.known.clear();
  }

  /** The constructs that were configured. */
  public configured(): IConstruct[] {
    return [...this.given.keys()];
  }

  public of(construct: IConstruct): Record<string, string> {
    const known = this.known.get(construct) ?? this.compute(construct);
    this.known.set(construct, known);
    return known;
  }

  private compute(construct: IConstruct): Record<string, string> {
    const stack = Stack.of(construct);
    const props = this.propsFor(construct);
    const labels = Object.entries(props.labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    const json = Object.fromEntries(labels);
    const deployTime = labels.flat().some((text) => Token.isUnresolved(text));
    const name = isFunction(construct) ? serviceName(construct, props) : undefined;
    return {
      // Settings may be valid for each scope and invalid in combination.
      ...settingsOf(props, this.given.size > 0 ? `${this.path}: settings of ${construct.node.path}` : this.path),
      LOKI_ENDPOINT: endpointIn(stack, props.endpoint),
      ...(name !== undefined && { LOKI_SERVICE_NAME: name }),
      ...(props.auth ?? LokiAuth.none())._environment(stack),
      // Only CDK can insert a value that is known at deployment into JSON.
      ...(labels.length > 0 && { LOKI_LABELS: deployTime ? stack.toJsonString(json) : JSON.stringify(json) }),
      // Otherwise they would be missing.
      ...(this.props.cloudWatchLogs?.toString() === CloudWatchLogs.DENY.toString() && {
        LOKI_SHIP_DIAGNOSTICS: 'true',
      }),
      ...props.environment,
    };
  }

  private propsFor(construct: IConstruct): LambdaWatchProps {
    return construct.node.scopes.reduce((props, scope) => merge(props, this.given.get(scope) ?? {}), this.props);
  }
}

/** Merges objects member by member; for everything else, the nearer value takes precedence. */
function merge<T extends LambdaWatchSettings>(props: T, nearer: LambdaWatchSettings): T {
  const merged = { ...props } as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(nearer)) {
    if (value === undefined) continue;
    const before = merged[name];
    merged[name] = isObject(before) && isObject(value) ? { ...before, ...defined(value) } : value;
  }
  // If both name and source are set, the name takes precedence; therefore a nearer source removes the name.
  if (nearer.serviceNameFrom !== undefined && nearer.serviceName === undefined) delete merged.serviceName;
  return merged as unknown as T;
}

function defined(members: object): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function serviceName(
  { node }: IConstruct,
  { serviceName: name, serviceNameFrom }: LambdaWatchSettings,
): string | undefined {
  if (name !== undefined) return name;
  if (serviceNameFrom === ServiceNameSource.CONSTRUCT_PATH) return node.path;
  return serviceNameFrom === ServiceNameSource.CONSTRUCT_ID ? node.id : undefined;
}
