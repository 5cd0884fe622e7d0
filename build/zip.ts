import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { deflated } from './deflate';

export interface ZipEntry {
  /** Path inside the zip, with slashes, in ASCII. */
  readonly name: string;
  /** Permissions, e.g. 0o755. */
  readonly mode: number;
  readonly content: Buffer;
}

/**
 * Writes a zip whose bytes depend on the entries and nothing else: not on clock, time zone, umask, order of files or
 * the version of Node.js. Gives its size in bytes. A file that has these bytes already is not touched.
 */
export async function writeZip(file: string, entries: readonly ZipEntry[]): Promise<number> {
  const bytes = await zipOf([...entries].sort((a, b) => (a.name < b.name ? -1 : 1)));
  const present = await fs.readFile(file).catch(() => undefined);
  if (!present?.equals(bytes)) {
    await fs.mkdir(path.dirname(file), { recursive: true });
    const temporary = `${file}.${process.pid}`;
    await fs.writeFile(temporary, bytes);
    await fs.rename(temporary, file);
  }
  return bytes.length;
}

/** PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16. */
async function zipOf(entries: readonly ZipEntry[]): Promise<Buffer> {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, mode, content } of entries) {
    const compressed = await deflated(content);
    const common = commonPart(name, content, compressed.length);
    const file = Buffer.concat([numbers([4, 0x04034b50]), common, Buffer.from(name), compressed]);
    // Made on Unix, whose mode of a regular file stands in the upper half of the external attributes.
    const attributes = ((mode | 0o100000) << 16) >>> 0;
    const made = numbers([4, 0x02014b50], [2, (3 << 8) | 20]);
    const rest = numbers([2, 0], [2, 0], [2, 0], [4, attributes], [4, offset]);
    directory.push(Buffer.concat([made, common, rest, Buffer.from(name)]));
    files.push(file);
    offset += file.length;
  }
  const length = directory.reduce((sum, one) => sum + one.length, 0);
  const count = entries.length;
  const end = numbers([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, length], [4, offset], [2, 0]);
  return Buffer.concat([...files, ...directory, end]);
}

/** Version needed, flags, deflate, the format's own first day, checksum, sizes, length of the name, no extra field. */
function commonPart(name: string, content: Buffer, compressed: number): Buffer {
  const sizes = [
    [4, crc32(content)],
    [4, compressed],
    [4, content.length],
  ] as const;
  return numbers([2, 20], [2, 0], [2, 8], [2, 0], [2, (1 << 5) | 1], ...sizes, [2, name.length], [2, 0]);
}

/** Each with its width in bytes, the lowest byte first. */
function numbers(...fields: readonly (readonly [width: 2 | 4, value: number])[]): Buffer {
  const bytes = Buffer.alloc(fields.reduce((sum, [width]) => sum + width, 0));
  let at = 0;
  for (const [width, value] of fields) at = bytes.writeUIntLE(value, at, width);
  return bytes;
}

function crc32(content: Uint8Array): number {
  let crc = -1;
  for (const byte of content) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ -1) >>> 0;
}
