import { AspectPriority, Aspects, CfnResource, IAspect, Lazy, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct, IConstruct } from 'constructs';
import { CloudWatchLogs } from './cloud-watch-logs';
import { AttachAllOptions, LambdaWatchProps, LambdaWatchSettings } from './lambda-watch-props';
import { LokiSecret } from './loki-secret';
import { grantAccess } from './private/access';
import { error, inform, warn } from './private/annotations';
import { LambdaWatchAttachAll, hasNearerWatch, markAsAspect, stagesBeneath } from './private/attach-all';
import { denyCloudWatch } from './private/deny-cloud-watch';
import { isMeant } from './private/filters';
import { hashOfZip, layerZip } from './private/layer-zip';
import { stackLayer } from './private/layers';
import {
  Attachment,
  architectureOfLayer,
  attachedBy,
  attachmentOf,
  isLeftOut,
  leaveOut,
  markAttached,
} from './private/marker';
import {
  Given,
  IMAGE,
  Obstacle,
  layerRefused,
  noAssets,
  obstacleFor,
  ofRaw,
  secretElsewhere,
  variablesOf,
} from './private/obstacles';
import { isImage, variableNames } from './private/peek';
import { checkConstruct, checkOptions } from './private/shapes';
import { checkAtSynthesis } from './private/stack-checks';
import {
  OwnFunction,
  RawFunction,
  architectureOf,
  isFunction,
  isFunctionResource,
  isRawFunction,
  ownFunction,
  unwrap,
} from './private/targets';
import { Tally } from './private/tally';
import { requireMember } from './private/untyped';
import { Variables } from './private/variables';
import { checkWatch, warnOfLateSettings, warnOfMissedStages } from './private/watch-checks';
import { SynthesisReport } from './synthesis-report';

/**
 * Ships the logs of Lambda functions to Grafana Loki. It adds the LambdaWatch extension to functions as a layer, sets
 * its environment variables, and grants the functions' roles read access to the credentials.
 *
 * It never overwrites a variable that a function sets itself.
 *
 * @example
 *
 * const watch = new LambdaWatch(this, 'Logs', {
 *   endpoint: 'https://logs.example.com/loki/api/v1/push',
 *   auth: LokiAuth.bearer(LokiSecret.fromSecretName('loki-token')),
 *   labels: { env: 'prod' },
 * });
 * watch.attach(handler);
 */
export class LambdaWatch extends Construct implements IAspect {
  /**
   * Excludes functions from `attachAll` of every `LambdaWatch`. This is an opt-out that can be placed next to the
   * function, for those who don't own the file with `attachAll`. `attach` still attaches a function that is passed to
   * it.
   *
   * @param scopes Functions, or constructs whose functions are all excluded.
   */
  public static leaveOut(...scopes: IConstruct[]): void {
    for (const scope of scopes) {
      checkConstruct(scope, 'LambdaWatch: leaveOut', 'give it functions, stacks or other constructs');
      leaveOut(unwrap(scope));
    }
  }

