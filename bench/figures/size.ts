import * as fs from 'node:fs/promises';
import { ARCHITECTURES, type Architecture } from '../../build/host';
import { ensureLayer } from '../../build/layer';
import type { Bench } from '../bench-context';
import { isStatic } from '../elf';
import { atMost, exactly, type Figure, type Mark } from '../figure';

const STATIC: Mark = { ...exactly(1, 'none'), text: '1' };

/**
 * Bytes of the executables and of the layers. @param layers whether to build and measure the layers, of both
 * architectures.
 */
export async function size({ ours, peer, progress }: Bench, layers: boolean): Promise<Figure[]> {
  const figures: Figure[] = [];
  const peerBytes = peer && [await bytesOf(peer.executable)];
  if (!layers) {
    figures.push({
      name: 'executable',
      unit: 'bytes',
      ours: [await bytesOf(ours.executable)],
      peer: peerBytes,
      mark: atMost(3.5e6, 'bytes'),
    });
  } else {
    for (const architecture of ARCHITECTURES) {
      const { executable, zip } = await ensureLayer(architecture, { progress });
      const native = architecture === nativeArchitecture();
      figures.push(
        {
          name: `executable, ${architecture}`,
          unit: 'bytes',
          ours: [await bytesOf(executable)],
          peer: native ? peerBytes : undefined,
          mark: atMost(3.5e6, 'bytes'),
        },
        {
          name: '  statically linked (1: yes)',
          unit: 'lines',
          ours: [(await isStatic(executable)) ? 1 : 0],
          mark: STATIC,
        },
        { name: '  layer zip', unit: 'bytes', ours: [await bytesOf(zip)], mark: atMost(1.8e6, 'bytes') },
      );
    }
  }
  return figures;
}

export function nativeArchitecture(): Architecture {
  return process.arch === 'arm64' ? 'arm64' : 'x86_64';
}

async function bytesOf(file: string): Promise<number> {
  return (await fs.stat(file)).size;
}
