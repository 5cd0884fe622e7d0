import { spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureLokiBinary, LokiBuildError } from './build';
import { lokiConfig } from './real-config';
import { queryRange, type LokiQuery } from './real-query';
import type { LokiUnderTest, StoredLine } from '../../sandbox/loki/types';

export interface RealLokiOptions {
  /** Entries of Loki's `limits_config`, for instance `{ max_global_streams_per_user: 3 }`. */
  readonly limits?: Record<string, unknown>;
  /** Other parts of Loki's configuration, merged over the defaults. */
  readonly config?: Record<string, unknown>;
  /** Requires `X-Scope-OrgID`, as Loki does for many tenants. Default false. */
  readonly authEnabled?: boolean;
  /**
   * The tenant that `lines` and the query methods use when none is named. Default `test` with `authEnabled`, else none.
   */
  readonly tenant?: string;
  /** Called with one line of text now and then while Loki is built for the first time. */
  readonly onProgress?: (line: string) => void;
}

const READY_TIMEOUT_MS = 90_000;

/**
 * Starts a real Loki on free ports of 127.0.0.1 with an empty store, and resolves when it is ready.
 * The first call on a machine builds Loki.
 * @throws LokiBuildError when there is no Loki to be had; Error with Loki's own log when it doesn't start.
 */
export async function startRealLoki(options: RealLokiOptions = {}): Promise<RealLoki> {
  const binary = await ensureLokiBinary({ onProgress: options.onProgress });
  for (let attempt = 1; ; attempt++) {
    const loki = await RealLoki.launch(binary, options);
    const problem = await loki.whenReady();
    if (!problem) {
      return loki;
    }
    const log = loki.log();
    await loki.stop();
    // Another process may take a free port between our look and Loki's start.
    if (attempt < 3 && log.includes('address already in use')) {
      continue;
    }
    throw new Error(`Loki did not start: ${problem}. Its log:\n${log.slice(-8_000)}`);
  }
}

/**
 * Why there is no real Loki on this machine, in a line; `undefined` when there is one, which is built here if need be.
 */
export async function whyNoLoki(): Promise<string | undefined> {
  try {
    await ensureLokiBinary({ onProgress: (line) => console.error(line) });
    return undefined;
  } catch (error) {
    if (!(error instanceof LokiBuildError)) throw error;
    return error.message;
  }
}

/** A running Loki with a store of its own, and ways to ask it what it holds. */
export class RealLoki implements LokiUnderTest {
  static async launch(binary: string, options: RealLokiOptions): Promise<RealLoki> {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lambdawatch-loki-'));
    const [httpPort, grpcPort] = await freePorts(2);
    const configFile = path.join(dir, 'loki.yaml');
    const { authEnabled = false, limits = {}, config = {} } = options;
    fs.writeFileSync(
      configFile,
      lokiConfig({ dir, httpPort: httpPort!, grpcPort: grpcPort!, authEnabled, limits, config }),
    );
    const log = fs.openSync(path.join(dir, 'loki.log'), 'w');
    const child = spawn(binary, [`-config.file=${configFile}`], { cwd: dir, stdio: ['ignore', log, log] });
    fs.closeSync(log);
    const endWatch = child.pid === undefined ? () => undefined : killWhenWeEnd(child.pid, dir);
    return new RealLoki(child, dir, httpPort!, options.tenant ?? (authEnabled ? 'test' : undefined), endWatch);
  }

  readonly baseUrl: string;
  readonly pushUrl: string;
  readonly #child: ChildProcess;
  readonly #dir: string;
  readonly #tenant: string | undefined;
  readonly #exited: Promise<string>;
  readonly #endWatch: () => void;
  #hasExited = false;

