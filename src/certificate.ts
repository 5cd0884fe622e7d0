import { Token } from 'aws-cdk-lib';
import { requireString } from './private/untyped';

/**
 * One or more X.509 certificates in PEM. Certificates are public; private keys are rejected.
 */
export class Certificate {
  /**
   * A file inside the function's environment: `/opt/…` from your own layer, or `/var/task/…` from the function's
   * package. This takes little of the 4 KB that Lambda allows for environment variables.
   *
   * @param path An absolute path.
   */
  public static fromPath(path: string): Certificate {
    requireString(path, 'Certificate.fromPath: path', "name a file in the function's environment, like /opt/ca.pem");
    if (!Token.isUnresolved(path) && !/^\/\S/.test(path)) {
      throw new Error(
        `Certificate.fromPath: ${JSON.stringify(path)} is not an absolute path inside the function's environment, ` +
          'like /opt/ca.pem.',
      );
    }
    return new Certificate(path);
  }

  /**
   * The PEM text itself. It becomes an environment variable: one certificate takes 1 to 2 KB of the 4 KB that Lambda
   * allows.
   *
   * @param pem One or more `-----BEGIN CERTIFICATE-----` blocks.
   */
  public static fromPem(pem: string): Certificate {
    requireString(pem, 'Certificate.fromPem: pem', "give the text, as fs.readFileSync(file, 'utf8') reads it");
    if (!Token.isUnresolved(pem)) {
      // No message contains the text: it might be a key.
      if (pem.includes('PRIVATE KEY-----')) {
        throw new Error(
          'Certificate.fromPem: the text holds a private key, which would stand in the template. Give the ' +
            'certificate alone; ' +
            'keys are given by path.',
        );
      }
      if (!/-----BEGIN (TRUSTED )?CERTIFICATE-----[\s\S]+-----END/.test(pem)) {
        throw new Error(
          'Certificate.fromPem: the text holds no "-----BEGIN CERTIFICATE-----" block. For a file in the function\'s ' +
            'environment use Certificate.fromPath.',
        );
      }
    }
    return new Certificate(pem.trim());
  }

  private constructor(private readonly value: string) {}

  /**
   * The value of the environment variable.
   *
   * @internal
   */
  public _render(): string {
    return this.value;
  }
}
