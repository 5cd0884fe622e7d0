import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { post } from './compare';
import { json, push } from './push-cases';
import { RealLoki, startRealLoki } from './real';
import { withRealLoki } from './with-real';

withRealLoki('the real Loki for tests', () =>
  describe('the real Loki for tests', () => {
    let loki: RealLoki;
    before(async () => {
      loki = await startRealLoki({ onProgress: (line) => console.error(line) });
    });
    after(async () => {
      await loki?.stop();
    });

    it('gives back labels, metadata and all digits of the timestamp', async () => {
      const timestamp = `${BigInt(Date.now()) * 1_000_000n + 123_456n}`;
      await post(
        loki,
        push({ service_name: 'shape', region: 'eu' }, [timestamp, 'level=error boom', { request_id: 'r1' }]),
      );
      const expected = {
        labels: { service_name: 'shape', region: 'eu' },
        timestamp,
        line: 'level=error boom',
        metadata: { request_id: 'r1' },
      };
      const selector = '{service_name="shape"}';
      assert.deepEqual(await loki.waitFor((lines) => lines.length === 1, 5_000, { selector }), [expected]);
      assert.deepEqual((await loki.query({ selector, detectedLevel: true }))[0]!.metadata, {
        request_id: 'r1',
        detected_level: 'error',
      });
      assert.deepEqual(
        (await loki.labels()).filter((name) => name === 'region'),
        ['region'],
      );
      assert.deepEqual(await loki.series(selector), [{ service_name: 'shape', region: 'eu' }]);
    });

    it('pages through more lines than fit a page, many of them of one timestamp', async () => {
      const now = BigInt(Date.now()) * 1_000_000n;
      // 12 000 lines in two streams; 7 000 of them share a timestamp, which is more than a page.
      const values = Array.from({ length: 6_000 }, (_, n) => [
        `${n < 1_000 ? now : n < 4_500 ? now + 1_000n : now + BigInt(n)}`,
        `line ${n}`,
      ]);
      for (const n of ['1', '2']) {
        assert.equal(
          (await post(loki, json({ streams: [{ stream: { service_name: 'pages', n }, values }] }))).status,
          204,
        );
      }
      const lines = await loki.query({ selector: '{service_name="pages"}' });
      assert.equal(lines.length, 12_000);
      assert.equal(new Set(lines.map(({ labels, line }) => `${labels.n} ${line}`)).size, 12_000);
      assert.equal((await loki.query({ selector: '{service_name="pages"}', limit: 5_500 })).length, 5_500);
    });

    it('pages through lines that are too large for one answer', async () => {
      const now = BigInt(Date.now()) * 1_000_000n;
      for (let n = 0; n < 24; n++) {
        // Random text, which no compression on the way makes small.
        const line = Array.from({ length: 8_000 }, () => Math.random().toString(36).slice(2))
          .join('')
          .slice(0, 70_000)
          .repeat(3);
        assert.equal(
          (await post(loki, push({ service_name: 'large' }, [`${now + BigInt(n)}`, `${n} ${line}`]))).status,
          204,
        );
      }
      const lines = await loki.query({ selector: '{service_name="large"}' });
      assert.deepEqual(
        lines.map(({ line }) => Number(line.split(' ')[0])),
        Array.from({ length: 24 }, (_, n) => n),
      );
    });

    it('listens on 127.0.0.1 only', async (t) => {
      // Addresses that listen (state 0A) are in these tables; those of this process are told by its own copy of them.
      const inodes = new Set(
        (
          await Promise.all(
            (
              await fs.readdir(`/proc/${loki.pid}/fd`).catch(() => [])
            ).map(async (fd) => fs.readlink(`/proc/${loki.pid}/fd/${fd}`).catch(() => '')),
          )
        ).map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]),
      );
      if (inodes.size === 0) {
        t.skip('there is no /proc here to see what Loki listens on');
        return;
      }
      const listening: string[] = [];
      for (const table of ['tcp', 'tcp6']) {
        for (const row of (await fs.readFile(`/proc/${loki.pid}/net/${table}`, 'utf8').catch(() => ''))
          .split('\n')
          .slice(1)) {
          const [, local, , state, , , , , , inode] = row.trim().split(/\s+/);
          if (state === '0A' && inodes.has(inode)) {
            listening.push(local!.split(':')[0]!);
          }
        }
      }
      assert.deepEqual(listening, ['0100007F', '0100007F']);
    });

    it("shows Loki's own words when it does not start", async () => {
      await assert.rejects(
        startRealLoki({ limits: { no_such_limit: 1 } }),
        /Loki did not start: it ended with code 1.*no_such_limit/s,
      );
    });

    it('ends with the process that started it, folder and all', async () => {
      const script = `
      require('${path.join(__dirname, 'real')}').startRealLoki().then((loki) => {
        console.log(loki.pid);
        process.kill(process.pid, 'SIGKILL');
      });`;
      const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '-e', script], {
        cwd: __dirname,
      }).catch((error: { stdout: string }) => error);
      const pid = Number(stdout.trim());
      assert.ok(pid > 0, stdout);
      const gone = () => {
        try {
          process.kill(pid, 0);
          return false;
        } catch {
          return true;
        }
      };
      const deadline = Date.now() + 5_000;
      while (!gone() && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.ok(gone(), 'Loki still runs');
    });

    it('leaves no folder behind', async () => {
      const other = await startRealLoki();
      const folders = async () =>
        (await fs.readdir(os.tmpdir())).filter((name) => name.startsWith('lambdawatch-loki-'));
      const running = await folders();
      await other.stop();
      await other.stop();
      assert.ok((await folders()).length < running.length);
    });
  }),
);
