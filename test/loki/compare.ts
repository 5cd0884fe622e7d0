import assert from 'node:assert/strict';
import * as http from 'node:http';
import type { PushCase, PushRequest } from './push-cases';
import type { LokiUnderTest, StoredLine } from '../../sandbox/loki/types';

export interface Answered {
  readonly status: number;
  readonly text: string;
}

/** Sends a request just as described, without headers of its own. */
export async function post(
  loki: LokiUnderTest,
  { method = 'POST', path = '/loki/api/v1/push', headers = {}, body = '' }: PushRequest,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, loki.pushUrl);
    const request = http.request(
      url,
      { method, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
      (response) => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('data', (chunk: string) => {
            text += chunk;
          })
          .on('end', () => resolve({ status: response.statusCode!, text }));
      },
    );
    request.once('error', reject).end(body);
  });
}

/** Sends all requests of a case, one after the other. `name` marks the streams of the case. */
export async function run(loki: LokiUnderTest, test: PushCase, name: string, now: bigint): Promise<Answered[]> {
  const answers: Answered[] = [];
  for (const request of test.requests({ test_case: name }, now)) {
    answers.push(await post(loki, request));
  }
  return answers;
}

/**
 * Lines in an order of their own, so that two Lokis can be compared whatever order they have among equal timestamps.
 */
export function sorted(lines: readonly StoredLine[]): StoredLine[] {
  const text = (line: StoredLine) =>
    JSON.stringify([
      Object.entries(line.labels).sort(),
      line.timestamp,
      line.line,
      Object.entries(line.metadata).sort(),
    ]);
  return lines
    .map((line) => ({ line, text: text(line) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ line }) => line);
}

/** Both Lokis answered alike, and as the case says. */
export function assertSameAnswers(test: PushCase, fake: readonly Answered[], real: readonly Answered[]): void {
  const statuses = (answers: readonly Answered[]) => answers.map(({ status }) => status);
  const said = `the real one says: ${real.at(-1)?.text}\nthe fake says: ${fake.at(-1)?.text}`;
  assert.deepEqual(statuses(real), test.statuses, `the real Loki's statuses\n${said}`);
  assert.deepEqual(statuses(fake), test.statuses, `the fake's statuses\n${said}`);
  if (test.says) {
    assert.match(real.at(-1)!.text, test.says, "the real Loki's text");
    assert.match(fake.at(-1)!.text, test.says, "the fake's text");
  }
  if (test.sameText) {
    assert.equal(fake.at(-1)!.text, real.at(-1)!.text);
  }
}
