import * as fs from 'node:fs/promises';
import { type Architecture, ARCHITECTURES } from '../../build/host';
import { ensureLayer } from '../../build/layer';
import type { Bench } from '../bench-context';
import { isStatic } from '../elf';
import { atMost, exactly, type Figure, type Mark } from '../figure';

const STATIC: Mark = { ...exactly(1, 'none'), text: '1' };

const EXECUTABLE = atMost(3.5e6, 'bytes');
const ZIP = atMost(1.8e6, 'bytes');

/**
 * Bytes of the executables and of the layers.
 * @param layers whether to build and measure the layers, of both architectures
 */
export async function size({ ours, peers, progress }: Bench, layers: boolean): Promise<Figure[]> {
  const group = 'size';
  const unit = 'bytes';
  const peerBytes = await Promise.all(peers.map(async ({ executable }) => [await bytesOf(executable)]));
  if (!layers) {
    const own = [await bytesOf(ours.executable)];
    return [{ id: 'executable', group, name: 'executable', unit, ours: own, peers: peerBytes, mark: EXECUTABLE }];
  }
  const figures: Figure[] = [];
  for (const architecture of ARCHITECTURES) {
    const { executable, zip } = await ensureLayer(architecture, { progress });
    const native = architecture === nativeArchitecture();
    const ids = native
      ? { executable: 'executable', zip: 'zip' }
      : { executable: 'other executable', zip: 'other zip' };
    figures.push(
      {
        id: ids.executable,
        group,
        name: `executable, ${architecture}`,
        unit,
        ours: [await bytesOf(executable)],
        peers: native ? peerBytes : undefined,
        mark: EXECUTABLE,
      },
      {
        id: `${ids.executable} is static`,
        group,
        name: '  statically linked (1: yes)',
        unit: 'lines',
        ours: [(await isStatic(executable)) ? 1 : 0],
        mark: STATIC,
      },
      { id: ids.zip, group, name: '  layer zip', unit, ours: [await bytesOf(zip)], mark: ZIP },
    );
  }
  return figures;
}

export function nativeArchitecture(): Architecture {
  return process.arch === 'arm64' ? 'arm64' : 'x86_64';
}

async function bytesOf(file: string): Promise<number> {
  return (await fs.stat(file)).size;
}
