import { createHash } from 'node:crypto';
import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { LokiSecret } from '../loki-secret';
import { warn } from './annotations';
import { uniqueName } from './denials';
import { ignoresGrants } from './targets';

const POLICIES = Symbol.for('cdk-lambdawatch.policies');

/** The number of policies in a stack that contain only our grants. */
export function policiesMadeIn(stack: Stack): number {
  return (stack as { [POLICIES]?: number })[POLICIES] ?? 0;
}

/** Lets a function's role read the secrets. A grant that is not possible causes a warning at the function. */
export function grantAccess(
  grantee: iam.IGrantable,
  role: iam.IRole | undefined,
  target: IConstruct,
  secrets: LokiSecret[],
  shared: boolean,
): void {
  if (secrets.length === 0) return;
  if (ignoresGrants(role)) {
    warn(
      target,
      'lambdawatch:immutable-role',
      `LambdaWatch: the role of ${target.node.path} is imported as immutable, so it can't be allowed to read the ` +
        `credentials here. ${ELSEWHERE}`,
    );
    return;
  }
  const stack = Stack.of(target);
  // Roles that this app creates have a policy of their own, which receives all grants of the app.
  const imported = role !== undefined && role.node.defaultChild === undefined;
  const byPolicy = role && (shared || imported) ? secrets.filter(({ _source: source }) => source.byPolicy(stack)) : [];
  const others = secrets.filter((secret) => !byPolicy.includes(secret));
  const dropped = [
    ...(byPolicy.length === 0
      ? []
      : shared
        ? grantByPolicy(role!, stack, byPolicy)
        : grantHere(role!, target, byPolicy)),
    ...(others.length === 0 ? [] : grantTo(grantee, role, stack, others)),
  ];
  if (dropped.length > 0) {
    warn(
      target,
      'lambdawatch:grant-dropped',
      `LambdaWatch: the role of ${target.node.path} could not be granted ${dropped.join(', ')}, so the credentials ` +
        "can't be read. For a key " +
        `use kms.Key.fromKeyArn, not an alias by its name. ${ELSEWHERE}`,
    );
  }
}

const ELSEWHERE =
  'Or allow it elsewhere (secretsmanager:GetSecretValue or ssm:GetParameter, and kms:Decrypt for a customer-managed ' +
  'key), and ' +
  'set grantAccess to false or acknowledge this.';

function grantTo(grantee: iam.IGrantable, role: iam.IRole | undefined, stack: Stack, secrets: LokiSecret[]): string[] {
  const hadPolicy = hasPolicy(role);
  const dropped = secrets.flatMap((secret) => secret._source.grantRead(grantee, stack));
  if (role && !hadPolicy && hasPolicy(role)) {
    const home = Stack.of(role);
    Object.defineProperty(home, POLICIES, { value: policiesMadeIn(home) + 1, configurable: true });
  }
  return [...new Set(dropped)];
}

function hasPolicy(role: iam.IRole | undefined): boolean {
  return role?.node.tryFindChild('DefaultPolicy') !== undefined || role?.node.tryFindChild('Policy') !== undefined;
}

/**
 * Grants access by an inline policy that belongs to the stack. CDK's own policy would be in the stack that imports the
 * role, with the same name in each stack that the same code creates: the last deployed policy would replace the others.
 */
function grantHere(role: iam.IRole, target: IConstruct, secrets: LokiSecret[]): string[] {
  const stack = Stack.of(target);
  const id = `LambdaWatchAccess-${role.node.addr.slice(-8)}`;
  const policy =
    (stack.node.tryFindChild(id) as iam.Policy | undefined) ??
    new iam.Policy(stack, id, { policyName: uniqueName(id, role, stack), roles: [role] });
  target.node.addDependency(policy);
  return secrets.flatMap((secret) => secret._source.grantRead(policy, stack));
}

const DROPPED = Symbol.for('cdk-lambdawatch.dropped');

/** One policy for all functions of a stack that read the same secrets. */
function grantByPolicy(role: iam.IRole, stack: Stack, secrets: LokiSecret[]): string[] {
  // References to two stacks may look the same, and a policy that was created without a key does not allow its use.
  const references = stack.resolve(
    secrets.flatMap(({ _source: source }) => [source.reference(stack).replace(/#.*$/, ''), ...source.origin(stack)]),
  ) as unknown[];
  const id = `LambdaWatchAccess-${createHash('sha256').update(JSON.stringify(references)).digest('hex').slice(0, 8)}`;
  const existing = stack.node.tryFindChild(id) as (iam.ManagedPolicy & { [DROPPED]?: string[] }) | undefined;
  const policy =
    existing ??
    new iam.ManagedPolicy(stack, id, { description: 'Lets functions read the credentials of Grafana Loki' });
  if (!existing) {
    const dropped = secrets.flatMap((secret) => secret._source.grantRead(policy, stack));
    Object.defineProperty(policy, DROPPED, { value: [...new Set(dropped)] });
  }
  // A role of this stack refers to the policy, so that no function exists before its permissions do. The policy refers
  // to other roles.
  if (role.node.defaultChild && Stack.of(role) === stack) role.addManagedPolicy(policy);
  else policy.attachToRole(role);
  return (policy as { [DROPPED]?: string[] })[DROPPED] ?? [];
}
