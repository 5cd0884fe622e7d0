/** What a rule has done to lines. */
export type Deed = 'dropped' | 'masked' | 'withheld' | 'kept for a failed invocation';

/**
 * Counts, by rule, what became of lines because somebody asked for it. Kept apart from `buffer/losses.ts`, which counts
 * the lines that somebody wanted and that are gone.
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

  /** All counts since the start; `undefined` where there is nothing new to say. */
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
