import { IResolvable, IResolveContext, Stack, Token, Tokenization } from 'aws-cdk-lib';
import * as ssm from 'aws-cdk-lib/aws-ssm';

/** Shared by all copies of this library in a process. */
const PARAMETER = Symbol.for('cdk-lambdawatch.endpointParameter');

class EndpointParameter implements IResolvable {
  public readonly creationStack = [];
  public readonly [PARAMETER]: string;

  constructor(name: string) {
    this[PARAMETER] = name;
  }

  public resolve(_context: IResolveContext): never {
    throw new Error(
      'What LokiEndpoint.fromSsmParameterName returns can only be the `endpoint` of a LambdaWatch. For the value ' +
        'itself use ' +
        'ssm.StringParameter.valueForStringParameter.',
    );
  }

  public toString(): string {
    return Token.asString(this);
  }
}

/** A placeholder for the value of a parameter, independent of the stack. */
export function endpointParameter(name: string): string {
  return new EndpointParameter(name).toString();
}

/** The endpoint for functions in a stack: the URL itself, or a template parameter of the stack. */
export function endpointIn(stack: Stack, endpoint: string): string {
  const token = Token.isUnresolved(endpoint) ? Tokenization.reverseString(endpoint).firstToken : undefined;
  const name = (token as Partial<EndpointParameter> | undefined)?.[PARAMETER];
  return name === undefined ? endpoint : ssm.StringParameter.valueForStringParameter(stack, name);
}
