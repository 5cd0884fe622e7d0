import { unzipSync } from 'fflate';
import { chmodSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CliError, EXIT } from '../errors';
import { type LayerArchitecture, readLayerZip } from '../layer-zip';
import { Ui } from '../output/ui';

export interface ExtractOptions {
  readonly arch: LayerArchitecture;
  readonly to: string;
  readonly json?: boolean;
}

/** Writes the executable for container images, with the licences of its parts. */
export function extract({ arch, to, json = false }: ExtractOptions): number {
  const ui = new Ui({ json });
  const file = join(to, 'lambdawatch');
  const entries = unzipSync(readLayerZip(arch).content);
  try {
    makeFolder(resolve(to));
    write(file, entries['extensions/lambdawatch'], 0o755);
    write(join(to, 'lambdawatch-THIRD-PARTY-LICENSES.txt'), entries['lambdawatch/THIRD-PARTY-LICENSES.txt'], 0o644);
  } catch (error) {
    throw new CliError(`--to ${to} can't be written to: ${(error as Error).message}`);
  }
  ui.print(
    `${file} is the extension for ${arch}. In the Dockerfile:\n\n  COPY --chmod=755 lambdawatch /opt/extensions/lambdawatch\n`,
  );
  ui.printJson({ file, architecture: arch });
  return EXIT.ok;
}

/** Node's recursive mkdir is not used: it never ends if the parent exists and can't contain folders, as in /proc. */
function makeFolder(folder: string): void {
  const isThere = (): boolean => statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (isThere()) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Unless another process has just made it.
    if (!isThere()) throw error;
  }
}

/** The file is replaced atomically, because an image may be built from it at the same time. */
function write(file: string, content: Uint8Array, mode: number): void {
  const temporary = `${file}.${process.pid}`;
  try {
    writeFileSync(temporary, content);
    chmodSync(temporary, mode);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
