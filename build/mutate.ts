import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { Bench, type Suite, Suites, tsFiles } from './mutation/bench';
import { mutationsOf } from './mutation/operators';
import { breakPromises } from './mutation/promises';

const HELP = `Changes the extension in one place after the other and runs the unit tests that load the file. A change that no test
notices is printed. The files themselves stay as they are: each change is bundled with the tests.

  npm run mutate -- extension/buffer             all files whose path contains one of the words
  npm run mutate -- buffer --minutes 5           no longer than this; a spread of all changes is tried (default: all)
  npm run mutate -- buffer --jobs 4              this many at a time (default 2)
  npm run mutate -- --promises                   breaks what README promises, one promise after the other
`;

async function main(): Promise<number> {
  const { values, positionals: words } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean' },
      minutes: { type: 'string', default: 'Infinity' },
      jobs: { type: 'string', default: '2' },
      promises: { type: 'boolean' },
    },
  });
  const files = tsFiles('extension').filter((file) => words.some((word) => file.includes(word)));
  if (values.help || (files.length === 0 && !values.promises)) {
    console.log(HELP);
    return values.help ? 0 : 1;
  }
  const benches = Array.from({ length: Number(values.jobs) }, () => new Bench());
  try {
    return values.promises
      ? await breakPromises(benches, words)
      : await mutate(benches, files, Number(values.minutes) * 60_000);
  } finally {
    for (const bench of benches) await bench.dispose();
  }
}

async function mutate(benches: readonly Bench[], files: readonly string[], limitMs: number): Promise<number> {
  const suites = new Suites(benches[0]);
  const suiteOf = new Map<string, Suite | undefined>();
  for (const file of files) suiteOf.set(file, await suites.of(file));
  const all = files.flatMap(mutationsOf);
  const end = Date.now() + limitMs;
  const tally = new Map<string, { tried: number; noticed: number }>();
  // In strides, so that a run that is cut short has tried something of each file.
  const stride = Math.max(1, Math.floor(all.length / 7)) | 1;
  const left = [...all];
  let at = 0;
  const work = async (bench: Bench): Promise<void> => {
    while (left.length > 0 && Date.now() < end) {
      at = (at + stride) % left.length;
      const [mutation] = left.splice(at, 1);
      const suite = suiteOf.get(mutation.file);
      const noticed = suite !== undefined && (await bench.notices(suite, mutation));
      const folder = dirname(mutation.file);
      const count = tally.get(folder) ?? { tried: 0, noticed: 0 };
      tally.set(folder, { tried: count.tried + 1, noticed: count.noticed + Number(noticed) });
      if (!noticed) console.log(`${mutation.file}:${mutation.line}: ${mutation.from.split('\n')[0]} → ${mutation.to}`);
    }
  };
  await Promise.all(benches.map(work));
  for (const [folder, { tried, noticed }] of tally) {
    console.log(`${folder}: ${noticed} of ${tried} noticed, ${((noticed / tried) * 100).toFixed(0)} %`);
  }
  if (left.length > 0) console.log(`${left.length} of ${all.length} were not tried: the time was up.`);
  return 0;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
