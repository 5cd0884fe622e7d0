import { Stack, Stage } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { IConstruct } from 'constructs';
import { allow, isElsewhere, isInAnotherAccount, isMade, originOf } from './grants';
import { SecretSource } from './source';

/** A secret that is a construct: made in this app, or imported. */
export class SecretConstruct implements SecretSource {
  constructor(
    private readonly secret: secretsmanager.ISecret,
    private readonly field: string,
    private readonly encryptionKey: kms.IKey | undefined,
  ) {}

  public reference(): string {
    return `${this.secret.secretFullArn ?? this.secret.secretArn}${this.field}`;
  }

  public origin(stack: Stack): string[] {
    return originOf(stack, this.secret, this.encryptionKey);
  }

  public obstacle(stack: Stack, role?: iam.IRole): string | undefined {
    const problem = elsewhere(this.secret, this.secret.secretArn, stack, 'fromSecretName or fromSecretArn');
    return problem ?? (role && isInAnotherAccount(this.secret, stack) ? unshared(this.secret, role) : undefined);
  }

  public byPolicy(stack: Stack): boolean {
    const { encryptionKey } = this.secret;
    return ![this.secret, encryptionKey, this.encryptionKey].some((each) => isInAnotherAccount(each, stack));
  }

  public grantRead(grantee: iam.IGrantable, stack: Stack): string[] {
    if (isInAnotherAccount(this.secret, stack)) {
      // Takes a policy on the secret and one on its key, too.
      const { success } = this.secret.grantRead(grantee);
      return success ? [] : [ACTION];
    }
    const arn = this.secret.secretFullArn ?? `${this.secret.secretArn}-??????`;
    return allow(grantee, stack, 'secretsmanager', ACTION, arn, [this.secret.encryptionKey, this.encryptionKey]);
  }
}

const ACTION = 'secretsmanager:GetSecretValue';

/** A parameter that is a construct: made in this app, or imported. */
export class ParameterConstruct implements SecretSource {
  constructor(
    private readonly parameter: ssm.IStringParameter,
    private readonly encryptionKey: kms.IKey | undefined,
  ) {}

  public reference(): string {
    return this.parameter.parameterArn;
  }

  public origin(stack: Stack): string[] {
    return originOf(stack, this.parameter, this.encryptionKey);
  }

  public obstacle(stack: Stack): string | undefined {
    return elsewhere(this.parameter, this.parameter.parameterArn, stack, 'fromSsmParameterName');
  }

  public byPolicy(stack: Stack): boolean {
    const { encryptionKey } = this.parameter as { encryptionKey?: kms.IKey };
    return ![encryptionKey, this.encryptionKey].some((each) => isInAnotherAccount(each, stack));
  }

  public grantRead(grantee: iam.IGrantable, stack: Stack): string[] {
    const { encryptionKey } = this.parameter as { encryptionKey?: kms.IKey };
    return allow(grantee, stack, 'ssm', 'ssm:GetParameter', this.parameter.parameterArn, [
      encryptionKey,
      this.encryptionKey,
    ]);
  }
}

/** CDK finds out at the very end of synthesis, in words that name neither the function nor a way out. */
function elsewhere(construct: IConstruct, arn: string, stack: Stack, instead: string): string | undefined {
  if (!isMade(construct)) return undefined;
  const home = Stack.of(construct);
  const wayOut = `name it with LokiSecret.${instead}`;
  if (Stage.of(home) !== Stage.of(stack))
    return `belongs to stage ${nameOf(home)}, beyond which it can't be referred to; ${wayOut}`;
  if (!isElsewhere(home, stack)) return undefined;
  try {
    stack.resolve(arn);
    return undefined;
  } catch {
    return (
      `is in ${home.environment}, and its name is not known in ${stack.environment}; ${wayOut}, or give it a ` +
      'name of its own'
    );
  }
}

/** What another account needs of a secret. CDK's errors about it name neither the function nor a way out. */
function unshared(secret: secretsmanager.ISecret, role: iam.IRole): string | undefined {
  const home = Stack.of(secret);
  const instead = 'or name the secret with LokiSecret.fromSecretArn and allow it there';
  if (!secret.encryptionKey)
    return `is in ${home.environment} and has no encryptionKey, which other accounts need; give it one, ${instead}`;
  if (!isMade(role)) return undefined;
  try {
    home.resolve(role.roleArn);
    return undefined;
  } catch {
    return (
      `is in ${home.environment}, where its policy has to name ${role.node.path}; give that role a roleName ` +
      `(PhysicalName.GENERATE_IF_NEEDED will do), ${instead}`
    );
  }
}

function nameOf(stack: Stack): string {
  return Stage.of(stack)?.node.path || 'of the app';
}
