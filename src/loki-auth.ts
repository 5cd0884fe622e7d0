import { Stack, Token } from 'aws-cdk-lib';
import { LokiSecret } from './loki-secret';
import { requireSecret, requireString } from './private/untyped';

/**
 * How the extension authenticates to Loki. Passwords and tokens are always secrets in AWS; they can't be passed in
 * plain text.
 *
 * @example
 *
 * // Grafana Cloud: the number of the Loki instance, and the token of an access policy with the scope logs:write.
 * LokiAuth.basic('123456', LokiSecret.fromSecretName('grafana-cloud', { field: 'token' }));
 *
 * // A gateway that accepts bearer tokens.
 * LokiAuth.bearer(LokiSecret.fromSsmParameterName('/loki/token'));
 */
export class LokiAuth {
  /**
   * No authentication.
   */
  public static none(): LokiAuth {
    return new LokiAuth({}, {});
  }

  /**
   * HTTP basic authentication. For Grafana Cloud, the user name is the number of the Loki instance and the password is
   * the token of an access policy. Environment variables `LOKI_USERNAME` and `LOKI_PASSWORD_SECRET`.
   *
   * Throws an error if the user name is empty, or contains a colon or a control character.
   *
   * @param username The user name, in plain text.
   * @param password The password.
   */
  public static basic(username: string, password: LokiSecret): LokiAuth {
    requireString(username, 'LokiAuth.basic: username', 'for one that is a secret there is basicFromSecrets');
    requireSecret(password, 'LokiAuth.basic: password');
    if (
      !Token.isUnresolved(username) &&
      !/^[^:\u0000-\u001f\u007f]*[^:\s\u0000-\u001f\u007f][^:\u0000-\u001f\u007f]*$/.test(username)
    ) {
      throw new Error(
        `LokiAuth.basic: username ${JSON.stringify(username)} can't be used; HTTP basic authentication wants a name ` +
          'without ' +
          'colons and control characters.',
      );
    }
    return new LokiAuth({ LOKI_USERNAME: username }, { LOKI_PASSWORD_SECRET: password });
  }

  /**
   * HTTP basic authentication with a user name that is also a secret. Environment variables `LOKI_USERNAME_SECRET` and
   * `LOKI_PASSWORD_SECRET`.
   *
   * @param username The user name.
   * @param password The password.
   */
  public static basicFromSecrets(username: LokiSecret, password: LokiSecret): LokiAuth {
    requireSecret(username, 'LokiAuth.basicFromSecrets: username');
    requireSecret(password, 'LokiAuth.basicFromSecrets: password');
    return new LokiAuth({}, { LOKI_USERNAME_SECRET: username, LOKI_PASSWORD_SECRET: password });
  }

  /**
   * A bearer token. Environment variable `LOKI_API_KEY_SECRET`.
   *
   * @param token The token.
   */
  public static bearer(token: LokiSecret): LokiAuth {
    requireSecret(token, 'LokiAuth.bearer: token');
    return new LokiAuth({}, { LOKI_API_KEY_SECRET: token });
  }

  private constructor(
    private readonly plain: Record<string, string>,
    private readonly secrets: Record<string, LokiSecret>,
  ) {}

  /**
   * The environment variables of functions in the stack.
   *
   * @internal
   */
  public _environment(stack: Stack): Record<string, string> {
    const references = Object.entries(this.secrets).map(([variable, secret]) => [
      variable,
      secret._source.reference(stack),
    ]);
    return { ...this.plain, ...Object.fromEntries(references) };
  }

  /**
   * The secrets that the function's role has to be able to read.
   *
   * @internal
   */
  public _secrets(): LokiSecret[] {
    return [...new Set(Object.values(this.secrets))];
  }
}
