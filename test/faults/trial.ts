import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { FakeLoki, type FakeLokiOptions, startFakeLoki, startTcpProxy, type TcpProxy } from '../loki/fake';
import { type Environment, type EnvironmentOptions, type InvokeResult, scriptedRuntime, type ScriptedIo } from '../sandbox';
import { environmentWithLayer } from '../support/e2e';
import { account, type Account } from './oracle';

/** What the function of a trial is told to do. */
export interface Work {
  /** Lines to write. Default 10. */
  readonly lines?: number;
  /** Least bytes of a line. Default 0. */
  readonly bytes?: number;
  /** Time that it takes, in milliseconds, after writing. Default 0. */
  readonly ms?: number;
  /** Spread the lines evenly over `ms`, in so many pieces. */
  readonly pieces?: number;
  readonly then?: 'throw' | 'exit' | 'kill' | 'hang';
}

/** The figures of one fault, a row of the table. */
export interface Figures extends Account {
  readonly heldMs: readonly number[];
  /** Highest resident memory of the extension, in KiB. */
  readonly peakKib: number;
}

type Options = Partial<Omit<EnvironmentOptions, 'layerZips' | 'extensions'>>;

/** One run of the built layer against a fake Loki that can be made to fail, with the books kept. */
export class Trial {
  readonly loki: FakeLoki;
  /** Stands before Loki where connections are to fail. */
  readonly proxy: TcpProxy | undefined;
  readonly environments: Environment[] = [];
  readonly results: InvokeResult[] = [];
  peakKib = 0;
  /** Everything that the extensions said. */
  #said = '';
  #line = 0;

  private constructor(loki: FakeLoki, proxy: TcpProxy | undefined) {
    this.loki = loki;
    this.proxy = proxy;
  }

  static async start({ proxied = false, ...options }: FakeLokiOptions & { readonly proxied?: boolean } = {}): Promise<Trial> {
    const loki = await startFakeLoki(options);
    return new Trial(loki, proxied ? await startTcpProxy({ target: loki.pushUrl }) : undefined);
  }

  get pushUrl(): string {
    return this.proxy?.through(this.loki.pushUrl) ?? this.loki.pushUrl;
  }

  get environment(): Environment {
    return this.environments.at(-1)!;
  }

  get said(): string {
    return this.#said + this.environments.map(({ extensionStderr }) => extensionStderr).join('');
  }

  async environmentOf(options: Options = {}): Promise<Environment> {
    const environment = await environmentWithLayer({ pushUrl: this.pushUrl }, {
      timeoutMs: 10_000, runtime: scriptedRuntime((work, io) => this.#work((work ?? {}) as Work, io)), ...options,
    });
    this.environments.push(environment);
    return environment;
  }

  /** Invokes the newest environment. */
  async invoke(work: Work = {}, options: { readonly timeoutMs?: number } = {}): Promise<InvokeResult> {
    const result = await this.environment.invoke(work, options);
    this.results.push(result);
    this.measure();
    return result;
  }

  /** Invokes it and asserts that the function's outcome is untouched. */
  async succeed(work: Work = {}, options: { readonly timeoutMs?: number } = {}): Promise<InvokeResult> {
    const result = await this.invoke(work, options);
    assert.equal(result.status, 'success', `the function's outcome, after ${Math.round(result.durationMs)} ms; the extension said:\n${this.said}`);
    assert.equal(result.reset, false);
    return result;
  }

  /** Ends the newest environment in the regular way, and asserts that the extension ends by itself and in time. */
  async shutdown(): Promise<number> {
    this.measure();
    const { extensionExitCodes, durationMs, killed } = await this.environment.shutdown();
    const ended = `shutdown took ${durationMs} ms, exit codes ${JSON.stringify(extensionExitCodes)}, killed ${JSON.stringify(killed)}; the extension said:\n${this.said}`;
    assert.ok(extensionExitCodes.lambdawatch === 0 && killed.length === 0 && durationMs < 2000, ended);
    return durationMs;
  }

  measure(): void {
    const pid = this.environment.pid('lambdawatch');
    if (pid === undefined) return;
    try {
      this.peakKib = Math.max(this.peakKib, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0));
    } catch {
      // It has just ended.
    }
  }

  figures(): Figures {
    return { ...account(this.environments, this.loki.stored), heldMs: this.results.map(({ extensionOverheadMs }) => extensionOverheadMs), peakKib: this.peakKib };
  }

  async stop(): Promise<void> {
    for (const environment of this.environments) await environment.close();
    await this.proxy?.stop();
    await this.loki.stop();
  }

  async #work({ lines = 10, bytes = 0, ms = 0, pieces = 1, then }: Work, io: ScriptedIo): Promise<string> {
    for (let piece = 0; piece < pieces; piece++) {
      const until = Math.round((lines * (piece + 1)) / pieces);
      for (let i = Math.round((lines * piece) / pieces); i < until; i++) io.line(`line ${this.#line++} of the trial `.padEnd(bytes, 'abcdefghij '));
      if (ms > 0) await sleep(ms / pieces, io.signal);
    }
    if (then === 'throw') throw new TypeError('the trial wants an error');
    if (then === 'exit') io.crash({ code: 1 });
    if (then === 'kill') io.crash({ signal: 'SIGKILL' });
    if (then === 'hang') await new Promise((_, reject) => io.signal.addEventListener('abort', () => reject(new Error('ended'))));
    return 'ok';
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
