import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import type { ExtensionSpec } from './types';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;

/** Unpacks a zip with the files' modes, as Lambda does with a layer. */
export function unpackLayer(zipFile: string, to: string): void {
  const zip = readFileSync(zipFile);
  let end = zip.length - 22;
  while (end >= 0 && zip.readUInt32LE(end) !== END_OF_DIRECTORY) end -= 1;
  if (end < 0) throw new Error(`${zipFile} is not a zip file`);
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(at) !== DIRECTORY_ENTRY) throw new Error(`${zipFile} has a damaged directory`);
    const nameLength = zip.readUInt16LE(at + 28);
    const name = normalize(zip.toString('utf8', at + 46, at + 46 + nameLength));
    if (name.startsWith('..') || name.startsWith('/'))
      throw new Error(`${zipFile} has an entry outside of its root: ${name}`);
    const target = join(to, name);
    if (name.endsWith('/')) {
      mkdirSync(target, { recursive: true });
    } else {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content(zip, at));
      chmodSync(target, zip.readUInt16LE(at + 40) % 0o1000 || 0o644);
    }
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
}

/** Every regular file directly in `extensions/`, executable or not: Lambda starts them all. */
export function extensionsIn(optDir: string): ExtensionSpec[] {
  const directory = join(optDir, 'extensions');
  let names: string[];
  try {
    names = readdirSync(directory).sort();
  } catch {
    return [];
  }
  return names
    .filter((name) => statSync(join(directory, name)).isFile())
    .map((name) => ({ name, command: [join(directory, name)] }));
}

function content(zip: Buffer, entry: number): Buffer {
  const method = zip.readUInt16LE(entry + 10);
  const local = zip.readUInt32LE(entry + 42);
  const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const packed = zip.subarray(from, from + zip.readUInt32LE(entry + 20));
  if (method === STORED) return packed;
  if (method === DEFLATED) return inflateRawSync(packed);
  throw new Error(`compression method ${method} is not known`);
}
