import { type Figure, format, verdictOf, type Unit } from './figure';
import { median } from './statistics';

/** Median and, where there were several samples that differ, the range. */
export function spread(samples: readonly number[] | undefined, unit: Unit): string {
  if (samples === undefined || samples.length === 0) return '–';
  const text = format(median(samples), unit);
  const [min, max] = [Math.min(...samples), Math.max(...samples)];
  return min === max ? text : `${text} (${format(min, unit)} – ${format(max, unit)})`;
}

function ratio({ ours, peer }: Figure): string {
  const value = peer?.length ? median(ours) / median(peer) : NaN;
  return Number.isFinite(value) ? `${value.toFixed(2)} ×` : '';
}

/**
 * The figures as lines of text, columns aligned. The columns of peer and ratio are left out where nothing was measured
 * beside ours.
 */
export function table(figures: readonly Figure[], peerName: string | undefined): string[] {
  const floors = figures.some(({ floor }) => floor?.length);
  const rows = [
    [
      'figure',
      'LambdaWatch',
      ...(peerName === undefined ? [] : [peerName, 'ratio']),
      ...(floors ? ['floor'] : []),
      'must be',
      '',
    ],
    ...figures.map((figure) => [
      figure.name,
      spread(figure.ours, figure.unit),
      ...(peerName === undefined ? [] : [spread(figure.peer, figure.unit), ratio(figure)]),
      ...(floors ? [figure.floor?.length ? format(median(figure.floor), figure.unit) : ''] : []),
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
  const notes = figures.flatMap(({ name, note, spoiled }) =>
    [spoiled, note].filter((text) => text !== undefined).map((text) => `${name.trim()}: ${text}`),
  );
  return notes.length === 0 ? lines : [...lines, '', ...notes];
}
