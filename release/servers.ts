import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { interruptible } from '../build/command';

const MOST_START_MS = 60_000;

/** A port of this machine alone that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Runs `work` while a server runs, and ends the server in any case, an interrupt included.
 * @param url Answers as soon as the server can be used.
 */
export async function withServer<T>(
  program: string,
  args: readonly string[],
  { cwd, url, env }: { readonly cwd: string; readonly url: string; readonly env?: NodeJS.ProcessEnv },
  work: () => Promise<T>,
): Promise<T> {
  const server = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (chunk) => (output = (output + chunk).slice(-5000)));
  const ended = new Promise<never>((_, reject) => {
    server.on('error', reject);
    server.on('exit', (code) => reject(new Error(`${program} ended with ${code}:\n${output}`)));
  });
  // Where nobody waits for it any more, the end of the server is no error.
  ended.catch(() => undefined);
  const stop = (): void => {
    if (server.exitCode !== null || server.pid === undefined) return;
    try {
      process.kill(-server.pid, 'SIGTERM');
    } catch {
      // It has just ended by itself.
    }
  };
  try {
    return await interruptible(async () => {
      await Promise.race([answers(url), ended]);
      return Promise.race([work(), ended]);
    }, stop);
  } finally {
    stop();
  }
}

async function answers(url: string): Promise<void> {
  const end = Date.now() + MOST_START_MS;
  for (;;) {
    try {
      await fetch(url);
      return;
    } catch (error) {
      if (Date.now() > end)
        throw new Error(`Nothing answers at ${url} after ${MOST_START_MS / 1000} s`, { cause: error });
      await sleep(100);
    }
  }
}
