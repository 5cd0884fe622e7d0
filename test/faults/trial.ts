import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCertificate } from '../extension/platform/peers/certificates';
import {
  FakeLoki,
  type FakeLokiOptions,
  type Fault as Answer,
  type PushRecord,
  type Rule,
  startFakeLoki,
  startTcpProxy,
  type TcpProxy,
} from '../../sandbox/loki';
import {
  type Environment,
  type EnvironmentOptions,
  type InvokeResult,
  peakMemory,
  scriptedRuntime,
  type ShutdownReason,
} from '../../sandbox';
import { environmentWithLayer } from '../support/e2e';
import { type Condition, healthyMs, NEAR } from './conditions';
import { account, type Account, Expected, lossesIn, reportedIn } from './oracle';
import { leastMs, leastToKnow, mayMissTroubles, onTheirWay, settledMs, toBringAllMs } from './strategy';
import { type Work, workOf } from './work';

export type { Work } from './work';

/** Loki is away as a whole: nothing listens, or every push gets this. */
export type Outage = 'refused' | 'mute' | Answer;

/** An invocation of a trial. */
export interface Invocation {
  readonly result: InvokeResult;
  readonly heldMs: number;
  /** Which invocation of an outage this was, counted from 1. */
  readonly ofOutage?: number;
}

/** The figures of one fault under one condition. */
export interface Figures extends Account {
  readonly heldMs: readonly number[];
  readonly heldInOutageMs: readonly number[];
  readonly pushes: number;
  /** Pushes that reached Loki per line that it stored. */
  readonly pushesPerLine: number;
  /**
   * Tries per second while Loki was away; undefined where it wasn't, or where tries can't be seen because nothing
   * listened.
   */
  readonly triesPerSecond?: number;
  /** Invocations after the trouble until nothing was missing. */
  readonly recoveredAfter?: number;
  /** Highest resident memory of the extension, in KiB. */
  readonly peakKib: number;
}

type Options = Partial<Omit<EnvironmentOptions, 'layerZips' | 'extensions'>>;

/** How long a trial waits for a Loki that is well again to get what is missing. */
const RECOVERY_MS = 300_000;

/**
 * No longer than this without any progress, and so many invocations: one in eight looks longer for a Loki that is slow.
 */
const STANDSTILL_MS = 30_000;
const STANDSTILL_INVOCATIONS = 20;

const tls = (() => {
  let made: { key: string; cert: string } | undefined;
  return () => {
    if (!made) {
      const { pem, keyPem } = makeCertificate({
        name: 'Loki of the trials',
        addresses: [[127, 0, 0, 1]],
        hosts: ['localhost'],
      });
      made = { key: keyPem, cert: pem };
    }
    return made;
  };
})();

