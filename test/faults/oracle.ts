import type { FakeLoki, PushRecord } from '../../sandbox/loki';
import type { StoredLine } from '../../sandbox/loki/types';
import type { AcknowledgedRecord, Environment } from '../../sandbox';
import { isPlatformLine, joined } from '../support/e2e';

/** What became of the lines. */
export interface Account {
  /** Lines of functions. */
  readonly written: number;
  /** Those of them that the extension has answered 200 for, and so is responsible for. */
  readonly acknowledged: number;
  readonly stored: number;
  /** Of functions' lines: acknowledged (or written, where a fault says so) and not stored. */
  readonly lost: number;
  /** Stored more often than written. */
  readonly duplicated: number;
  /** The first of them: when and how Loki has it. */
  readonly twice?: string;
  /** Lines that stand before one of the same environment that was written earlier. */
  readonly disordered: number;
  /** Lines, platform lines included, that were acknowledged and are not stored. */
  readonly missing: number;
  /** Lines whose loss the extension has told of on stderr. */
  readonly told: number;
  /** Lines whose loss it has put on record in Loki. */
  readonly reported: number;
  /** Lines written = stored + told. */
  readonly reconciled: boolean;
}

/** Lines of the extension's own in Loki, which stand for lines that are missing there. */
const OWN_LINE = /^LambdaWatch: /;
/** A number of lost lines in what the extension says. */
const LOSSES = /(?:dropped|refused|ends with|lost) (\d+) (?:of the oldest |more |other )?lines?/g;
/** How many were left at the end of an environment, and how many of them Loki may have, as far as is known there. */
const LEFT = /ends with (\d+) lines(?:.* has of the (\d+) whose push was not answered)?/g;
/**
 * Lines of the extension's own may be among what was lost, or the report of an invocation may be cut off by the end.
 */
const SLACK = 2;
/** An answer that was on its way at the very end of the process. */
const NOT_HEARD_MS = 300;

/**
 * Holds the lines written and acknowledged against what Loki has and the extension says. Lines must differ from each
 * other for that to mean anything.
 * @param isSwallowed whether the answer to a push has got lost on its way.
 */
export function account(
  environments: readonly Environment[],
  loki: Pick<FakeLoki, 'stored' | 'pushes'>,
  said: string,
  fromWriting = false,
  isSwallowed: (push: PushRecord) => boolean = () => false,
): Account {
  const written = environments.flatMap(({ linesWritten }) =>
    linesWritten.filter(({ source }) => source === 'function').map(({ text }) => text),
  );
  const records = environments.flatMap((environment) => environment.linesAcknowledged());
  const acknowledged = records.filter(({ type }) => type === 'function').map(textOf);
  const { stored } = loki;
  const lines = joined(stored.filter(({ line }) => !OWN_LINE.test(line) && !isPlatformLine(line)));
  const platformStored = stored.filter(({ line }) => isPlatformLine(line)).length;

  const available = countOf(lines);
  const lost = missingOf(countOf(fromWriting ? written : acknowledged), available);
  const writtenTimes = countOf(written);
  const duplicated = missingOf(available, writtenTimes);
  const repeated =
    duplicated === 0 ? undefined : lines.find((line) => available.get(line)! > (writtenTimes.get(line) ?? 0));
  const twice = stored
    .filter(({ line }) => line === repeated)
    .map(({ timestamp, labels, metadata }) => `${timestamp} ${labels.request_id ?? ''} ${JSON.stringify(metadata)}`)
    .join(' and ');
  const platform = records.reduce((sum, record) => sum + platformLinesOf(record), 0);
  const missing = missingOf(countOf(acknowledged), available) + Math.max(0, platform - platformStored);
  const told = lossesIn(said);
  // What Loki has stored without the extension having heard of it may be told as lost.
  const ends = environments.flatMap(
    ({ events }) =>
      events
        ?.of('process.exit')
        .filter(({ role }) => role === 'extension')
        .map(({ at }) => at) ?? [],
  );
  const heard = (push: PushRecord): boolean => {
    const { state, receivedAt, settledAt = Infinity } = push;
    const atTheEnd = ends.some((end) => receivedAt < end && settledAt > end - NOT_HEARD_MS);
    return state === 'answered' && !atTheEnd && !isSwallowed(push);
  };
  const unheard = loki.pushes.reduce((sum, push) => sum + (heard(push) ? 0 : push.stored), 0);
  return {
    written: written.length,
    acknowledged: acknowledged.length,
    stored: lines.length,
    lost,
    duplicated,
    missing,
    told,
    ...(repeated === undefined ? {} : { twice }),
    disordered: environments.reduce((sum, environment) => sum + disorder(environment, lines), 0),
    reported: reportedIn(stored),
    reconciled:
      told >= missing - SLACK && told <= missing + unheard + SLACK && certainlyLostIn(said) <= missing + SLACK,
  };
}

