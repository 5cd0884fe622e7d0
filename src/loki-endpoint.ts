import { Token } from 'aws-cdk-lib';
import { endpointParameter } from './private/endpoint';
import { requireString } from './private/untyped';

/**
 * Where Loki is, for whole apps whose environments have different ones.
 *
 * @example
 *
 * new LambdaWatch(app, 'Logs', { endpoint: LokiEndpoint.fromSsmParameterName('/loki/endpoint') }).attachAll(app);
 */
export class LokiEndpoint {
  /**
   * The push URL is in a parameter (`String`) of the SSM Parameter Store, in the account and region of each stack.
   * CloudFormation reads it at deployment: each stack gets a template parameter, and a new value reaches functions with
   * their stack's next deployment.
   *
   * Throws an error when the name is empty or has other characters than letters, digits and `_.-/`.
   *
   * @returns What `endpoint` of `LambdaWatchProps` takes; it can't be used for anything else.
   * @param parameterName Its name, like `/loki/endpoint`.
   */
  public static fromSsmParameterName(parameterName: string): string {
    requireString(parameterName, 'LokiEndpoint.fromSsmParameterName: parameterName', 'name it, like /loki/endpoint');
    if (Token.isUnresolved(parameterName) || !/^[A-Za-z0-9_./-]{1,1011}$/.test(parameterName)) {
      throw new Error(
        `LokiEndpoint.fromSsmParameterName: parameterName ${JSON.stringify(parameterName)} can't be used; it must ` +
          'be known at ' +
          'synthesis, and have letters, digits and _.-/ only, like /loki/endpoint.',
      );
    }
    return endpointParameter(parameterName);
  }

  private constructor() {}
}
