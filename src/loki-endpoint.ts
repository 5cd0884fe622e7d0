import { Token } from 'aws-cdk-lib';
import { endpointParameter } from './private/endpoint';
import { requireString } from './private/untyped';

/**
 * The endpoint of Loki for apps whose accounts or regions use different ones.
 *
 * @example
 *
 * new LambdaWatch(app, 'Logs', { endpoint: LokiEndpoint.fromSsmParameterName('/loki/endpoint') }).attachAll(app);
 */
export class LokiEndpoint {
  /**
   * Reads the push URL from a parameter (`String`) of the SSM Parameter Store in the account and region of each stack.
   * CloudFormation reads the parameter at deployment: each stack gets a template parameter, and a new value takes
   * effect with the stack's next deployment.
   *
   * Throws an error if the name is empty or contains characters other than letters, digits and `_.-/`.
   *
   * @returns A value for `endpoint` of `LambdaWatchProps`. It can't be used for anything else.
   * @param parameterName The parameter's name, for example `/loki/endpoint`.
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
