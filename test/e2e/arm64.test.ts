import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { ensureLayer } from '../../build/layer';
import { HostBuildError } from '../../build/toolchain';
import { startFakeLoki } from '../../sandbox/loki';
import { scriptedRuntime, type ScriptedIo, startEnvironment } from '../../sandbox';
import { unpackLayer } from '../../sandbox/layers';
import { assertSameLines, functionLines, written } from '../support/e2e';
import { DebianPackageError, debianProgram } from '../../build/debian';

it('the arm64 executable delivers every line', async (t) => {
  let zip: string;
  let command: string[];
  const opt = mkdtempSync(join(tmpdir(), 'arm64-opt-'));
  t.after(() => rmSync(opt, { recursive: true, force: true }));
  try {
    ({ zip } = await ensureLayer('arm64'));
    const emulator =
      process.arch === 'arm64' ? [] : [await debianProgram('qemu-user-static', 'usr/bin/qemu-aarch64-static')];
    command = [...emulator, join(opt, 'extensions', 'lambdawatch')];
  } catch (error) {
    if (error instanceof DebianPackageError || (error instanceof HostBuildError && error.code !== 'BUILD_FAILED'))
      return t.skip(error.message);
    throw error;
  }
  unpackLayer(zip, opt);
  chmodSync(command.at(-1)!, 0o755);

  const loki = await startFakeLoki({});
  const runtime = scriptedRuntime((_, io: ScriptedIo) => {
    for (let i = 0; i < 500; i++) io.line(`line ${i} größe ✅`);
  });
  const environment = await startEnvironment({
    functionName: 'arm',
    runtime,
    timeoutMs: 20_000,
    extensions: [{ name: 'lambdawatch', command }],
    environment: { LOKI_ENDPOINT: loki.pushUrl },
  });
  try {
    for (let i = 0; i < 2; i++) assert.equal((await environment.invoke()).status, 'success');
    assert.deepEqual((await environment.shutdown()).extensionExitCodes, { lambdawatch: 0 });
    assertSameLines(
      functionLines(await loki.lines()).map(({ line }) => line),
      written(environment),
    );
  } finally {
    await environment.close();
    await loki.stop();
  }
});