  private readonly variables: Variables;
  private readonly tally = new Tally();
  private readonly calls: LambdaWatchAttachAll[] = [];
  /** Functions that `attachAll` has visited, attached or not. */
  private readonly considered = new WeakSet<IConstruct>();
  private readonly attached = new Set<IConstruct>();
  private used = false;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: LambdaWatchProps,
  ) {
    super(scope, id);
    this.variables = new Variables(props, this.node.path);
    this.node.addValidation({ validate: () => this.checkSelf() });
    // A stage that was synthesised before `attachAll` visited it can only be detected from outside.
    this.node.root.node.addValidation({ validate: () => this.checkApp() });
    markAsAspect(this);
    this.attach(...(props.functions ?? []));
  }

  /**
   * Attaches the extension to functions of this app: `Function` and everything that extends it, `SingletonFunction`,
   * and the function behind an alias or a version. Attaching again changes nothing.
   *
   * Throws an error with the reason and the remedy if one of them is an imported function, a container image, an
   * `EdgeFunction` or one of CDK's own functions, if it has code signing and you passed no `layer` of your own, or if
   * it already has five layers, is attached to another `LambdaWatch`, or can't use the credentials. This function is
   * then left unchanged; the functions before it in the list may already be attached.
   *
   * @param functions The functions.
   */
  public attach(...functions: lambda.IFunction[]): void {
    const targets = functions.map((given) => {
      checkConstruct(given, `LambdaWatch ${this.node.path}: attach`, 'give it functions');
      return this.attachable(given);
    });
    this.used ||= targets.length > 0;
    for (const target of targets) {
      const refusal = target && this.put(target, true);
      if (refusal) throw this.cannot(target.construct, refusal);
    }
  }

  /**
   * Sets the environment variables and grants of functions that are container images with the extension inside;
   * `LambdaWatchLayer.copyExecutable` puts it there. Synthesis reports a warning if the directory that the image is
   * built from contains no executable, and an error if the executable is for another architecture.
   *
   * Throws an error for functions that are not container images or are attached to another `LambdaWatch`.
   *
   * @param functions The functions.
   */
  public attachImage(...functions: lambda.IFunction[]): void {
    this.used = true;
    for (const given of functions) {
      checkConstruct(given, `LambdaWatch ${this.node.path}: attachImage`, 'give it functions');
      const target = unwrap(given);
      const own = ownFunction(target);
      if (!own || !isImage(own.resource)) {
        throw new Error(
          `LambdaWatch ${this.node.path}: ${target.node.path} is not a container image that this app makes. Use ` +
            'attach for ' +
            'other functions.',
        );
      }
      const other = attachedBy(target);
      if (other && other !== this) throw new Error(this.twoWatches(target, other));
      if (other) continue;
      const refusal = this.secretObstacle(target);
      if (refusal) throw this.cannot(target, refusal);
      this.putSettings(own, { named: true });
    }
  }

  /**
   * Attaches the extension to a raw `lambda.CfnFunction` or `sam.CfnFunction`, for example one from `CfnInclude`.
   *
   * Throws an error with the reason and the remedy if the layers or the environment as a whole are a token, or if the
   * function already has five layers, is a container image, has code signing and you passed no `layer` of your own, is
   * attached to another `LambdaWatch`, or needs `role` and it is missing.
   *
   * @param resource The resource.
   * @param role The function's role, for the grants. Required if `auth` has secrets, unless `grantAccess` is `false`.
   * @param architecture Required if the resource's own architecture is a token; otherwise it is read from the resource.
   */
  public attachCfnFunction(resource: CfnResource, role?: iam.IRole, architecture?: lambda.Architecture): void {
    const what = `LambdaWatch ${this.node.path}: attachCfnFunction`;
    checkConstruct(resource, what, 'give it a lambda.CfnFunction or sam.CfnFunction');
    if (role !== undefined) requireMember(role, 'grantPrincipal', `${what}: role`, ROLE);
    if (architecture !== undefined)
      requireMember(architecture, 'dockerPlatform', `${what}: architecture`, ARCHITECTURE);
    this.used = true;
    const owner = resource.node.scope && ownFunction(resource.node.scope);
    if (owner) return this.attach(owner.construct);
    if (!isRawFunction(resource)) {
      throw new Error(
        `LambdaWatch ${this.node.path}: ${resource.node.path} is no function; its type is ${resource.cfnResourceType}.`,
      );
    }
    const other = attachedBy(resource);
    if (other === this) return;
    if (other) throw new Error(this.twoWatches(resource, other));
    if (this.secrets().length > 0 && !role) {
      throw new Error(
        `LambdaWatch ${this.node.path}: ${resource.node.path} needs its role as well, to be allowed to read the ` +
          'credentials. ' +
          'Pass it, or switch `grantAccess` off.',
      );
    }
    const contradicted =
      architecture &&
      architectureOf(resource) !== undefined &&
      architectureOf(resource) !== architecture.name &&
      resource.architectures !== undefined;
    if (contradicted) {
      throw new Error(
        `LambdaWatch ${this.node.path}: ${resource.node.path} is for ${architectureOf(resource)}, and architecture ` +
          'is ' +
          `${architecture.name}. Leave architecture out.`,
      );
    }
    const obstacle = ofRaw(resource, this.given(true), architecture?.name);
    if (obstacle === IMAGE) {
      throw new Error(
        `LambdaWatch ${this.node.path}: ${resource.node.path} ${IMAGE.reason}. Copy the executable into the image ` +
          'and set ' +
          '`environmentFor` by hand.',
      );
    }
    const refusal = obstacle ?? this.putRaw(resource, true, role, architecture?.name);
    if (refusal) throw this.cannot(resource, refusal);
  }

  /**
   * Attaches the extension to every function in an app, a stage, a stack or any other construct, including functions
   * that are added later. Raw `lambda.CfnFunction` and `sam.CfnFunction` are also attached if no grant is needed, that
   * is without secrets or with `grantAccess: false`.
   *
   * Functions that can't be attached are skipped. A warning states the reason; it can be acknowledged by its id. CDK's
   * own functions and imported ones are skipped without a warning (see `report`). Container images get the settings and
   * grants, and a warning until you acknowledge that the executable is in the image. Functions that were passed to
   * `attach` of another `LambdaWatch`, or that are in a nearer scope of another one, are left to that one.
   *
   * Stages in the scope are included if they exist and have not been synthesised yet. A pipeline synthesises a stage as
   * soon as it is added: call `attachAll(stage)` before that, preferably in the stage's constructor.
   *
   * @param scope The app, stage, stack or construct.
   * @param options The functions to include and exclude.
   */
  public attachAll(scope: IConstruct, options: AttachAllOptions = {}): void {
    const what = `LambdaWatch ${this.node.path}: attachAll`;
    checkConstruct(scope, what, 'give it an app, a stage, a stack or another construct');
    checkOptions(options, what);
    this.used = true;
    const root = unwrap(scope);
    const call: LambdaWatchAttachAll = new LambdaWatchAttachAll(this, root, options ?? {}, (construct) =>
      this.consider(construct, call),
    );
    this.calls.push(call);
    for (const each of [root, ...stagesBeneath(root)])
      Aspects.of(each).add(call, { priority: AspectPriority.MUTATING });
  }

  /**
   * Implements `IAspect`: `Aspects.of(scope).add(watch)` has the effect of `attachAll(scope)` without options and
   * without stages.
   *
   * @param construct The construct that CDK visits.
   */
  public visit(construct: IConstruct): void {
    this.used = true;
    const scope = construct.node.scopes.find((each) => Aspects.of(each).all.includes(this)) ?? construct.node.root;
    this.consider(construct, this.callFor(scope));
  }

  /**
   * Overrides settings for one function, or for all functions in a construct. `labels`, `environment` and the groups of
   * options (`batching`, `retry` …) are merged with the common settings; all other settings are replaced. Settings for
   * the nearest construct take precedence. You can call it before or after functions are attached, and more than once.
   *
   * Throws one error that lists all problems.
   *
   * @param scope A function, an alias or a version of one, or any construct.
   * @param settings The settings that differ.
   */
  public configure(scope: IConstruct, settings: LambdaWatchSettings): void {
    checkConstruct(scope, `LambdaWatch ${this.node.path}: configure`, 'give it a function or another construct');
    const target = unwrap(scope);
    this.variables.configure(target, settings);
    const concerned = [...this.attached].filter((attached) => attached.node.scopes.includes(target));
    for (const attached of concerned) this.setVariables(attached);
    warnOfLateSettings(this, target, concerned);
  }

  /**
   * The layer for functions in the stack of a construct, to configure functions by hand.
   *
   * Throws an error if there is no layer for the architecture, or if the stack can't have assets.
   *
   * @returns The layer from the properties `layer` or `layers`, or else the stack's own layer, which is created when it
   * is first needed.
   * @param scope A construct in the stack, or the stack.
   * @param architecture X86_64 by default.
   */
  public layerFor(scope: IConstruct, architecture?: lambda.Architecture): lambda.ILayerVersion {
    const what = `LambdaWatch ${this.node.path}: layerFor`;
    checkConstruct(scope, what, 'give it a stack or a construct in one');
    if (architecture !== undefined)
      requireMember(architecture, 'dockerPlatform', `${what}: architecture`, ARCHITECTURE);
    const wanted = architecture ?? lambda.Architecture.X86_64;
    if (this.props.layer) return this.props.layer;
    if (this.props.layers) {
      const given = this.props.layers[wanted.name];
      if (given) return given;
      throw new Error(
        `LambdaWatch ${this.node.path}: layers has none for architecture ${JSON.stringify(wanted.name)}. Add it ` +
          'under that name.',
      );
    }
    layerZip(wanted, `LambdaWatch ${this.node.path}`);
    return stackLayer(Stack.of(scope), wanted, this.props.layerRemovalPolicy);
  }

  /**
   * The environment variables for functions in the stack of a construct, to configure functions by hand.
   *
   * @returns Names and values.
   * @param scope A construct in the stack, or the stack. For a function, the result includes what `configure` sets for
   * it.
   */
  public environmentFor(scope: IConstruct): { [name: string]: string } {
    checkConstruct(scope, `LambdaWatch ${this.node.path}: environmentFor`, 'give it a stack or a construct in one');
    return { ...this.variables.of(unwrap(scope)) };
  }

  /** The function to attach to; `undefined` if it is already attached. Throws if it can't be attached. */
  private attachable(given: lambda.IFunction): OwnFunction | undefined {
    const target = unwrap(given);
    const other = attachedBy(target);
    if (other === this) return undefined;
    if (other) throw new Error(this.twoWatches(target, other));
    const obstacle = obstacleFor(target, this.given(true));
    const own = ownFunction(target);
    if (own && !obstacle) return own;
    throw this.cannot(
      target,
      obstacle ?? { reason: 'is not a function that this app makes', wayOut: 'Pass a lambda.Function' },
    );
  }

  private cannot(target: IConstruct, { reason, wayOut }: Pick<Obstacle, 'reason' | 'wayOut'>): Error {
    return new Error(
      `LambdaWatch ${this.node.path}: ${target.node.path} ${reason}. ${wayOut}; attachAll skips such functions.`,
    );
  }

  private given(named: boolean): Given {
    return { layer: this.props.layer, layers: this.props.layers, needsRole: this.secrets().length > 0, named };
  }

  private consider(visited: IConstruct, call: LambdaWatchAttachAll): void {
    // Only when the aspect visits the function's resource: an aspect with a lower priority may still change the
    // architecture there.
    if (ownFunction(visited)) return;
    const construct = isFunctionResource(visited) && !isRawFunction(visited) ? visited.node.scope! : visited;
    if (!isFunction(construct)) return;
    this.considered.add(construct);
    if (!isMeantBy(construct, call)) return;
    const other = attachmentOf(construct);
    if (other?.watch === this) return;
    if (other) {
      // It was passed to the other one, or is in its nearer scope: that is intended.
      if (!other.named) error(construct, this.twoWatches(construct, other.watch));
      return;
    }
    const own = ownFunction(construct);
    const obstacle =
      obstacleFor(construct, this.given(false)) ??
      (own ? this.put(own, false) : isRawFunction(construct) ? this.putRaw(construct, false) : undefined);
    if (!obstacle) return;
    if (obstacle === IMAGE && !this.secretObstacle(construct)) {
      if (own) this.putSettings(own, { named: false });
      else this.putRawSettings(construct as RawFunction, { named: false });
    }
    this.annotate(construct, obstacle);
  }

  /** The call of `attachAll` that `Aspects.of(scope).add(watch)` stands for. */
  private callFor(scope: IConstruct): LambdaWatchAttachAll {
    const known = this.calls.find((call) => call.scope === scope && Object.keys(call.options).length === 0);
    if (known) return known;
    const call: LambdaWatchAttachAll = new LambdaWatchAttachAll(this, scope, {}, (construct) =>
      this.consider(construct, call),
    );
    this.calls.push(call);
    return call;
  }

  private annotate(construct: IConstruct, obstacle: Obstacle): void {
    const { id, reason, wayOut, expected } = obstacle;
    const text = `LambdaWatch: ${construct.node.path} ${reason}`;
    this.tally.skipped(construct, obstacle);
    if (expected) {
      if (this.props.report === SynthesisReport.DETAILS) inform(construct, id, `${text}; it is left as it is.`);
    } else if (obstacle === IMAGE) {
      warn(
        construct,
        id,
        `${text}. It has the settings and grants. Copy the executable into the image ` +
          '(LambdaWatchLayer.copyExecutable, then ' +
          'COPY it to /opt/extensions/lambdawatch in the Dockerfile), and name the function in attachImage or ' +
          'acknowledge this.',
      );
    } else {
      warn(construct, id, `${text}, so its logs are not shipped. ${wayOut}, or acknowledge this.`);
    }
  }

  /** Attaches the function. Returns the reason if the function rejects the layer; in this case nothing has changed. */
  private put(own: OwnFunction, named: boolean): Obstacle | undefined {
    const { construct, resource } = own;
    // One call may contain the same function twice.
    if (attachedBy(construct)) return undefined;
    const refusal = this.secretObstacle(construct);
    if (refusal) return refusal;
    return this.withLayer(construct, architectureOf(resource, construct), (layer, architecture) => {
      // The number of layers is private, so the only way to know it is to try.
      construct.addLayers(layer);
      this.putSettings(own, { named, layer, architecture });
      // Without it a new release of the layer would reach aliases only with one of CDK's feature flags.
      if (!this.props.layer && !this.props.layers) {
        construct.invalidateVersionBasedOn(
          hashOfZip(layerZip(lambda.Architecture.custom(architecture!), 'LambdaWatch')),
        );
      }
    });
  }

  private putRaw(resource: RawFunction, named: boolean, role?: iam.IRole, known?: string): Obstacle | undefined {
    const refusal = this.secretObstacle(resource);
    if (refusal) return refusal;
    return this.withLayer(resource, known ?? architectureOf(resource), (layer, architecture) => {
      resource.layers = [...new Set([...(resource.layers ?? []), layer.layerVersionArn])];
      this.putRawSettings(resource, { named, layer, architecture }, role);
    });
  }

  /** Adds the layer to a function. Returns the reason if the stack or the function rejects it. */
  private withLayer(
    construct: IConstruct,
    architecture: string | undefined,
    give: (layer: lambda.ILayerVersion, architecture?: string) => void,
  ): Obstacle | undefined {
    const stack = Stack.of(construct);
    const present = new Set(stack.node.children);
    let layer: lambda.ILayerVersion;
    try {
      layer = this.layerFor(
        construct,
        architecture === undefined ? undefined : lambda.Architecture.custom(architecture),
      );
    } catch (refusal) {
      return noAssets(refusal);
    }
    try {
      // A layer of this package records its architecture, whatever its name is.
      give(layer, architectureOfLayer(layer) ?? (this.props.layer ? undefined : architecture));
      return undefined;
    } catch (refusal) {
      if (attachedBy(construct)) throw refusal;
      // This leaves no unused layer behind.
      if (Stack.of(layer) === stack && !present.has(layer)) stack.node.tryRemoveChild(layer.node.id);
      return layerRefused(refusal);
    }
  }

  private putSettings({ construct, resource }: OwnFunction, attachment: Omit<Attachment, 'watch'>): void {
    this.mark(construct, attachment);
    grantAccess(construct, construct.role, construct, this.secrets(), this.props.sharedPolicy ?? false);
    if (this.deniesCloudWatch()) denyCloudWatch(construct, resource, construct.role, attachment.named);
  }

  private putRawSettings(resource: RawFunction, attachment: Omit<Attachment, 'watch'>, role?: iam.IRole): void {
    this.mark(resource, attachment);
    if (role) grantAccess(role, role, resource, this.secrets(), this.props.sharedPolicy ?? false);
    if (this.deniesCloudWatch()) denyCloudWatch(resource, resource, role, attachment.named);
  }

  private mark(construct: IConstruct, attachment: Omit<Attachment, 'watch'>): void {
    markAttached(construct, { watch: this, ...attachment });
    this.attached.add(construct);
    this.setVariables(construct);
    checkAtSynthesis(Stack.of(construct));
  }

  /**
   * Adds the variables that are missing. Their values are determined at synthesis, because `configure` may be called
   * later.
   */
  private setVariables(construct: IConstruct): void {
    const own = ownFunction(construct);
    const resource = own?.resource ?? (construct as RawFunction);
    const present = new Set(variableNames(resource));
    const late = (name: string) => Lazy.uncachedString({ produce: () => this.valueFor(construct, resource, name) });
    const missing = [...Object.keys(this.variables.of(construct)), 'LOKI_BUFFER_SIZE'].filter(
      (name) => !present.has(name),
    );
    if (own) {
      for (const name of new Set(missing)) own.construct.addEnvironment(name, late(name));
    } else {
      const added = Object.fromEntries(missing.map((name) => [name, late(name)]));
      (resource as RawFunction).environment = { variables: { ...added, ...variablesOf(resource as RawFunction) } };
    }
  }

  private valueFor(construct: IConstruct, resource: CfnResource, name: string): string | undefined {
    const value = this.variables.of(construct)[name];
    if (value !== undefined || name !== 'LOKI_BUFFER_SIZE') return value;
    // A `BUFFER_SIZE` that the function sets for itself is not meant for the extension; without this the extension
    // would use it.
    return variableNames(resource).includes('BUFFER_SIZE') ? '10000' : undefined;
  }

  private deniesCloudWatch(): boolean {
    return this.props.cloudWatchLogs?.toString() === CloudWatchLogs.DENY.toString();
  }

  private secrets(): LokiSecret[] {
    return this.props.grantAccess === false ? [] : this.allSecrets();
  }

  private allSecrets(): LokiSecret[] {
    return this.props.auth?._secrets() ?? [];
  }

  private secretObstacle(construct: IConstruct): Obstacle | undefined {
    const role = this.props.grantAccess === false ? undefined : (construct as Partial<lambda.Function>).role;
    const problems = this.allSecrets().map(({ _source: source }) =>
      source.obstacle(Stack.of(construct), typeof role === 'object' ? role : undefined),
    );
    const problem = problems.find((each) => each !== undefined);
    return problem === undefined ? undefined : secretElsewhere(problem);
  }

  private twoWatches(target: IConstruct, other: IConstruct): string {
    return (
      `LambdaWatch ${this.node.path}: ${target.node.path} is attached to ${other.node.path} already, and a function ` +
      'can ship to one ' +
      'place only. Exclude it from one of the two (attachAll takes `exclude`).'
    );
  }

  private checkSelf(): string[] {
    checkWatch(this, {
      used: this.used,
      calls: this.calls,
      plain:
        this.allSecrets().length > 0 && !Token.isUnresolved(this.props.endpoint) && /^http:/i.test(this.props.endpoint),
      unused: this.variables.configured().filter((scope) => isFunction(scope) && !this.attached.has(scope)),
    });
    return [];
  }

  private checkApp(): string[] {
    warnOfMissedStages(this, this.calls, (construct, call) => this.isMissed(construct, call));
    this.tally.report(this, this.attached.size, this.props.report);
    return [];
  }

  private isMissed(construct: IConstruct, call: LambdaWatchAttachAll): boolean {
    if (
      this.considered.has(construct) ||
      attachedBy(construct) ||
      !isFunction(construct) ||
      !isMeantBy(construct, call)
    )
      return false;
    return !obstacleFor(construct, this.given(false))?.expected;
  }
}

const ARCHITECTURE = 'give lambda.Architecture.X86_64 or ARM_64';
const ROLE = 'give a role of aws-iam; for an ARN there is iam.Role.fromRoleArn';

function isMeantBy(construct: IConstruct, call: LambdaWatchAttachAll): boolean {
  return !isLeftOut(construct) && isMeant(construct, call.options) && !hasNearerWatch(construct, call);
}
