import { Token } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { ParameterByName, SecretByArn, SecretByName } from './private/secrets/by-name';
import { ParameterConstruct, SecretConstruct } from './private/secrets/of-construct';
import { SecretSource } from './private/secrets/source';
import { requireMember, requireOptions, requireString } from './private/untyped';

/**
 * Options for a secret in AWS Secrets Manager.
 */
export interface SecretsManagerOptions {
  /**
   * The field of a JSON secret that contains the value: a string without line breaks that is not empty, or a number.
   *
   * @default - the whole secret string
   */
  readonly field?: string;

  /**
   * The customer-managed KMS key that encrypts the secret. It is required for a secret that was imported by ARN or
   * name, because CDK doesn't know its key; omit it for an AWS-managed key. Use `kms.Key.fromKeyArn`: many versions of
   * CDK can't grant access to an alias that was imported by name, and there is a warning in this case.
   *
   * @default - the key that CDK knows, if any
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Options for a parameter in the SSM Parameter Store.
 */
export interface SsmParameterOptions {
  /**
   * The customer-managed KMS key that encrypts a SecureString. Omit it for the AWS-managed key `aws/ssm`.
   *
   * @default - the key that CDK knows, if any
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Options for a parameter in the SSM Parameter Store that is referred to by its name.
 */
export interface NamedSsmParameterOptions extends SsmParameterOptions {
  /**
   * Whether the name has no path: `loki-token`, not `/loki/token`. Required if the name is only known at deployment,
   * for example from a `CfnParameter`, because the ARN depends on it.
   *
   * @default - derived from the name: `false` if it begins with a slash
   */
  readonly simpleName?: boolean;
}

/**
 * A secret that the extension reads when the function starts. The template contains only its ARN.
 *
 * @example
 *
 * // By name, in the account and region of each function: suitable for whole apps, stages and pipelines.
 * LokiSecret.fromSecretName('grafana-cloud', { field: 'token' });
 *
 * // A SecureString of the Parameter Store.
 * LokiSecret.fromSsmParameterName('/loki/token');
 *
 * // A secret that this app creates.
 * LokiSecret.fromSecretsManager(new secretsmanager.Secret(this, 'Token'));
 */
export class LokiSecret {
  /**
   * A secret in AWS Secrets Manager.
   *
   * A secret that this app creates can be used in its own stage, and in other accounts and regions only if CDK can
   * refer to it there. `attach` throws an error for functions that can't use it; `attachAll` skips them with a warning.
   *
   * @param secret A secret that this app creates, or an imported one.
   * @param options The field of a JSON secret, and the KMS key of an imported one.
   */
  public static fromSecretsManager(secret: secretsmanager.ISecret, options: SecretsManagerOptions = {}): LokiSecret {
    const what = 'LokiSecret.fromSecretsManager';
    const wayOut = 'give a Secret of aws-secretsmanager; for a name there is fromSecretName, for an ARN fromSecretArn';
    requireMember(secret, 'secretArn', `${what}: secret`, wayOut);
    return new LokiSecret(new SecretConstruct(secret, suffix(options, what), options.encryptionKey));
  }

  /**
   * A secret in AWS Secrets Manager by name, in the account and region of each function. This needs no stack, so it can
   * be used for a whole app, in stages and in several regions.
   *
   * Throws an error if the name is empty, is an ARN, or contains characters that are not allowed in names.
   *
   * @param secretName The secret's name: 1 to 512 letters, digits and `/_+=.@-`.
   * @param options The field of a JSON secret, and the secret's KMS key.
   */
  public static fromSecretName(secretName: string, options: SecretsManagerOptions = {}): LokiSecret {
    checkName(
      'LokiSecret.fromSecretName: secretName',
      secretName,
      /^[A-Za-z0-9/_+=.@-]{1,512}$/,
      'letters, digits and /_+=.@-, at most 512',
      'Name what Secrets Manager knows it by; for an ARN there is fromSecretArn, for a member of a JSON secret the ' +
        'option `field`',
    );
    const field = suffix(options, 'LokiSecret.fromSecretName');
    return new LokiSecret(new SecretByName(secretName, field, options.encryptionKey));
  }

