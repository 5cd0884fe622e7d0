import { type Assembly, loadAssemblyFromPath } from '@jsii/spec';
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { generatedCode } from './library';

describe('the names of the packages', () => {
  let library: Assembly;

  before(
    async () => {
      library = loadAssemblyFromPath(await generatedCode('dotnet'));
    },
    { timeout: 120_000 },
  );

  // With a class A.B.A, the name A means that class everywhere inside of A.B, so that A.B.C can't be written any more.
  it('have no segment that is the name of a class', () => {
    const { dotnet, java, python, go } = library.targets! as Record<string, Record<string, string>>;
    const segments = [dotnet.namespace, java.package, python.module, go.moduleName].flatMap((name) =>
      name.split(/[./]/),
    );
    const types = Object.values(library.types ?? {}).map(({ name }) => name);
    assert.ok(types.includes('LambdaWatch'), types.join());
    assert.deepEqual(
      types.filter((name) => segments.includes(name)),
      [],
    );
  });
});
