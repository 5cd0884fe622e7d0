import { createReadStream } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { runCommand } from '../../build/command';
import { debianProgram } from '../../build/debian';
import type { Harness, Run } from '../harness';
import { LAMBDA_ENV } from '../subjects';
import { scriptFor, type Workload } from '../telemetry';

/**
 * Settings under which no clock has a say in what is done, as valgrind runs everything some fifty times slower: lines
 * are sent at the end of an invocation, and a burst does not go in as many pushes as the moment allows.
 */
const UNHURRIED: Readonly<Record<string, string>> = {
  LOKI_ENDPOINT: '{endpoint}',
  LOKI_FLUSH_INTERVAL_MS: '3600000',
  LOKI_BATCH_SIZE: '10000',
  LOKI_BUFFER_SIZE: '20000',
  LOKI_REQUEST_TIMEOUT_MS: '60000',
  LOKI_FLUSH_TIMEOUT_MS: '600000',
};

const LIMIT_MS = 120_000;

export interface CountOptions {
  /** Whether the profile has the address of each instruction, beside what is counted for functions. */
  readonly addresses?: boolean;
  /** PEM files with which Loki speaks TLS. */
  readonly tls?: Run['tls'];
  readonly env?: Readonly<Record<string, string>>;
}

/** What a run under callgrind gave. */
export interface Counted {
  readonly instructions: number;
  readonly pushes: number;
  /** What callgrind has written. */
  readonly profile: string;
}

/** Runs executables under valgrind, mostly its tool callgrind, which counts every instruction of theirs. */
export class Callgrind {
  /** @throws DebianPackageError where this machine has no valgrind and can't get it */
  static async ensure(harness: Harness, folder: string): Promise<Callgrind> {
    const program = await debianProgram('valgrind', 'usr/bin/valgrind.bin');
    return new Callgrind(harness, program, folder);
  }

  readonly #harness: Harness;
  readonly #valgrind: string;
  readonly #folder: string;
  #runs = 0;

  private constructor(harness: Harness, valgrind: string, folder: string) {
    this.#harness = harness;
    this.#valgrind = valgrind;
    this.#folder = folder;
  }

  /** From the start to the end after SHUTDOWN. Without invocations that is all there is. */
  async count(executable: string, workload?: Workload, options: CountOptions = {}): Promise<Counted> {
    const profile = path.join(this.#folder, `profile-${this.#runs++}`);
    const tool = [
      '--tool=callgrind',
      `--callgrind-out-file=${profile}`,
      ...(options.addresses ? ['--dump-instr=yes', '--compress-pos=no'] : []),
    ];
    const { invocations } = await this.#run(tool, executable, workload, options);
    const text = await fs.readFile(profile, 'utf8');
    const total = /^(?:totals|summary): (\d+)$/m.exec(text);
    if (total === null) throw new Error(`callgrind has not said how many instructions there were, in ${profile}`);
    const pushes = invocations.reduce((all, one) => all + one.pushes, 0);
    return { instructions: Number(total[1]), pushes, profile: text };
  }

  /** The addresses that are read, each once: by valgrind's tool lackey, which writes some 20 bytes for each access. */
  async reads(executable: string, workload: Workload): Promise<number[]> {
    const pipe = path.join(this.#folder, `reads-${this.#runs++}`);
    await runCommand('mkfifo', [pipe]);
    const seen = new Set<string>();
    const reading = (async () => {
      for await (const line of createInterface({ input: createReadStream(pipe) })) {
        if (line.startsWith(' L ') || line.startsWith(' M ')) seen.add(line.slice(3, line.indexOf(',')));
      }
    })();
    await this.#run(['--tool=lackey', '--trace-mem=yes', `--log-file=${pipe}`], executable, workload, {});
    await reading;
    return [...seen].map((hex) => Number.parseInt(hex, 16));
  }

  async #run(tool: readonly string[], executable: string, workload: Workload | undefined, options: CountOptions) {
    const run = this.#runs++;
    const [script, log] = ['script', 'log'].map((kind) => path.join(this.#folder, `${kind}-${run}`));
    await fs.writeFile(script, workload === undefined ? '' : scriptFor(workload).content);
    const outcome = await this.#harness.run({
      executable: this.#valgrind,
      arguments: [...tool, executable],
      tls: options.tls,
      // Where the package is only unpacked, its tools are not where it looks for them.
      env: {
        ...LAMBDA_ENV,
        ...UNHURRIED,
        ...options.env,
        VALGRIND_LIB: path.join(path.dirname(this.#valgrind), '..', 'libexec', 'valgrind'),
      },
      script,
      log,
      functionMs: 20,
      pauseMs: 20,
      limitMs: LIMIT_MS,
      shutdownMs: LIMIT_MS,
    });
    if (outcome.shutdown?.exitCode !== 0) {
      throw new Error(`Under valgrind the extension ended badly:\n${await fs.readFile(log, 'utf8')}`);
    }
    return outcome;
  }
}
