import { failure, type Figure, format, type Unit, verdictOf } from './figure';
import { median } from './statistics';

/** Median and, where there were several samples that differ, the range; or why there are none. */
export function spread(samples: readonly number[] | undefined, unit: Unit, failed?: string | null): string {
  if (failed != null) return failure(failed);
  if (samples === undefined || samples.length === 0) return '–';
  const text = format(median(samples), unit);
  const min = samples.reduce((one, other) => Math.min(one, other));
  const max = samples.reduce((one, other) => Math.max(one, other));
  return min === max ? text : `${text} (${format(min, unit)} – ${format(max, unit)})`;
}

/** Ours as a multiple of the first peer's. */
export function ratio({ ours, peers }: Pick<Figure, 'ours' | 'peers'>): string {
  const value = peers?.[0]?.length ? median(ours) / median(peers[0]) : NaN;
  return Number.isFinite(value) ? `${value.toFixed(2)} ×` : '';
}

/** The figures as lines of text, columns aligned. Columns in which nothing was measured beside ours are left out. */
export function table(figures: readonly Figure[], peerNames: readonly string[]): string[] {
  const floors = figures.some(({ floor, failed }) => floor?.length || failed?.floor !== undefined);
  const rows = [
    [
      'figure',
      'LambdaWatch',
      ...peerNames,
      ...(peerNames.length === 0 ? [] : ['ratio']),
      ...(floors ? ['floor'] : []),
      'must be',
      '',
    ],
    ...figures.map((figure) => [
      figure.name,
      spread(figure.ours, figure.unit, figure.failed?.ours),
      ...peerNames.map((_, index) => spread(figure.peers?.[index], figure.unit, figure.failed?.peers?.[index])),
      ...(peerNames.length === 0 ? [] : [ratio(figure)]),
      ...(floors ? [floorCell(figure)] : []),
      figure.mark?.text ?? '',
      verdictOf(figure),
    ]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '));
  const notes = notesOf(figures);
  return notes.length === 0 ? lines : [...lines, '', ...notes];
}

function floorCell({ floor, unit, failed }: Figure): string {
  if (failed?.floor !== undefined) return failure(failed.floor);
  return floor?.length ? format(median(floor), unit) : '';
}

/** What has to be said about some of them, each once. */
export function notesOf(figures: readonly Figure[]): string[] {
  return figures.flatMap(({ name, note, spoiled }) =>
    [spoiled, note].filter((text) => text !== undefined).map((text) => `${name.trim()}: ${text}`),
  );
}
