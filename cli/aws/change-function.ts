import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { CliError } from '../errors';
import type { ConfigurationChange } from '../plan/change';
import { layersOf, variablesOf } from '../plan/function-view';
import { failureText, isAwsError } from './failure';
import type { Functions, FunctionState } from './functions';

/** How often a change is planned again because somebody else has changed the function meanwhile. */
const ATTEMPTS = 10;

export interface Intent {
  readonly change: ConfigurationChange;
  /** Tags to set before the change, so that it is recorded whatever happens to this process. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Called after the record and before the change. @returns a function that undoes it if the change fails */
  readonly prepare?: () => Promise<() => Promise<void>>;
  /** Tags to remove: before the change those that conflict with `tags`, after it those that are no longer true. */
  readonly untagBefore?: readonly string[];
  readonly untagAfter?: readonly string[];
}

/**
 * Reads, plans and writes until nobody has changed the function in between: each write contains the revision that was
 * read. Waits until Lambda has applied the change. If the change can't be made, its preparations are undone.
 * @param first the configuration that has been read already, for the first attempt
 * @param plan `undefined` where there is nothing to do
 * @throws CliError if Lambda could not apply the change
 */
export async function changeFunction(
  functions: Functions,
  name: string,
  first: FunctionState,
  plan: (state: FunctionState) => Intent | undefined,
): Promise<void> {
  const tags = new Tags(functions, first);
  let undo: (() => Promise<void>) | undefined;
  let config: FunctionConfiguration | undefined = first.config;
  let accepted = false;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    config ??= await tags.readAgain(name);
    if (config.LastUpdateStatus === 'InProgress' || config.State === 'Pending') config = await functions.settled(name);
    try {
      const intent = plan({ config, tags: tags.known });
      if (intent === undefined) return;
      if (await tags.change(intent)) {
        // Setting tags may create a new revision.
        const again = await functions.configuration(name);
        if (!sameConfiguration(config, again)) throw new ChangedError();
        config = again;
      }
      undo ??= await intent.prepare?.();
      const { changes, layers, variables } = intent.change;
      if (changes.length > 0) await functions.update(name, { layers, variables, revisionId: config.RevisionId });
      // From here on Lambda has the change, and its record stays.
      accepted = true;
      if (changes.length > 0) checked(name, await functions.settled(name));
      await functions.untag(first.config.FunctionArn ?? '', intent.untagAfter ?? []);
      return;
    } catch (error) {
      if (accepted) throw error;
      const changed =
        error instanceof ChangedError || isAwsError(error, 'PreconditionFailedException', 'ResourceConflictException');
      if (!changed || attempt === ATTEMPTS) {
        const takenBack = await Promise.allSettled([undo?.(), tags.restore()]);
        if (!changed) throw takenBack.every(({ status }) => status === 'fulfilled') ? error : halfDone(name, error);
      } else {
        await delay(100 * attempt);
      }
    }
    config = undefined;
  }
  throw new CliError(
    `${name} was changed by somebody else each of ${ATTEMPTS} times; wait until its deployment is over and run this again`,
  );
}

/** If AWS accepts no calls any more, even the record of the change can't be removed. */
function halfDone(name: string, error: unknown): CliError {
  return new CliError(
    `${failureText(error)}; its layers and variables are as they were, but its tags say that it is attached: run this again, or ` +
      `lambdawatch detach --function ${name}`,
  );
}

/** The configuration has changed since the plan was made. */
class ChangedError extends Error {}

/** A function's tags, as they were read and with later changes. */
class Tags {
  #original: Readonly<Record<string, string>>;
  #present: Record<string, string>;

  constructor(
    private readonly functions: Functions,
    private readonly state: FunctionState,
  ) {
    this.#original = state.tags ?? {};
    this.#present = { ...this.#original };
  }

  /** The tags as far as they are known; `undefined` if they may not be read. */
  get known(): Readonly<Record<string, string>> | undefined {
    return this.state.tags && this.#present;
  }

  /**
   * Somebody else's change may be an `attach`. Its record has to be known: otherwise its variables would count as the
   * user's.
   */
  async readAgain(name: string): Promise<FunctionConfiguration> {
    const { config, tags } = await this.functions.get(name);
    if (tags !== undefined && !isDeepStrictEqual(tags, this.#present)) {
      this.#original = tags;
      this.#present = { ...tags };
    }
    return config;
  }

  /** @returns whether there was anything to change. */
  async change({ tags = {}, untagBefore = [] }: Intent): Promise<boolean> {
    const next = { ...this.#present, ...tags };
    for (const key of untagBefore) delete next[key];
    return this.#write(next);
  }

  async restore(): Promise<void> {
    await this.#write({ ...this.#original });
  }

  async #write(next: Record<string, string>): Promise<boolean> {
    const arn = this.state.config.FunctionArn ?? '';
    const toSet = Object.fromEntries(Object.entries(next).filter(([key, value]) => this.#present[key] !== value));
    const toRemove = Object.keys(this.#present).filter((key) => !(key in next));
    if (Object.keys(toSet).length > 0) await this.functions.tag(arn, toSet);
    await this.functions.untag(arn, toRemove);
    this.#present = next;
    return Object.keys(toSet).length + toRemove.length > 0;
  }
}

function sameConfiguration(a: FunctionConfiguration, b: FunctionConfiguration): boolean {
  return JSON.stringify([layersOf(a), variablesOf(a)]) === JSON.stringify([layersOf(b), variablesOf(b)]);
}

const EXPLANATIONS: Readonly<Record<string, string>> = {
  'FunctionError.ExtensionInitError': 'an extension failed to start',
  'FunctionError.TooManyExtensions': 'the function has more extensions than the 10 that Lambda allows',
  'FunctionError.InitTimeout': 'the function or an extension did not get ready in time',
  'FunctionError.InitResourceExhausted': 'memory or disk ran out while the function started',
  'FunctionError.RuntimeInitError': "the function's own code failed to start",
  InsufficientRolePermissions: "the function's role lacks a permission",
};

function checked(name: string, config: FunctionConfiguration): void {
  if (config.LastUpdateStatus !== 'Failed') return;
  const { LastUpdateStatusReasonCode: code = 'no reason code', LastUpdateStatusReason: reason } = config;
  const explanation = EXPLANATIONS[code];
  throw new CliError(
    `Lambda could not put the change in place: ${code}${explanation === undefined ? '' : ` (${explanation})`}` +
      `${reason === undefined ? '' : `: ${reason}`}; lambdawatch detach --function ${name} takes it back`,
  );
}