  private constructor(
    child: ChildProcess,
    dir: string,
    httpPort: number,
    tenant: string | undefined,
    endWatch: () => void,
  ) {
    this.#child = child;
    this.#dir = dir;
    this.#tenant = tenant;
    this.#endWatch = endWatch;
    this.baseUrl = `http://127.0.0.1:${httpPort}`;
    this.pushUrl = `${this.baseUrl}/loki/api/v1/push`;
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) => resolve(String(error)));
      child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `code ${code}`}`));
    });
    void this.#exited.then(() => {
      this.#hasExited = true;
    });
    // A test that forgets to stop Loki must still end.
    child.unref();
  }

  /** The process id of the server, for those who measure or freeze it. */
  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Where it stores chunks. */
  get chunksDirectory(): string {
    return path.join(this.#dir, 'chunks');
  }

  /** Resolves with nothing when Loki is ready, else with what is wrong. */
  async whenReady(timeoutMs = READY_TIMEOUT_MS): Promise<string | undefined> {
    const deadline = Date.now() + timeoutMs;
    let last = 'no answer yet';
    while (!this.#hasExited && Date.now() < deadline) {
      try {
        const response = await fetch(`${this.baseUrl}/ready`, { signal: AbortSignal.timeout(2_000) });
        last = `${response.status} ${(await response.text()).trim()}`;
        if (response.ok) {
          return undefined;
        }
      } catch (error) {
        last = String((error as Error).cause ?? error);
      }
      await Promise.race([sleep(50), this.#exited]);
    }
    return this.#hasExited ? this.#exited : `not ready after ${timeoutMs} ms, last answer of /ready: ${last}`;
  }

  /** What Loki wrote to its log (warnings and worse). */
  log(): string {
    return fs.readFileSync(path.join(this.#dir, 'loki.log'), 'utf8');
  }

  async query(query: LokiQuery = {}): Promise<StoredLine[]> {
    return queryRange(this.baseUrl, { tenant: this.#tenant, ...query });
  }

  async lines(tenant?: string): Promise<StoredLine[]> {
    return this.query(tenant === undefined ? {} : { tenant });
  }

  async waitForLines(count: number, timeoutMs = 10_000): Promise<StoredLine[]> {
    return this.waitFor((lines) => lines.length >= count, timeoutMs);
  }

  /**
   * Queries again and again until `predicate` likes the lines, and returns them.
   * Rejects after `timeoutMs` (default 10 000).
   */
  async waitFor(
    predicate: (lines: StoredLine[]) => boolean,
    timeoutMs = 10_000,
    query: LokiQuery = {},
  ): Promise<StoredLine[]> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const lines = await this.query(query);
      if (predicate(lines)) {
        return lines;
      }
      if (Date.now() >= deadline) {
        throw new Error(`not the expected lines in Loki after ${timeoutMs} ms; it has ${lines.length}`);
      }
      await sleep(50);
    }
  }

  /** Names of all labels. */
  async labels(tenant?: string): Promise<string[]> {
    return this.#get<string[]>('labels', {}, tenant);
  }

  /** The label sets of all streams that match `selector` (default: all). */
  async series(selector = '{service_name=~".+"}', tenant?: string): Promise<Record<string, string>[]> {
    return this.#get<Record<string, string>[]>('series', { 'match[]': selector }, tenant);
  }

  /** Kills Loki and removes its folder. May be called twice. */
  async stop(): Promise<void> {
    if (!this.#hasExited) {
      this.#child.ref();
      this.#child.kill('SIGKILL');
    }
    await this.#exited;
    this.#endWatch();
    await fs.promises.rm(this.#dir, { recursive: true, force: true });
  }

  async #get<T>(api: string, parameters: Record<string, string>, tenant = this.#tenant): Promise<T> {
    const start = `${BigInt(Date.now() - 8 * 86_400_000) * 1_000_000n}`;
    const response = await fetch(
      `${this.baseUrl}/loki/api/v1/${api}?${new URLSearchParams({ start, ...parameters })}`,
      {
        headers: tenant ? { 'X-Scope-OrgID': tenant } : {},
      },
    );
    if (!response.ok) {
      throw new Error(`${api} answered ${response.status}: ${await response.text()}`);
    }
    return ((await response.json()) as { data?: T }).data ?? ([] as T);
  }
}

/**
 * Kills `pid` and removes `dir` when this process ends, however it ends: a small shell waits for the end of a pipe that
 * we hold. Returns a function that calls it off.
 */
function killWhenWeEnd(pid: number, dir: string): () => void {
  // Detached, so that an interrupt from the terminal doesn't end the shell before its time.
  const shell = spawn('sh', ['-c', 'cat >/dev/null; kill -9 "$1" 2>/dev/null; rm -rf "$2"', 'sh', String(pid), dir], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.on('error', () => undefined).unref();
  shell.stdin.on('error', () => undefined);
  (shell.stdin as net.Socket).unref();
  return () => {
    if (shell.pid === undefined || shell.exitCode !== null || shell.killed) {
      return;
    }
    // First the shell, so that it doesn't see the end of its cat; then the rest of its group.
    shell.kill('SIGKILL');
    process.kill(-shell.pid, 'SIGKILL');
  };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      async () =>
        new Promise<net.Server>((resolve, reject) => {
          const server = net
            .createServer()
            .once('error', reject)
            .listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map(async (server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
