import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Harness, Outcome, Run } from './harness';
import { type Group, type Variable, variablesOf } from './options';

/** What Lambda itself puts into an extension's environment. */
export const LAMBDA_ENV: Readonly<Record<string, string>> = {
  AWS_REGION: 'eu-west-1',
  AWS_DEFAULT_REGION: 'eu-west-1',
  AWS_LAMBDA_FUNCTION_NAME: 'bench',
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  PATH: '/usr/local/bin:/usr/bin/:/bin:/opt/bin',
  TZ: ':UTC',
};

/** A run as the figures ask for it. `env` takes precedence over what the subject was made with. */
export type SubjectRun = Omit<Run, 'executable' | 'env' | 'log'> & { readonly env?: Readonly<Record<string, string>> };

/** An extension to be measured. */
export class Subject {
  /**
   * @param folder  an empty folder of its own. The executable is copied there, so that nothing else that runs the same
   * file holds its pages;
   *                it keeps its name, under which it registers.
   */
  static async create(
    name: string,
    executable: string,
    variables: readonly Variable[],
    folder: string,
  ): Promise<Subject> {
    await fs.mkdir(folder, { recursive: true });
    const copy = path.join(folder, path.basename(executable));
    await fs.copyFile(executable, copy);
    await fs.chmod(copy, 0o755);
    return new Subject(name, copy, variables, folder);
  }

  readonly #variables: readonly Variable[];
  readonly #folder: string;
  #runs = 0;

  private constructor(
    readonly name: string,
    readonly executable: string,
    variables: readonly Variable[],
    folder: string,
  ) {
    this.#variables = variables;
    this.#folder = folder;
  }

  /**
   * One run, with the variables that belong to a group of figures, and what `read` finds in what reached Loki.
   * Several may go on at once.
   * @throws Error where the extension does not do its part
   */
  async run<T>(harness: Harness, group: Group, run: SubjectRun, read: (pushes: Buffer) => T): Promise<Outcome & T>;
  async run(harness: Harness, group: Group, run: SubjectRun): Promise<Outcome>;
  async run<T>(
    harness: Harness,
    group: Group,
    run: SubjectRun,
    read?: (pushes: Buffer) => T,
  ): Promise<Outcome | (Outcome & T)> {
    const env = { ...LAMBDA_ENV, ...variablesOf(this.#variables, group), ...run.env };
    const [log, pushes] = ['log', 'pushes'].map((kind) => path.join(this.#folder, `${kind}-${this.#runs}`));
    this.#runs++;
    try {
      const kept = read && pushes;
      const outcome = await harness.run({ ...run, executable: this.executable, env, log, pushes: kept });
      return read === undefined ? outcome : { ...outcome, ...read(await fs.readFile(pushes)) };
    } catch (error) {
      // A peer may well have the same file name as ours.
      throw new Error(`${this.name}, in group ${group}: ${(error as Error).message}`);
    } finally {
      for (const file of [log, pushes]) await fs.rm(file, { force: true });
    }
  }
}

/** What tells one build of a program from another where nobody has said its version. */
export async function fingerprint(executable: string): Promise<string> {
  const hash = createHash('sha256').update(await fs.readFile(executable));
  return `sha256 ${hash.digest('hex').slice(0, 10)}`;
}
