import assert from 'node:assert/strict';
import { test } from 'node:test';
import { platformLines } from '../../../extension/telemetry/platform-lines';
import { ID_1 } from '../support/builders';

const TIME = '2026-01-02T03:04:06.120Z';
const requestId = ID_1;

const CASES: [type: string, record: unknown, lines: string[]][] = [
  [
    'platform.initStart',
    {
      initializationType: 'on-demand',
      phase: 'init',
      runtimeVersion: 'nodejs:22.v9',
      runtimeVersionArn: 'arn:aws:lambda:eu-west-1::runtime:07a4',
    },
    ['INIT_START Runtime Version: nodejs:22.v9\tRuntime Version ARN: arn:aws:lambda:eu-west-1::runtime:07a4'],
  ],
  ['platform.initStart', { runtimeVersion: 'nodejs:22.v9' }, ['INIT_START Runtime Version: nodejs:22.v9']],
  ['platform.initRuntimeDone', { initializationType: 'on-demand', status: 'success' }, []],
  ['platform.initReport', { phase: 'init', status: 'success', metrics: { durationMs: 304.112 } }, []],
  ['platform.initReport', { phase: 'init', metrics: { durationMs: 304.112 } }, []],
  [
    'platform.initReport',
    { phase: 'init', status: 'timeout', metrics: { durationMs: 9999.994 } },
    ['INIT_REPORT Init Duration: 9999.99 ms\tPhase: init\tStatus: timeout'],
  ],
  [
    'platform.initReport',
    { phase: 'invoke', status: 'error', errorType: 'Extension.Crash', metrics: { durationMs: 12 } },
    ['INIT_REPORT Init Duration: 12.00 ms\tPhase: invoke\tStatus: error\tError Type: Extension.Crash'],
  ],
  ['platform.start', { requestId, version: '$LATEST' }, [`START RequestId: ${ID_1} Version: $LATEST`]],
  [
    'platform.start',
    { requestId, version: '7', tracing: { type: 'X-Amzn-Trace-Id', value: 'Root=1' } },
    [`START RequestId: ${ID_1} Version: 7`],
  ],
  [
    'platform.runtimeDone',
    { requestId, status: 'success', metrics: { durationMs: 118.2, producedBytes: 20 } },
    [`END RequestId: ${ID_1}`],
  ],
  ['platform.runtimeDone', { requestId, status: 'error', errorType: 'Runtime.ExitError' }, [`END RequestId: ${ID_1}`]],
  [
    'platform.runtimeDone',
    { requestId, status: 'timeout', metrics: { durationMs: 3000 } },
    [`2026-01-02T03:04:06.120Z ${ID_1} Task timed out after 3.00 seconds`, `END RequestId: ${ID_1}`],
  ],
  [
    'platform.report',
    {
      requestId,
      status: 'success',
      metrics: {
        durationMs: 118.2,
        billedDurationMs: 423,
        memorySizeMB: 256,
        maxMemoryUsedMB: 71,
        initDurationMs: 304.1,
      },
    },
    [
      `REPORT RequestId: ${ID_1}\tDuration: 118.20 ms\tBilled Duration: 423 ms\tMemory Size: 256 MB\tMax Memory Used: 71 MB\tInit Duration: 304.10 ms`,
    ],
  ],
  [
    'platform.report',
    {
      requestId,
      status: 'error',
      errorType: 'Runtime.ExitError',
      metrics: { durationMs: 5.678, billedDurationMs: 6, memorySizeMB: 128, maxMemoryUsedMB: 30 },
    },
    [
      `REPORT RequestId: ${ID_1}\tDuration: 5.68 ms\tBilled Duration: 6 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\tStatus: error\tError Type: Runtime.ExitError`,
    ],
  ],
  [
    'platform.report',
    {
      requestId,
      status: 'timeout',
      metrics: { durationMs: 3000, billedDurationMs: 3000, memorySizeMB: 128, maxMemoryUsedMB: 30 },
    },
    [
      `REPORT RequestId: ${ID_1}\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\tStatus: timeout`,
    ],
  ],
  [
    'platform.report',
    {
      requestId,
      status: 'success',
      metrics: {
        durationMs: 1,
        billedDurationMs: 2,
        memorySizeMB: 128,
        maxMemoryUsedMB: 30,
        restoreDurationMs: 212.4,
        billedRestoreDurationMs: 213,
      },
    },
    [
      `REPORT RequestId: ${ID_1}\tDuration: 1.00 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\tRestore Duration: 212.40 ms\tBilled Restore Duration: 213.00 ms`,
    ],
  ],
  // Managed Instances report nothing but the duration.
  [
    'platform.report',
    { requestId, status: 'success', metrics: { durationMs: 118.2 } },
    [`REPORT RequestId: ${ID_1}\tDuration: 118.20 ms`],
  ],
  [
    'platform.restoreStart',
    { functionName: 'orders', runtimeVersion: 'java:21.v3' },
    ['RESTORE_START Runtime Version: java:21.v3'],
  ],
  ['platform.restoreRuntimeDone', { status: 'success' }, []],
  [
    'platform.restoreReport',
    { status: 'success', metrics: { durationMs: 212.4 } },
    ['RESTORE_REPORT Restore Duration: 212.40 ms'],
  ],
  [
    'platform.restoreReport',
    { status: 'timeout', errorType: 'Runtime.Unknown', metrics: { durationMs: 10_000 } },
    ['RESTORE_REPORT Restore Duration: 10000.00 ms\tStatus: timeout\tError Type: Runtime.Unknown'],
  ],
  ['platform.extension', { name: 'other', state: 'Ready', events: ['INVOKE'] }, []],
  [
    'platform.extension',
    { name: 'other', state: 'LaunchError', events: [], errorType: 'Extension.LaunchError' },
    ['EXTENSION\tName: other\tState: LaunchError\tError Type: Extension.LaunchError'],
  ],
  ['platform.telemetrySubscription', { name: 'lambdawatch', state: 'Subscribed', types: ['platform'] }, []],
  [
    'platform.logsDropped',
    { droppedBytes: 90_210, droppedRecords: 311, reason: 'consumer too slow' },
    ['LOGS_DROPPED Records: 311\tBytes: 90210\tReason: consumer too slow'],
  ],
  [
    'platform.fault',
    `RequestId: ${ID_1} Error: Runtime exited with error: signal: killed\nRuntime.ExitError\n`,
    [`RequestId: ${ID_1} Error: Runtime exited with error: signal: killed\nRuntime.ExitError`],
  ],
  ['platform.fault', { message: 'x' }, ['{"message":"x"}']],
  ['platform.fault', undefined, []],
  ['platform.fault', null, []],
  ['platform.whatever', { requestId, status: 'timeout' }, []],
  ['platform.', {}, []],
];

