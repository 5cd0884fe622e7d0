import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ARCHITECTURES } from '../../build/host';
import { ensureLayer, type Layer } from '../../build/layer';
import { sectionsOf } from '../../build/sections';
import { HostBuildError } from '../../build/toolchain';
import { unpackLayer } from '../../sandbox/layers';

describe('the layer', () => {
  for (const architecture of ARCHITECTURES) {
    const withLayer = (name: string, check: (layer: Layer) => void | Promise<void>): void => {
      it(`${architecture}: ${name}`, async (t) => {
        let layer: Layer;
        try {
          layer = await ensureLayer(architecture);
        } catch (error) {
          if (error instanceof HostBuildError && error.code !== 'BUILD_FAILED') return t.skip(error.message);
          throw error;
        }
        await check(layer);
      });
    };

    withLayer('is small', ({ zip, executable }) => {
      assert.ok(statSync(executable).size <= 3_500_000, `the executable has ${statSync(executable).size} bytes`);
      assert.ok(statSync(zip).size <= 1_800_000, `the zip has ${statSync(zip).size} bytes`);
    });

    withLayer('holds the executable with its mode, licences, and nothing else', ({ zip, executable }) => {
      const listing = execFileSync('python3', ['-c', LIST, zip], { encoding: 'utf8' }).trim().split('\n');
      assert.deepEqual(listing, [
        'extensions/lambdawatch 100755',
        'lambdawatch/LICENSE 100644',
        'lambdawatch/THIRD-PARTY-LICENSES.txt 100644',
      ]);
      const opt = mkdtempSync(join(tmpdir(), 'layer-'));
      unpackLayer(zip, opt);
      assert.deepEqual(readFileSync(join(opt, 'extensions', 'lambdawatch')), readFileSync(executable));
      const licences = readFileSync(join(opt, 'lambdawatch', 'THIRD-PARTY-LICENSES.txt'), 'utf8');
      for (const part of ['rustls', 'hyper', 'ring', 'rquickjs', 'QuickJS']) assert.ok(licences.includes(part), part);
      rmSync(opt, { recursive: true });
    });

    withLayer('is static: no interpreter, no needed libraries', ({ executable }) => {
      const types = programHeaderTypes(readFileSync(executable));
      assert.ok(!types.includes(PT_INTERP), 'the executable asks for a dynamic loader');
    });

    withLayer(
      'has the code of a start and of everyday invocations side by side, and before all other',
      ({ executable }) => {
        const code = sectionsOf(readFileSync(executable)).filter(({ name }) => name.startsWith('.text'));
        assert.deepEqual(
          code.sort((one, other) => one.address - other.address).map(({ name }) => name),
          ['.text.early', '.text'],
        );
        // Where names in order.txt no longer fit, as with a compiler that forms others, little is left of it.
        const [early] = code;
        assert.ok(
          early.bytes > LEAST_EARLY_BYTES,
          `${early.bytes} bytes; \`npm run bench -- --order\` renews the list`,
        );
      },
    );

    withLayer('is the same, byte for byte, when it is built again, whatever the umask and the time zone', ({ zip }) => {
      const folder = mkdtempSync(join(tmpdir(), 'layer-'));
      execFileSync(
        'sh',
        [
          '-c',
          'umask 077 && exec "$0" --import tsx build/layer.ts --arch "$1" --folder "$2"',
          process.execPath,
          architecture,
          folder,
        ],
        {
          cwd: join(__dirname, '..', '..'),
          env: { ...process.env, TZ: 'Pacific/Auckland' },
          stdio: 'ignore',
        },
      );
      assert.equal(hash(join(folder, `lambdawatch-${architecture}.zip`)), hash(zip));
      rmSync(folder, { recursive: true });
    });
  }
});

const LIST =
  'import sys, zipfile\nfor e in zipfile.ZipFile(sys.argv[1]).infolist(): print(e.filename, oct(e.external_attr >> 16)[2:])';
const PT_INTERP = 3;

/** On x86_64 there are 1 100 000. The list is made there. */
const LEAST_EARLY_BYTES = 600_000;

/** Types of the program headers of a 64-bit little-endian ELF file (ELF-64 Object File Format, "Program header"). */
function programHeaderTypes(elf: Buffer): number[] {
  assert.equal(elf.toString('latin1', 1, 4), 'ELF');
  const offset = Number(elf.readBigUInt64LE(32));
  const size = elf.readUInt16LE(54);
  return Array.from({ length: elf.readUInt16LE(56) }, (_, i) => elf.readUInt32LE(offset + i * size));
}

function hash(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