  /**
   * A secret in AWS Secrets Manager by its complete ARN, which ends in a hyphen and six characters. This needs no
   * stack, and the secret may be in another account or region.
   *
   * Throws an error if the value is not such an ARN.
   *
   * @param secretArn The secret's ARN, not the secret itself.
   * @param options The field of a JSON secret, and the secret's KMS key.
   */
  public static fromSecretArn(secretArn: string, options: SecretsManagerOptions = {}): LokiSecret {
    // The message does not contain the value: by mistake it might be the secret itself.
    if (
      !Token.isUnresolved(secretArn) &&
      !/^arn:[^:\s]+:secretsmanager:[^:\s]+:\d{12}:secret:[^\s#]+-[A-Za-z0-9]{6}$/.test(secretArn)
    ) {
      throw new Error(
        'LokiSecret.fromSecretArn: secretArn is not the complete ARN of a secret in Secrets Manager ' +
          '(arn:aws:secretsmanager:<region>:<account>:secret:<name>-<six characters>). Give the ARN, or use ' +
          'fromSecretName; never write the ' +
          'secret itself.',
      );
    }
    const field = suffix(options, 'LokiSecret.fromSecretArn');
    return new LokiSecret(new SecretByArn(secretArn, field, options.encryptionKey));
  }

  /**
   * A parameter in the SSM Parameter Store, preferably a SecureString.
   *
   * @param parameter Made in this app or imported, for example with
   * `StringParameter.fromSecureStringParameterAttributes`.
   * @param options The KMS key of a SecureString.
   */
  public static fromSsmParameter(parameter: ssm.IStringParameter, options: SsmParameterOptions = {}): LokiSecret {
    const what = 'LokiSecret.fromSsmParameter';
    const wayOut = 'give a StringParameter of aws-ssm; for a name there is fromSsmParameterName';
    requireMember(parameter, 'parameterArn', `${what}: parameter`, wayOut);
    checkKey(options, what);
    return new LokiSecret(new ParameterConstruct(parameter, options.encryptionKey));
  }

  /**
   * A parameter in the SSM Parameter Store by name, in the account and region of each function. This needs no stack.
   *
   * Throws an error if the name is empty, is an ARN, or contains characters that are not allowed in names, and if the
   * name is only known at deployment and `simpleName` is not set.
   *
   * @param parameterName The parameter's name, for example `/loki/token`: at most 1011 letters, digits and `_.-/`.
   * @param options The KMS key of a SecureString.
   */
  public static fromSsmParameterName(parameterName: string, options: NamedSsmParameterOptions = {}): LokiSecret {
    checkName(
      'LokiSecret.fromSsmParameterName: parameterName',
      parameterName,
      /^[A-Za-z0-9_./-]{1,1011}$/,
      'letters, digits and _.-/, at most 1011',
      'Name what the Parameter Store knows it by',
    );
    checkKey(options, 'LokiSecret.fromSsmParameterName');
    const deployTime = Token.isUnresolved(parameterName);
    if (deployTime && options.simpleName === undefined) {
      throw new Error(
        "LokiSecret.fromSsmParameterName: parameterName is only known at deployment, so its ARN can't be put together. " +
          'Say ' +
          'whether it is a name without a path: simpleName true for loki-token, false for /loki/token.',
      );
    }
    const { simpleName = !parameterName.startsWith('/') } = options;
    if (!deployTime && simpleName === parameterName.startsWith('/')) {
      throw new Error(
        `LokiSecret.fromSsmParameterName: simpleName is ${simpleName}, and parameterName ` +
          `${simpleName ? 'begins' : 'does not begin'} ` +
          'with a slash. Leave simpleName out.',
      );
    }
    return new LokiSecret(new ParameterByName(parameterName, simpleName, options.encryptionKey));
  }

  /**
   * The service that stores the secret.
   *
   * @internal
   */
  public readonly _source: SecretSource;

  private constructor(source: SecretSource) {
    this._source = source;
  }
}

/** The suffix of the ARN that names the field of a JSON secret. */
function suffix(options: SecretsManagerOptions, what: string): string {
  checkKey(options, what);
  const { field } = options;
  if (field === undefined) return '';
  requireString(field, `${what}: field`, 'name the member of the JSON secret');
  if (!Token.isUnresolved(field) && field.trim() === '') {
    throw new Error(
      'LokiSecret: field is empty. Name the member of the JSON secret, or leave it out for the whole secret.',
    );
  }
  return `#${field}`;
}

function checkKey(options: SsmParameterOptions, what: string): void {
  requireOptions(
    options,
    what,
    what.includes('Ssm') ? '{ encryptionKey: kms.Key.fromKeyArn(…) }' : "{ field: 'token' }",
  );
  if (options.encryptionKey === undefined) return;
  const wayOut = 'give a key of aws-kms; for an ARN there is kms.Key.fromKeyArn';
  requireMember(options.encryptionKey, 'keyArn', `${what}: encryptionKey`, wayOut);
}

/** No message contains the value: it might be the secret itself. */
function checkName(what: string, value: string, allowed: RegExp, characters: string, wayOut: string): void {
  requireString(value, what, wayOut);
  if (Token.isUnresolved(value) || (allowed.test(value) && !value.startsWith('arn:'))) return;
  const wrong =
    value.trim() === ''
      ? 'is empty'
      : /^arn:/.test(value)
        ? 'is an ARN, not a name'
        : `has other characters than ${characters}`;
  throw new Error(`${what} ${wrong}. ${wayOut}; never write the secret itself.`);
}
