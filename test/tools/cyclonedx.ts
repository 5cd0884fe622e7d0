import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, hashOf } from '../../build/cache';
import { CommandError, runCommand } from '../../build/command';

const REQUIREMENTS = join(__dirname, 'cyclonedx-requirements.txt');

/** The validator can't be had; the message says why, in one line. */
export class CycloneDxUnavailableError extends Error {
  override readonly name = 'CycloneDxUnavailableError';
}

const SCRIPT = `
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())
print('' if error is None else repr(error)[:2000])
`;

/** What is wrong with a bill of materials: nothing, or the first error. @throws CycloneDxUnavailableError */
export async function validate(file: string): Promise<string> {
  return (await runCommand(await python(), ['-c', SCRIPT, file])).trim();
}

async function python(): Promise<string> {
  const requirements = await readFile(REQUIREMENTS, 'utf8');
  const folder = await cached('cyclonedx', hashOf(requirements, process.arch), async (temporary) => {
    try {
      await runCommand(process.env.PYTHON || 'python3', ['-m', 'venv', temporary]);
      await runCommand(join(temporary, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '-r', REQUIREMENTS]);
    } catch (error) {
      const { output, message } = error as CommandError;
      const reason = output.trim().split('\n').at(-1) || message;
      throw new CycloneDxUnavailableError(`the validator can't be installed from PyPI here (${reason})`);
    }
  });
  return join(folder, 'bin', 'python');
}
