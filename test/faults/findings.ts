import { ALL } from './all';
import { type Condition, CONDITIONS } from './conditions';
import { quantile } from './judge';
import { inParallel, play, type Row } from './play';

/** Something that was found broken, and how it is seen. */
interface Finding {
  readonly number: number;
  readonly defect: string;
  /** Faults that show it, with the distances of Loki at which they do. */
  readonly played?: readonly (readonly [fault: string, ...conditions: string[]])[];
  /** What holds it where no run of the layer can show it. */
  readonly heldBy?: string;
}

const NEAR = '0.04 s';
const LONG_WAY = CONDITIONS.at(-1)!.name;
/** Some were found at distances of their own. */
const MORE: readonly Condition[] = [{ name: '0.1 s', latencyMs: 100 }];

const FINDINGS: readonly Finding[] = [
  {
    number: 1,
    defect: 'the breaker never closes where a push takes more than 0.5 s',
    played: [
      ['503, 6 invocations', '0.6 s', '1.8 s', LONG_WAY],
      ['refused, 6 invocations', '0.9 s', '2.5 s'],
    ],
  },
  {
    number: 2,
    defect: 'Retry-After of a background push is unbounded',
    played: [
      ['Retry-After in a long invocation', NEAR],
      ['Retry-After on Managed Instances', NEAR],
    ],
  },
  {
    number: 3,
    defect: 'ResourceExhausted is always taken for a matter of size',
    played: [
      ['500 ResourceExhausted, overload', NEAR],
      ['503 ResourceExhausted, overload', NEAR],
    ],
  },
  {
    number: 4,
    defect: 'a burst holds the environment far beyond 4 s',
    played: [
      ['burst', '0.6 s'],
      ['burst, refused', NEAR],
      ['burst, 503', NEAR],
    ],
  },
  {
    number: 5,
    defect: 'an error page blocks the process for seconds',
    played: [
      ['503, page of 16 000 <', NEAR],
      ['503, page of 2 700 <style', NEAR],
      ['503, page of 2 300 <script', NEAR],
      ['503, page of deep comment', NEAR],
    ],
  },
  {
    number: 6,
    defect: 'a backlog is never merged and lost at SHUTDOWN',
    played: [
      ['backlog at the end, label', '0.1 s'],
      ['backlog at the end, metadata', '0.1 s'],
    ],
  },
  {
    number: 7,
    defect: 'one refused batch blocks all others',
    played: [
      ['poison, 403', NEAR],
      ['poison, 406', NEAR],
      ['poison, 500', NEAR],
    ],
  },
  {
    number: 8,
    defect: 'falling back to metadata loses all where Loki has none',
    played: [
      ['429, stream limit, no metadata', NEAR],
      ['no structured metadata', NEAR],
    ],
    heldBy: 'test/e2e/real-limits.test.ts with a real Loki',
  },
  {
    number: 9,
    defect: 'SHUTDOWN waits 30 ms for the last telemetry',
    played: [
      ['time-out, last telemetry after 150 ms', NEAR],
      ['spin-down, last words after 150 ms', NEAR],
    ],
  },
  {
    number: 10,
    defect: 'a Loki that takes 1 s gets all twice, one that takes 2.5 s nothing',
    played: [['none', '1.2 s', '2.5 s']],
  },
  {
    number: 11,
    defect: 'lines of Init are frozen in',
    played: [
      ['provisioned, thawed late, Init of 800 ms', NEAR],
      ['SnapStart, thawed late, Init of 200 ms', NEAR],
    ],
  },
  {
    number: 12,
    defect: 'refused lines vanish without a number',
    played: [
      ['400, whole push', NEAR],
      ['400, some lines', NEAR],
      ['260, ingestion blocked', NEAR],
    ],
  },
  { number: 13, defect: "SnapStart clones share the timestamps' offset", played: [['SnapStart, offset', NEAR]] },
  { number: 14, defect: 'deeply nested JSON loses the whole delivery', played: [['nested JSON', NEAR]] },
  {
    number: 15,
    defect: 'wrong or no request id',
    played: [
      ['request ids, start and end lost', NEAR],
      ['request ids, start late', NEAR],
    ],
  },
  {
    number: 16,
    defect: 'a repeated delivery is stored twice',
    played: [
      ['delivery repeated, answer lost', NEAR],
      ['delivery repeated, answer late', '0.6 s'],
      ['delivery repeated, after a freeze', NEAR],
    ],
  },
  {
    number: 17,
    defect: 'one time ahead pins all later ones',
    played: [
      ['clock fast by 9 minutes', NEAR],
      ['clock fast by 3 hours', NEAR],
    ],
  },
  {
    number: 18,
    defect: 'no back-off in an outage, Retry-After ignored',
    played: [
      ['503, 300 invocations', NEAR],
      ['storm of full batches', NEAR],
      ['503, Retry-After: 60', NEAR],
    ],
  },
  { number: 19, defect: 'a push in flight at the freeze', played: [['nothing in flight at the freeze', NEAR]] },
  {
    number: 20,
    defect: 'memory: wide characters, a long life',
    played: [
      ['wide characters', NEAR],
      ['memory of a long life', NEAR],
    ],
  },
  { number: 21, defect: 'any 2xx counts as stored', played: [['200, sign-in page', NEAR]] },
  { number: 22, defect: 'one bad certificate disables a bundle', played: [['bad certificate in a bundle', LONG_WAY]] },
  { number: 23, defect: 'idle connections block the listener', played: [['idle connections to the listener', NEAR]] },
  { number: 24, defect: '"could not be delivered yet" at every invocation', played: [['poison, 403', NEAR]] },
  { number: 25, defect: 'connections too old to be used stay open', heldBy: 'test/extension/platform/cases/client.ts' },
  {
    number: 26,
    defect: 'secrets are masked in the wrong order',
    heldBy: 'test/extension/redaction.test.ts, pipeline.test.ts',
  },
  {
    number: 27,
    defect: "the host's own lines have no prefix and are not masked",
    heldBy: 'test/extension/faults.test.ts',
  },
  { number: 28, defect: 'a push is cut off at each INVOKE, frozen or not', played: [['never frozen', NEAR]] },
  {
    number: 29,
    defect: 'a reset in an outage: killed without a word',
    played: [
      ['reset in an outage, refused, out of memory', NEAR],
      ['reset in an outage, 503, out of memory', NEAR],
      ['reset in an outage, mute, out of memory', NEAR],
    ],
  },
];

