import { existsSync, readFileSync } from 'node:fs';

/** What Node.js itself can't do is left out on it anywhere, and says so in these words; all other tests are skipped for want of a tool. */
const NOT_FOR_WANT_OF_A_TOOL = /^Node\.js /;

/** Names and reasons of the tests that were skipped for want of a tool, as the reporter has written them. */
export function skippedForWantOfATool(file: string): (readonly [name: string, reason: string])[] {
  if (!existsSync(file)) return [];
  const all = readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as [string, string]);
  return all.filter(([, reason]) => !NOT_FOR_WANT_OF_A_TOOL.test(reason));
}
