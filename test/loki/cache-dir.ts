import * as os from 'node:os';
import * as path from 'node:path';

/** Where built things that outlive a checkout are kept; `LAMBDAWATCH_CACHE` moves it. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  return env.LAMBDAWATCH_CACHE || path.join(env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'lambdawatch');
}
