// A reporter for Node.js's test runner, which takes no TypeScript here. Writes lines of JSON: `{ skipped: [name, reason] }`
// for each test that was skipped, and in the end `{ reported }`, the number of tests with a result.
export default async function* results(source) {
  // How many tests have a result, for each depth, below the suite or test whose own result comes next.
  const below = [];
  for await (const { type, data } of source) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (type === 'test:pass' && data.skip !== undefined) yield line({ skipped: [data.name, String(data.skip)] });
    const { nesting } = data;
    const isSuite = data.details?.type === 'suite';
    // Parts of a test (`t.test`) are not declared by the file.
    below[nesting] = (below[nesting] ?? 0) + (isSuite ? below[nesting + 1] ?? 0 : 1);
    below[nesting + 1] = 0;
  }
  yield line({ reported: below[0] ?? 0 });
}

const line = (value) => `${JSON.stringify(value)}\n`;
