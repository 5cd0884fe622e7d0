import { describe, it } from 'node:test';
import { HostBuildError, rustVersion } from '../../../build/toolchain';
import { platformContract } from './contract';
import { nativeDriver } from './drivers';

/** Why the native host can't run here, if so. */
async function obstacle(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'the native host runs on Linux only';
  try {
    await rustVersion();
    return undefined;
  } catch (error) {
    if (error instanceof HostBuildError) return error.message;
    throw error;
  }
}

void obstacle().then((reason) => {
  if (reason === undefined) platformContract('native host', nativeDriver);
  else describe('platform contract: native host', () => it('all cases', { skip: reason }, () => undefined));
});