for (const [type, record, lines] of CASES) {
  test(`${type} ${JSON.stringify(record)?.slice(0, 90)}`, () => {
    assert.deepEqual(
      platformLines(type, record, TIME).map(({ line }) => line),
      lines,
    );
  });
}

test("each line of an invocation carries its request id, a fault's too", () => {
  for (const type of ['platform.start', 'platform.runtimeDone', 'platform.report']) {
    for (const line of platformLines(type, { requestId, status: 'timeout' }, TIME))
      assert.equal(line.requestId, ID_1, type);
  }
  assert.equal(platformLines('platform.fault', `RequestId: ${ID_1} Error: x`, TIME)[0].requestId, ID_1);
  assert.equal(platformLines('platform.fault', 'no id', TIME)[0].requestId, undefined);
});

test('records that lack everything still give a line, or none, and never throw', () => {
  const types = [...new Set(CASES.map(([type]) => type))];
  for (const type of types) {
    for (const record of [
      undefined,
      null,
      {},
      [],
      'text',
      5,
      true,
      { metrics: null },
      { metrics: 'x', status: 5, requestId: 7, errorType: {} },
      { metrics: { durationMs: '5' } },
    ]) {
      for (const { line } of platformLines(type, record, TIME)) {
        assert.ok(
          typeof line === 'string' && !/undefined|\[object|NaN/.test(line),
          `${type} ${JSON.stringify(record)} gives ${line}`,
        );
      }
    }
  }
});
