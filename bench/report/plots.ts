import { RATES } from '../figures/ages';
import { LINES } from '../figures/invocations';
import { LATENCIES_MS } from '../figures/strategies';
import { KIND_NAMES, LINE_KINDS } from '../log-lines';
import type { Group } from '../options';
import { STRATEGIES } from '../strategies';
import { type Bars, bars } from './bars';
import type { Lookup } from './lookup';

/** The plots of docs/performance that show a figure of the run, by their file's name. */
export function plots(lookup: Lookup): Record<string, string> {
  const beside = (group: Group, ids: readonly string[], withFloor = true): Bars['series'] => [
    { name: 'LambdaWatch', values: ids.map((id) => lookup.ours(group, id)) },
    ...lookup.peerNames.map((name, index) => ({ name, values: ids.map((id) => lookup.peer(group, id, index)) })),
    ...(withFloor ? [{ name: 'floor', values: ids.map((id) => lookup.floor(group, id)) }] : []),
  ];
  const lifetime = [1, 100, 1000, 10_000];
  const drawn: Record<string, Bars> = {
    invocations: {
      title: 'CPU time of an invocation, by lines that the function writes',
      unit: 'ms',
      categories: LINES.map((lines) => `${lines} lines`),
      series: beside(
        'invocations',
        LINES.map((lines) => `cpu ${lines}`),
      ),
    },
    bulk: {
      title: 'MB of lines per CPU-second in a burst, by kind of line',
      unit: 'none',
      categories: LINE_KINDS.map((kind) => KIND_NAMES[kind]),
      series: beside(
        'burst',
        LINE_KINDS.map((kind) => `bytes rate ${kind}`),
      ),
    },
    memory: {
      title: 'Resident memory of one process, by the invocations that it has seen',
      unit: 'bytes',
      categories: lifetime.map((count) => `after ${count}`),
      series: beside(
        'lifetime',
        lifetime.map((count) => `after ${count}`),
        false,
      ),
    },
    held: {
      title: "From the function's end to /next, by Loki's latency (https)",
      unit: 'ms',
      categories: LATENCIES_MS.map((latency) => `Loki at ${latency} ms`),
      series: STRATEGIES.map((name) => ({
        name,
        values: LATENCIES_MS.map((latency) => lookup.ours('strategies', `since end ${name} ${latency} https`)),
      })),
    },
    ages: {
      title: 'Median age of lines when they reach Loki',
      unit: 'ms',
      categories: RATES.map(({ seconds }) => `every ${seconds} s`),
      series: STRATEGIES.map((name) => ({
        name,
        values: RATES.map(({ seconds }) => lookup.ours('ages', `age ${name} ${seconds}`)),
      })),
    },
  };
  const measured = Object.entries(drawn).filter(([, { series }]) =>
    series.some(({ values }) => values.some(Number.isFinite)),
  );
  return Object.fromEntries(measured.map(([name, plot]) => [`${name}.svg`, bars(plot)]));
}
