import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { ProcessRuntime } from '../../sandbox';
import { CliError, UsageError } from '../errors';

const NODE = ['.mjs', '.cjs', '.js'];

/** The user's own variables that the function gets: it calls AWS as the user. */
const PASSED_ON =
  /^(AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|PROFILE|CONFIG_FILE|SHARED_CREDENTIALS_FILE|ENDPOINT_URL\w*)|HOME|NODE_\w+|PYTHON\w*)$/;

/**
 * The function to run: a handler of Node.js or Python by its name, or a command that speaks the Runtime API.
 * @throws UsageError, CliError
 */
export function functionToRun(
  handler: string | undefined,
  command: readonly string[],
  folder: string,
  variables: Readonly<Record<string, string>>,
): ProcessRuntime {
  const cwd = resolve(folder);
  const env = { ...passedOn(), ...variables };
  if ((handler === undefined) === (command.length === 0)) {
    throw new UsageError('give either --handler FILE.FUNCTION or, after --, a command that speaks the Runtime API');
  }
  if (handler === undefined) {
    return {
      kind: 'process',
      name: 'provided.al2023',
      command,
      cwd,
      env: { PATH: process.env.PATH ?? '', ...env },
      handler: basename(command[0]),
    };
  }
  const [, module, name] = /^(.+)\.([^./]+)$/.exec(handler) ?? [];
  if (module === undefined || name === undefined)
    throw new UsageError(
      `--handler is ${JSON.stringify(handler)}; give FILE.FUNCTION, as on Lambda, like index.handler`,
    );
  const path = join(cwd, module);
  if (existsSync(`${path}.py`))
    return { kind: 'process', ...python(), cwd, env: { PYTHONUNBUFFERED: '1', ...env }, handler };
  if (!NODE.some((extension) => existsSync(path + extension))) {
    throw new CliError(
      `there is no ${path} with ${NODE.join(', ')} or .py, which --handler ${handler} asks for; --folder says where the code is. For other ` +
        'languages give a command after --',
    );
  }
  return {
    kind: 'process',
    name: `nodejs${process.versions.node.split('.')[0]}.x`,
    command: [process.execPath, runtimeFile('node.mjs')],
    cwd,
    env,
    handler,
  };
}

function python(): { name: string; command: readonly string[] } {
  for (const program of ['python3', 'python']) {
    try {
      const [version, executable] = execFileSync(
        program,
        ['-c', 'import sys; print("%d.%d" % sys.version_info[:2], sys.executable)'],
        { encoding: 'utf8' },
      )
        .trim()
        .split(/ (.*)/);
      return { name: `python${version}`, command: [executable, runtimeFile('python.py')] };
    } catch {
      // The other name.
    }
  }
  throw new CliError('a handler in Python needs python3, and there is none on the PATH');
}

/** The clients of the Runtime API are in the folder of the command line. */
function runtimeFile(name: string): string {
  return join(__dirname, 'runtimes', name);
}

function passedOn(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => PASSED_ON.test(entry[0]) && entry[1] !== undefined,
    ),
  );
}
