import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, hashOf } from '../../../build/cache';
import type { ProcessRuntime } from '../../../sandbox';
import { requireTool, run } from '../tools';

const here = dirname(fileURLToPath(import.meta.url));

/** A function on AWS's runtime client for Go. */
export async function goFunction(progress: (message: string) => void = () => undefined): Promise<ProcessRuntime> {
  const version = await requireTool(
    'go',
    ['version'],
    'The Go function needs Go 1.21 or newer: install it from https://go.dev/dl/.',
  );
  const sources = ['go.mod', 'go.sum', 'main.go'].map((name) => readFileSync(join(here, name)));
  const directory = await cached('function-go', hashOf(version, ...sources), async (target) => {
    progress('Building the Go function …');
    await run('go', ['build', '-mod=readonly', '-trimpath', '-ldflags=-s -w', '-o', join(target, 'bootstrap'), '.'], {
      cwd: here,
      env: { CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false' },
    });
  });
  return {
    kind: 'process',
    name: 'provided.al2023',
    command: [join(directory, 'bootstrap')],
    cwd: directory,
    handler: 'bootstrap',
  };
}
