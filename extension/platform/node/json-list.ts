import type { JsonForms, JsonList, JsonRows, TextPart } from '../types';
import type { Rows } from './rows';

/** A lone surrogate. */
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** See `Platform.createList`: here it is an array of texts. */
class List implements JsonList {
  #elements: string[];

  constructor(elements: string[] = []) {
    this.#elements = elements;
  }

  push(head: string, text: string, tail: string): number {
    this.#elements.push(head + JSON.stringify(text.replace(LONE, '\ufffd')) + tail);
    return Buffer.byteLength(text);
  }

  pushRows(
    rows: JsonRows,
    forms: JsonForms,
    head: string,
    middle: string,
    row: number,
    number: number,
    mostRows: number,
    mostBytes: number,
    longest: number,
  ): number {
    let bytes = 0;
    for (let i = 0; i < mostRows && (rows as Rows).areAlike(row, row + i); i++) {
      const text = (rows as Rows).lastText(row + i)?.replace(/\n$/, '');
      const tail = text === undefined ? undefined : (forms as Forms).tailOf(text);
      if (text === undefined || tail === undefined) break;
      const length = Buffer.byteLength(text);
      if (length > longest || bytes + length > mostBytes) break;
      this.#elements.push(`${head}${number + i}${middle}${JSON.stringify(text)}${tail}`);
      bytes += length;
    }
    return bytes;
  }

  count(): number {
    return this.#elements.length;
  }

  bytes(): number {
    return Buffer.byteLength(this.text());
  }

  text(): string {
    return this.#elements.join(',');
  }

  splitOff(at: number): JsonList {
    return new List(this.#elements.splice(at));
  }

  append(other: JsonList): void {
    this.#elements = this.#elements.concat((other as List).#elements);
  }

  shift(): string | undefined {
    return this.#elements.shift();
  }

  clear(): void {
    this.#elements = [];
  }
}

const MOST_FORMS = 8;

/** See `Platform.createForms` and `Patterns.createForms`. */
class Forms implements JsonForms {
  readonly #forms: { readonly pattern: string; readonly tail: string }[] = [];
  readonly #condition: (text: string) => boolean;
  #unlike: readonly string[] = [];
  #without: readonly string[] = [];
  #plainTail: string | undefined;

  constructor(condition: (text: string) => boolean) {
    this.#condition = condition;
  }

  add(pattern: string, tail: string): void {
    this.#forms.unshift({ pattern, tail });
    this.#forms.length = Math.min(this.#forms.length, MOST_FORMS);
  }

  describePlain(unlike: readonly string[], without: readonly string[]): void {
    this.#unlike = unlike;
    this.#without = without;
  }

  addPlain(tail: string): void {
    this.#plainTail = tail;
  }

  clear(): void {
    this.#forms.length = 0;
    this.#plainTail = undefined;
  }

  tailOf(text: string): string | undefined {
    const matches = (pattern: string): boolean =>
      pattern.length <= text.length &&
      [...pattern].every((wanted, i) => wanted === text[i] || (wanted === '\0' && /[ !#-[\]-~]/.test(text[i])));
    const isPlain = (): boolean =>
      /^[a-z]+ /i.test(text) && !this.#unlike.some(matches) && !this.#without.some((part) => text.includes(part));
    const form = this.#forms.find(({ pattern }) => matches(pattern));
    const tail = form === undefined && this.#plainTail !== undefined && isPlain() ? this.#plainTail : form?.tail;
    return tail !== undefined && this.#condition(text) ? tail : undefined;
  }
}

export function createForms(condition: (text: string) => boolean = () => true): JsonForms {
  return new Forms(condition);
}

export function createList(): JsonList {
  return new List();
}

/** See `Platform.utf8`. */
export function joined(parts: readonly TextPart[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : part.text())).join('');
}
