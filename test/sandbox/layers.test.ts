import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { fixtureExtension, received, said } from './fixtures';
import { start } from './fixtures/cleanup';
import { scriptedRuntime } from '../../sandbox';

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly text: string;
}

/** A zip file with the given entries, deflated. */
function zip(entries: readonly Entry[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const { name, mode, text } of entries) {
    const packed = deflateRawSync(text);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(Buffer.byteLength(text), 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const record = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt16LE(0o100000 + mode, 8);
    tail.writeUInt32LE(at, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, tail, Buffer.from(name)]));
    local.push(record);
    at += record.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...local, directory, end]);
}

test('layers are unpacked to a temporary /opt, and every file in extensions/ is started', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-layer-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { command, env: variables } = await fixtureExtension();
  const file = join(folder, 'layer.zip');
  writeFileSync(
    file,
    zip([
      { name: 'extensions/from-layer', mode: 0o755, text: `#!/bin/sh\nexec '${command[0]}' '${command[1]}'\n` },
      { name: 'licences/NOTICE', mode: 0o644, text: 'notice' },
    ]),
  );
  const env = await start(t, {
    runtime: scriptedRuntime((_, io) => io.line('hi')),
    layerZips: [file],
    environment: { EXT_NAME: 'from-layer', EXT_SCRIPT: variables!.EXT_SCRIPT! },
  });
  assert.equal(env.initOutcome.status, 'success');
  assert.equal(statSync(join(env.optDir!, 'extensions/from-layer')).mode % 0o1000, 0o755);
  await env.invoke({});
  assert.equal(said<{ status: number }>(env, 'registered')[0]!.status, 200);
  assert.ok(received(env).some(({ type, record }) => type === 'function' && record === 'hi\n'));
  assert.deepEqual((await env.shutdown()).extensionExitCodes, { 'from-layer': 0 });
});

test('a file in extensions/ that is not executable fails Init with Extension.LaunchError', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-layer-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'layer.zip');
  writeFileSync(file, zip([{ name: 'extensions/plain', mode: 0o644, text: '#!/bin/sh\n' }]));
  const env = await start(t, { runtime: scriptedRuntime(() => 1), layerZips: [file] });
  assert.equal(env.initOutcome.errorType, 'Extension.LaunchError');
});
