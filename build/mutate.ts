import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { Bench, isNoticed, type Suite, Suites, tsFiles } from './mutation/bench';
import { isEquivalent } from './mutation/equivalent';
import { type Mutation, mutationsOf } from './mutation/operators';
import { breakPromises } from './mutation/promises';

const HELP = `Changes the extension in one place after the other and runs the unit tests that load the file, until one fails. A change
that no test notices is printed. The files themselves stay as they are: each change is bundled with the tests. Changes
that no test can notice are in build/mutation/equivalent.ts, with the reason.

  npm run mutate -- extension/buffer             all files whose path contains one of the words
  npm run mutate -- buffer/batch.ts:12           one line
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
  const isMeant = (place: string): boolean =>
    words.some((word) => (/:\d+$/.test(word) ? place.endsWith(word) : place.includes(word)));
  const mutations = values.promises
    ? []
    : tsFiles('extension')
        .flatMap(mutationsOf)
        .filter(({ file, line }) => isMeant(`${file}:${line}`));
  if (values.help || (mutations.length === 0 && !values.promises)) {
    console.log(HELP);
    return values.help ? 0 : 1;
  }
  // One more, because a bench does one thing at a time.
  const [measuring, ...benches] = Array.from({ length: Number(values.jobs) + 1 }, () => new Bench());
  const suites = new Suites(measuring);
  try {
    return values.promises
      ? await breakPromises(benches, suites, words)
      : await mutate(benches, suites, mutations, Number(values.minutes) * 60_000);
  } finally {
    for (const bench of [measuring, ...benches]) await bench.dispose();
  }
}

interface Tally {
  tried: number;
  noticed: number;
  equivalent: number;
}

async function mutate(
  benches: readonly Bench[],
  suites: Suites,
  all: readonly Mutation[],
  limitMs: number,
): Promise<number> {
  const suitesOf = new Map<string, Suite[]>();
  for (const file of new Set(all.map((mutation) => mutation.file))) suitesOf.set(file, await suites.of(file));
  const end = Date.now() + limitMs;
  const tally = new Map<string, Tally>();
  // In strides, so that a run that is cut short has tried something of each file.
  const stride = Math.max(1, Math.floor(all.length / 7)) | 1;
  const left = [...all];
  let at = 0;
  const work = async (bench: Bench): Promise<void> => {
    while (left.length > 0 && Date.now() < end) {
      at = (at + stride) % left.length;
      const [mutation] = left.splice(at, 1);
      const folder = dirname(mutation.file);
      const count = tally.get(folder) ?? { tried: 0, noticed: 0, equivalent: 0 };
      tally.set(folder, count);
      if (isEquivalent(mutation)) {
        count.equivalent++;
        continue;
      }
      const noticed = await isNoticed(bench, suitesOf.get(mutation.file)!, mutation);
      count.tried++;
      count.noticed += Number(noticed);
      if (!noticed) console.log(`${mutation.file}:${mutation.line}: ${mutation.from.split('\n')[0]} → ${mutation.to}`);
    }
  };
  await Promise.all(benches.map(work));
  for (const [folder, { tried, noticed, equivalent }] of tally) {
    const percent = ((noticed / tried) * 100).toFixed(1);
    console.log(`${folder}: ${noticed} of ${tried} noticed, ${percent} %; ${equivalent} that no test can notice`);
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
