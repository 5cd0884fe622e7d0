import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, hashOf } from '../../../build/cache';
import type { ProcessRuntime } from '../../../sandbox';
import { requireTool, run } from '../tools';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * A function on AWS's runtime client for Python, in a virtual environment of its own.
 *
 * @param directory has `handler.py`, which defines `handler`
 */
export async function pythonFunction(
  progress: (message: string) => void = () => undefined,
  directory = here,
): Promise<ProcessRuntime> {
  const install =
    'The Python function needs python3 3.9 or newer with venv: install the packages python3 and python3-venv.';
  const about = await requireTool(
    'python3',
    ['-c', 'import sys; print("%d.%d" % sys.version_info[:2], sys.executable)'],
    install,
  );
  const version = about.split(' ')[0] ?? '3';
  const requirements = join(here, 'requirements.txt');
  const environment = await cached('function-python', hashOf(about, readFileSync(requirements)), async (target) => {
    progress('Installing awslambdaric for the Python function …');
    await run('python3', ['-m', 'venv', target]);
    await run(join(target, 'bin/python'), [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '-r',
      requirements,
    ]);
  });
  return {
    kind: 'process',
    name: `python${version}`,
    command: [join(environment, 'bin/python'), '-m', 'awslambdaric', 'handler.handler'],
    env: { PYTHONDONTWRITEBYTECODE: '1', PYTHONIOENCODING: 'utf-8' },
    cwd: directory,
    handler: 'handler.handler',
  };
}
