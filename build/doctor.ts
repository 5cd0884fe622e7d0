import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { runCommand } from './command';

interface Tool {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  /** Oldest version that will do; the first version number in the command's output is compared with it. */
  readonly atLeast?: string;
  /** What is skipped or impossible without it. */
  readonly needs: string;
  readonly install: string;
  /** Nothing works without it. */
  readonly required?: boolean;
}

const ROOT = join(__dirname, '..');

const TOOLS: readonly Tool[] = [
  {
    name: 'Node.js',
    command: ['node', '--version'],
    atLeast: '20.14',
    required: true,
    needs: 'everything',
    install: 'https://nodejs.org',
  },
  {
    name: 'git',
    command: ['git', '--version'],
    needs: 'npm run release:rehearse, and the tests of a release',
    install: 'apt-get install git',
  },
  {
    name: 'Rust',
    command: ['rustc', '--version'],
    atLeast: '1.85',
    needs: 'the layer (npm run build, layer, demo, test:faults); tests then run the extension on Node.js',
    install: 'https://rustup.rs',
  },
  {
    name: 'cargo',
    command: ['cargo', '--version'],
    needs: 'the layer',
    install: 'https://rustup.rs',
  },
  {
    name: 'rustup',
    command: ['rustup', '--version'],
    needs: 'adding the targets x86_64- and aarch64-unknown-linux-musl by itself; otherwise they have to be there',
    install: 'https://rustup.rs',
  },
  {
    name: 'rustfmt',
    command: ['cargo', 'fmt', '--version'],
    needs: 'npm run check, npm run fix',
    install: 'rustup component add rustfmt',
  },
  {
    name: 'clippy',
    command: ['cargo', 'clippy', '--version'],
    needs: 'npm run check',
    install: 'rustup component add clippy',
  },
  {
    name: 'C compiler',
    command: ['cc', '--version'],
    needs: 'the layer',
    install: 'apt-get install gcc libc6-dev',
  },
  {
    name: 'Python',
    command: ['python3', '--version'],
    atLeast: '3.9',
    needs: 'the layer (its linker comes from PyPI), Python functions, tests with moto and botocore',
    install: 'apt-get install python3',
  },
  {
    name: 'Python venv and pip',
    command: ['python3', '-c', 'import venv, ensurepip'],
    needs: 'as Python',
    install: 'apt-get install python3-venv',
  },
  {
    name: 'Go',
    command: ['go', 'version'],
    atLeast: goForLoki(),
    needs: 'tests with a real Loki, the demo with --loki real, Go functions',
    install: 'https://go.dev/dl',
  },
  {
    name: 'Java compiler',
    command: ['javac', '-version'],
    needs: 'Java functions, the Java package',
    install: 'apt-get install openjdk-17-jdk',
  },
  {
    name: 'Maven',
    command: ['mvn', '--version'],
    needs: 'Java functions, the Java package',
    install: 'apt-get install maven',
  },
  {
    name: 'apt-get',
    command: ['apt-get', '--version'],
    needs:
      'tests with tinyproxy, QEMU (the arm64 layer), Mono (C#) and valgrind: their packages are downloaded, not installed',
    install: 'a Debian or an Ubuntu',
  },
  {
    name: 'dpkg-deb',
    command: ['dpkg-deb', '--version'],
    needs: 'as apt-get',
    install: 'a Debian or an Ubuntu',
  },
  {
    name: '.NET SDK',
    command: ['dotnet', '--version'],
    needs: 'packing the C# package; its code is compiled with Mono in the tests',
    install: 'https://dot.net',
  },
];

/** The real Loki that the tests build names the Go that it needs. */
function goForLoki(): string {
  return /^go (\S+)$/m.exec(readFileSync(join(ROOT, 'test', 'loki', 'server', 'go.mod'), 'utf8'))?.[1] ?? '1.21';
}

/** @returns why the tool can't be used, if it can't. */
async function problemOf({
  command: [program, ...args],
  atLeast,
}: Tool): Promise<{ found?: string; problem?: string }> {
  let output: string;
  try {
    output = await runCommand(program, args);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { problem: code === 'ENOENT' ? `no ${program} in PATH` : `${[program, ...args].join(' ')} fails` };
  }
  const found = /\d+(\.\d+)+/.exec(output)?.[0];
  if (atLeast === undefined || found === undefined || !isOlder(found, atLeast)) return { found };
  return { found, problem: `${found} is older than ${atLeast}` };
}

function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number));
  const at = b.findIndex((part, i) => part !== (a[i] ?? 0));
  return at >= 0 && (a[at] ?? 0) < b[at];
}

async function main(): Promise<number> {
  const found = await Promise.all(TOOLS.map(async (tool) => ({ tool, ...(await problemOf(tool)) })));
  for (const { tool, found: version, problem } of found) {
    if (problem === undefined) {
      console.log(`${styleText('green', '✓')} ${tool.name}${version === undefined ? '' : ` ${version}`}`);
    } else {
      console.log(
        `${styleText(tool.required ? 'red' : 'yellow', '✗')} ${tool.name}: ${problem}\n    needed for: ${tool.needs}\n    get it: ${tool.install}`,
      );
    }
  }
  return found.some(({ tool, problem }) => tool.required && problem !== undefined) ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
