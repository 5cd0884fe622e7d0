import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProcessRuntime } from '../../../sandbox';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * A function on Node.js, by the runtime client of `lambdawatch run`.
 *
 * @param directory has `handler.mjs`, which exports `handler`
 */
export function nodeFunction(directory = here): ProcessRuntime {
  return {
    kind: 'process',
    name: `nodejs${process.versions.node.split('.')[0]}.x`,
    command: [process.execPath, join(here, '../../../cli/runtimes/node.mjs')],
    cwd: directory,
    handler: 'handler.handler',
  };
}
