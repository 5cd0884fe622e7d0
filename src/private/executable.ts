import * as fs from 'node:fs';
import * as path from 'node:path';
import * as zlib from 'node:zlib';

const ENTRY = 'extensions/lambdawatch';

/** Extracts the executable from a layer zip and sets its executable bit. The file is only written if it differs. */
export function writeExecutable(zip: string, directory: string): string {
  if (!fs.existsSync(directory) || !fs.statSync(directory).isDirectory()) {
    throw new Error(
      `LambdaWatchLayer.copyExecutable: ${JSON.stringify(directory)} is not a directory. Give the one that the ` +
        'image is built from.',
    );
  }
  const content = extract(fs.readFileSync(zip), ENTRY);
  const file = path.join(directory, path.basename(ENTRY));
  if (!fs.existsSync(file) || !fs.readFileSync(file).equals(content)) fs.writeFileSync(file, content);
  fs.chmodSync(file, 0o755);
  return file;
}

/**
 * Reads one entry of a small zip without special features, through the central directory (APPNOTE.TXT §4.3.12).
 */
function extract(zip: Buffer, entry: string): Buffer {
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  let header = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const nameLength = zip.readUInt16LE(header + 28);
    if (zip.toString('utf8', header + 46, header + 46 + nameLength) === entry) return inflate(zip, header);
    header += 46 + nameLength + zip.readUInt16LE(header + 30) + zip.readUInt16LE(header + 32);
  }
  throw new Error(`The layer has no ${entry}; install the package again.`);
}

function inflate(zip: Buffer, header: number): Buffer {
  const method = zip.readUInt16LE(header + 10);
  const local = zip.readUInt32LE(header + 42);
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const bytes = zip.subarray(start, start + zip.readUInt32LE(header + 20));
  return method === 0 ? bytes : zlib.inflateRawSync(bytes);
}
