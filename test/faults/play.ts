import { type Condition } from './conditions';
import { byNatureUnder, type Fault, unavoidableUnder } from './fault';
import { judge } from './judge';
import { type Figures, Trial } from './trial';

/** What came of a fault under a condition. */
export interface Row {
  readonly fault: Fault;
  readonly condition: Condition;
  readonly figures: Figures;
  /** What was not as it has to be; empty when all was. */
  readonly failures: readonly string[];
  readonly seconds: number;
  /** Why lines could not be saved; `undefined` where all had to be. */
  readonly unavoidable?: string;
  /** The same, where that is due to the strategy. */
  readonly byNature?: string;
  /**
   * The machine was busy: this process stood still for long, or the extension had to wait for a processor. What was
   * measured is not its doing alone.
   */
  readonly doubtful: boolean;
}

/** Below these it doesn't matter that a machine is busy. */
const MOST_STALL_MS = 150;
const MOST_STARVED_MS = 200;

const stalls: { readonly at: number; readonly ms: number }[] = [];
const EVERY_MS = 20;
let watched = performance.now();
setInterval(() => {
  const now = performance.now();
  if (now - watched > 3 * EVERY_MS) stalls.push({ at: Date.now(), ms: now - watched - EVERY_MS });
  watched = now;
}, EVERY_MS).unref();

/** No fault takes longer; one that does has come to a standstill. */
const LIMIT_MS = 15 * 60_000;

export async function play(fault: Fault, condition: Condition): Promise<Row> {
  const started = Date.now();
  const trial = await Trial.start(fault.loki, condition);
  const failures: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no end after ${LIMIT_MS / 60_000} minutes`)),
      fault.long ? 4 * LIMIT_MS : LIMIT_MS,
    );
  });
  try {
    await Promise.race([fault.run(trial), limit]);
  } catch (error) {
    failures.push(`${(error as Error).stack ?? String(error)}\nThe extension said:\n${trial.said}`);
  } finally {
    clearTimeout(timer);
  }
  const figures = trial.figures(fault.fromWriting);
  failures.push(...judge(fault, condition, trial, figures));
  await trial.stop();
  const seconds = (Date.now() - started) / 1000;
  const stallMs = stalls.reduce((most, { at, ms }) => (at >= started ? Math.max(most, ms) : most), 0);
  return {
    fault,
    condition,
    figures,
    failures,
    seconds,
    unavoidable: unavoidableUnder(fault, condition),
    byNature: byNatureUnder(fault, condition),
    doubtful: stallMs > MOST_STALL_MS || trial.starvedMs > MOST_STARVED_MS + seconds * 10,
  };
}

/** A fault, and how far away Loki is meanwhile. */
export interface Combination {
  readonly fault: Fault;
  readonly condition: Condition;
}

/**
 * Plays all of them, so many at a time, and tells of each on stderr. What failed while the machine was busy is played
 * again, a few at a time.
 */
export async function playAll(combinations: readonly Combination[], jobs: number): Promise<Row[]> {
  // What takes longest goes first, so that the end isn't waiting for it alone.
  const inTurn = [...combinations].sort(
    (a, b) =>
      Number(b.fault.long ?? false) - Number(a.fault.long ?? false) || b.condition.latencyMs - a.condition.latencyMs,
  );
  const few = (most: number) => ({
    of: ({ fault }: Combination) => fault.heavy === true,
    most: Math.max(1, Math.floor(most)),
  });
  const started = Date.now();
  let done = 0;
  let of = inTurn.length;
  const played = async ({ fault, condition }: Combination): Promise<Row> => {
    const row = await play(fault, condition);
    done++;
    console.error(
      `${done} of ${of}, ${Math.round((Date.now() - started) / 1000)} s: ${row.failures.length === 0 ? 'ok  ' : 'FAIL'} ` +
        `${fault.name} at ${condition.name} (${row.seconds.toFixed(0)} s)${row.failures.map((failure) => `\n    ${failure.replaceAll('\n', '\n      ')}`).join('')}`,
    );
    return row;
  };
  const rows = await inParallel(inTurn, jobs, played, few(jobs / 5));
  // Where the machine itself stood still, times say nothing.
  const doubtful = rows.filter(({ failures, doubtful: busy }) => failures.length > 0 && busy);
  if (doubtful.length === 0) return rows;
  console.error(
    `${doubtful.length} failed while the machine was too busy to tell, and are played again, a few at a time`,
  );
  done = 0;
  of = doubtful.length;
  const again = await inParallel(doubtful, Math.max(1, Math.floor(jobs / 4)), played, few(1));
  return rows.map((row) => again[doubtful.indexOf(row)] ?? row);
}

/** Items that run only so many at a time. */
interface Few<T> {
  readonly of: (item: T) => boolean;
  readonly most: number;
}

/**
 * Does `work` with all items, so many at a time: most of a trial's time is waiting. Where only few of a kind may run,
 * they wait for each other while other items take their place.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  jobs: number,
  work: (item: T) => Promise<R>,
  few: Few<T> = { of: () => false, most: jobs },
): Promise<R[]> {
  const waiting = items.map((item, index) => ({ item, index }));
  const results: R[] = [];
  let running = 0;
  await Promise.all(
    Array.from({ length: jobs }, async () => {
      for (;;) {
        const at = waiting.findIndex(({ item }) => !few.of(item) || running < few.most);
        if (at < 0) return;
        const [{ item, index }] = waiting.splice(at, 1);
        if (few.of(item)) running++;
        results[index] = await work(item);
        if (few.of(item)) running--;
      }
    }),
  );
  return results;
}
