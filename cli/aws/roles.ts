import {
  DeleteRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  PutRolePolicyCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { isAwsError } from './failure';

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/** The name of a role, from its ARN. */
export function roleName(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** The roles of functions, and their inline policies. */
export class Roles {
  constructor(private readonly client: IAMClient) {}

  /** `undefined` if the role has no such policy. */
  async policy(role: string, name: string): Promise<PolicyDocument | undefined> {
    try {
      const { PolicyDocument: text = '' } = await this.client.send(
        new GetRolePolicyCommand({ RoleName: role, PolicyName: name }),
      );
      return JSON.parse(decodeURIComponent(text)) as PolicyDocument;
    } catch (error) {
      if (isAwsError(error, 'NoSuchEntityException', 'NoSuchEntity')) return undefined;
      throw error;
    }
  }

  async putPolicy(role: string, name: string, document: PolicyDocument): Promise<void> {
    await this.client.send(
      new PutRolePolicyCommand({ RoleName: role, PolicyName: name, PolicyDocument: JSON.stringify(document) }),
    );
  }

  async deletePolicy(role: string, name: string): Promise<void> {
    try {
      await this.client.send(new DeleteRolePolicyCommand({ RoleName: role, PolicyName: name }));
    } catch (error) {
      if (!isAwsError(error, 'NoSuchEntityException', 'NoSuchEntity')) throw error;
    }
  }

  /** Whether Lambda@Edge may assume the role. `undefined` where the role may not be read. */
  async trustsEdge(role: string): Promise<boolean | undefined> {
    try {
      const { Role: found } = await this.client.send(new GetRoleCommand({ RoleName: role }));
      return decodeURIComponent(found?.AssumeRolePolicyDocument ?? '').includes('edgelambda.amazonaws.com');
    } catch {
      return undefined;
    }
  }

  /** Whether a role may do this. `undefined` if that can't be found out. */
  async allows(roleArn: string, action: string, resource: string): Promise<boolean | undefined> {
    try {
      const { EvaluationResults: results } = await this.client.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: roleArn,
          ActionNames: [action],
          ResourceArns: [resource],
        }),
      );
      const decision = results?.[0]?.EvalDecision;
      return decision === undefined ? undefined : decision === 'allowed';
    } catch {
      return undefined;
    }
  }
}
