import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const EXAMPLES = join(__dirname, '..', 'examples');

/** Where each example names the version that it takes of the library: the group in the middle. */
export const VERSIONS: Readonly<Record<string, RegExp>> = {
  'typescript/package.json': /("cdk-lambdawatch": ")([^"]*)(")/,
  'python/requirements.txt': /(^cdk-lambdawatch==)(.*)($)/m,
  'java/pom.xml': /(<lambdawatch\.version>)(.*)(<\/)/,
  'go/go.mod': /(github\.com\/lambdawatch\/cdk-lambdawatch-go\/cdklambdawatch v)(\S+)(\s)/,
  'csharp/Shop.csproj': /(Include="CdkLambdaWatch" Version=")([^"]*)(")/,
};

/** The version of the library that an example takes. */
export async function versionIn(file: string, folder = EXAMPLES): Promise<string> {
  const [, , version] = VERSIONS[file].exec(await readFile(join(folder, file), 'utf8')) ?? [];
  if (version === undefined) throw new Error(`examples/${file} names no version of the library`);
  return version;
}

/** Makes all examples take a version. */
export async function setVersion(version: string, folder = EXAMPLES): Promise<void> {
  for (const [file, pattern] of Object.entries(VERSIONS)) {
    // Complains where there is nothing to replace.
    await versionIn(file, folder);
    const path = join(folder, file);
    await writeFile(path, (await readFile(path, 'utf8')).replace(pattern, `$1${version}$3`));
  }
}

async function main(): Promise<void> {
  const [version] = process.argv.slice(2);
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version ?? '')) {
    throw new Error(`The version to write into the examples has to look like 1.2.3, and is ${version ?? 'missing'}.`);
  }
  await setVersion(version);
}

if (require.main === module) {
  main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
