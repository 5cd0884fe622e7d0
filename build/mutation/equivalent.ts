import type { Mutation } from './operators';

/** Changes that no test can notice, and why. */
interface Equivalent {
  readonly file: string;
  /** A part of the line that is changed. */
  readonly line: string;
  /** What is changed, or all of it. */
  readonly from?: string;
  readonly to?: string;
  readonly why: string;
}

const LINE_BUFFER = 'extension/buffer/line-buffer.ts';

export const EQUIVALENT: readonly Equivalent[] = [
  {
    file: LINE_BUFFER,
    line: 'if (batch.suspectedAt === 0) return',
    why: 'Without it, the batch that was suspected first, at 0, is taken just as well, after a look at all others.',
  },
  { file: LINE_BUFFER, line: 'let suspect = -1;', why: 'Any negative number says that there is none.' },
  {
    file: LINE_BUFFER,
    line: 'if (batch === undefined || oldest === undefined) return undefined;',
    from: '||',
    why: 'A batch in the queue has lines.',
  },
  {
    file: LINE_BUFFER,
    line: 'if (batch === undefined || batch.requestId !== requestId) batch = ',
    to: 'true',
    why: 'The latest batch is remembered to save a search that finds the same.',
  },
  { file: LINE_BUFFER, line: 'this.#latest = batch;', to: ';', why: 'As above.' },
  { file: LINE_BUFFER, line: 'if (this.#latest === batch)', to: 'true', why: 'As above.' },
  {
    file: LINE_BUFFER,
    line: 'batch.bytes + 3 * line.length > batchBytes &&',
    why: 'Saves the exact count for short lines; a larger estimate only counts more often.',
  },
  {
    file: LINE_BUFFER,
    line: 'if (mostLines <= 0 || mostBytes <= 0) return NO_ROWS;',
    why: 'A list that may take no line takes none; this saves the call.',
  },
  {
    file: LINE_BUFFER,
    line: 'if (lines === 0) return NO_ROWS;',
    to: 'false',
    why: 'Nothing is added where nothing was taken.',
  },
  { file: LINE_BUFFER, line: 'if (merged.size > 0)', why: 'Saves a copy that would be the same.' },
  {
    file: 'extension/buffer/batch-size.ts',
    line: '#passes = 0;',
    to: '1',
    why: 'It is set to 0 when the size shrinks, and not read before.',
  },
  {
    file: 'extension/loki/latency.ts',
    line: 'this.#keptMs = sure >= this.#keptMs',
    from: '>=',
    why: 'Where both are equal, either branch gives the same.',
  },
  { file: 'extension/loki/latency.ts', line: 'excess > 0', from: '>', why: 'A fifth of nothing is nothing.' },
  {
    file: 'extension/loki/answer-text.ts',
    line: 'while (at < html.length)',
    why: 'At the end of the page there is no further tag, and no further text.',
  },
  { file: 'extension/loki/answer-text.ts', line: 'if (end < 0) return text;', from: '<', why: 'A tag ends behind 0.' },
  { file: 'extension/loki/answer-text.ts', line: 'if (end < 0) return text;', from: '0', why: 'A tag ends behind 0.' },
  {
    file: 'extension/loki/loki-client.ts',
    line: '#calledOff = 0;',
    why: 'It is compared with what it was, and never with a number.',
  },
  {
    file: 'extension/loki/way/index.ts',
    line: '#calledOff = 0;',
    why: 'It is compared with what it was, and never with a number.',
  },
  {
    file: 'extension/loki/streams.ts',
    line: 'if (batch.hasMetadata) rewriteValues',
    to: 'true',
    why: 'Saves writing lines as they were.',
  },
  { file: 'extension/telemetry/timestamps.ts', line: '#millis = 0;', to: '1', why: 'Every time is later.' },
  {
    file: 'extension/telemetry/timestamps.ts',
    line: 'if (this.#lastParsed > latest)',
    from: '>',
    why: 'What is forgotten is parsed again, with the same result.',
  },
  {
    file: 'extension/telemetry/timestamps.ts',
    line: 'this.#lastParsed > this.#millis) return false',
    from: '>',
    why: 'Leads to the longer way, with the same result.',
  },
  {
    file: 'extension/telemetry/timestamps.ts',
    line: 'this.#nanos < NANOS_PER_MS - 1',
    from: '1',
    why: 'Leads to the longer way, with the same result.',
  },
  {
    file: 'extension/telemetry/timestamps.ts',
    line: 'return this.#nanos >= 100_000 ?',
    why: 'Padding a number of six digits gives the same number.',
  },
  {
    file: 'extension/telemetry/intake.ts',
    line: 'const json = text === undefined ?',
    to: 'true',
    why: 'A value that is a string has no other JSON.',
  },
  {
    file: 'extension/telemetry/intake.ts',
    line: 'this.#rules?.hasReleased === true ?',
    from: 'this.#rules?.hasReleased === true',
    to: 'true',
    why: 'Saves a look at a list that is empty.',
  },
  {
    file: 'extension/telemetry/intake.ts',
    line: 'const invocation = this.#findsRequestIds ? this.#requestIds.current',
    to: 'true',
    why: 'What is known of an invocation goes to no line where ids are not looked for.',
  },
  {
    file: 'extension/telemetry/intake.ts',
    line: 'return bytes > this.#maxLineBytes',
    to: 'true',
    why: 'A line that is short enough is its only part.',
  },
  { file: 'extension/loki/pacer.ts', line: '#lastFailureWall = 0;', to: '1', why: 'It is read after a failure only.' },
  { file: 'extension/loki/pacer.ts', line: '#pauseMs = 0;', to: '1', why: 'It is read after a failure only.' },
  {
    file: 'extension/loki/classify.ts',
    line: 'if (status < 400)',
    why: 'A status of 400 does not get here, so all that is below 400 is a redirect.',
    from: '400',
  },
  {
    file: 'extension/lines/level-in-text.ts',
    line: 'if (close < 0) return undefined;',
    from: '<',
    why: 'What closes a bracket comes after it, so never at 0.',
  },
  {
    file: 'extension/lines/level-in-text.ts',
    line: 'if (space >= 0 && space < equals) {',
    from: '>=',
    why: 'A line of logfmt does not begin with a space.',
  },
  {
    file: 'extension/lines/level-in-text.ts',
    line: 'if (space >= 0 && space < equals) {',
    from: '<',
    why: 'A space and an equals sign are never at the same place.',
  },
  {
    file: 'extension/lines/level-words.ts',
    line: 'known.set(value, level)',
    why: 'Values are only remembered to save time.',
  },
  {
    file: 'extension/lines/level-words.ts',
    line: 'if (!(first >= 65 && first <= 122)) return undefined;',
    why: 'No word for a level begins with another character; its list of words is empty.',
  },
  {
    file: 'extension/lines/unwrap.ts',
    line: 'if (values === undefined || message === undefined || level === undefined) return undefined;',
    why: 'namesIn() has seen both. The line is there for the compiler.',
  },
  {
    file: 'extension/config/rules/program.ts',
    line: 'return matchesEmpty(node) ? either(again, next) : loop;',
    to: 'true',
    why: 'One instruction more, and the same matches.',
  },
  {
    file: 'extension/rules/waiting-lines.ts',
    line: 'lines[invocation.gone] = undefined;',
    to: ';',
    why: 'It only frees memory sooner.',
  },
  {
    file: 'extension/telemetry/line-forms.ts',
    line: 'if (end < 0 || end > 62 + LONGEST_LEVEL',
    from: '0',
    why: 'A tab that is looked for from place 62 on is not at 0.',
  },
  {
    file: 'extension/telemetry/intake.ts',
    line: 'const tail = own === undefined ? stream.tail : stream.tailWith(own);',
    to: 'false',
    why: 'The same text, made once more.',
  },
];

export function isEquivalent(mutation: Mutation): boolean {
  return EQUIVALENT.some(
    ({ file, line, from, to }) =>
      mutation.file === file &&
      mutation.text.includes(line) &&
      (from === undefined || mutation.from === from) &&
      (to === undefined || mutation.to === to),
  );
}
