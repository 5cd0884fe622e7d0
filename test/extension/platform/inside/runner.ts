import type { Platform } from '../../../../extension/platform/types';
import { cases } from '../cases';
import { endings } from '../cases/endings';
import type { Addresses } from '../peers/addresses';
import { Context } from './case';

/** What is said of a case, as one line of JSON on stderr. */
export interface Result {
  readonly case: string;
  readonly error?: string;
}

/** Longest time that one case may take, in milliseconds. */
const LIMIT_MS = 30_000;

/**
 * Runs the cases on `platform`, one after another, and exits with 0. With `CONTRACT_ENDING` set, starts that case
 * alone, which says for itself when the process ends.
 */
export async function runInside(platform: Platform): Promise<void> {
  const { CONTRACT_PEERS = '{}', CONTRACT_ENDING, CONTRACT_CASES } = platform.env;
  const peers = JSON.parse(CONTRACT_PEERS) as Addresses;
  if (CONTRACT_ENDING !== undefined) {
    const ending = endings.find(({ name }) => name === CONTRACT_ENDING);
    await ending?.run(new Context(platform, peers));
    return;
  }
  const wanted = new Set(JSON.parse(CONTRACT_CASES ?? '[]') as string[]);
  for (const { name, run } of cases.filter((candidate) => wanted.has(candidate.name))) {
    const context = new Context(platform, peers);
    let result: Result = { case: name };
    try {
      await within(
        platform,
        LIMIT_MS,
        Promise.resolve().then(() => run(context)),
      );
    } catch (error) {
      result = { case: name, error: error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error) };
    }
    context.cleanUp();
    platform.stderr(JSON.stringify(result));
  }
  platform.exit(0);
}

function within(platform: Platform, ms: number, promise: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = platform.setTimer(ms, () => reject(new Error(`not finished within ${ms} ms`)));
    promise.then(resolve, reject).finally(cancel);
  });
}
