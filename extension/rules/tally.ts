/** What a rule has done to lines. */
export type Deed = 'dropped' | 'masked' | 'withheld' | 'kept for a failed invocation';

/**
 * Counts, by rule, the lines that were changed or left out on purpose. `buffer/losses.ts` counts the lines that were
 * lost.
 */
export class Tally {
  readonly #counts = new Map<string, Map<Deed, number>>();
  #changed = false;

  count(rule: string, deed: Deed, lines = 1): void {
    let deeds = this.#counts.get(rule);
    if (deeds === undefined) this.#counts.set(rule, (deeds = new Map()));
    deeds.set(deed, (deeds.get(deed) ?? 0) + lines);
    this.#changed = true;
  }

  /** All counts since the start; `undefined` if nothing has changed. */
  takeText(): string | undefined {
    if (!this.#changed) return undefined;
    this.#changed = false;
    return this.text();
  }

  text(): string | undefined {
    if (this.#counts.size === 0) return undefined;
    const rules = [...this.#counts].map(([rule, deeds]) => {
      const all = [...deeds].map(([deed, lines]) => `${lines} ${deed}`);
      return `${rule}: ${all.join(', ')}`;
    });
    return `lines by rule: ${rules.join('; ')}`;
  }
}
