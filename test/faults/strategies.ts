import { ALL } from './all';
import { type Condition, CONDITIONS, NEAR } from './conditions';
import type { Fault } from './fault';
import { type Combination, playAll, type Row } from './play';
import { playWith, STRATEGIES } from './strategy';

/** Rows of the table of faults, as a strategy has played them. */
export interface Played {
  readonly strategy: string;
  readonly rows: readonly Row[];
}

/** Without it, everything. */
export interface Choice {
  readonly strategies?: readonly string[];
  readonly distances?: readonly Condition[];
  /** Words, of which one has to be in a fault's name. */
  readonly only?: readonly string[];
}

/** Near, and so far away that a push takes most of a second. */
export const DISTANCES: readonly Condition[] = [NEAR, CONDITIONS.find(({ latencyMs }) => latencyMs === 900)!];

/** Takes minutes, or needs TLS: both are the matrix's. */
const LEFT_OUT = /^(bad certificate in a bundle|memory after outages|.*TLS through a proxy)$/;

/**
 * Plays the faults once with each strategy: those that set none with all of them, and the others with their own.
 * One strategy after the other, as faults ask which one it is.
 */
export async function playStrategies(
  jobs: number,
  { strategies = STRATEGIES, distances = DISTANCES, only }: Choice = {},
): Promise<Played[]> {
  const chosen = ALL.filter(
    ({ name, long }) => !long && !LEFT_OUT.test(name) && (only?.some((word) => name.includes(word)) ?? true),
  );
  const combinations = (faults: readonly Fault[]): Combination[] =>
    faults.flatMap((fault) => distances.map((condition) => ({ fault, condition })));
  const played: Played[] = [];
  for (const strategy of strategies) {
    console.error(`With the strategy ${strategy}:`);
    playWith(strategy);
    const rows = await playAll(combinations(chosen.filter((fault) => fault.strategy === undefined)), jobs);
    played.push({ strategy, rows });
  }
  playWith(undefined);
  console.error('Faults that set a strategy of their own:');
  const kinds = strategies.map(kindOf);
  const own = await playAll(
    combinations(chosen.filter(({ strategy }) => strategy !== undefined && kinds.includes(kindOf(strategy)))),
    jobs,
  );
  return played.map(({ strategy, rows }) => ({
    strategy,
    rows: [...rows, ...own.filter(({ fault }) => kindOf(fault.strategy!) === kindOf(strategy))],
  }));
}

/** Without the period. */
function kindOf(strategy: string): string {
  return strategy.split(',')[0];
}
