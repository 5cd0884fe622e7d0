import { Stack, Token } from 'aws-cdk-lib';
import { LokiSecret } from './loki-secret';

/**
 * How the extension proves to Loki who it is. Passwords and tokens are always secrets of AWS; there is no way to write one in plain text.
 */
export abstract class LokiAuth {
  /**
   * No authentication.
   */
  public static none(): LokiAuth {
    return new Credentials({}, {});
  }

  /**
   * HTTP basic authentication. For Grafana Cloud the user name is the number of the Loki instance and the password an access policy's
   * token. Environment variables `LOKI_USERNAME` and `LOKI_PASSWORD_SECRET`.
   *
   * @param username The user name, in plain text.
   * @param password The password.
   */
  public static basic(username: string, password: LokiSecret): LokiAuth {
    if (!Token.isUnresolved(username) && !/^[^:\u0000-\u001f\u007f]*[^:\s\u0000-\u001f\u007f][^:\u0000-\u001f\u007f]*$/.test(username)) {
      throw new Error(`LokiAuth.basic: username ${JSON.stringify(username)} can't be used; HTTP basic authentication wants a name without ` +
        'colons and control characters.');
    }
    return new Credentials({ LOKI_USERNAME: username }, { LOKI_PASSWORD_SECRET: password });
  }

  /**
   * HTTP basic authentication with a user name that is a secret as well. Environment variables `LOKI_USERNAME_SECRET` and
   * `LOKI_PASSWORD_SECRET`.
   *
   * @param username The user name.
   * @param password The password.
   */
  public static basicFromSecrets(username: LokiSecret, password: LokiSecret): LokiAuth {
    return new Credentials({}, { LOKI_USERNAME_SECRET: username, LOKI_PASSWORD_SECRET: password });
  }

  /**
   * A bearer token. Environment variable `LOKI_API_KEY_SECRET`.
   *
   * @param token The token.
   */
  public static bearer(token: LokiSecret): LokiAuth {
    return new Credentials({}, { LOKI_API_KEY_SECRET: token });
  }

  /**
   * The environment variables for functions of that stack.
   *
   * @internal
   */
  public abstract _environment(stack: Stack): Record<string, string>;

  /**
   * What has to be readable to the function's role.
   *
   * @internal
   */
  public abstract _secrets(): LokiSecret[];
}

class Credentials extends LokiAuth {
  constructor(private readonly plain: Record<string, string>, private readonly secrets: Record<string, LokiSecret>) {
    super();
  }

  public _environment(stack: Stack): Record<string, string> {
    const references = Object.entries(this.secrets).map(([variable, secret]) => [variable, secret._reference(stack)]);
    return { ...this.plain, ...Object.fromEntries(references) };
  }

  public _secrets(): LokiSecret[] {
    return [...new Set(Object.values(this.secrets))];
  }
}
