// Copied from extension/config/rules/program.ts by `npx tsx build/settings.ts`. Don't edit it by hand.

import { matchesEmpty, type Node, type ParsedPattern, PatternError } from './syntax';
import { type ByteSequence, sequencesOf } from './utf8';

/**
 * A pattern as instructions, which begin with their operation and name others by their number. Both engines run these
 * instructions over the bytes of UTF-8. Patterns are therefore parsed in one place, and mean the same everywhere.
 *
 * The first number is that of the initial instruction, the second is the number of groups, and the third is the number
 * of instructions that follow.
 */
export type Program = Int32Array;

export const OPERATION = {
  /** The end. */
  match: 0,
  /**
   * The number of transitions, and for each the first byte, the last byte and the next instruction, in ascending order.
   */
  bytes: 1,
  /** The number of alternatives, and the instruction of each, the preferred one first. */
  choice: 2,
  /** The position to record (twice a group's number for its start, one more for its end), and the next instruction. */
  keep: 3,
  /** The condition on the position (`LOOK`), and the next instruction. */
  look: 4,
} as const;

/** The most instructions of a pattern: in the worst case, each byte of a line costs this many steps. */
export const MOST_INSTRUCTIONS = 2000;

/** @throws PatternError where the program would be too large. */
export function programOf({ node, groups }: ParsedPattern): Program {
  const compiler = new Compiler();
  const start = compiler.compile(node);
  return Int32Array.from([start, groups, compiler.instructions.length, ...compiler.instructions.flat()]);
}

/** From the end to the beginning, so that the next instruction already exists. */
class Compiler {
  readonly instructions: number[][] = [];
  /** Earlier instructions by their content, so that equal ones are shared. */
  readonly #known = new Map<string, number>();

  compile(node: Node): number {
    const end = this.#add([OPERATION.keep, 1, this.#add([OPERATION.match])]);
    return this.#add([OPERATION.keep, 0, this.#before(end, node)]);
  }

  /** Compiles `node`, followed by `next`, and returns its first instruction. */
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
