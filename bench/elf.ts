import * as fs from 'node:fs/promises';

/** Program header type of the path of a dynamic loader. */
const PT_INTERP = 3;

/**
 * Whether an executable runs without a dynamic loader and so without any library of the system. @throws Error where it
 * is no 64-bit ELF file
 */
export async function isStatic(file: string): Promise<boolean> {
  const elf = await fs.readFile(file);
  if (elf.length < 64 || elf.toString('latin1', 0, 4) !== '\x7fELF' || elf[4] !== 2 || elf[5] !== 1) {
    throw new Error(`${file} is not a 64-bit little-endian ELF executable`);
  }
  const table = Number(elf.readBigUInt64LE(0x20));
  const entrySize = elf.readUInt16LE(0x36);
  const entries = elf.readUInt16LE(0x38);
  for (let i = 0; i < entries; i++) {
    if (elf.readUInt32LE(table + i * entrySize) === PT_INTERP) return false;
  }
  return true;
}
