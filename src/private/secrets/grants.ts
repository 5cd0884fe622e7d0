import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { IConstruct } from 'constructs';

type Service = 'secretsmanager' | 'ssm';

/**
 * One action on one resource, and decryption by way of the service, in the grantee's own policy.
 *
 * Not `grantRead` of the secret: that writes each role into the policy of the secret's key, whose size is limited, and
 * makes the key's stack depend on the functions' stack, which depends on the secret.
 *
 * @returns what could not be granted
 */
export function allow(
  grantee: iam.IGrantable,
  stack: Stack,
  service: Service,
  action: string,
  resourceArn: string,
  keys: (kms.IKey | undefined)[],
): string[] {
  const dropped: string[] = [];
  if (!iam.Grant.addToPrincipal({ grantee, actions: [action], resourceArns: [resourceArn] }).success)
    dropped.push(action);
  for (const key of new Set(keys)) {
    if (key && !grantDecrypt(key, grantee, stack, service)) dropped.push(`kms:Decrypt for ${key.node.path}`);
  }
  return dropped;
}

/** An alias that was imported by name grants nothing in many versions of CDK, and says so in what it returns alone. */
function grantDecrypt(key: kms.IKey, grantee: iam.IGrantable, stack: Stack, service: Service): boolean {
  const imported = key.node.defaultChild === undefined;
  // CDK sees that grantee and key are in different accounts when the grantee is a construct, and only there.
  if ((imported && 'aliasName' in key) || (!imported && isElsewhere(Stack.of(key), stack)))
    return key.grantDecrypt(grantee).success;
  const via = `${service}.${stack.region}.amazonaws.com`;
  // A policy that roles share is no principal, which some versions of CDK ask for in case the key's own policy has to
  // be changed.
  if ('attachToRole' in grantee) {
    const conditions = { StringEquals: { 'kms:ViaService': via } };
    return iam.Grant.addToPrincipal({ grantee, actions: ['kms:Decrypt'], resourceArns: [key.keyArn], conditions })
      .success;
  }
  return key.grantDecrypt(new ViaService(grantee.grantPrincipal, via)).success;
}

/** What tells constructs of other stacks, and keys, from others that look the same where they are referred to. */
export function originOf(stack: Stack, construct: IConstruct | undefined, key: kms.IKey | undefined): string[] {
  const away = construct && construct.node.defaultChild && Stack.of(construct) !== stack ? [construct.node.path] : [];
  return [...away, ...(key ? [key.node.path] : [])];
}

/** What is imported has an ARN that says all; what this app makes is referred to by CDK, which has its limits. */
export function isMade(construct: IConstruct): boolean {
  return construct.node.defaultChild !== undefined;
}

/** Whether what this app makes is known to be in another account than a stack. */
export function isInAnotherAccount(construct: IConstruct | undefined, stack: Stack): boolean {
  return (
    construct !== undefined &&
    isMade(construct) &&
    Token.compareStrings(Stack.of(construct).account, stack.account) === TokenComparison.DIFFERENT
  );
}

/** Whether two stacks are known to be in different accounts or regions. */
export function isElsewhere(one: Stack, other: Stack): boolean {
  const differ = (a: string, b: string): boolean => Token.compareStrings(a, b) === TokenComparison.DIFFERENT;
  return differ(one.account, other.account) || differ(one.region, other.region);
}

/**
 * A principal whose permissions hold for requests of a service on its behalf. CDK's `ViaServicePrincipal` is for key
 * policies alone.
 */
class ViaService implements iam.IPrincipal {
  public readonly grantPrincipal: iam.IPrincipal = this;
  public readonly assumeRoleAction: string;
  public readonly principalAccount?: string;

  constructor(
    private readonly principal: iam.IPrincipal,
    private readonly service: string,
  ) {
    this.assumeRoleAction = principal.assumeRoleAction;
    this.principalAccount = principal.principalAccount;
  }

  public get policyFragment(): iam.PrincipalPolicyFragment {
    return new kms.ViaServicePrincipal(this.service, this.principal).policyFragment;
  }

  public addToPolicy(statement: iam.PolicyStatement): boolean {
    return this.addToPrincipalPolicy(statement).statementAdded;
  }

  public addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    statement.addCondition('StringEquals', { 'kms:ViaService': this.service });
    return this.principal.addToPrincipalPolicy(statement);
  }
}
