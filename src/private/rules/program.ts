// Copied from extension/config/rules/program.ts by `npx tsx build/settings.ts`. Don't edit it by hand.

import { matchesEmpty, type Node, type ParsedPattern, PatternError } from './syntax';
import { type ByteSequence, sequencesOf } from './utf8';

/**
 * A pattern as instructions, which begin with their operation and name others by their number. They are what both
 * engines run, over the bytes of UTF-8: so a pattern is understood in one place, and means the same everywhere.
 *
 * The first number is that of the instruction to begin with, the second how many groups there are, the third how many
 * instructions follow.
 */
export type Program = Int32Array;

export const OPERATION = {
  /** The end. */
  match: 0,
  /** How many transitions; for each the first and the last byte, and the instruction behind it. In ascending order. */
  bytes: 1,
  /** How many alternatives; the instruction of each, the preferred one first. */
  choice: 2,
  /** Which place is kept (twice a group's number for its begin, one more for its end), and the next instruction. */
  keep: 3,
  /** What the place is asked (`LOOK`), and the next instruction. */
  look: 4,
} as const;

/** Most instructions of a pattern: what a byte of a line may cost where everything goes wrong. */
export const MOST_INSTRUCTIONS = 2000;

/** @throws PatternError where it would be too large. */
export function programOf({ node, groups }: ParsedPattern): Program {
  const compiler = new Compiler();
  const start = compiler.compile(node);
  return Int32Array.from([start, groups, compiler.instructions.length, ...compiler.instructions.flat()]);
}

/** From the end to the beginning, so that what comes next is there already. */
class Compiler {
  readonly instructions: number[][] = [];
  /** Instructions that were made before, by what is in them. */
  readonly #known = new Map<string, number>();

  compile(node: Node): number {
    const end = this.#add([OPERATION.keep, 1, this.#add([OPERATION.match])]);
    return this.#add([OPERATION.keep, 0, this.#before(end, node)]);
  }

  /** The instruction with which `node`, and then `next`, begins. */
  #before(next: number, node: Node): number {
    switch (node.kind) {
      case 'set':
        return this.#bytes(sequencesOf(node.ranges), next);
      case 'look':
        return this.#add([OPERATION.look, node.look, next]);
      case 'sequence':
        return node.nodes.reduceRight((after, one) => this.#before(after, one), next);
      case 'choice':
        return this.#choice(node.nodes.map((one) => this.#before(next, one)));
      case 'group': {
        const end = this.#add([OPERATION.keep, 2 * node.index + 1, next]);
        return this.#add([OPERATION.keep, 2 * node.index, this.#before(end, node.node)]);
      }
      case 'repeat':
        return this.#repeat(next, node);
    }
  }

  #repeat(next: number, { node, least, most, greedy }: Extract<Node, { kind: 'repeat' }>): number {
    const either = (more: number, exit: number): number => this.#choice(greedy ? [more, exit] : [exit, more]);
    let entry = next;
    let copies = least;
    if (most === Infinity) {
      const loop = this.#add([OPERATION.choice, 2, next, next]);
      const again = this.#before(loop, node);
      this.instructions[loop] = [OPERATION.choice, 2, ...(greedy ? [again, next] : [next, again])];
      if (least === 0) return matchesEmpty(node) ? either(again, next) : loop;
      entry = again;
      copies = least - 1;
    } else {
      for (let i = least; i < most; i++) entry = either(this.#before(entry, node), next);
    }
    for (let i = 0; i < copies; i++) entry = this.#before(entry, node);
    return entry;
  }

  #bytes(sequences: readonly ByteSequence[], next: number): number {
    const transitions: number[] = [];
    for (let i = 0; i < sequences.length; ) {
      const [[first, last]] = sequences[i];
      const rest: ByteSequence[] = [];
      for (; i < sequences.length && sequences[i][0][0] === first; i++) rest.push(sequences[i].slice(1));
      transitions.push(first, last, rest[0].length === 0 ? next : this.#bytes(rest, next));
    }
    const instruction = [OPERATION.bytes, transitions.length / 3, ...transitions];
    const key = instruction.join();
    const known = this.#known.get(key) ?? this.#add(instruction);
    this.#known.set(key, known);
    return known;
  }

  #choice(targets: number[]): number {
    return this.#add([OPERATION.choice, targets.length, ...targets]);
  }

  #add(instruction: number[]): number {
    if (this.instructions.length === MOST_INSTRUCTIONS) {
      throw new PatternError(
        `is too large (more than ${MOST_INSTRUCTIONS} instructions); repeat less, ` +
          'or leave the end open: {2,} takes less than {2,500}',
      );
    }
    return this.instructions.push(instruction) - 1;
  }
}
