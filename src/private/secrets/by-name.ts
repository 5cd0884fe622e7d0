import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { allow, isInAnotherAccount, originOf } from './grants';
import { SecretSource } from './source';

const ACTION = 'secretsmanager:GetSecretValue';

/** A secret of the function's own account and region. */
export class SecretByName implements SecretSource {
  constructor(
    private readonly name: string,
    private readonly field: string,
    private readonly encryptionKey: kms.IKey | undefined,
  ) {}

  public reference(stack: Stack): string {
    return `${this.arn(stack)}${this.field}`;
  }

  public origin(stack: Stack): string[] {
    return originOf(stack, undefined, this.encryptionKey);
  }

  public obstacle(): undefined {
    return undefined;
  }

  public byPolicy(stack: Stack): boolean {
    return !isInAnotherAccount(this.encryptionKey, stack);
  }

  public grantRead(grantee: iam.IGrantable, stack: Stack): string[] {
    // Secrets Manager puts a hyphen and six characters of its own after the name.
    return allow(grantee, stack, 'secretsmanager', ACTION, `${this.arn(stack)}-??????`, [this.encryptionKey]);
  }

  private arn(stack: Stack): string {
    return stack.formatArn({
      service: 'secretsmanager',
      resource: 'secret',
      resourceName: this.name,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }
}

/** A secret by its complete ARN. */
export class SecretByArn implements SecretSource {
  constructor(
    private readonly arn: string,
    private readonly field: string,
    private readonly encryptionKey: kms.IKey | undefined,
  ) {}

  public reference(): string {
    return `${this.arn}${this.field}`;
  }

  public origin(stack: Stack): string[] {
    return originOf(stack, undefined, this.encryptionKey);
  }

  public obstacle(): undefined {
    return undefined;
  }

  public byPolicy(stack: Stack): boolean {
    return !isInAnotherAccount(this.encryptionKey, stack);
  }

  public grantRead(grantee: iam.IGrantable, stack: Stack): string[] {
    const dropped = allow(grantee, stack, 'secretsmanager', ACTION, this.arn, [this.encryptionKey]);
    // A random ending without a capital letter is rare, a name that ends in a word of six letters is not: the ARN may
    // be a partial one.
    if (/-[a-z0-9]{6}$/.test(this.arn)) allow(grantee, stack, 'secretsmanager', ACTION, `${this.arn}-??????`, []);
    return dropped;
  }
}

/** A parameter of the function's own account and region. */
export class ParameterByName implements SecretSource {
  constructor(
    private readonly name: string,
    private readonly simple: boolean,
    private readonly encryptionKey: kms.IKey | undefined,
  ) {}

  public reference(stack: Stack): string {
    // A name with a path begins with a slash, which is the one in the ARN.
    const resource = this.simple ? `parameter/${this.name}` : `parameter${this.name}`;
    return stack.formatArn({ service: 'ssm', resource, arnFormat: ArnFormat.NO_RESOURCE_NAME });
  }

  public origin(stack: Stack): string[] {
    return originOf(stack, undefined, this.encryptionKey);
  }

  public obstacle(): undefined {
    return undefined;
  }

  public byPolicy(stack: Stack): boolean {
    return !isInAnotherAccount(this.encryptionKey, stack);
  }

  public grantRead(grantee: iam.IGrantable, stack: Stack): string[] {
    return allow(grantee, stack, 'ssm', 'ssm:GetParameter', this.reference(stack), [this.encryptionKey]);
  }
}
