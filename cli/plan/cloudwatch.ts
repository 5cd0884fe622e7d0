import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { readSettings } from '../../extension/config/read-settings';
import type { PolicyDocument } from '../aws/roles';
import { variablesOf } from './function-view';
import { deniedResources, denyDocument, logGroupArns } from './log-group';

/** A function whose CloudWatch logs are switched off or on. */
export interface Switched {
  readonly config: FunctionConfiguration;
  readonly off: boolean;
}

/** The policy of a role after its functions have been switched; `undefined` if it is removed. */
export function planPolicy(
  present: PolicyDocument | undefined,
  switched: readonly Switched[],
): PolicyDocument | undefined {
  const resources = new Set(deniedResources(present));
  for (const { config, off } of switched) {
    for (const arn of logGroupArns(config)) {
      if (off) resources.add(arn);
      else resources.delete(arn);
    }
  }
  return denyDocument([...resources]);
}

/** Whether the extension's own warnings are sent to Loki: without CloudWatch they are nowhere else. */
export function shipsDiagnostics(config: FunctionConfiguration): boolean {
  return readSettings(variablesOf(config), (text) => Buffer.byteLength(text)).settings.shipDiagnostics;
}

/** How switching a function affects others that share its role or its log group. */
export function sharedWarnings(
  config: FunctionConfiguration,
  others: readonly FunctionConfiguration[],
  off: boolean,
): string[] {
  const name = config.FunctionName ?? '';
  const [group] = logGroupArns(config);
  const sameRole = others.filter((other) => other.FunctionName !== name && other.Role === config.Role);
  const sameGroup = sameRole.filter((other) => logGroupArns(other)[0] === group).map((other) => other.FunctionName);
  const otherGroups = sameRole.filter((other) => logGroupArns(other)[0] !== group).map((other) => other.FunctionName);
  return [
    ...(sameGroup.length > 0
      ? [`its role and log group are ${listed(sameGroup)}'s, too, whose logs ${off ? 'stop' : 'resume'} as well`]
      : []),
    ...(off && otherGroups.length > 0
      ? [`its role is shared with ${listed(otherGroups)}, whose own log groups are not affected`]
      : []),
  ];
}

function listed(names: readonly (string | undefined)[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}
