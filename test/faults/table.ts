import type { Fault } from './fault';
import type { Figures } from './trial';

export interface Row {
  readonly fault: Fault;
  readonly figures: Figures;
}

/** The figures as a Markdown table. */
export function markdown(rows: readonly Row[]): string {
  const head = ['fault', 'what happens', 'lines written', 'acknowledged', 'stored', 'lost', 'duplicates', 'held p50 / p99 (ms)', 'peak memory (MiB)'];
  const body = rows.map(({ fault, figures }) => [
    fault.name,
    fault.story,
    String(figures.written),
    String(figures.acknowledged),
    String(figures.stored),
    figures.lost === 0 ? '0' : `${figures.lost}: ${fault.unavoidable}`,
    String(figures.duplicated),
    `${quantile(figures.heldMs, 0.5)} / ${quantile(figures.heldMs, 0.99)}`,
    (figures.peakKib / 1024).toFixed(1),
  ]);
  return [head, head.map((_, i) => (i < 2 ? '---' : '---:')), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function quantile(values: readonly number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? '-' : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(0);
}
