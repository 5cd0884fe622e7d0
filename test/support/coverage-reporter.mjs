// A reporter for Node.js's test runner, which takes no TypeScript here: what of `extension/` the tests cover, a line a file.
import { relative } from 'node:path';

export default async function* coverage(source) {
  let failed = 0;
  for await (const { type, data } of source) {
    if (type === 'test:fail') failed++;
    if (type !== 'test:coverage') continue;
    const { files, workingDirectory } = data.summary;
    const rows = files.map((file) => ({ ...file, name: relative(workingDirectory, file.path) })).filter(({ name }) => name.startsWith('extension/'));
    yield `${row('lines', 'branches', 'functions', '', 'not covered')}\n`;
    let [covered, total] = [0, 0];
    for (const { name, coveredLinePercent, coveredBranchPercent, coveredFunctionPercent, coveredLineCount, totalLineCount, lines } of rows) {
      [covered, total] = [covered + coveredLineCount, total + totalLineCount];
      const missed = ranges(lines.filter(({ count }) => count === 0).map(({ line }) => line));
      yield `${row(percent(coveredLinePercent), percent(coveredBranchPercent), percent(coveredFunctionPercent), name, missed)}\n`;
    }
    yield `${row(percent((covered / total) * 100), '', '', `all ${rows.length} files`, '')}\n`;
  }
  if (failed > 0) yield `${failed} tests or suites failed.\n`;
}

const percent = (value) => `${value.toFixed(1)} %`;
const row = (lines, branches, functions, name, missed) =>
  `${[lines, branches, functions].map((text) => text.padStart(9)).join('  ')}  ${name.padEnd(44)}${missed}`.trimEnd();

function ranges(lines) {
  const all = [];
  for (const line of lines) {
    const last = all.at(-1);
    if (last?.[1] === line - 1) last[1] = line;
    else all.push([line, line]);
  }
  return all.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(' ');
}
