import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { ensureLayer } from '../../build/layer';
import { HostBuildError } from '../../build/toolchain';
import { releaseFiles } from '../../release/files';
import { CycloneDxUnavailableError, validate } from '../tools/cyclonedx';

interface Bill {
  metadata: { component: { name: string; version: string; hashes: { alg: string; content: string }[] } };
  components: { name: string; version?: string; purl: string; licenses?: unknown[] }[];
}

describe('the files of a release', { timeout: 900_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'lambdawatch-release-files-'));
  const [layers, made] = [join(folder, 'layer'), join(folder, 'release')];
  const bill = (): Bill => JSON.parse(readFileSync(join(made, 'lambdawatch-x86_64.cdx.json'), 'utf8')) as Bill;
  let missing: string | undefined;

  before(async () => {
    try {
      for (const architecture of ['x86_64', 'arm64'] as const) await ensureLayer(architecture, { folder: layers });
      await releaseFiles(made, layers, '1.2.3');
    } catch (error) {
      if (!(error instanceof HostBuildError) || error.code === 'BUILD_FAILED') throw error;
      missing = error.message;
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('are both zips, a bill of materials for each, and their checksums', (context) => {
    if (missing) return context.skip(missing);
    const names = ['x86_64', 'arm64'].flatMap((arch) => [`lambdawatch-${arch}.zip`, `lambdawatch-${arch}.cdx.json`]);
    assert.deepEqual(readdirSync(made).sort(), [...names, 'SHA256SUMS'].sort());
    const check = execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: made, encoding: 'utf8' });
    assert.deepEqual(check.trim().split('\n').sort(), names.map((name) => `${name}: OK`).sort());
  });

  it('list what is linked into the layer, with versions and licences', (context) => {
    if (missing) return context.skip(missing);
    const { metadata, components } = bill();
    assert.equal(metadata.component.version, '1.2.3');
    const sums = readFileSync(join(made, 'SHA256SUMS'), 'utf8');
    assert.match(sums, new RegExp(`^${metadata.component.hashes[0].content}  lambdawatch-x86_64\\.zip$`, 'm'));

    const found = new Map(components.map((component) => [component.name, component]));
    assert.match(found.get('rustls')?.purl ?? '', /^pkg:cargo\/rustls@\d+\.\d+\.\d+/);
    assert.match(found.get('rquickjs')?.purl ?? '', /^pkg:cargo\/rquickjs@\d+\.\d+\.\d+/);
    assert.match(found.get('QuickJS')?.purl ?? '', /^pkg:generic\/QuickJS@\d+\.\d+\.\d+$/);
    assert.match(found.get('@smithy/signature-v4')?.purl ?? '', /^pkg:npm\/%40smithy\/signature-v4@\d/);
    assert.ok(found.has('musl'));
    assert.ok(!found.has('cc'), 'cc only runs while building');
    assert.deepEqual(
      components.filter(({ licenses }) => !licenses).map(({ name }) => name),
      [],
    );
  });

  it('name the same components as the licences in the zip', (context) => {
    if (missing) return context.skip(missing);
    const zip = join(made, 'lambdawatch-x86_64.zip');
    const script =
      'import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read("lambdawatch/THIRD-PARTY-LICENSES.txt").decode())';
    const licenses = execFileSync('python3', ['-c', script, zip], { encoding: 'utf8' });
    const named = [...licenses.split('\n-----', 1)[0].matchAll(/^ {2}(.*): /gm)].map(([, title]) => title);
    assert.deepEqual(
      bill().components.map(({ name, version }) => (version ? `${name} ${version}` : name)),
      named,
    );
  });

  it('are valid CycloneDX', async (context) => {
    if (missing) return context.skip(missing);
    for (const architecture of ['x86_64', 'arm64']) {
      assert.equal(await validated(context, join(made, `lambdawatch-${architecture}.cdx.json`)), '');
    }
  });

  it('would not be with a licence that is none', async (context) => {
    if (missing) return context.skip(missing);
    const wrong = bill();
    wrong.components[0].licenses = [{ license: 'MIT' }];
    writeFileSync(join(folder, 'wrong.json'), JSON.stringify(wrong));
    assert.notEqual(await validated(context, join(folder, 'wrong.json')), '');
  });

  async function validated(context: TestContext, file: string): Promise<string | undefined> {
    try {
      return await validate(file);
    } catch (error) {
      if (!(error instanceof CycloneDxUnavailableError)) throw error;
      context.skip(error.message);
      return '';
    }
  }
});
