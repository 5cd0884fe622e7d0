import type { PushedStream } from './push-json';
import type { RequestHead } from './push-record';

/** What the fake does with a request in place of answering it like Loki. Times are milliseconds. */
export type Fault =
  /** Nothing special. To let requests through before a fault, or with `delayMs`. */
  | { readonly kind: 'pass' }
  /** Answers this; stores the lines first only with `store`. `close` ends the connection after the answer. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly store?: boolean;
      readonly close?: boolean;
    }
  /** Handles the push like Loki, then sends the answer `chunkBytes` at a time every `everyMs`, its head included. */
  | { readonly kind: 'drip'; readonly everyMs: number; readonly chunkBytes?: number }
  /**
   * Resets the connection (RST): once the head is there, once the body is there, or in the middle of the answer's head.
   */
  | { readonly kind: 'reset'; readonly at: 'head' | 'body' | 'response' }
  /** Reads the request, and never answers. */
  | { readonly kind: 'black-hole' }
  /** Stores the lines like Loki, then ends the connection without an answer. */
  | { readonly kind: 'store-then-cut'; readonly how?: 'reset' | 'close' };

/** Which requests a fault is for. */
export interface Rule {
  readonly fault: Fault;
  /** How many requests it takes before it is used up. Default: all, until the script is changed. */
  readonly times?: number;
  /** Takes only requests that this accepts. */
  readonly when?: (head: RequestHead) => boolean;
  /** Takes only pushes that this accepts; checked after the body has come, so not together with `reset` at `head`. */
  readonly whenContent?: (streams: readonly PushedStream[]) => boolean;
  /** Waits so long before doing anything with the complete request. Default 0. */
  readonly delayMs?: number;
}

/** The rules in force. For each request the first that fits is taken. */
export class Script {
  #rules: { readonly rule: Rule; left: number }[] = [];

  set(rules: readonly Rule[]): void {
    for (const { fault, whenContent } of rules) {
      if (whenContent && fault.kind === 'reset' && fault.at === 'head') {
        throw new TypeError("a rule can't look at the content and reset the connection before it has come");
      }
    }
    this.#rules = rules.map((rule) => ({ rule, left: rule.times ?? Infinity }));
  }

  /** The rule for a request whose head has come; `later` when it depends on the content. */
  takeByHead(head: RequestHead): Rule | 'later' | undefined {
    for (const entry of this.#rules) {
      if (entry.left <= 0 || entry.rule.when?.(head) === false) {
        continue;
      }
      if (entry.rule.whenContent) {
        return 'later';
      }
      return use(entry);
    }
    return undefined;
  }

  /** The rule for a request that has come as a whole. */
  takeByContent(head: RequestHead, streams: readonly PushedStream[]): Rule | undefined {
    for (const entry of this.#rules) {
      if (entry.left <= 0 || entry.rule.when?.(head) === false || entry.rule.whenContent?.(streams) === false) {
        continue;
      }
      return use(entry);
    }
    return undefined;
  }
}

function use(entry: { readonly rule: Rule; left: number }): Rule {
  entry.left--;
  return entry.rule;
}
