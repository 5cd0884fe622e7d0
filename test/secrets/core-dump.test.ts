import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureLayer } from '../../build/layer';
import { HostBuildError } from '../../build/toolchain';

test('no core dump is written, even where they are allowed', async (t) => {
  let executable: string;
  try {
    ({ executable } = await ensureLayer(process.arch === 'arm64' ? 'arm64' : 'x86_64'));
  } catch (error) {
    if (!(error instanceof HostBuildError) || error.code === 'BUILD_FAILED') throw error;
    return t.skip(error.message);
  }
  const folder = await mkdtemp(join(tmpdir(), 'core-dump-'));
  // Takes the extension's first request and never answers, so that it is up and waits.
  let asked: () => void = () => undefined;
  const up = new Promise<void>((resolve) => (asked = resolve));
  const api = createServer((socket) => socket.once('data', asked).on('error', () => undefined));
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  try {
    const child = spawn('sh', ['-c', 'ulimit -c unlimited && exec "$0"', executable], {
      cwd: folder,
      stdio: 'ignore',
      env: {
        ...process.env,
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(api.address() as AddressInfo).port}`,
        LOKI_API_KEY: 'in-memory',
      },
    });
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    await up;
    // 1 also keeps the kernel from handing the memory to a program, as 0 does not.
    assert.match(readFileSync(`/proc/${child.pid}/limits`, 'utf8'), /^Max core file size +1 +1 /m);
    child.kill('SIGABRT');
    assert.equal(await ended, 'SIGABRT');
    assert.deepEqual(await readdir(folder), []);
    return undefined;
  } finally {
    api.close();
    await rm(folder, { recursive: true, force: true });
  }
});
