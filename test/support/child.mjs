// Preloaded into the process of each test file. Counts the tests that the file declares, for `test/counted.ts`.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { LAMBDAWATCH_DECLARED: folder, NODE_TEST_CONTEXT: context } = process.env;
const file = process.argv[1] ?? '';

if (folder !== undefined && context !== undefined && file.endsWith('.test.ts')) {
  const nodeTest = createRequire(import.meta.url)('node:test');
  let declared = 0;
  for (const name of ['it', 'test']) {
    const declare = nodeTest[name];
    // Files name these functions once for each test. A wrapper would become the place at which every failure is reported.
    Object.defineProperty(nodeTest, name, {
      enumerable: true,
      get() {
        declared++;
        return declare;
      },
    });
  }
  process.on('exit', () => writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify({ file, declared })));
}

// In Node.js 20 a process that has reset sockets may spin for ever in closing them after its `exit` event. All results are
// written when `beforeExit` comes, and this listener comes after those of the test runner.
process.once('beforeExit', () => process.on('exit', () => process.exit()));
