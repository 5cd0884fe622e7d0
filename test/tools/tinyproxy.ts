import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../sandbox';
import { debianProgram } from '../../build/debian';

export interface Tinyproxy {
  /** `127.0.0.1:<port>`. */
  readonly authority: string;
  /** What it has logged so far: a line for each request, among others. */
  log(): string;
  stop(): Promise<void>;
}

/**
 * A real forward proxy from Debian's package.
 * @param login user and password that it wants, if any.
 * @throws DebianPackageError
 */
export async function startTinyproxy(login?: { readonly user: string; readonly password: string }): Promise<Tinyproxy> {
  const program = await debianProgram('tinyproxy-bin', 'usr/bin/tinyproxy');
  const folder = await mkdtemp(join(tmpdir(), 'tinyproxy-'));
  const port = await freePort();
  const config = [
    `Port ${port}`,
    'Listen 127.0.0.1',
    'Timeout 60',
    'LogLevel Info',
    'MaxClients 20',
    ...(login ? [`BasicAuth ${login.user} ${login.password}`] : []),
  ];
  await writeFile(join(folder, 'tinyproxy.conf'), `${config.join('\n')}\n`);
  const child = spawn(program, ['-d', '-c', join(folder, 'tinyproxy.conf')], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (log += chunk.toString()));
  let ended = false;
  const end = new Promise<void>((resolve) =>
    child.once('exit', () => {
      ended = true;
      resolve();
    }),
  );
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await end;
    await rm(folder, { recursive: true, force: true });
  };
  for (let attempts = 0; !(await listens(port)); attempts++) {
    if (ended || attempts > 200) {
      await stop();
      throw new Error(`tinyproxy does not listen: ${log.slice(-500)}`);
    }
    await delay(25); // it has no other way to say that it is ready
  }
  return { authority: `127.0.0.1:${port}`, log: () => log, stop };
}

/**
 * An address of this machine that is not its loopback, which is never proxied; a stand-in for it where there is no
 * other.
 */
export function proxiedAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return (
    addresses.find(({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('169.254.'))
      ?.address ?? '0.0.0.0'
  );
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
