import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isWanted, reportMetadata } from '../../../extension/telemetry/platform-kinds';
import { platformLines } from '../../../extension/telemetry/platform-lines';
import { ID_1 as requestId, settingsOf } from '../support/builders';

const TIME = '2026-01-02T03:04:06.120Z';
const metrics = { durationMs: 1 };

/** Events that have a line each; a timeout has two. */
const EVENTS: readonly [type: string, record: unknown][] = [
  ['platform.initStart', { runtimeVersion: 'nodejs:22.v9' }],
  ['platform.initReport', { status: 'timeout', metrics }],
  ['platform.restoreStart', { runtimeVersion: 'nodejs:22.v9' }],
  ['platform.restoreReport', { status: 'success', metrics }],
  ['platform.start', { requestId }],
  ['platform.runtimeDone', { requestId, status: 'timeout', metrics }],
  ['platform.report', { requestId, status: 'timeout', metrics }],
  ['platform.fault', `RequestId: ${requestId} Error: Runtime exited with error: exit status 1\nRuntime.ExitError`],
  ['platform.extension', { name: 'other', errorType: 'Extension.Crash' }],
  ['platform.logsDropped', { droppedRecords: 3, droppedBytes: 99, reason: 'x' }],
];

/** The first words of the lines that are shipped with a value of `LOKI_PLATFORM_LINES`. */
function shipped(value: string | undefined): string[] {
  const { platformLines: wanted } = settingsOf(value === undefined ? {} : { LOKI_PLATFORM_LINES: value });
  return EVENTS.flatMap(([type, record]) =>
    platformLines(type, record, TIME)
      .filter(({ line }) => isWanted(wanted, type, line))
      .map(({ line }) => (line.includes('Task timed out') ? 'Task timed out' : line.split(/\s/)[0])),
  );
}

const ALL = [
  ...['INIT_START', 'INIT_REPORT', 'RESTORE_START', 'RESTORE_REPORT', 'START', 'Task timed out', 'END', 'REPORT'],
  ...['RequestId:', 'EXTENSION', 'LOGS_DROPPED'],
];

describe('LOKI_PLATFORM_LINES', () => {
  const CASES: [value: string | undefined, lines: string[]][] = [
    [undefined, ALL],
    ['all', ALL],
    ['report,all', ALL],
    ['start', ['START']],
    ['end', ['END']],
    ['report', ['REPORT']],
    ['timeout', ['Task timed out']],
    ['init', ['INIT_START', 'INIT_REPORT']],
    ['restore', ['RESTORE_START', 'RESTORE_REPORT']],
    ['fault', ['RequestId:']],
    ['extension', ['EXTENSION']],
    ['dropped', ['LOGS_DROPPED']],
    [' report , timeout', ['Task timed out', 'REPORT']],
    ['start,end,report,timeout,init,restore,fault,extension,dropped', ALL],
  ];
  for (const [value, lines] of CASES) test(String(value), () => assert.deepEqual(shipped(value), lines));

  test('every word has lines, so that none is missing here', () => {
    const covered = new Set(CASES.slice(2).flatMap(([value]) => value!.split(',').map((word) => word.trim())));
    assert.equal(covered.size, 10);
  });
});

describe('what REPORT has in its metadata', () => {
  const full = {
    requestId,
    status: 'error',
    errorType: 'Runtime.ExitError',
    metrics: {
      durationMs: 12.5,
      billedDurationMs: 13,
      memorySizeMB: 256,
      maxMemoryUsedMB: 80,
      initDurationMs: 0,
      restoreDurationMs: 3.25,
      billedRestoreDurationMs: 4,
    },
  };

  test('is each number, as it was sent, with status and error', () => {
    assert.deepEqual(reportMetadata('platform.report', full), {
      duration_ms: '12.5',
      billed_duration_ms: '13',
      memory_size_mb: '256',
      max_memory_used_mb: '80',
      init_duration_ms: '0',
      restore_duration_ms: '3.25',
      status: 'error',
      error_type: 'Runtime.ExitError',
    });
  });

  test('is only what is there, and of the right kind', () => {
    assert.deepEqual(reportMetadata('platform.report', { status: '', errorType: 7, metrics: { durationMs: '1' } }), {});
    assert.deepEqual(reportMetadata('platform.report', { status: 'success' }), { status: 'success' });
    for (const record of [null, undefined, 'x', { metrics: null }])
      assert.equal(Object.keys(reportMetadata('platform.report', record) ?? {}).length, 0);
    assert.equal(reportMetadata('platform.runtimeDone', full), undefined);
  });
});
