import { grouped } from '../figure';
import type { Profile } from './profile';
import { drawing, escape } from './svg';

interface Frame {
  readonly name: string;
  readonly cost: number;
  readonly under: readonly Frame[];
}

const WIDTH = 1160;
const ROW = 17;
const TOP = 48;

/** Frames that are narrower than this share of the whole are left out. */
const LEAST = 0.002;

const DEEPEST = 60;

/** How often a function that calls itself, by whatever way, is shown again upon itself. */
const REPEATS = 1;

/** Where all goes through one function, it is not worth a row. */
const TRUNK = 0.97;

/**
 * A flame graph: a frame is as wide as the instructions of a function and of all that it calls, which stands upon it.
 * Callgrind knows who called whom, not through whom else: what a function with several callers costs is shared out
 * among them as callgrind has counted their calls, and what these calls do in turn is taken to be the same for each.
 */
export function flame(title: string, profile: Profile): string {
  const roots = withoutTrunk(rootsOf(profile));
  const total = roots.reduce((sum, { cost }) => sum + cost, 0);
  const depth = Math.max(...roots.map(depthOf));
  const height = TOP + depth * ROW + 12;
  const content = [`<text class="bold" x="12" y="22">${escape(title)}</text>`];
  content.push(
    `<text class="small" x="12" y="38">${grouped(total)} instructions; a frame says its name when it is pointed at</text>`,
  );
  const draw = (frame: Frame, x: number, level: number) => {
    const width = ((WIDTH - 24) * frame.cost) / total;
    const y = height - 8 - (level + 1) * ROW;
    const share = ((100 * frame.cost) / total).toFixed(1);
    const room = Math.floor((width - 6) / 6.3);
    const label = room < 3 ? '' : frame.name.length <= room ? frame.name : `${frame.name.slice(0, room - 1)}…`;
    const box = `x="${x.toFixed(1)}" y="${y}" width="${Math.max(0.5, width - 0.5).toFixed(1)}" height="${ROW - 1}"`;
    content.push(
      `<g><title>${escape(frame.name)}: ${share} %</title>`,
      `<rect ${box} fill="${colourOf(frame.name)}"/>`,
      label === '' ? '' : `<text class="small" x="${(x + 3).toFixed(1)}" y="${y + 12}">${escape(label)}</text>`,
      '</g>',
    );
    for (const next of frame.under) {
      draw(next, x, level + 1);
      x += ((WIDTH - 24) * next.cost) / total;
    }
  };
  let x = 12;
  for (const root of roots) {
    draw(root, x, 0);
    x += ((WIDTH - 24) * root.cost) / total;
  }
  return drawing(WIDTH, height, title, content);
}

/** The functions that nobody calls, with all that is upon them. */
function rootsOf({ self, calls }: Profile): Frame[] {
  const called = new Set([...calls.values()].flatMap((each) => [...each.keys()]));
  const whole = [...self.values()].reduce((sum, cost) => sum + cost, 0);
  const frameOf = (name: string, cost: number, below: readonly string[]): Frame => {
    const next = [...(calls.get(name) ?? new Map<string, number>())];
    const sum = (self.get(name) ?? 0) + next.reduce((all, [, each]) => all + each, 0);
    if (sum === 0 || below.length > DEEPEST) return { name, cost, under: [] };
    const above = [...below, name];
    const repeated = (other: string) => above.filter((one) => one === other).length > REPEATS;
    const under = next
      .map(([other, each]) => [other, (cost * each) / sum] as const)
      // What is not shown stays part of the frame below.
      .filter(([other, each]) => each >= LEAST * whole && !repeated(other))
      .sort(([, one], [, other]) => other - one)
      .map(([other, each]) => frameOf(other, each, above));
    return { name, cost, under };
  };
  const costOf = (name: string) =>
    (self.get(name) ?? 0) + [...(calls.get(name)?.values() ?? [])].reduce((all, each) => all + each, 0);
  return [...self.keys()]
    .filter((name) => !called.has(name) && costOf(name) >= LEAST * whole)
    .map((name) => frameOf(name, costOf(name), []))
    .sort((one, other) => other.cost - one.cost);
}

function withoutTrunk(roots: readonly Frame[]): readonly Frame[] {
  const [root] = roots;
  const next = root?.under[0];
  return roots.length === 1 && next !== undefined && next.cost >= TRUNK * root.cost ? withoutTrunk([next]) : roots;
}

function depthOf({ under }: Frame): number {
  return 1 + Math.max(0, ...under.map(depthOf));
}

/** By where a function is from: the interpreter, compression, memory, the rest of the host. */
const COLOURS: readonly (readonly [pattern: RegExp, colour: string])[] = [
  [/^(JS_|js_|__JS_|OP_|free_|gc_|mark_|lre_|find_own|bc_)|quickjs/i, '#f4b183'],
  [/zlib|deflate|crc32|gzip|flate/i, '#a9d18e'],
  [/malloc|free|realloc|calloc|memcpy|memset|memmove|alloc/i, '#ffd966'],
  [/rustls|ring|sha256|aes|x25519/i, '#c5a5cf'],
];

function colourOf(name: string): string {
  return COLOURS.find(([pattern]) => pattern.test(name))?.[1] ?? '#9dc3e6';
}
