import { parseSecretRef } from '../../extension/config/secret-ref';
import { SECRET_VARIABLES } from '../../extension/config/definitions';
import type { PolicyDocument } from '../aws/roles';

/** The permission that a function's role needs for one of the secrets in its settings. */
export interface Need {
  readonly action: string;
  readonly resource: string;
}

const ACTIONS = { secretsmanager: 'secretsmanager:GetSecretValue', ssm: 'ssm:GetParameter' } as const;

/** The permissions that a role needs because of a function's variables. */
export function secretNeeds(variables: Readonly<Record<string, string>>): Need[] {
  const needs = new Map<string, Need>();
  for (const variable of SECRET_VARIABLES) {
    const { ref } = variables[variable] ? parseSecretRef(variable, variables[variable]) : { ref: undefined };
    if (ref) needs.set(ref.arn, { action: ACTIONS[ref.service], resource: ref.arn });
  }
  return [...needs.values()];
}

/** @param key ARN of the customer-managed KMS key that the secrets are encrypted with, if any */
export function secretPolicy(needs: readonly Need[], key?: string): PolicyDocument {
  const statement = (Sid: string, Action: string, Resource: readonly string[]): PolicyDocument['Statement'] =>
    Resource.length === 0 ? [] : [{ Sid, Effect: 'Allow', Action, Resource }];
  const resources = (action: string): string[] =>
    needs
      .filter((need) => need.action === action)
      .map(({ resource }) => resource)
      .sort();
  return {
    Version: '2012-10-17',
    Statement: [
      ...statement('Secrets', ACTIONS.secretsmanager, resources(ACTIONS.secretsmanager)),
      ...statement('Parameters', ACTIONS.ssm, resources(ACTIONS.ssm)),
      ...statement('Key', 'kms:Decrypt', key === undefined ? [] : [key]),
    ],
  };
}

/**
 * The name of the inline policy. It belongs to one function, so that it can be removed when the function is detached.
 */
export function secretPolicyName(region: string, functionName: string): string {
  return `lambdawatch-secrets-${region}-${functionName}`;
}
