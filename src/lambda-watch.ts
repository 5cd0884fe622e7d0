import { AspectPriority, Aspects, IAspect, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct, IConstruct } from 'constructs';
import { AttachAllOptions, LambdaWatchProps } from './lambda-watch-props';
import { LokiAuth } from './loki-auth';
import { error, inform, warn } from './private/annotations';
import { rawLayers, rawVariables } from './private/cfn-function';
import { layerZip } from './private/layer-zip';
import { stackLayer } from './private/layers';
import { attachedBy, markAttached } from './private/marker';
import { IMAGE, Obstacle, layerRefused, obstacleFor } from './private/obstacles';
import { isImage, variableNames } from './private/peek';
import { settingsOf } from './private/settings';
import { checkAtSynthesis } from './private/stack-checks';
import { stagesBeneath, warnOfMissedStages } from './private/stages';
import { OwnFunction, ignoresGrants, isRawFunction, ownFunction, unwrap } from './private/targets';

/**
 * Ships the logs of Lambda functions to Grafana Loki: puts the LambdaWatch extension onto functions as a layer, sets its environment
 * variables, and lets the functions' roles read the credentials.
 *
 * A variable that a function sets itself is never overwritten, so that single functions can differ.
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
  private readonly settings: Record<string, string>;
  private readonly auth: LokiAuth;
  /** Functions that a whole-scope attach has come by, whatever became of them. */
  private readonly considered = new WeakSet<IConstruct>();
  private used = false;

  constructor(scope: Construct, id: string, private readonly props: LambdaWatchProps) {
    super(scope, id);
    this.settings = settingsOf(props, this.node.path);
    this.auth = props.auth ?? LokiAuth.none();
    this.node.addValidation({ validate: () => this.checkUse() });
    this.attach(...(props.functions ?? []));
  }

  /**
   * Attaches the extension to functions of this app: `Function` and everything that extends it, `SingletonFunction`, and the function
   * behind an alias or a version. Attaching again changes nothing.
   *
   * Throws an error that says why and what to do, and leaves the function as it was, when one of them is an imported function, a
   * container image, a Lambda@Edge function, one of CDK's own functions, already has five layers, or is attached to another `LambdaWatch`.
   *
   * @param functions The functions.
   */
  public attach(...functions: lambda.IFunction[]): void {
    const targets = functions.map((given) => this.attachable(given));
    this.used ||= targets.length > 0;
    for (const target of targets) {
      const refusal = target && this.put(target);
      if (refusal) throw this.cannot(target.construct, refusal);
    }
  }

  /**
   * Sets the environment variables and grants of functions that are container images with the extension inside. See
   * `LambdaWatchLayer.copyExecutable` for how it gets there.
   *
   * @param functions The functions.
   */
  public attachImage(...functions: lambda.IFunction[]): void {
    this.used = true;
    for (const given of functions) {
      const target = unwrap(given);
      const own = ownFunction(target);
      if (!own || !isImage(own.resource)) {
        throw new Error(`LambdaWatch ${this.node.path}: ${target.node.path} is not a container image that this app makes. Use attach for ` +
          'other functions.');
      }
      const other = attachedBy(target);
      if (other && other !== this) throw new Error(this.twoWatches(target, other));
      if (!other) this.putSettings(own);
    }
  }

  /**
   * Attaches the extension to a raw `CfnFunction`, for example one from `CfnInclude`.
   *
   * @param resource The resource. Its layers and environment must not be tokens as a whole.
   * @param role Its role, for the grants. Needed when `auth` has secrets, unless `grantAccess` is switched off.
   * @param architecture Needed when the resource's own is a token; otherwise it is read from there.
   */
  public attachCfnFunction(resource: lambda.CfnFunction, role?: iam.IRole, architecture?: lambda.Architecture): void {
    this.used = true;
    const owner = resource.node.scope && ownFunction(resource.node.scope);
    if (owner) return this.attach(owner.construct);
    const other = attachedBy(resource);
    if (other === this) return;
    if (other) throw new Error(this.twoWatches(resource, other));
    if (isImage(resource)) throw new Error(`LambdaWatch ${this.node.path}: ${resource.node.path} ${IMAGE.reason}. Copy the executable into ` +
      'the image and set `environmentFor` by hand.');
    if (this.grants().length > 0 && !role) {
      throw new Error(`LambdaWatch ${this.node.path}: ${resource.node.path} needs its role as well, to be allowed to read the credentials. ` +
        'Pass it, or switch `grantAccess` off.');
    }
    const { name } = architecture ?? { name: resource.architectures?.[0] ?? lambda.Architecture.X86_64.name };
    const layer = this.layerFor(resource, architecture ?? lambda.Architecture.custom(name));
    resource.layers = rawLayers(resource, layer.layerVersionArn);
    resource.environment = { variables: rawVariables(resource, this.environmentFor(resource)) };
    if (role) this.grantTo(role, role, resource);
    markAttached(resource, this);
    checkAtSynthesis(Stack.of(resource));
  }

  /**
   * Attaches the extension to every function of an app, a stage, a stack or any other construct, those added later included.
   *
   * Functions that can't be attached are skipped with a warning that says why and can be acknowledged by its id; CDK's own functions
   * and imported ones with an information only. Container images get the settings and grants, and a warning until it is acknowledged
   * that the executable is in the image.
   *
   * Stages beneath the scope are reached when they exist and are not synthesised yet. A pipeline synthesises a stage as soon as it is
   * added: call `attachAll(stage)` before that, best in the stage's constructor.
   *
   * @param scope The app, stage, stack or construct.
   * @param options Which functions.
   */
  public attachAll(scope: IConstruct, options: AttachAllOptions = {}): void {
    this.used = true;
    const aspect: IAspect = { visit: (construct) => this.consider(construct, options) };
    for (const root of [scope, ...stagesBeneath(scope)]) {
      Aspects.of(root).add(aspect, { priority: AspectPriority.MUTATING });
    }
  }

  /**
   * Makes `Aspects.of(scope).add(watch)` work, which is the same as `attachAll(scope)` without options and without stages.
   *
   * @param construct The construct that CDK comes by.
   */
  public visit(construct: IConstruct): void {
    this.used = true;
    this.consider(construct, {});
  }

  /**
   * The layer that functions in the stack of a construct get, for wiring by hand.
   *
   * @returns The `layer` of the properties, or else the stack's own, made when it is first asked for.
   * @param scope A construct in the stack, or the stack.
   * @param architecture X86_64 unless given.
   */
  public layerFor(scope: IConstruct, architecture?: lambda.Architecture): lambda.ILayerVersion {
    if (this.props.layer) return this.props.layer;
    const wanted = architecture ?? lambda.Architecture.X86_64;
    layerZip(wanted, `LambdaWatch ${this.node.path}`);
    return stackLayer(Stack.of(scope), wanted, this.props.layerRemovalPolicy);
  }

  /**
   * The environment variables that functions in the stack of a construct get, for wiring by hand.
   *
   * @returns Names and values.
   * @param scope A construct in the stack, or the stack.
   */
  public environmentFor(scope: IConstruct): { [name: string]: string } {
    const stack = Stack.of(scope);
    const labels = Object.entries(this.props.labels ?? {}).sort(([a], [b]) => a < b ? -1 : 1);
    const json = Object.fromEntries(labels);
    const deployTime = labels.flat().some((text) => Token.isUnresolved(text));
    return {
      ...this.settings,
      ...this.auth._environment(stack),
      // Only CDK can put a value that is known at deployment into JSON.
      ...labels.length > 0 && { LOKI_LABELS: deployTime ? stack.toJsonString(json) : JSON.stringify(json) },
      ...this.props.environment,
    };
  }

  /** The function to attach to; `undefined` when that has been done. Throws when it can't be. */
  private attachable(given: lambda.IFunction): OwnFunction | undefined {
    const target = unwrap(given);
    const other = attachedBy(target);
    if (other === this) return undefined;
    if (other) throw new Error(this.twoWatches(target, other));
    const obstacle = obstacleFor(target, this.props.layer);
    const own = ownFunction(target);
    if (own && !obstacle) return own;
    throw this.cannot(target, obstacle ?? { reason: 'is not a function that this app makes', wayOut: 'Pass a lambda.Function' });
  }

  private cannot(target: IConstruct, { reason, wayOut }: Pick<Obstacle, 'reason' | 'wayOut'>): Error {
    return new Error(`LambdaWatch ${this.node.path}: ${target.node.path} ${reason}. ${wayOut}; attachAll passes over such functions.`);
  }

  private consider(construct: IConstruct, options: AttachAllOptions): void {
    warnOfMissedStages(construct, this.node.path, (candidate) => this.isMissed(candidate, options));
    const own = ownFunction(construct);
    if (own && !isMeant(own.construct, options)) return void this.considered.add(construct);
    const found = obstacleFor(construct, this.props.layer);
    if (!own && !found) return;
    this.considered.add(construct);

    const other = attachedBy(construct);
    if (other === this) return;
    if (other) return error(construct, this.twoWatches(construct, other));
    const obstacle = found ?? this.put(own!);
    if (!obstacle) return;
    if (own && obstacle === IMAGE) this.putSettings(own);
    this.annotate(construct, obstacle);
  }

  private annotate(construct: IConstruct, obstacle: Obstacle): void {
    const { id, reason, wayOut, expected } = obstacle;
    const text = `LambdaWatch: ${construct.node.path} ${reason}`;
    if (expected) inform(construct, id, `${text}; it is left as it is.`);
    else if (obstacle === IMAGE) warn(construct, id, `${text}. It has the settings and grants. ${wayOut}, or acknowledge this when the ` +
      'executable is in the image.');
    else warn(construct, id, `${text}, so its logs are not shipped. ${wayOut}, or acknowledge this.`);
  }

  private isMissed(construct: IConstruct, options: AttachAllOptions): boolean {
    if (this.considered.has(construct) || attachedBy(construct)) return false;
    const own = ownFunction(construct);
    if (!own && !isRawFunction(construct)) return false;
    return !obstacleFor(construct, this.props.layer)?.expected && (!own || isMeant(own.construct, options));
  }

  /** Attaches; gives the reason when the function refuses the layer, and has changed nothing then. */
  private put(own: OwnFunction): Obstacle | undefined {
    // The same function may have been given twice in one call.
    if (attachedBy(own.construct)) return undefined;
    const stack = Stack.of(own.construct);
    const present = new Set(stack.node.children);
    const layer = this.layerFor(own.construct, own.construct.architecture);
    try {
      // How many layers there are is private, so that trying is the only way to know.
      own.construct.addLayers(layer);
    } catch (refusal) {
      // No layer that nobody uses is left behind.
      if (Stack.of(layer) === stack && !present.has(layer)) stack.node.tryRemoveChild(layer.node.id);
      return layerRefused(refusal);
    }
    this.putSettings(own);
    return undefined;
  }

  private putSettings({ construct, resource }: OwnFunction): void {
    const set = new Set(variableNames(resource));
    for (const [name, value] of Object.entries(this.environmentFor(construct))) {
      if (!set.has(name)) construct.addEnvironment(name, value);
    }
    this.grantTo(construct, construct.role, construct);
    markAttached(construct, this);
    checkAtSynthesis(Stack.of(construct));
  }

  private grants() {
    return this.props.grantAccess === false ? [] : this.auth._secrets();
  }

  private grantTo(grantee: iam.IGrantable, role: iam.IRole | undefined, target: IConstruct): void {
    for (const secret of this.grants()) secret._grantRead(grantee, Stack.of(target));
    if (this.grants().length > 0 && ignoresGrants(role)) {
      warn(target, 'lambdawatch:immutable-role',
        `LambdaWatch: the role of ${target.node.path} is imported as immutable, so it can't be allowed to read the credentials here. Allow ` +
        'it where the role is made ' +
        '(secretsmanager:GetSecretValue or ssm:GetParameter, and kms:Decrypt for a customer-managed key), and set grantAccess to false or ' +
        'acknowledge this.');
    }
  }

  private twoWatches(target: IConstruct, other: IConstruct): string {
    return `LambdaWatch ${this.node.path}: ${target.node.path} is attached to ${other.node.path} already, and a function can ship to one ` +
      'place only. ' +
      'Exclude it from one of the two (attachAll takes `exclude`).';
  }

  private checkUse(): string[] {
    if (!this.used) {
      warn(this, 'lambdawatch:nothing-attached', `LambdaWatch: ${this.node.path} is attached to nothing. Call attach or attachAll.`);
    }
    return [];
  }
}

function isMeant(construct: lambda.IFunction, { include, exclude = [] }: AttachAllOptions): boolean {
  const matches = (filters: NonNullable<AttachAllOptions['include']>) => filters.some((filter) => filter.matches(construct));
  return (include === undefined || matches(include)) && !matches(exclude);
}
