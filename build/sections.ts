/** A section of an executable. */
export interface Section {
  readonly name: string;
  readonly type: number;
  /** In memory. */
  readonly address: number;
  /** In the file. */
  readonly offset: number;
  readonly bytes: number;
  /** Number of the section that this one refers to. */
  readonly link: number;
}

const HEADER_BYTES = 64;

/** The sections of a 64-bit little-endian ELF executable, in its own order. */
export function sectionsOf(elf: Buffer): Section[] {
  const first = Number(elf.readBigUInt64LE(0x28));
  const headers = Array.from({ length: elf.readUInt16LE(0x3c) }, (_, number) => first + number * HEADER_BYTES);
  const names = Number(elf.readBigUInt64LE(headers[elf.readUInt16LE(0x3e)] + 24));
  return headers.map((at) => ({
    name: textAt(elf, names + elf.readUInt32LE(at)),
    type: elf.readUInt32LE(at + 4),
    address: Number(elf.readBigUInt64LE(at + 16)),
    offset: Number(elf.readBigUInt64LE(at + 24)),
    bytes: Number(elf.readBigUInt64LE(at + 32)),
    link: elf.readUInt32LE(at + 40),
  }));
}

/** What stands there up to the next zero. */
export function textAt(elf: Buffer, start: number): string {
  return elf.toString('latin1', start, elf.indexOf(0, start));
}
