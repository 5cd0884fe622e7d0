import { type Metadata, PLAIN_TAIL } from '../buffer/batch';
import type { Level } from '../lines/level';
import { levelInText, wordsWithLevel } from '../lines/level-in-text';
import type { Head, LineMetadata } from '../lines/line-metadata';
import type { Stream } from '../loki/streams';
import type { JsonForms } from '../platform/types';

const TAB = 9;
const OPEN = 0x5b; /* [ */

/** Any one character in a pattern. */
const ANY = '\0';

/** The characters of a time after its date: `03:04:05.006Z`. */
const ANY_TIME_OF_DAY = ANY.repeat(13);
const ANY_ID = ANY.repeat(36);

/** The longest word for a level. */
const LONGEST_LEVEL = 16;

/** What may be in a line of another invocation: its id after these words, or at a fixed position between tabs. */
const WITH_ID = ['RequestId: ', '\t'];

/** Levels that loggers use; the host keeps no more forms. */
const MOST_SHAPES = 8;

/** What lines begin with, without the invocation's id. */
interface Shape {
  readonly before: string;
  readonly after: string;
}

interface Known extends Shape {
  readonly head: Head;
}

/** What decides the lines' own metadata, beside that of their stream. */
export type HeadMetadata = Pick<LineMetadata, 'headOf' | 'ofHead'>;

/**
 * Remembers the beginnings of lines that have been read, in the text formats of Lambda's runtimes: date, id of the
 * invocation, level. Reading another line with the same beginning would give the same result, so it need not be read
 * (see `JsonForms`). Shapes are kept from one invocation to the next.
 *
 * Lines that begin with an ordinary word state nothing: no level, no trace id (see {@link levelInText} and
 * `traceIdInText`), and no invocation but the one in progress. They are the plain ones.
 */
export class LineForms {
  readonly #forms: JsonForms;
  readonly #metadata: HeadMetadata | undefined;
  readonly #looksAt: ((level: Level) => boolean) | undefined;
  #shapes: Known[] = [];
  /** Whether there was a plain line. */
  #plain = false;
  /** The stream and the invocation that {@link #forms} were made for. */
  #stream: Stream | undefined;
  #invocation: string | undefined;
  #known: Metadata | undefined;
  #longestTail = PLAIN_TAIL;

  /**
   * @param metadata where lines get metadata of their own
   * @param looksAt whether lines of a level have to be read; left out where levels don't matter
   */
  constructor(forms: JsonForms, metadata?: HeadMetadata, looksAt?: (level: Level) => boolean) {
    this.#forms = forms;
    this.#metadata = metadata;
    this.#looksAt = looksAt;
  }

  /** The longest tail of a line with a form. The line has structured metadata unless its tail is the plain one. */
  get longestTail(): string {
    return this.#longestTail;
  }

  /**
   * The forms of an invocation's lines, which belong to this stream. `undefined` while none are known.
   * @param known metadata of the invocation
   */
  of(invocation: string | undefined, stream: Stream, known?: Metadata): JsonForms | undefined {
    if (this.#shapes.length === 0 && !this.#plain) return undefined;
    if (stream !== this.#stream || invocation !== this.#invocation || known !== this.#known) {
      this.#stream = stream;
      this.#invocation = invocation;
      this.#known = known;
      this.#longestTail = PLAIN_TAIL;
      this.#forms.clear();
      for (const shape of this.#shapes) this.#add(shape);
      if (this.#plain) this.#addPlain();
    }
    return this.#forms;
  }

  /**
   * A line has been read and belongs to this stream.
   * @param invocation whose id is searched in the line; `undefined` where any id will do
   */
  learn(line: string, invocation: string | undefined, stream: Stream): void {
    const found = shapeOf(line, invocation);
    if (found === undefined) return this.#learnPlain(line, invocation, stream);
    if (found.text.includes(ANY)) return;
    const { text, before, after } = found;
    if (this.#shapes.some((known) => known.before === before && known.after === after)) return;
    const head = this.#metadata === undefined ? {} : this.#metadata.headOf(text);
    if (head === undefined || this.#isLookedAt(head, text)) return;
    const shape = { before, after, head };
    this.#shapes.push(shape);
    if (this.#shapes.length > MOST_SHAPES) this.#shapes.shift();
    if (stream === this.#stream && invocation === this.#invocation) this.#add(shape);
  }

  #learnPlain(line: string, invocation: string | undefined, stream: Stream): void {
    if (this.#plain || !/^[A-Za-z]+ /.test(line)) return;
    this.#plain = true;
    this.#forms.describePlain(wordsWithLevel(), WITH_ID);
    if (stream === this.#stream && invocation === this.#invocation) this.#addPlain();
  }

  /** Where no level is stated in front, the rest of the line may have one. */
  #isLookedAt(head: Head, text: string): boolean {
    if (this.#looksAt === undefined) return false;
    const level = head.level ?? levelInText(text);
    return level === undefined || this.#looksAt(level);
  }

  #add({ before, after, head }: Known): void {
    this.#forms.add(before + (this.#invocation ?? ANY_ID) + after, this.#tailOf(head));
  }

  #addPlain(): void {
    this.#forms.addPlain(this.#tailOf({}));
  }

  #tailOf(head: Head): string {
    const own = this.#metadata?.ofHead(head, this.#invocation);
    const tail = own === undefined ? this.#stream!.tail : this.#stream!.tailWith(own);
    if (tail.length > this.#longestTail.length) this.#longestTail = tail;
    return tail;
  }
}

/** @returns its shape, and the text that it begins with */
function shapeOf(line: string, requestId: string | undefined): (Shape & { readonly text: string }) | undefined {
  // Node.js and .NET: `2026-01-02T03:04:05.006Z<tab>id<tab>INFO<tab>…`
  if (line.charCodeAt(24) === TAB && line.charCodeAt(61) === TAB) {
    const end = line.indexOf('\t', 62);
    if (end < 0 || end > 62 + LONGEST_LEVEL || !isAt(line, requestId, 25)) return undefined;
    return {
      before: `${line.slice(0, 11) + ANY_TIME_OF_DAY}\t`,
      after: line.slice(61, end + 1),
      text: line.slice(0, end + 1),
    };
  }
  // Python: `[INFO]<tab>2026-01-02T03:04:05.006Z<tab>id<tab>…`
  if (line.charCodeAt(0) !== OPEN) return undefined;
  const time = line.indexOf(']\t') + 2;
  if (time < 4 || time > LONGEST_LEVEL || line.charCodeAt(time + 24) !== TAB || line.charCodeAt(time + 61) !== TAB)
    return undefined;
  if (!isAt(line, requestId, time + 25)) return undefined;
  return { before: `${line.slice(0, time + 11) + ANY_TIME_OF_DAY}\t`, after: '\t', text: line.slice(0, time + 62) };
}

function isAt(line: string, requestId: string | undefined, at: number): boolean {
  return requestId === undefined || line.startsWith(requestId, at);
}
