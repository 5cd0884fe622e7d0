import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, runCommand } from '../../../build/command';
import { debianTree } from '../../../build/debian';

/**
 * Compiles C# files into a library with Mono's compiler, which knows the language up to version 7.
 * @returns What the compiler has to say: nothing, or a line for each error.
 * @throws DebianPackageError where the compiler can't be had.
 */
export async function compile(
  files: readonly string[],
  output: string,
  references: readonly string[] = [],
): Promise<string[]> {
  const { program, args, env } = await compiler();
  const options = [
    '-nologo',
    '-target:library',
    '-warn:0',
    '-langversion:7.2',
    `-out:${output}`,
    ...references.map((file) => `-r:${file}`),
  ];
  try {
    await runCommand(program, [...args, ...options, ...files], { env });
    return [];
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const errors = error.output.split('\n').filter((line) => /\berror CS\d+/.test(line));
    return errors.length > 0 ? errors : [`${error.message}: ${error.output}`];
  }
}

interface Compiler {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

async function compiler(): Promise<Compiler> {
  if (existsSync('/usr/bin/mcs')) return { program: '/usr/bin/mcs', args: [] };
  // Mono finds its own libraries beside it, wherever it was unpacked.
  const usr = join(await debianTree('mono-mcs'), 'usr');
  const env = {
    ...process.env,
    MONO_PATH: join(usr, 'lib', 'mono', '4.5'),
    MONO_GAC_PREFIX: usr,
    MONO_CFG_DIR: join(usr, '..', 'etc'),
  };
  return { program: join(usr, 'bin', 'mono-sgen'), args: [join(usr, 'lib', 'mono', '4.5', 'mcs.exe')], env };
}
