import { sectionsOf, textAt } from '../../build/sections';

/** A function or a constant: what an address belongs to. */
export interface Named {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
}

const SYMBOL_BYTES = 24;

/** Types of a section and of a symbol. */
const SHT_SYMTAB = 2;
const STT_OBJECT = 1;
const STT_FUNC = 2;

export type Kind = 'functions' | 'data';

/**
 * What has a name in a 64-bit little-endian ELF executable, by address. Several names may have the same one.
 * @throws Error where the executable was stripped of its names
 */
export function namedIn(elf: Buffer, kind: Kind): Named[] {
  const wanted = kind === 'functions' ? STT_FUNC : STT_OBJECT;
  const sections = sectionsOf(elf);
  const table = sections.find(({ type }) => type === SHT_SYMTAB);
  if (table === undefined) throw new Error('the executable has no table of symbols');
  const names = sections[table.link].offset;
  const found: Named[] = [];
  for (let at = table.offset; at < table.offset + table.bytes; at += SYMBOL_BYTES) {
    const bytes = Number(elf.readBigUInt64LE(at + 16));
    if ((elf[at + 4] & 0xf) !== wanted || bytes === 0) continue;
    const name = textAt(elf, names + elf.readUInt32LE(at));
    found.push({ name, address: Number(elf.readBigUInt64LE(at + 8)), bytes });
  }
  return found.sort((one, other) => one.address - other.address);
}
