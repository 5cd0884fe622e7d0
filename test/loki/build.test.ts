import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ensureLokiBinary } from './build';
import { withFileLock } from './file-lock';

let dir: string;
beforeEach(async () => {
  dir = await fs.mkdtemp(path.join(os.tmpdir(), 'lambdawatch-build-'));
});
afterEach(async () => fs.rm(dir, { recursive: true, force: true }));

describe('building Loki', () => {
  const { PATH, LAMBDAWATCH_CACHE } = process.env;
  afterEach(() => {
    process.env.PATH = PATH;
    if (LAMBDAWATCH_CACHE === undefined) {
      delete process.env.LAMBDAWATCH_CACHE;
    } else {
      process.env.LAMBDAWATCH_CACHE = LAMBDAWATCH_CACHE;
    }
  });

  async function fakeGo(script: string): Promise<void> {
    await fs.writeFile(path.join(dir, 'go'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    process.env.PATH = `${dir}${path.delimiter}${PATH}`;
    process.env.LAMBDAWATCH_CACHE = path.join(dir, 'cache');
  }

  it('says what to install when there is no Go', async () => {
    process.env.PATH = dir;
    await assert.rejects(ensureLokiBinary(), {
      name: 'LokiBuildError',
      code: 'GO_MISSING',
      message: /Install Go 1\.26\.5 or newer/,
    });
  });

  it('says what to install when Go is too old', async () => {
    await fakeGo('echo "go: go.mod requires go >= 1.26.5 (running go 1.20)" >&2; exit 1');
    await assert.rejects(ensureLokiBinary(), {
      code: 'GO_UNUSABLE',
      message: /Go 1\.26\.5 or newer.*running go 1\.20/,
    });
  });

  it("shows the compiler's words when the build fails, and leaves nothing in the cache", async () => {
    await fakeGo(
      '[ "$1" = env ] && echo go1.99 && exit 0; echo "go: downloading a v1"; echo "x.go:1: broken" >&2; exit 2',
    );
    await assert.rejects(ensureLokiBinary(), { code: 'BUILD_FAILED', message: /exit 2.*x\.go:1: broken/s });
    assert.deepEqual(await fs.readdir(path.join(dir, 'cache')), []);
  });

  it('builds once for two that ask at once, and takes it from the cache later', async () => {
    await fakeGo(`[ "$1" = env ] && echo go1.99 && exit 0
      while [ "$1" != -o ]; do shift; done
      echo built >> ${dir}/builds; sleep 0.2; echo loki > "$2"`);
    const said: string[] = [];
    const onProgress = (line: string) => {
      said.push(line);
    };
    const [first, second] = await Promise.all([ensureLokiBinary({ onProgress }), ensureLokiBinary({ onProgress })]);
    assert.equal(first, second);
    assert.equal(await ensureLokiBinary(), first);
    assert.equal(await fs.readFile(first, 'utf8'), 'loki\n');
    assert.equal(await fs.readFile(path.join(dir, 'builds'), 'utf8'), 'built\n');
    assert.ok(
      said.some((line) => /^building Loki from source, once; it takes some minutes \(\d+ s\)$/.test(line)),
      said.join('\n'),
    );
    assert.ok(
      said.some((line) => /^waiting for process \d+ to build Loki/.test(line)),
      said.join('\n'),
    );
  });
});

describe('a lock file', () => {
  it('lets one at a time work, also when the work fails', async () => {
    const file = path.join(dir, 'a.lock');
    let working = 0;
    let most = 0;
    const work = async (fails: boolean) =>
      withFileLock(
        file,
        async () => {
          most = Math.max(most, ++working);
          await new Promise((resolve) => setTimeout(resolve, 15));
          working--;
          if (fails) {
            throw new Error('work failed');
          }
        },
        { pollMs: 5 },
      );
    const results = await Promise.allSettled([work(true), work(false), work(false)]);
    assert.equal(most, 1);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'fulfilled', 'fulfilled'],
    );
    assert.deepEqual(await fs.readdir(dir), []);
  });

  it('is taken over when its holder is gone', async () => {
    const file = path.join(dir, 'a.lock');
    await fs.writeFile(file, 'process 1\n');
    const longAgo = new Date(Date.now() - 60_000);
    await fs.utimes(file, longAgo, longAgo);
    assert.equal(await withFileLock(file, async () => 'done', { pollMs: 5 }), 'done');
  });

  it('is not taken over while its holder works, however long', async () => {
    const file = path.join(dir, 'a.lock');
    const order: string[] = [];
    const long = withFileLock(
      file,
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 400));
        order.push('long');
      },
      { staleMs: 120 },
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    await withFileLock(
      file,
      async () => {
        order.push('next');
      },
      { staleMs: 120, pollMs: 10 },
    );
    await long;
    assert.deepEqual(order, ['long', 'next']);
  });
});
