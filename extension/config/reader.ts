import type { Problem } from './problem';

export type Env = Readonly<Record<string, string | undefined>>;

/** Reads variables and collects their problems. */
export class Reader {
  readonly #env: Env;

  constructor(
    env: Env,
    readonly problems: Problem[] = [],
  ) {
    this.#env = env;
  }

  /** The trimmed value, or `undefined` when the variable is absent or blank. */
  text(variable: string): string | undefined {
    return this.#env[variable]?.trim() || undefined;
  }

  any(variables: readonly string[]): boolean {
    return variables.some((variable) => this.text(variable) !== undefined);
  }

  /** The variable that sets a setting: `alias` where only that is set. */
  nameOf(variable: string, alias = ''): string {
    return !this.text(variable) && this.text(alias) ? alias : variable;
  }

  problem(variable: string, message: string, fatal?: true): void {
    this.problems.push(fatal ? { variable, message, fatal } : { variable, message });
  }

  number(name: string, min: number, max: number, fallback: number, alias?: string): number {
    const variable = this.nameOf(name, alias);
    const text = this.text(variable);
    if (text === undefined) return fallback;
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    this.problem(variable, `${quote(text)} is not a whole number from ${min} to ${max}; using ${fallback}`);
    return fallback;
  }

  boolean(variable: string, fallback: boolean): boolean {
    const text = this.text(variable)?.toLowerCase();
    if (text === undefined) return fallback;
    if (['true', '1', 'yes', 'on'].includes(text)) return true;
    if (['false', '0', 'no', 'off'].includes(text)) return false;
    this.problem(variable, `${quote(text)} is neither true nor false; using ${fallback}`);
    return fallback;
  }

  word(variable: string, words: readonly string[], fallback: string): string {
    const text = this.text(variable);
    if (text === undefined) return fallback;
    if (words.includes(text.toLowerCase())) return text.toLowerCase();
    this.problem(variable, `${quote(text)} is none of ${words.join(', ')}; using ${fallback}`);
    return fallback;
  }

  list(variable: string, known: readonly string[], fallback: string): ReadonlySet<string> {
    const words = new Set<string>();
    for (const word of (this.text(variable) ?? fallback)
      .toLowerCase()
      .split(/[\s,]+/)
      .filter(Boolean)) {
      if (known.includes(word)) words.add(word);
      else this.problem(variable, `${quote(word)} is none of ${known.join(', ')}; it is left out`);
    }
    if (words.size > 0) return words;
    this.problem(variable, `names none; using ${fallback}`);
    return new Set(fallback.split(','));
  }

  /** A credential: its value appears in no message. */
  credential(variable: string): string | undefined {
    const text = this.text(variable);
    if (text === undefined || !hasControlCharacter(text)) return text;
    this.problem(variable, 'has a line break or another control character inside; it is not used');
    return undefined;
  }

  /** Reports combinations of credentials that make no sense. The arguments say which ones are set in some way. */
  checkLogin(apiKey: boolean, username: boolean, password: boolean): void {
    if (apiKey) {
      if (username || password)
        this.problem('LOKI_API_KEY', 'is set beside a user name or a password; the API key takes precedence');
    } else if (password && !username) {
      this.problem('LOKI_USERNAME', 'is not set though LOKI_PASSWORD is; an empty user name is sent');
    } else if (username && !password) {
      this.problem('LOKI_PASSWORD', 'is not set though LOKI_USERNAME is; an empty password is sent');
    }
  }
}

/** HTTP headers can't contain such a character. */
export function hasControlCharacter(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /[\0-\x1f\x7f]/.test(text);
}

/** A value for a message, shortened if it is long. */
export function quote(text: string, longest = 60): string {
  return JSON.stringify(text.length > longest ? `${text.slice(0, longest)}…` : text);
}
