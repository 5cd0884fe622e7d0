import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { cacheDir, cached } from '../../build/cache';
import { withFileLock } from './file-lock';

/** The Go module that names Loki's version, its replacements and all checksums. */
const MODULE_DIR = path.join(__dirname, 'server');
const PACKAGE = 'github.com/grafana/loki/v3/cmd/loki';
const BUILD_FLAGS = ['-trimpath', '-buildvcs=false', '-ldflags=-s -w'];

export type LokiBuildErrorCode = 'GO_MISSING' | 'GO_UNUSABLE' | 'BUILD_FAILED';

/** The Loki binary can't be had: `code` says why, the message says what to do. */
export class LokiBuildError extends Error {
  override readonly name = 'LokiBuildError';
  constructor(
    readonly code: LokiBuildErrorCode,
    message: string,
  ) {
    super(message);
  }
}

export interface EnsureLokiOptions {
  /** Called with one line of text every few seconds while Loki is built. Default: nothing is said. */
  readonly onProgress?: (line: string) => void;
}

/**
 * Path of a Loki executable, built from source at the first call on a machine (minutes) and taken from the cache
 * afterwards.
 * @throws LokiBuildError when Go is missing or too old, or the build fails.
 */
export async function ensureLokiBinary({ onProgress = () => undefined }: EnsureLokiOptions = {}): Promise<string> {
  const inputs = await inputsHash();
  const started = Date.now();
  const say = (text: string) => onProgress(`${text} (${Math.round((Date.now() - started) / 1000)} s)`);
  const find = () => cached('loki', inputs, (dir) => buildInto(dir, say));
  const dir = path.join(cacheDir(), `loki-${inputs}`);
  // One process builds, as it takes all cores for minutes; the others wait for it.
  const onWait = (holder: string) => say(`waiting for ${holder || 'another process'} to build Loki`);
  return path.join((await exists(dir)) ? await find() : await withFileLock(`${dir}.lock`, find, { onWait }), 'loki');
}

async function inputsHash(): Promise<string> {
  const hash = createHash('sha256')
    .update(await goVersion())
    .update(BUILD_FLAGS.join(' '));
  for (const file of ['go.mod', 'go.sum']) {
    hash.update(await fs.readFile(path.join(MODULE_DIR, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function goVersion(): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'], {
      cwd: MODULE_DIR,
      env: goEnvironment(),
    });
    return stdout.trim();
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT') {
      throw new LokiBuildError(
        'GO_MISSING',
        'Loki is built from source and needs Go, which is not on the PATH. Install Go 1.26.5 or newer (https://go.dev/dl/) and run this again.',
      );
    }
    throw new LokiBuildError(
      'GO_UNUSABLE',
      `The installed Go can't build Loki; Go 1.26.5 or newer is needed (https://go.dev/dl/). It says: ${(stderr || String(error)).trim()}`,
    );
  }
}

function goEnvironment(): NodeJS.ProcessEnv {
  // A go.work file above the checkout must not take part.
  return { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' };
}

async function buildInto(dir: string, say: (text: string) => void): Promise<void> {
  say('building Loki from source, once; it takes some minutes');
  await goBuild(path.join(dir, 'loki'), say);
  say('built Loki');
}

async function goBuild(output: string, say: (text: string) => void): Promise<void> {
  const child = spawn('go', ['build', '-v', ...BUILD_FLAGS, '-o', output, PACKAGE], {
    cwd: MODULE_DIR,
    env: goEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const killChild = () => {
    child.kill();
  };
  process.once('exit', killChild);
  try {
    // All cores are used for minutes: leave the rest of the machine usable.
    if (child.pid) {
      os.setPriority(child.pid, os.constants.priority.PRIORITY_BELOW_NORMAL);
    }
  } catch {
    // Not allowed here; then at normal priority.
  }

  let packages = 0;
  let rest = '';
  const others: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      // With -v the compiler names each package alone on a line; all else is downloads and errors.
      if (/^[\w.~/-]+$/.test(line)) {
        packages++;
      } else {
        others.push(line);
      }
    }
  });
  const ticker = setInterval(() => {
    const last = others.at(-1) ?? '';
    say(
      packages === 0 && last.startsWith('go: downloading')
        ? last.slice('go: '.length)
        : `building Loki: ${packages} packages compiled`,
    );
  }, 10_000);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) {
      const tail = [...others, rest]
        .filter((line) => line && !line.startsWith('go: downloading'))
        .slice(-15)
        .join('\n');
      throw new LokiBuildError('BUILD_FAILED', `go build of Loki failed (exit ${code}):\n${tail}`);
    }
  } finally {
    clearInterval(ticker);
    process.off('exit', killChild);
  }
}

async function exists(file: string): Promise<boolean> {
  return fs.access(file).then(
    () => true,
    () => false,
  );
}

async function main(): Promise<void> {
  try {
    console.log(await ensureLokiBinary({ onProgress: (line) => console.error(line) }));
  } catch (error) {
    console.error(error instanceof LokiBuildError ? error.message : error);
    process.exitCode = 1;
  }
}

if (process.argv[1] && path.resolve(process.argv[1]) === __filename) {
  void main();
}
