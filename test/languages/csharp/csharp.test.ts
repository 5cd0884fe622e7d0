import { type Assembly, loadAssemblyFromPath } from '@jsii/spec';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DebianPackageError } from '../../../build/debian';
import { generatedCode, ROOT } from '../library';
import { compile } from './mono';
import { Stubs, withoutNewerSyntax } from './stubs';

const EXAMPLE = join(ROOT, 'examples', 'csharp', 'Program.cs');

describe('the C# that jsii generates, compiled with small stand-ins for CDK and the jsii runtime', {
  timeout: 300_000,
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'lambdawatch-csharp-'));
  const at = (name: string): string => join(folder, name);
  let missing: string | undefined;
  let errors: string[];

  before(async () => {
    try {
      errors = await compileLibrary();
    } catch (error) {
      if (!(error instanceof DebianPackageError)) throw error;
      missing = error.message;
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('compiles, with the namespace that the package has', (context) => {
    if (missing) return context.skip(missing);
    assert.deepEqual(errors, []);
  });

  it('compiles the example', async (context) => {
    if (missing) return context.skip(missing);
    assert.deepEqual(await compileAs('Example', [EXAMPLE], ['Stubs', 'Library']), []);
  });

  it('compiles the C# of the README', async (context) => {
    if (missing) return context.skip(missing);
    const [, snippet] = /```csharp\n(?:using CdkLambdaWatch;\n)([^]*?)```/.exec(
      readFileSync(join(ROOT, 'README.md'), 'utf8'),
    )!;
    const program = `using Amazon.CDK;\nusing CdkLambdaWatch;\nclass Readme { void Snippet(App app) { ${snippet} } }`;
    writeFileSync(at('Readme.cs'), program);
    assert.deepEqual(await compileAs('Readme', [at('Readme.cs')], ['Stubs', 'Library']), []);
  });

  it("notices a property, a method or a type that isn't there", async (context) => {
    if (missing) return context.skip(missing);
    const example = readFileSync(EXAMPLE, 'utf8');
    for (const [right, wrong] of [
      ['Endpoint =', 'EndPoint ='],
      ['.AttachAll(', '.AttachEvery('],
      ['Code.FromInline', 'Code.FromLine'],
    ]) {
      assert.ok(example.includes(right));
      writeFileSync(at('Wrong.cs'), example.replaceAll(right, wrong));
      const [, word] = /(\w+)\W*$/.exec(wrong)!;
      assert.match(
        (await compileAs('Wrong', [at('Wrong.cs')], ['Stubs', 'Library'])).join('\n'),
        new RegExp(`error CS\\d+: .*\\b${word}\\b`),
      );
    }
  });

  /** What the compiler says of the library. */
  async function compileLibrary(): Promise<string[]> {
    const generated = await generatedCode('dotnet');
    const library = loadAssemblyFromPath(generated);
    const stubs = new Stubs(
      ['aws-cdk-lib', 'constructs'].map((name) => loadAssemblyFromPath(join(ROOT, 'node_modules', name))),
    );
    stubs.addNamedBy(library);
    stubs.addMentionedIn(readFileSync(EXAMPLE, 'utf8'));
    writeFileSync(at('Stubs.cs'), `${stubs}`);
    assert.deepEqual(await compileAs('Stubs', [join(__dirname, 'runtime.cs'), at('Stubs.cs')]), []);

    const root = join(generated, 'dist', 'dotnet');
    const enums = [...stubs.enums(), ...enumsOf(library)];
    const code = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.cs'));
    assert.ok(code.length > 20, `jsii-pacmak generated ${code.length} files`);
    const files = code.map((file, i) => {
      writeFileSync(at(`${i}.cs`), withoutNewerSyntax(readFileSync(join(root, file), 'utf8'), enums));
      return at(`${i}.cs`);
    });
    return compileAs('Library', files, ['Stubs']);
  }

  function compileAs(name: string, files: readonly string[], references: readonly string[] = []): Promise<string[]> {
    return compile(
      files,
      at(`${name}.dll`),
      references.map((reference) => at(`${reference}.dll`)),
    );
  }
});

function enumsOf({ types = {}, targets }: Assembly): string[] {
  return Object.values(types)
    .filter(({ kind }) => kind === 'enum')
    .map(({ name }) => `${targets!.dotnet!.namespace as string}.${name}`);
}
