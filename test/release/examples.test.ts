import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setVersion, versionIn, VERSIONS } from '../../release/examples';

const EXAMPLES = join(__dirname, '..', '..', 'examples');

describe('the versions in the examples', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lambdawatch-examples-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('are exact and the same in every language', async () => {
    const languages = readdirSync(EXAMPLES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    assert.deepEqual(Object.keys(VERSIONS).map(dirname).sort(), languages.map(({ name }) => name).sort());
    const versions = await Promise.all(Object.keys(VERSIONS).map((file) => versionIn(file)));
    assert.match(versions[0], /^\d+\.\d+\.\d+$/);
    assert.deepEqual([...new Set(versions)], [versions[0]]);
  });

  it('are set by a release', async () => {
    for (const file of Object.keys(VERSIONS)) cpSync(join(EXAMPLES, file), join(folder, file));
    await setVersion('12.34.56', folder);
    for (const file of Object.keys(VERSIONS)) assert.equal(await versionIn(file, folder), '12.34.56', file);
  });

  it('are missed where an example names none', async () => {
    writeFileSync(join(folder, 'go', 'go.mod'), 'module example.com/shop\n');
    await assert.rejects(setVersion('1.2.3', folder), /examples\/go\/go\.mod names no version of the library/);
  });
});
