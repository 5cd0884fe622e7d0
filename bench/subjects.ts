import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Harness, Outcome, Run } from './harness';
import { type Group, type Variable, variablesOf } from './options';

/** What Lambda itself puts into an extension's environment. */
const LAMBDA_ENV: Readonly<Record<string, string>> = {
  AWS_REGION: 'eu-west-1',
  AWS_DEFAULT_REGION: 'eu-west-1',
  AWS_LAMBDA_FUNCTION_NAME: 'bench',
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  PATH: '/usr/local/bin:/usr/bin/:/bin:/opt/bin',
  TZ: ':UTC',
};

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

  private constructor(
    readonly name: string,
    readonly executable: string,
    variables: readonly Variable[],
    folder: string,
  ) {
    this.#variables = variables;
    this.#folder = folder;
  }

  /** File for what reached Loki in a run; overwritten by the next run that asks for it. */
  get pushes(): string {
    return path.join(this.#folder, 'pushes');
  }

  /**
   * One run, with the variables that belong to a group of figures. @throws Error where the extension does not do its
   * part
   */
  async run(harness: Harness, group: Group, run: Omit<Run, 'executable' | 'env' | 'log'>): Promise<Outcome> {
    const env = { ...LAMBDA_ENV, ...variablesOf(this.#variables, group) };
    try {
      return await harness.run({ ...run, executable: this.executable, env, log: path.join(this.#folder, 'log') });
    } catch (error) {
      // A peer may well have the same file name as ours.
      throw new Error(`${this.name}, in group ${group}: ${(error as Error).message}`);
    }
  }
}
