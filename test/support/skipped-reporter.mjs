// A reporter for Node.js's test runner, which takes no TypeScript here: a line of JSON, `[name, reason]`, for each test that was skipped.
export default async function* skipped(source) {
  for await (const { type, data } of source) {
    if (type === 'test:pass' && data.skip !== undefined) yield `${JSON.stringify([data.name, String(data.skip)])}\n`;
  }
}
