import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { cached } from '../../build/cache';

const DAY_MS = 24 * 3600 * 1000;

describe('the cache', () => {
  const before = process.env.LAMBDAWATCH_CACHE;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lambdawatch-cache-'));
    process.env.LAMBDAWATCH_CACHE = folder;
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    if (before === undefined) delete process.env.LAMBDAWATCH_CACHE;
    else process.env.LAMBDAWATCH_CACHE = before;
  });

  const entry = (name: string, days: number): void => {
    const time = new Date(Date.now() - days * DAY_MS);
    mkdirSync(join(folder, name));
    utimesSync(join(folder, name), time, time);
  };
  const write =
    (text: string) =>
    async (dir: string): Promise<void> =>
      writeFileSync(join(dir, 'file'), text);

  it('makes a thing once, and two that ask at once get the same', async () => {
    const [one, two] = await Promise.all([cached('thing', 'ab', write('x')), cached('thing', 'ab', write('x'))]);
    assert.equal(one, two);
    assert.equal(await cached('thing', 'ab', () => assert.fail('made again')), one);
    assert.equal(readFileSync(join(one, 'file'), 'utf8'), 'x');
    assert.deepEqual(readdirSync(folder), ['thing-ab']);
  });

  it('keeps nothing of what could not be made', async () => {
    await assert.rejects(
      cached('thing', 'ab', async (dir) => {
        await write('half')(dir);
        throw new Error('broken');
      }),
      /broken/,
    );
    assert.deepEqual(readdirSync(folder), []);
  });

  it('drops what has not been asked for in a month, of the kind that was made', async () => {
    entry('thing-01', 31);
    entry('thing-02', 29);
    entry('thing-03', 31);
    entry('thing-big-04', 31);
    entry('.thing-x1y2', 31);
    await cached('thing', '03', () => assert.fail('it is there'));
    await cached('thing', '05', write('x'));
    assert.deepEqual(readdirSync(folder).sort(), ['thing-02', 'thing-03', 'thing-05', 'thing-big-04']);
  });

  it('keeps what it has just made, though an archive gave the folder a time long past', async () => {
    const made = await cached('thing', '01', async (dir) => {
      await write('x')(dir);
      utimesSync(dir, 0, 0);
    });
    assert.equal(readFileSync(join(made, 'file'), 'utf8'), 'x');
  });
});
