import assert from 'node:assert/strict';
import type { LokiUnderTest, StoredLine } from '../../sandbox/loki/types';
import { type Environment, type EnvironmentOptions, freePort, startEnvironment } from '../../sandbox';
import { extensionUnderTest, extraEnvironment } from './extension';

/** An environment with the layer, pushing to `loki`. */
export async function environmentWithLayer(
  loki: Pick<LokiUnderTest, 'pushUrl'>,
  options: Omit<EnvironmentOptions, 'layerZips' | 'extensions'>,
): Promise<Environment> {
  const { layerZips, extensions } = await extensionUnderTest();
  return startEnvironment({
    timeoutMs: 20_000,
    ...options,
    layerZips,
    extensions,
    // On Lambda the default port is free; here environments run side by side.
    environment: {
      LOKI_ENDPOINT: loki.pushUrl,
      LOKI_TELEMETRY_PORT: String(await freePort()),
      ...extraEnvironment,
      ...options.environment,
    },
  });
}

/** What the function itself wrote, in order. */
export function written(environment: Environment): string[] {
  return environment.linesWritten.filter(({ source }) => source === 'function').map(({ text }) => text);
}

/** The stored lines of a function that don't stand for platform events, in Loki's order. */
export function functionLines(lines: readonly StoredLine[], functionName?: string): StoredLine[] {
  return lines.filter(
    ({ labels, line }) =>
      (functionName === undefined || labels.function_name === functionName) && !isPlatformLine(line),
  );
}

export function isPlatformLine(line: string): boolean {
  return (
    /^(INIT_START Runtime|START RequestId: |END RequestId: |REPORT RequestId: |INIT_REPORT |RESTORE_(START|REPORT) |EXTENSION\tName: |LOGS_DROPPED Records: |RequestId: [0-9a-f-]{36} Error: )/.test(
      line,
    ) || /^\S+Z [0-9a-f-]{36} Task timed out after /.test(line)
  );
}

/** Parts of a line that was split, joined again; the other lines as they are. */
export function joined(lines: readonly StoredLine[]): string[] {
  const whole: string[] = [];
  let parts = '';
  for (const { line, metadata } of lines) {
    if (metadata.part === undefined) {
      whole.push(line);
      continue;
    }
    parts = metadata.part === '1' ? line : parts + line;
    if (metadata.part === metadata.parts) whole.push(parts);
  }
  return whole;
}

/** The same lines, the same number of times each, in the same order; with a short message where not. */
export function assertSameLines(stored: readonly string[], expected: readonly string[]): void {
  const difference = expected.findIndex((line, i) => stored[i] !== line);
  if (difference >= 0)
    assert.equal(
      stored[difference],
      expected[difference],
      `line ${difference} of ${expected.length} (${stored.length} stored)`,
    );
  assert.equal(stored.length, expected.length);
}