/** How many lines environments that ended have told as lost and not as perhaps stored. */
function certainlyLostIn(said: string): number {
  return [...said.matchAll(LEFT)].reduce((sum, [, lines, perhaps = '0']) => sum + Number(lines) - Number(perhaps), 0);
}

/** The sum of all numbers of lost lines in a text. */
export function lossesIn(text: string): number {
  return [...text.matchAll(LOSSES)].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** The sum of the lost lines that are put on record in Loki. */
export function reportedIn(stored: readonly StoredLine[]): number {
  return stored.filter(({ line }) => OWN_LINE.test(line)).reduce((sum, { line }) => sum + lossesIn(line), 0);
}

/**
 * How many lines Loki has to have, as far as is known by now; a quick count while a trial runs, which looks at each
 * record once.
 */
export class Expected {
  readonly #counted = new Map<Environment, { records: number; lines: number }>();

  count(environments: readonly Environment[]): number {
    let sum = 0;
    for (const environment of environments) {
      const counted = this.#counted.get(environment) ?? { records: 0, lines: 0 };
      const records = environment.linesAcknowledged();
      for (; counted.records < records.length; counted.records++) {
        const record = records[counted.records];
        counted.lines += record.type === 'function' ? 1 : platformLinesOf(record);
      }
      this.#counted.set(environment, counted);
      sum += counted.lines;
    }
    return sum;
  }
}

/** How many lines CloudWatch shows for a record of the platform. */
function platformLinesOf({ type, record }: AcknowledgedRecord): number {
  switch (type) {
    case 'platform.initStart':
    case 'platform.start':
    case 'platform.report':
    case 'platform.restoreStart':
    case 'platform.restoreReport':
    case 'platform.fault':
    case 'platform.logsDropped':
      return 1;
    case 'platform.runtimeDone':
      return (record as { status?: string }).status === 'timeout' ? 2 : 1;
    case 'platform.initReport':
      return ['success', undefined].includes((record as { status?: string }).status) ? 0 : 1;
    case 'platform.extension':
      return (record as { errorType?: string }).errorType === undefined ? 0 : 1;
    default:
      return 0;
  }
}

/** How many lines of an environment stand before one that was written earlier. */
function disorder({ linesWritten }: Environment, lines: readonly string[]): number {
  const position = new Map(linesWritten.map(({ text }, i) => [text, i]));
  let last = -1;
  let count = 0;
  for (const line of lines) {
    const at = position.get(line);
    if (at === undefined) continue;
    if (at < last) count++;
    last = Math.max(last, at);
  }
  return count;
}

function textOf({ record, recordJson }: AcknowledgedRecord): string {
  return typeof record === 'string' ? record.replace(/\n$/, '') : recordJson;
}

function countOf(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

/** How many of `wanted` are not in `there`. */
function missingOf(wanted: ReadonlyMap<string, number>, there: ReadonlyMap<string, number>): number {
  let missing = 0;
  for (const [line, times] of wanted) missing += Math.max(0, times - (there.get(line) ?? 0));
  return missing;
}
