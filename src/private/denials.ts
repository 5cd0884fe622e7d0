import { Fn, Stack, Stage } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';

// A policy has as many log groups as IAM's quotas allow: 10 240 characters for all inline policies of a role (the role
// has other inline policies too), 6 144 for a managed policy, and 10 managed policies for a role.
const INLINE_CHARACTERS = 2500;
const MANAGED_CHARACTERS = 6000;
const MANAGED_POLICIES = 10;

const ID = 'LambdaWatchDenyCloudWatchLogs';
const DENIALS = Symbol.for('cdk-lambdawatch.denials');

/** Whether a construct is one of the policies that this file creates. */
export function isDenial({ node }: IConstruct): boolean {
  return node.id.startsWith(`${ID}-`) && Stack.isStack(node.scope);
}

/** The denials of one role in all stacks of a stage. */
interface Denials {
  readonly role: iam.IRole;
  readonly stacks: Map<Stack, Policies>;
  managed: number;
  functions: number;
}

/** The policies of one role in one stack; only the last one has room. */
interface Policies {
  count: number;
  statement: iam.PolicyStatement;
  room: number;
}

/**
 * Denies a role write access to a log group, by a policy that functions with the same role and stack share.
 * @param characters the maximum length of the log group's name
 */
export function deny(role: iam.IRole, stack: Stack, groupArn: string, characters: number): void {
  const denials = denialsOf(role, stack);
  denials.functions++;
  // The ARN twice, with the longest partition and region, once with ":*", each with quotes and a comma.
  const needed = 2 * (characters + 62);
  const policies = denials.stacks.get(stack) ?? { count: 0, room: 0, statement: new iam.PolicyStatement() };
  denials.stacks.set(stack, policies);
  if (policies.room < needed) open(denials, stack, policies);
  policies.room -= needed;
  policies.statement.addResources(groupArn, `${groupArn}:*`);
}

/** More policies than a role may have: IAM would reject them during deployment. */
export function denialProblems(stack: Stack): string[] {
  return [...known(stack).values()].flatMap(({ role, managed, functions, stacks }) => {
    const others = (role.node.defaultChild as Partial<iam.CfnRole> | undefined)?.managedPolicyArns;
    const own = (stack.resolve(others) as unknown[] | undefined)?.length ?? 0;
    if (!stacks.has(stack) || managed === 0 || managed + own <= MANAGED_POLICIES) return [];
    return [
      `LambdaWatch: ${role.node.path} is the role of ${functions} functions; to deny it their log groups takes ` +
        `${managed} managed policies${own === 0 ? '' : ` beside ${own} of its own`}, and IAM allows ` +
        `${MANAGED_POLICIES}. Give the functions roles of their own, or leave cloudWatchLogs at KEEP and deny the ` +
        'role logs:CreateLogGroup, logs:CreateLogStream and logs:PutLogEvents by one pattern, like ' +
        'arn:aws:logs:*:*:log-group:/aws/lambda/shop-*.',
    ];
  });
}

/** Not in the role's own policy: the functions depend on that policy, and this one refers to the functions. */
function open(denials: Denials, stack: Stack, policies: Policies): void {
  const { role } = denials;
  const statement = new iam.PolicyStatement({
    effect: iam.Effect.DENY,
    actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  });
  const number = ++policies.count;
  const id = `${ID}-${role.node.addr.slice(-8)}`;
  // One inline policy for each role: the policies of several stacks share the role's quota.
  if (number === 1 && denials.stacks.size === 1) {
    new iam.Policy(stack, id, { policyName: uniqueName(id, role, stack), roles: [role], statements: [statement] });
    policies.room = INLINE_CHARACTERS;
  } else {
    // Never with the id of the inline policy: CloudFormation can't change the type of a resource.
    new iam.ManagedPolicy(stack, `${id}-Managed${number}`, { roles: [role], statements: [statement] });
    policies.room = MANAGED_CHARACTERS;
    denials.managed++;
  }
  policies.statement = statement;
}

/**
 * The name of an inline policy. For a role that this app creates, CDK chooses the name. An imported role may have
 * policies of other stacks; if the same code creates them, they have the same logical ids and would be replaced.
 */
export function uniqueName(id: string, role: iam.IRole, stack: Stack): string | undefined {
  if (role.node.defaultChild) return undefined;
  return `${id}-${Fn.select(2, Fn.split('/', stack.stackId))}`;
}

function denialsOf(role: iam.IRole, stack: Stack): Denials {
  const all = known(stack);
  const key = role.node.defaultChild ? role.node.path : role.roleArn;
  const denials = all.get(key) ?? { role, stacks: new Map<Stack, Policies>(), managed: 0, functions: 0 };
  all.set(key, denials);
  return denials;
}

function known(stack: Stack): Map<string, Denials> {
  const stage = (Stage.of(stack) ?? stack) as IConstruct & { [DENIALS]?: Map<string, Denials> };
  if (!stage[DENIALS]) Object.defineProperty(stage, DENIALS, { value: new Map<string, Denials>() });
  return stage[DENIALS]!;
}
