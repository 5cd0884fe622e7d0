import { type Metadata, PLAIN_TAIL } from '../buffer/batch';
import type { Stream } from '../loki/streams';
import type { JsonForms } from '../platform/types';

const TAB = 9;
const OPEN = 0x5b; /* [ */

/** Any one character in a pattern. */
const ANY = '\0';

/** The characters of a time behind its date: `03:04:05.006Z`. */
const ANY_TIME_OF_DAY = ANY.repeat(13);
const ANY_ID = ANY.repeat(36);

/** The longest word for a level. */
const LONGEST_LEVEL = 16;

/** Levels that loggers use; the host keeps no more forms. */
const MOST_SHAPES = 8;

/** What lines begin with, but for the invocation's id. */
interface Shape {
  readonly before: string;
  readonly after: string;
  /** Metadata of a line that begins so. */
  readonly own: Metadata | undefined;
}

/**
 * Knows what lines begin with that have been looked at, in the formats that Lambda's runtimes give to text: date, id of
 * the invocation, level. Of a line that begins in the same way nothing else would be found out, so it need not be
 * looked at (see `JsonForms`). Shapes stay from one invocation to the next.
 */
export class LineForms {
  readonly #forms: JsonForms;
  #shapes: Shape[] = [];
  /** What {@link #forms} are made for. */
  #stream: Stream | undefined;
  #hasMetadata = false;

  constructor(forms: JsonForms) {
    this.#forms = forms;
  }

  /** Whether a line that has a form has structured metadata. */
  get hasMetadata(): boolean {
    return this.#hasMetadata;
  }

  /** The forms of an invocation's lines, which go to this stream. `undefined` while none are known. */
  of(requestId: string | undefined, stream: Stream): JsonForms | undefined {
    if (this.#shapes.length === 0) return undefined;
    if (stream !== this.#stream) {
      this.#stream = stream;
      this.#hasMetadata = false;
      this.#forms.clear();
      for (const shape of this.#shapes) this.#add(shape, requestId);
    }
    return this.#forms;
  }

  /**
   * A line has been looked at and goes to this stream.
   * @param requestId of its invocation, which is looked for in the line; where ids don't matter, any will do
   * @param own metadata that is due to what the line begins with
   */
  learn(line: string, requestId: string | undefined, stream: Stream, own?: Metadata): void {
    const shape = shapeOf(line, requestId, own);
    if (shape === undefined || line.slice(0, LONGEST_LEVEL + 64).includes(ANY)) return;
    if (this.#shapes.some(({ before, after }) => before === shape.before && after === shape.after)) return;
    this.#shapes.push(shape);
    if (this.#shapes.length > MOST_SHAPES) this.#shapes.shift();
    if (stream === this.#stream) this.#add(shape, requestId);
  }

  #add({ before, after, own }: Shape, requestId = ANY_ID): void {
    const tail = own === undefined ? this.#stream!.tail : this.#stream!.tailWith(own);
    this.#hasMetadata ||= tail !== PLAIN_TAIL;
    this.#forms.add(before + requestId + after, tail);
  }
}

function shapeOf(line: string, requestId: string | undefined, own: Metadata | undefined): Shape | undefined {
  // Node.js and .NET: `2026-01-02T03:04:05.006Z<tab>id<tab>INFO<tab>…`
  if (line.charCodeAt(24) === TAB && line.charCodeAt(61) === TAB) {
    const end = line.indexOf('\t', 62);
    if (end < 0 || end > 62 + LONGEST_LEVEL || !isAt(line, requestId, 25)) return undefined;
    return { before: `${line.slice(0, 11) + ANY_TIME_OF_DAY}\t`, after: line.slice(61, end + 1), own };
  }
  // Python: `[INFO]<tab>2026-01-02T03:04:05.006Z<tab>id<tab>…`
  if (line.charCodeAt(0) !== OPEN) return undefined;
  const time = line.indexOf(']\t') + 2;
  if (time < 4 || time > LONGEST_LEVEL || line.charCodeAt(time + 24) !== TAB || line.charCodeAt(time + 61) !== TAB)
    return undefined;
  if (!isAt(line, requestId, time + 25)) return undefined;
  return { before: `${line.slice(0, time + 11) + ANY_TIME_OF_DAY}\t`, after: '\t', own };
}

function isAt(line: string, requestId: string | undefined, at: number): boolean {
  return requestId === undefined || line.startsWith(requestId, at);
}
