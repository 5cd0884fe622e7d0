import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startEnvironment } from '../../sandbox';
import { nodeFunction } from '.';

const ID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const TIME = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z';

/**
 * Lines of Lambda's own Node.js runtime, as AWS shows them (AWS Lambda Developer Guide, "Log and monitor Node.js Lambda
 * functions" and "Monitoring and debugging Lambda functions with structured logs").
 */
const TEXT = '2024-06-07T19:11:20.562Z\tc793869b-ee49-115b-a5b6-4fd21e8dedac\tINFO\tan order';
const JSON_LINE = {
  timestamp: '2024-06-07T19:11:20.562Z',
  level: 'INFO',
  requestId: 'c793869b-ee49-115b-a5b6-4fd21e8dedac',
  message: 'an order',
};

describe('the Node.js runtime of ours', () => {
  const linesOf = async (logFormat: 'text' | 'json'): Promise<string[]> => {
    const lambda = await startEnvironment({ runtime: nodeFunction(), timeoutMs: 20_000, logFormat });
    try {
      await lambda.invoke({ write: [{ text: 'an order', via: 'console' }] });
      return lambda.linesWritten.filter(({ source }) => source === 'function').map(({ text }) => text);
    } finally {
      await lambda.close();
    }
  };

  it("writes text as Lambda's does", async () => {
    const shape = (line: string): string => line.replace(new RegExp(TIME), 'TIME').replace(new RegExp(ID), 'ID');
    assert.deepEqual((await linesOf('text')).map(shape), [shape(TEXT)]);
  });

  it("writes JSON as Lambda's does, with the same members in the same order", async () => {
    const [line] = await linesOf('json');
    const found = JSON.parse(line) as typeof JSON_LINE;
    assert.deepEqual(Object.keys(found), Object.keys(JSON_LINE));
    assert.deepEqual([found.level, found.message], [JSON_LINE.level, JSON_LINE.message]);
    for (const sample of [found, JSON_LINE]) {
      assert.match(sample.timestamp, new RegExp(`^${TIME}$`));
      assert.match(sample.requestId, new RegExp(`^${ID}$`));
    }
  });
});
