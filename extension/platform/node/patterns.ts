import { platformError } from '../errors';
import type { Patterns, PatternSource } from '../types';
import { createForms } from './json-list';

/** How much longer a text may become: this many times, plus this many bytes, as in the native host. */
const TIMES_LONGER = 4;
const BYTES_LONGER = 64 * 1024;

/** One instruction of a program (see `PatternSource`): its operation, and the numbers that follow it. */
type Instruction = readonly number[];

const MATCH = 0;
const BYTES = 1;
const CHOICE = 2;
const KEEP = 3;

interface Compiled {
  readonly start: number;
  readonly groups: number;
  readonly instructions: readonly Instruction[];
}

/** The start and end of each group, -1 for none. */
type Places = readonly number[];

/** All ways in which a match may continue from a position in the text. */
interface Ways {
  /** The instructions that read a byte or end a match, in order of preference. */
  readonly open: Map<number, Places>;
  /** The instructions that were passed on the way to them, which need not be visited again. */
  readonly passed: Set<number>;
}

/**
 * Patterns on Node.js: the same programs as in the native host. All possible matches are followed at the same time, one
 * byte after another.
 */
export function compilePatterns(sources: readonly PatternSource[]): Patterns {
  const patterns = sources.map(({ program }) => decode(program));
  const found = (text: string): number[] => {
    const bytes = Buffer.from(text);
    return patterns.flatMap((pattern, number) => (search(pattern, bytes, 0, false) ? [number] : []));
  };
  return {
    matching(text) {
      const numbers = found(text);
      return numbers.length === 0 ? undefined : numbers;
    },
    createForms: (matching) => createForms((text) => found(text).join() === matching.join()),
    replace(number, text) {
      const { replacement } = sources[number];
      return replacement === undefined ? undefined : replace(patterns[number], Buffer.from(text), replacement);
    },
  };
}

function decode(program: Int32Array): Compiled {
  const [start, groups, count] = program;
  const instructions: Instruction[] = [];
  let at = 3;
  for (let i = 0; i < count; i++) {
    const operation = program[at];
    const length =
      operation === MATCH
        ? 1
        : operation === BYTES
          ? 2 + 3 * program[at + 1]
          : operation === CHOICE
            ? 2 + program[at + 1]
            : 3;
    instructions.push([...program.subarray(at, at + length)]);
    at += length;
  }
  if (!(start < count) || at !== program.length) throw platformError('EINVAL', 'not a program');
  return { start, groups, instructions };
}

/** The leftmost match; of several that begin there, the preferred one. */
function search(pattern: Compiled, bytes: Buffer, from: number, first: boolean): Places | undefined {
  const none: Places = Array<number>(2 * pattern.groups).fill(-1);
  let found: Places | undefined;
  let ways: Ways = { open: new Map(), passed: new Set() };
  for (let at = from; at <= bytes.length; at++) {
    // A match that begins further to the right is the least preferred, and is not begun when there is a match already.
    if (found === undefined) follow(pattern, pattern.start, none, bytes, at, ways);
    else if (ways.open.size === 0) break;
    const next: Ways = { open: new Map(), passed: new Set() };
    for (const [number, places] of ways.open) {
      const instruction = pattern.instructions[number];
      if (instruction[0] === MATCH) {
        found = places;
        if (!first) return found;
        break; // all others are less preferred
      }
      const target = at < bytes.length ? targetOf(instruction, bytes[at]) : undefined;
      if (target !== undefined) follow(pattern, target, places, bytes, at + 1, next);
    }
    ways = next;
  }
  return found;
}

/** Adds the instructions that can be reached without reading a byte, the preferred ones first. */
function follow(
  pattern: Compiled,
  begin: number,
  places: Places,
  bytes: Buffer,
  at: number,
  { open, passed }: Ways,
): void {
  const waiting: [number, Places][] = [[begin, places]];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    const [number, kept] = one;
    if (open.has(number) || passed.has(number)) continue;
    const instruction = pattern.instructions[number];
    const [operation, first, second] = instruction;
    if (operation === MATCH || operation === BYTES) {
      open.set(number, kept);
      continue;
    }
    passed.add(number);
    if (operation === CHOICE) {
      for (let i = instruction.length - 1; i >= 2; i--) waiting.push([instruction[i], kept]);
    } else if (operation === KEEP) {
      const changed = [...kept];
      changed[first] = at;
      waiting.push([second, changed]);
    } else if (holds(first, bytes, at)) {
      waiting.push([second, kept]);
    }
  }
}

function targetOf(instruction: Instruction, byte: number): number | undefined {
  for (let i = 2; i < instruction.length; i += 3) {
    if (byte >= instruction[i] && byte <= instruction[i + 1]) return instruction[i + 2];
  }
  return undefined;
}

/**
 * The conditions on a position: start and end of the text, start and end of a line, word boundary, and no word
 * boundary.
 */
function holds(look: number, bytes: Buffer, at: number): boolean {
  const [before, behind] = [bytes[at - 1], bytes[at]] as (number | undefined)[];
  switch (look) {
    case 0:
      return before === undefined;
    case 1:
      return behind === undefined;
    case 2:
      return before === undefined || before === 10;
    case 3:
      return behind === undefined || behind === 10;
    case 4:
      return isWord(before) !== isWord(behind);
    default:
      return isWord(before) === isWord(behind);
  }
}

function isWord(byte: number | undefined): boolean {
  return byte !== undefined && /\w/.test(String.fromCharCode(byte));
}

function replace(pattern: Compiled, bytes: Buffer, replacement: readonly (string | number)[]): string | undefined {
  const pieces: string[] = [];
  let length = 0;
  let done = 0;
  for (let from = 0; from <= bytes.length; ) {
    const places = search(pattern, bytes, from, true);
    if (places === undefined) break;
    const [start, end] = places;
    if (start === end) {
      // An empty match is not allowed in the middle of a character.
      from = end + 1;
      continue;
    }
    const text = replacement
      .map((piece) => (typeof piece === 'string' ? piece : textOf(bytes, places, piece)))
      .join('');
    pieces.push(bytes.toString('utf8', done, start), text);
    length += start - done + Buffer.byteLength(text);
    if (length > bytes.length * TIMES_LONGER + BYTES_LONGER) return undefined;
    done = from = end;
  }
  pieces.push(bytes.toString('utf8', done));
  return pieces.join('');
}

function textOf(bytes: Buffer, places: Places, group: number): string {
  const [start, end] = [places[2 * group] ?? -1, places[2 * group + 1] ?? -1];
  return start < 0 || end < start ? '' : bytes.toString('utf8', start, end);
}