/** Plays what shows each finding and prints a row for each: what was seen, and whether it holds. */
export async function playFindings(jobs: number, only: readonly number[] = []): Promise<number> {
  const wanted = FINDINGS.filter(({ number }) => only.length === 0 || only.includes(number));
  const keys = [
    ...new Set(
      wanted.flatMap(({ played = [] }) =>
        played.flatMap(([fault, ...conditions]) => conditions.map((condition) => `${fault}\t${condition}`)),
      ),
    ),
  ];
  const rows = new Map<string, Row>();
  await inParallel(keys, jobs, async (key) => {
    const [name, distance] = key.split('\t');
    const fault = ALL.find((each) => each.name === name);
    const condition = [...CONDITIONS, ...MORE].find((each) => each.name === distance);
    if (!fault || !condition) throw new Error(`there is no fault "${name}" at ${distance}`);
    rows.set(key, await play(fault, condition));
    console.error(`${rows.size} of ${keys.length}: ${name} at ${distance}`);
  });
  const lines = wanted.map(({ number, defect, played = [], heldBy }) => {
    const its = played.flatMap(([fault, ...conditions]) =>
      conditions.map((condition) => rows.get(`${fault}\t${condition}`)!),
    );
    const seen = [...its.map(seenIn), ...(heldBy === undefined ? [] : [`held by ${heldBy}`])].join('<br>');
    const broken = its.filter(({ failures }) => failures.length > 0).length;
    return `| ${number} | ${defect} | ${seen} | ${its.length === 0 ? 'not played' : broken === 0 ? 'holds' : `broken, ${broken} of ${its.length}`} |`;
  });
  console.log(['| # | defect | seen | verdict |', '| ---: | --- | --- | --- |', ...lines].join('\n'));
  return [...rows.values()].every(({ failures }) => failures.length === 0) ? 0 : 1;
}

function seenIn({ fault, condition, figures, failures }: Row): string {
  const { lost, written, heldMs, triesPerSecond, duplicated } = figures;
  const numbers = [
    `lost ${lost} of ${written}`,
    ...(duplicated > 0 ? [`${duplicated} twice`] : []),
    `held ${quantile(heldMs, 0.5).toFixed(0)} / ${Math.max(0, ...heldMs).toFixed(0)} ms`,
    ...(triesPerSecond === undefined ? [] : [`${triesPerSecond.toFixed(1)} tries/s`]),
  ].join(', ');
  const wrong = failures
    .map((failure) => failure.split('\n')[0].replace(/; the extension said:$/, ''))
    .filter((text) => text !== '');
  return `${fault.name}, ${condition.name}: ${numbers}${wrong.length === 0 ? '' : `; **${wrong.slice(0, 3).join('; ')}**`}`.replaceAll(
    '|',
    '\\|',
  );
}
