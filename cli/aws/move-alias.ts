import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { CliError } from '../errors';
import type { AliasState } from '../plan/alias';
import type { Obstacle } from '../plan/function-view';
import { isAwsError } from './failure';
import type { Functions } from './functions';

export async function readAlias(functions: Functions, name: string, alias: string): Promise<AliasState> {
  const found = await functions.alias(name, alias);
  return { name: alias, ...found, config: await functions.configuration(name, found.version) };
}

/**
 * Publishes `$LATEST` as it is now and moves the alias to it.
 * @param obstacleTo returns what prevents it now: somebody may have deployed code since the plan was made
 * @returns the version
 */
export async function moveAlias(
  functions: Functions,
  name: string,
  alias: AliasState,
  obstacleTo: (latest: FunctionConfiguration) => Obstacle | undefined,
): Promise<string> {
  const latest = await functions.settled(name);
  const obstacle = obstacleTo(latest);
  if (obstacle) throw new CliError(`$LATEST was changed, but ${obstacle.reason}; ${obstacle.wayOut}`);
  const { CodeSha256: codeSha256, RevisionId: revisionId } = latest;
  const version = await functions.publish(name, {
    description: `LambdaWatch, as version ${alias.version} otherwise`,
    codeSha256,
    revisionId,
  });
  const ready = await functions.settled(name, version);
  if (ready.State === 'Failed')
    throw new CliError(
      `version ${version} could not be made ready (${ready.StateReasonCode}); the alias stays at ${alias.version}`,
    );
  try {
    await functions.moveAlias(name, alias.name, version, alias.revisionId);
  } catch (error) {
    if (!isAwsError(error, 'PreconditionFailedException')) throw error;
    throw new CliError(
      `somebody else has moved the alias ${alias.name} meanwhile; version ${version} is published, run this again`,
    );
  }
  return version;
}
