import { format, type Unit } from '../figure';
import { drawing, escape } from './svg';

export interface Bars {
  readonly title: string;
  readonly unit: Unit;
  readonly categories: readonly string[];
  /** A value for each category; `NaN` where there is none. */
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
}

/** Distinct for those who see colours differently, too. */
const COLOURS = ['#e66b00', '#4477aa', '#999999', '#228833', '#aa3377', '#66ccee'];

const WIDTH = 760;
const LEFT = 150;
const RIGHT = 110;
const BAR = 14;
const GAP = 12;
const TOP = 56;

/** Horizontal bars, grouped by category, each with its value. */
export function bars({ title, unit, categories, series }: Bars): string {
  const most = Math.max(...series.flatMap(({ values }) => values.filter(Number.isFinite)), 0) || 1;
  const content = [`<text class="bold" x="12" y="22">${escape(title)}</text>`];
  let x = 12;
  for (const [index, { name }] of series.entries()) {
    content.push(
      `<rect x="${x}" y="33" width="10" height="10" fill="${COLOURS[index % COLOURS.length]}"/>`,
      `<text class="small" x="${x + 14}" y="42">${escape(name)}</text>`,
    );
    x += 34 + 6.5 * name.length;
  }
  let y = TOP;
  for (const [category, label] of categories.entries()) {
    const middle = y + (series.length * BAR) / 2 + 4;
    content.push(`<text x="${LEFT - 8}" y="${middle}" text-anchor="end">${escape(label)}</text>`);
    for (const [index, { values }] of series.entries()) {
      const value = values[category];
      const width = Number.isFinite(value) ? Math.max(1, ((WIDTH - LEFT - RIGHT) * value) / most) : 0;
      content.push(
        `<rect x="${LEFT}" y="${y + 1}" width="${width.toFixed(1)}" height="${BAR - 2}" fill="${COLOURS[index % COLOURS.length]}"/>`,
        `<text class="small" x="${(LEFT + width + 5).toFixed(1)}" y="${y + BAR - 3}">${format(value, unit)}</text>`,
      );
      y += BAR;
    }
    y += GAP;
  }
  return drawing(WIDTH, y + 4, title, content);
}
