/** How many invocations are remembered, as in `telemetry/request-ids.ts`. */
const REMEMBERED = 128;
const REMEMBERED_CONCURRENT = 2048;

/** Replaces the id for the Init or the restore, whose lines belong to no invocation. */
export const PHASE = '';

export type End = 'well' | 'badly';

/** Knows which invocations have ended, and how. */
export class InvocationEnds {
  readonly #concurrent: boolean;
  readonly #ends = new Map<string, End>();
  #phaseEnd: End | undefined;

  /** @param concurrent whether invocations run side by side. */
  constructor(concurrent: boolean) {
    this.#concurrent = concurrent;
  }

  of(id: string): End | undefined {
    return id === PHASE ? this.#phaseEnd : this.#ends.get(id);
  }

  /** An invocation that has failed once counts as failed. @returns whether this is new. */
  ended(id: string, end: End): boolean {
    const before = this.of(id);
    if (before === end || before === 'badly') return false;
    if (id === PHASE) this.#phaseEnd = end;
    else this.#ends.set(id, end);
    const most = this.#concurrent ? REMEMBERED_CONCURRENT : REMEMBERED;
    if (this.#ends.size > most) this.#ends.delete(this.#ends.keys().next().value!);
    return true;
  }

  /** Another Init or restore begins. */
  phaseBegan(): void {
    this.#phaseEnd = undefined;
  }

  /**
   * What an event says about an end: of which invocation, and with what result. Where invocations run side by side
   * there is only `platform.report`; elsewhere that comes after the end, and an invocation that has ended badly only
   * then is rare: Lambda has cut off the extensions.
   */
  static read(type: string, record: unknown): { id: string; end: End } | undefined {
    const { requestId, status } = (typeof record === 'object' && record !== null ? record : {}) as Readonly<
      Record<string, unknown>
    >;
    if (typeof status !== 'string') return undefined;
    const end = status === 'success' ? 'well' : 'badly';
    switch (type) {
      case 'platform.initRuntimeDone':
      case 'platform.restoreRuntimeDone':
        return { id: PHASE, end };
      case 'platform.runtimeDone':
      case 'platform.report':
        return typeof requestId === 'string' && requestId !== '' ? { id: requestId, end } : undefined;
      default:
        return undefined;
    }
  }
}