/** One run of the built layer against a fake Loki that can be made to fail, with the books kept. */
export class Trial {
  readonly environments: Environment[] = [];
  readonly invocations: Invocation[] = [];
  /** What was not as it has to be. */
  readonly failures: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'trial-'));
  /** The certificate authority of a Loki with TLS: its file, and its text. */
  readonly caFile = join(this.#folder, 'ca.pem');
  readonly caPem = tls().cert;
  /** How long the extension has waited for a processor, in milliseconds: no doing of its own. */
  starvedMs = 0;
  readonly #expected = new Expected();
  /** What was missing long after Loki was well again, if anything was. */
  unrecovered: string | undefined;
  #peakKib = 0;
  #outage: { readonly what: Outage; readonly since: number; readonly pushes: number; invocations: number } | undefined;
  readonly #tries = { pushes: 0, seconds: 0 };
  #recoveredAfter: number | undefined;

  /** @param proxy stands before Loki where connections are to fail, or are long. */
  private constructor(
    readonly loki: FakeLoki,
    readonly proxy: TcpProxy | undefined,
    readonly condition: Condition,
  ) {
    if (condition.tlsWayMs !== undefined) writeFileSync(this.caFile, this.caPem);
  }

  static async start(
    { proxied = false, ...options }: FakeLokiOptions & { readonly proxied?: boolean } = {},
    condition: Condition = NEAR,
  ): Promise<Trial> {
    const { latencyMs, tlsWayMs } = condition;
    const loki = await startFakeLoki({ latencyMs, ...(tlsWayMs === undefined ? {} : { tls: tls() }), ...options });
    const proxy =
      proxied || tlsWayMs !== undefined
        ? await startTcpProxy({ target: loki.pushUrl, latencyMs: 2 * (tlsWayMs ?? 0) })
        : undefined;
    return new Trial(loki, proxy, condition);
  }

  get pushUrl(): string {
    return this.proxy?.through(this.loki.pushUrl) ?? this.loki.pushUrl;
  }

  /** What a push takes while Loki is well, in milliseconds. */
  get healthyMs(): number {
    return healthyMs(this.condition);
  }

  get environment(): Environment {
    return this.environments.at(-1)!;
  }

  /** Everything that the extensions said. */
  get said(): string {
    return this.environments.map(({ extensionStderr }) => extensionStderr).join('');
  }

  get results(): readonly InvokeResult[] {
    return this.invocations.map(({ result }) => result);
  }

  expect(holds: boolean, what: string): void {
    if (!holds) this.failures.push(what);
  }

  /** Expects the extension to have said something like this, `times` times if given. */
  expectSaid(text: RegExp, times?: number): void {
    const found = this.said.match(new RegExp(text.source, `g${text.flags.replace('g', '')}`))?.length ?? 0;
    if (found === 0 && mayMissTroubles()) return;
    if (times === undefined ? found === 0 : found !== times)
      this.failures.push(`${text} was said ${found} times; the extension said:\n${this.said}`);
  }

  async environmentOf(options: Options = {}): Promise<Environment> {
    const environment = await environmentWithLayer(
      { pushUrl: this.pushUrl },
      {
        timeoutMs: 10_000,
        runtime: scriptedRuntime(workOf),
        ...options,
        environment: {
          ...(this.condition.tlsWayMs === undefined ? {} : { LOKI_CA_CERT: this.caFile }),
          ...options.environment,
        },
      },
    );
    this.environments.push(environment);
    return environment;
  }

  /** Invokes the newest environment, or another one. */
  async invoke(
    work: Work = {},
    options: { readonly timeoutMs?: number } = {},
    environment = this.environment,
  ): Promise<InvokeResult> {
    const outage = this.#outage;
    if (outage) outage.invocations++;
    const ofOutage = outage?.invocations;
    const result = await environment.invoke({ ms: leastMs(), ...work }, options);
    this.invocations.push({
      result,
      heldMs: result.extensionOverheadMs,
      ...(ofOutage === undefined ? {} : { ofOutage }),
    });
    this.#measure();
    return result;
  }

  /** Invokes it and expects that the function's outcome is untouched. */
  async succeed(
    work: Work = {},
    options: { readonly timeoutMs?: number } = {},
    environment = this.environment,
  ): Promise<InvokeResult> {
    const result = await this.invoke(work, options, environment);
    if (result.status !== 'success' || result.reset) {
      this.failures.push(
        `the function's outcome is ${result.status} after ${Math.round(result.durationMs)} ms; the extension said:\n${this.said}`,
      );
    }
    return result;
  }

  /** From now on nothing gets through to Loki. */
  async away(what: Outage): Promise<void> {
    this.#outage = { what, since: Date.now(), pushes: this.loki.pushes.length, invocations: 0 };
    if (what === 'refused') {
      await this.proxy?.setMode('refuse');
      this.proxy?.setOpenConnections('reset');
      await this.loki.down();
    } else {
      this.loki.script({ fault: what === 'mute' ? { kind: 'black-hole' } : what });
    }
  }

  /** From now on pushes meet these rules; others get through. */
  trouble(rules: Rule | readonly Rule[]): void {
    this.loki.script(rules);
  }

  /** Loki is well again. */
  async well(): Promise<void> {
    const outage = this.#outage;
    this.#outage = undefined;
    if (outage && outage.what !== 'refused') {
      this.#tries.pushes += this.loki.pushes.length - outage.pushes;
      this.#tries.seconds += (Date.now() - outage.since) / 1000;
    }
    this.loki.script();
    await this.loki.up();
    if (this.proxy?.mode === 'refuse') await this.proxy.setMode('pass');
  }

  /**
   * Loki is well again, and the function goes on being invoked until nothing is missing.
   * @param pauseMs between invocations: longer than lines may wait where nothing tells an end.
   * @param settleMs after an invocation, until its lines are looked for: as long as Loki takes where nobody waits.
   */
  async recover(pauseMs = 100, settleMs = settledMs(this.condition)): Promise<void> {
    await this.well();
    const mayBeMissing = onTheirWay(this.environments.length);
    const started = Date.now();
    let progressAt = started;
    let missing = Infinity;
    const standstillMs = STANDSTILL_MS + STANDSTILL_INVOCATIONS * settleMs;
    for (let count = 1; Date.now() - started < RECOVERY_MS && Date.now() - progressAt < standstillMs; count++) {
      await this.succeed({ lines: 1 }, { timeoutMs: 10_000 });
      await sleep(settleMs);
      const now = this.#expected.count(this.environments) - this.loki.storedCount;
      // Looking for what is on record in Loki takes time, and is needed only where lines are lost.
      const lost = Math.max(lossesIn(this.said), now > 0 && now === missing ? reportedIn(this.loki.stored) : 0);
      // The last platform lines of an invocation may be on their way with the next.
      if (now <= lost + mayBeMissing && count >= leastToKnow()) {
        this.#recoveredAfter ??= count;
        if (now <= mayBeMissing || count > 2) return;
      }
      // While Loki asks for a pause, lines pile up; what counts is that they go down again.
      if (now < missing) progressAt = Date.now();
      missing = now;
      await sleep(pauseMs);
    }
    if (this.#recoveredAfter === undefined) {
      this.unrecovered = `${missing} lines are still missing ${Math.round((Date.now() - started) / 1000)} s after Loki is well again, invoked all the time`;
    }
  }

  /** Ends the newest environment in the regular way, and expects the extension to end by itself and in time. */
  async shutdown(reason?: ShutdownReason, environment = this.environment): Promise<number> {
    await this.#bringAll(environment);
    this.#measure();
    const { extensionExitCodes, durationMs, killed } = await environment.shutdown(reason);
    const ended = `the end took ${Math.round(durationMs)} ms, exit codes ${JSON.stringify(extensionExitCodes)}, killed ${JSON.stringify(killed)}; the extension said:\n${this.said}`;
    // Lambda kills what still runs at the deadline; what has ended by itself has this exit code, however late the
    // sandbox is to see it.
    this.expect(extensionExitCodes.lambdawatch === 0, ended);
    return durationMs;
  }

  /** Where lines wait for the next invocation, and Loki takes too long for SHUTDOWN, the last one takes its time. */
  async #bringAll(environment: Environment): Promise<void> {
    const ms = this.#outage === undefined ? toBringAllMs(this.condition) : 0;
    if (ms > 0) await this.succeed({ lines: 0, ms }, { timeoutMs: ms + 10_000 }, environment);
  }

  /**
   * The host stands still: all processes of the newest environment are stopped for a while, whatever they are doing.
   */
  async stall(ms: number): Promise<void> {
    const pid = this.environment.pid('lambdawatch')!;
    process.kill(-pid, 'SIGSTOP');
    await sleep(ms);
    process.kill(-pid, 'SIGCONT');
  }

  /** Processor time of the extension so far, in milliseconds. */
  cpuMs(): number {
    const pid = this.environment.pid('lambdawatch');
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  figures(fromWriting = false): Figures {
    const isSwallowed = ({ clientPort, settledAt = Infinity }: PushRecord): boolean =>
      this.proxy?.hasSwallowed(clientPort, settledAt) ?? false;
    const books = account(this.environments, this.loki, this.said, fromWriting, isSwallowed);
    return {
      ...books,
      heldMs: this.invocations.map(({ heldMs }) => heldMs),
      heldInOutageMs: this.invocations.filter(({ ofOutage }) => ofOutage !== undefined).map(({ heldMs }) => heldMs),
      pushes: this.loki.pushes.length,
      pushesPerLine: this.loki.pushes.length / Math.max(1, this.loki.stored.length),
      ...(this.#tries.seconds > 0 ? { triesPerSecond: this.#tries.pushes / Math.max(1, this.#tries.seconds) } : {}),
      ...(this.#recoveredAfter === undefined ? {} : { recoveredAfter: this.#recoveredAfter }),
      peakKib: this.#peakKib,
    };
  }

  async stop(): Promise<void> {
    for (const environment of this.environments) await environment.close();
    await this.proxy?.stop();
    await this.loki.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #measure(): void {
    const pid = this.environment.pid('lambdawatch');
    if (pid === undefined) return;
    this.#peakKib = Math.max(this.#peakKib, Math.round(peakMemory(pid) / 1024));
    this.starvedMs = Math.max(this.starvedMs, waitedMs(pid));
  }
}

/** How long a process was ready to run and had no processor (Linux: `/proc/PID/schedstat`). */
function waitedMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}
