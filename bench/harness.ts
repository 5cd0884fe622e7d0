import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { cached, cacheDir, hashOf, hashOfFolder } from '../build/cache';
import { CommandError, runCommand } from '../build/command';

const CRATE = path.join(__dirname, 'harness');

/** Static and without relocations, so that the floor is the least that any start can cost. */
const RUST_FLAGS = ['-Ctarget-feature=+crt-static', '-Crelocation-model=static'];

/** Memory in kilobytes of 1024 bytes. */
export interface Memory {
  readonly residentKb: number;
  readonly anonymousKb: number;
  readonly peakKb: number;
}

export interface InvocationOutcome {
  /** From the last byte of the delivery with `runtimeDone` to the arrival of `/next`; 0 where `/next` came first. */
  readonly heldNs: number;
  /** The same from the function's end. */
  readonly sinceEndNs: number;
  /** From the first byte of its telemetry to `/next`, or to the end of its telemetry where that is later. */
  readonly wallNs: number;
  /** CPU time of the extension from this INVOKE to the following one; after the last one, to the end of `settleMs`. */
  readonly cpuNs: number;
  /** From this INVOKE to the following one, too. */
  readonly pushes: number;
  readonly memory: Memory;
}

export interface Outcome {
  /** From just before exec to the arrival of the first `/next`. */
  readonly startNs: number;
  readonly startCpuNs: number;
  /** Pages of the executable that were still in the page cache after it was thrown out. */
  readonly cachedPages: number;
  readonly invocations: readonly InvocationOutcome[];
  /** At the end of the last invocation, after `settleMs`. */
  readonly memory: Memory;
  /** Absent where the extension was ended without a SHUTDOWN event, because nothing was invoked. */
  readonly shutdown: { readonly ns: number; readonly exitCode: number | null } | null;
}

export interface Run {
  readonly executable: string;
  /** Of the executable: how a profiler is given its program. */
  readonly arguments?: readonly string[];
  /** The whole environment, but for `AWS_LAMBDA_RUNTIME_API`. `{endpoint}` stands for Loki's push URL. */
  readonly env: Readonly<Record<string, string>>;
  /** File of a script (see `telemetry.ts`). Without one, the extension is killed after its first `/next`. */
  readonly script?: string;
  /** File for what reached Loki. */
  readonly pushes?: string;
  /** What the extension writes goes there. */
  readonly log: string;
  readonly lokiLatencyMs?: number;
  /** PEM files with which Loki speaks TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  readonly settleMs?: number;
  /** Longest wait for one `/next`. */
  readonly limitMs?: number;
  /** How long the extension may take to end after SHUTDOWN. */
  readonly shutdownMs?: number;
  /** How long the function runs. */
  readonly functionMs?: number;
  /** Between `/next` and the following INVOKE. */
  readonly pauseMs?: number;
  /** From the function's end to the delivery of its telemetry. */
  readonly telemetryDelayMs?: number;
  /** From one INVOKE to the next, with the extension frozen as soon as it may be. Without it nothing is ever frozen. */
  readonly periodMs?: number;
  /** Invocations before those that are measured, so many milliseconds apart. */
  readonly leadIn?: { readonly invocations: number; readonly periodMs: number };
  /** `cgroup.procs` of a control group to start in. */
  readonly controlGroup?: string;
  /** Whether the executable is thrown out of the page cache first. */
  readonly cold?: boolean;
}

/** The program that runs extensions and times them, and a client that does the least. */
export class Harness {
  /**
   * Built at the first call, which takes seconds, then taken from the cache.
   * @throws Error where there is no Rust
   */
  static async ensure(progress: (line: string) => void): Promise<Harness> {
    const version = await runCommand('rustc', ['-vV']).catch((error: CommandError) => {
      throw new Error(
        `The benchmark's harness needs Rust 1.87 or newer (${error.message}). Install it from https://rustup.rs.`,
      );
    });
    const inputs = hashOf(await hashOfFolder(CRATE, ['target']), version, ...RUST_FLAGS);
    const dir = await cached('bench-harness', inputs, async (temporary) => {
      progress('building the harness');
      // Kept, so that a change costs the harness alone and not the crates below it.
      const target = path.join(cacheDir(), `cargo-bench-${hashOf(version, ...RUST_FLAGS)}`);
      try {
        await runCommand('cargo', ['build', '--release', '--locked', '--color', 'never'], {
          cwd: CRATE,
          env: { ...process.env, CARGO_TARGET_DIR: target, CARGO_ENCODED_RUSTFLAGS: RUST_FLAGS.join('\x1f') },
        });
      } catch (error) {
        throw new Error(
          `The benchmark's harness could not be built (it needs Rust 1.87 or newer): ${(error as CommandError).output}`,
        );
      }
      for (const name of ['harness', 'floor']) {
        await fs.copyFile(path.join(target, 'release', name), path.join(temporary, name));
      }
    });
    return new Harness(path.join(dir, 'harness'), path.join(dir, 'floor'));
  }

  readonly #program: string;

  /** @param floor executable of the client that only registers, subscribes and calls `/next` */
  private constructor(
    program: string,
    readonly floor: string,
  ) {
    this.#program = program;
  }

  /** @throws Error where the extension does not do its part; the message has the last lines that it wrote */
  async run(run: Run): Promise<Outcome> {
    const args = ['--executable', run.executable, '--log', run.log];
    for (const [name, value] of Object.entries(run.env)) args.push('--env', `${name}=${value}`);
    if (run.script !== undefined) args.push('--script', run.script);
    if (run.pushes !== undefined) args.push('--pushes', run.pushes);
    if (run.controlGroup !== undefined) args.push('--control-group', run.controlGroup);
    if (run.cold) args.push('--cold');
    if (run.tls !== undefined) args.push('--tls', `${run.tls.certificate},${run.tls.key}`);
    for (const argument of run.arguments ?? []) args.push('--argument', argument);
    const numbers = {
      '--loki-latency-ms': run.lokiLatencyMs,
      '--settle-ms': run.settleMs,
      '--limit-ms': run.limitMs,
      '--shutdown-ms': run.shutdownMs,
      '--function-ms': run.functionMs,
      '--pause-ms': run.pauseMs,
      '--telemetry-delay-ms': run.telemetryDelayMs,
      '--period-ms': run.periodMs,
      '--lead-in': run.leadIn?.invocations,
      '--lead-in-period-ms': run.leadIn?.periodMs,
    };
    for (const [option, value] of Object.entries(numbers)) {
      if (value !== undefined) args.push(option, String(value));
    }
    await fs.rm(run.log, { force: true });
    try {
      return JSON.parse(await runCommand(this.#program, args)) as Outcome;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      const said = await fs.readFile(run.log, 'utf8').catch(() => '');
      throw new Error(
        [
          error.output,
          ...said
            .split('\n')
            .filter((line) => line !== '')
            .slice(-5),
        ].join('\n    '),
      );
    }
  }
}
