import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

export interface ZipEntry {
  /** Path inside the zip, with slashes. */
  readonly name: string;
  /** Permissions, e.g. 0o755. */
  readonly mode: number;
  readonly content: Buffer;
}

/**
 * Writes a zip whose bytes depend on the entries and nothing else: not on clock, time zone, umask or order of files.
 * Gives its size in bytes. A file that has these bytes already is not touched.
 */
export async function writeZip(file: string, entries: readonly ZipEntry[]): Promise<number> {
  const zip = new ZipFile();
  for (const { name, mode, content } of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    // The format's own first day. It stores local time, so this is the same day everywhere; no extra field with another
    // clock.
    zip.addBuffer(content, name, {
      mtime: new Date(1980, 0, 1),
      mode: mode | 0o100000,
      compress: true,
      compressionLevel: 9,
      forceDosTimestamp: true,
    });
  }
  zip.end();
  const bytes = await buffer(zip.outputStream);
  const present = await fs.readFile(file).catch(() => undefined);
  if (!present?.equals(bytes)) {
    await fs.mkdir(path.dirname(file), { recursive: true });
    const temporary = `${file}.${process.pid}`;
    await fs.writeFile(temporary, bytes);
    await fs.rename(temporary, file);
  }
  return bytes.length;
}
