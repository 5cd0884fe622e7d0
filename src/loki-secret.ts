import { ArnFormat, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';

/**
 * Options of a secret in AWS Secrets Manager.
 */
export interface SecretsManagerOptions {
  /**
   * The member of a JSON secret to use.
   *
   * @default - the whole secret string
   */
  readonly field?: string;

  /**
   * The customer-managed KMS key that the secret is encrypted with. Needed for a secret that was imported by ARN or name, because
   * CDK doesn't know its key; with an AWS-managed key leave it out.
   *
   * @default - the key that CDK knows of, if any
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Options of a parameter in the SSM Parameter Store.
 */
export interface SsmParameterOptions {
  /**
   * The customer-managed KMS key that a SecureString is encrypted with.
   *
   * @default - the key that CDK knows of, if any
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * A secret that the extension reads when the function starts. Only its ARN is in the template.
 */
export abstract class LokiSecret {
  /**
   * A secret in AWS Secrets Manager.
   *
   * @param secret Made in this app or imported.
   * @param options The field of a JSON secret, and the KMS key of an imported one.
   */
  public static fromSecretsManager(secret: secretsmanager.ISecret, options: SecretsManagerOptions = {}): LokiSecret {
    return new OwnedSecret(secret, options);
  }

  /**
   * A secret in AWS Secrets Manager by name, in the account and region of each function. Needs no stack, so that it can be used for a
   * whole app, in stages and in several regions.
   *
   * @param secretName Its name.
   * @param options The field of a JSON secret, and its KMS key.
   */
  public static fromSecretName(secretName: string, options: SecretsManagerOptions = {}): LokiSecret {
    notEmpty('LokiSecret.fromSecretName', 'secretName', secretName);
    return new NamedSecret(secretName, options);
  }

  /**
   * A secret in AWS Secrets Manager by its complete ARN, which ends in a hyphen and six characters. Needs no stack.
   *
   * @param secretArn Its ARN; never the secret itself.
   * @param options The field of a JSON secret, and its KMS key.
   */
  public static fromSecretArn(secretArn: string, options: SecretsManagerOptions = {}): LokiSecret {
    // What was given is not shown: by mistake it might be the secret itself.
    if (!Token.isUnresolved(secretArn) && !/^arn:[^:\s]+:secretsmanager:[^:\s]+:\d{12}:secret:[^\s#]+-[A-Za-z0-9]{6}$/.test(secretArn)) {
      throw new Error('LokiSecret.fromSecretArn: secretArn is not the complete ARN of a secret in Secrets Manager ' +
        '(arn:aws:secretsmanager:<region>:<account>:secret:<name>-<six characters>). Give the ARN, or use fromSecretName; never write the ' +
        'secret itself.');
    }
    return new SecretByArn(secretArn, options);
  }

  /**
   * A parameter in the SSM Parameter Store, preferably a SecureString.
   *
   * @param parameter Made in this app or imported, for example with `StringParameter.fromSecureStringParameterAttributes`.
   * @param options The KMS key of a SecureString.
   */
  public static fromSsmParameter(parameter: ssm.IStringParameter, options: SsmParameterOptions = {}): LokiSecret {
    return new OwnedParameter(parameter, options);
  }

  /**
   * A parameter in the SSM Parameter Store by name, in the account and region of each function. Needs no stack.
   *
   * @param parameterName Its name, like `/loki/token`.
   * @param options The KMS key of a SecureString.
   */
  public static fromSsmParameterName(parameterName: string, options: SsmParameterOptions = {}): LokiSecret {
    notEmpty('LokiSecret.fromSsmParameterName', 'parameterName', parameterName);
    return new NamedParameter(parameterName, options);
  }

  /**
   * The value of an environment variable that ends in `_SECRET`, for functions of that stack.
   *
   * @internal
   */
  public abstract _reference(stack: Stack): string;

  /**
   * Lets the grantee read the secret and decrypt it.
   *
   * @internal
   */
  public abstract _grantRead(grantee: iam.IGrantable, stack: Stack): void;
}

class OwnedSecret extends LokiSecret {
  constructor(private readonly secret: secretsmanager.ISecret, private readonly options: SecretsManagerOptions) {
    super();
    checkField(options);
  }

  public _reference(): string {
    return withField(this.secret.secretFullArn ?? this.secret.secretArn, this.options);
  }

  public _grantRead(grantee: iam.IGrantable): void {
    this.secret.grantRead(grantee);
    this.options.encryptionKey?.grantDecrypt(grantee);
  }
}

class NamedSecret extends LokiSecret {
  constructor(private readonly name: string, private readonly options: SecretsManagerOptions) {
    super();
    checkField(options);
  }

  public _reference(stack: Stack): string {
    return withField(this.arn(stack), this.options);
  }

  public _grantRead(grantee: iam.IGrantable, stack: Stack): void {
    // Secrets Manager puts a hyphen and six characters of its own after the name.
    allow(grantee, 'secretsmanager:GetSecretValue', `${this.arn(stack)}-??????`, this.options.encryptionKey);
  }

  private arn(stack: Stack): string {
    return stack.formatArn({ service: 'secretsmanager', resource: 'secret', resourceName: this.name, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  }
}

class SecretByArn extends LokiSecret {
  constructor(private readonly arn: string, private readonly options: SecretsManagerOptions) {
    super();
    checkField(options);
  }

  public _reference(): string {
    return withField(this.arn, this.options);
  }

  public _grantRead(grantee: iam.IGrantable): void {
    allow(grantee, 'secretsmanager:GetSecretValue', this.arn, this.options.encryptionKey);
  }
}

class OwnedParameter extends LokiSecret {
  constructor(private readonly parameter: ssm.IStringParameter, private readonly options: SsmParameterOptions) {
    super();
  }

  public _reference(): string {
    return this.parameter.parameterArn;
  }

  public _grantRead(grantee: iam.IGrantable): void {
    this.parameter.grantRead(grantee);
    this.options.encryptionKey?.grantDecrypt(grantee);
  }
}

class NamedParameter extends LokiSecret {
  constructor(private readonly name: string, private readonly options: SsmParameterOptions) {
    super();
  }

  public _reference(stack: Stack): string {
    return stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: this.name.replace(/^\//, '') });
  }

  public _grantRead(grantee: iam.IGrantable, stack: Stack): void {
    allow(grantee, 'ssm:GetParameter', this._reference(stack), this.options.encryptionKey);
  }
}

function allow(grantee: iam.IGrantable, action: string, resourceArn: string, key: kms.IKey | undefined): void {
  iam.Grant.addToPrincipal({ grantee, actions: [action], resourceArns: [resourceArn] });
  key?.grantDecrypt(grantee);
}

function withField(arn: string, { field }: SecretsManagerOptions): string {
  return field === undefined ? arn : `${arn}#${field}`;
}

function checkField({ field }: SecretsManagerOptions): void {
  if (field !== undefined) notEmpty('LokiSecret', 'field', field);
}

function notEmpty(factory: string, parameter: string, value: string): void {
  if (Token.isUnresolved(value) || value.trim() !== '') return;
  throw new Error(`${factory}: ${parameter} is empty. Name what Secrets Manager or the Parameter Store knows it by, or leave it out where ` +
    'it is optional.');
}
