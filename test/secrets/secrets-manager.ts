import { AwsEndpoint, type AwsAnswer, awsError } from './support';

const PREFIX = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';
const COMPLETE = /^(.+)-([A-Za-z0-9]{6})$/;

/**
 * A stand-in for Secrets Manager with AWS's own rule about partial ARNs, which moto lacks: an ARN that ends in a hyphen
 * and six characters is taken for a complete one, whose last six are the secret's random part (API reference,
 * GetSecretValue, "SecretId").
 */
export class SecretsManager extends AwsEndpoint {
  /**
   * What the role may read; everything where it is left out. IAM decides on the ARN that was asked for, when one was.
   */
  allowed: ((arn: string) => boolean) | undefined;
  readonly #secrets = new Map<string, { readonly suffix: string; readonly value: string }>();

  constructor() {
    super(({ parameters }) => this.#get(String(parameters.SecretId)));
  }

  add(name: string, value: string): void {
    this.#secrets.set(name, { suffix: `Ab1${String(this.#secrets.size).padStart(3, 'x')}`, value });
  }

  /** The complete ARN. */
  arn(name: string): string {
    return `${PREFIX}${name}-${this.#secrets.get(name)!.suffix}`;
  }

  #get(id: string): AwsAnswer {
    const text = id.startsWith(PREFIX) ? id.slice(PREFIX.length) : id;
    const [, name, suffix] = (id !== text ? COMPLETE.exec(text) : undefined) ?? [undefined, text, undefined];
    const secret = this.#secrets.get(name!);
    const found = secret !== undefined && (suffix === undefined || suffix === secret.suffix);
    const asked = found ? this.arn(name!) : `${PREFIX}${text}`;
    if (this.allowed && !this.allowed(asked)) {
      return awsError(
        'AccessDeniedException',
        'User: arn:aws:sts::111122223333:assumed-role/orders-role/orders is not authorized to ' +
          `perform: secretsmanager:GetSecretValue on resource: ${asked}`,
      );
    }
    if (!found) return awsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return { status: 200, body: JSON.stringify({ ARN: this.arn(name!), Name: name, SecretString: secret.value }) };
  }
}

export async function startSecretsManager(): Promise<SecretsManager> {
  return new SecretsManager().start();
}
