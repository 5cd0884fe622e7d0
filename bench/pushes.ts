import * as zlib from 'node:zlib';
import { numberOf } from './log-lines';

/** What reached Loki in a run. */
export interface Arrived {
  readonly pushes: number;
  /** Lines of the function, each counted once. */
  readonly lines: number;
  /** How many of these lines Loki had confirmed by the `/next` that ended their invocation. */
  readonly linesInTime: number;
  /** Lines of the function that came again. */
  readonly repeats: number;
  /** How old each line was when it first arrived, in milliseconds. */
  readonly ages: readonly number[];
  /** Bytes of all requests, heads included. */
  readonly wireBytes: number;
  /** Bytes of the same bodies before compression. */
  readonly plainBytes: number;
}

interface PushRequest {
  readonly streams: readonly { readonly values: readonly (readonly [string, string])[] }[];
}

/**
 * Reads what the harness has kept of a run: pushes, each a line
 * `<encoding> <bytes of the head> <bytes of the body> <calls of /next before its answer> <arrival in ms>` and the body.
 * @param linesEach lines of the function in each invocation, which tell to which one a line belongs
 * @param leadIn invocations at the beginning whose lines have no say in the ages
 * @throws Error on a body that is not a JSON push
 */
export function readPushes(dump: Buffer, linesEach: number, leadIn = 0): Arrived {
  const seen = new Set<number>();
  const ages: number[] = [];
  let [pushes, linesInTime, repeats, wireBytes, plainBytes] = [0, 0, 0, 0, 0];
  for (let at = 0; at < dump.length; ) {
    const end = dump.indexOf(10, at);
    const [encoding, head, length, nextsBefore, arrived] = dump.toString('latin1', at, end).split(' ');
    at = end + 1 + Number(length);
    const body = decode(dump.subarray(end + 1, at), encoding);
    pushes++;
    wireBytes += Number(head) + Number(length);
    plainBytes += body.length;
    for (const { values } of (JSON.parse(body.toString()) as PushRequest).streams) {
      for (const [time, line] of values) {
        const number = numberOf(line);
        if (number === undefined) continue;
        if (seen.has(number)) {
          repeats++;
          continue;
        }
        seen.add(number);
        const invocation = Math.floor(number / linesEach);
        if (invocation >= leadIn) ages.push(Number(arrived) - Number(time) / 1e6);
        // The first call of `/next` is that of the start; with the one after it, the first invocation is over.
        if (Number(nextsBefore) <= invocation + 1) linesInTime++;
      }
    }
  }
  return { pushes, lines: seen.size, linesInTime, repeats, ages, wireBytes, plainBytes };
}

function decode(body: Buffer, encoding: string): Buffer {
  switch (encoding) {
    case 'identity':
      return body;
    case 'gzip':
      return zlib.gunzipSync(body);
    case 'deflate':
      return zlib.inflateSync(body);
    default:
      throw new Error(`a push is encoded as ${encoding}, which this benchmark can't read`);
  }
}
