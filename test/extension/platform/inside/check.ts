import type { PlatformError, PlatformErrorCode } from '../../../../extension/platform/types';

/** Assertions that need nothing of Node.js. */

export function ok(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

/** Compares by JSON text, `undefined` and order of members included. */
export function equal(actual: unknown, expected: unknown, what = 'value'): void {
  const [left, right] = [show(actual), show(expected)];
  if (left !== right) throw new Error(`${what}: got ${shorten(left)}, expected ${shorten(right)}`);
}

/** The error with which a promise rejects, after a look at its code. */
export async function fails(promise: Promise<unknown>, ...codes: PlatformErrorCode[]): Promise<PlatformError> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return hasCode(error, codes);
  }
  throw new Error(`expected ${codes.join(' or ')}, but it succeeded with ${shorten(show(value))}`);
}

export function throws(action: () => unknown, ...codes: PlatformErrorCode[]): PlatformError {
  try {
    action();
  } catch (error) {
    return hasCode(error, codes);
  }
  throw new Error(`expected ${codes.join(' or ')}, but nothing was thrown`);
}

function hasCode(error: unknown, codes: readonly PlatformErrorCode[]): PlatformError {
  ok(error instanceof Error, `expected an Error, got ${show(error)}`);
  const failure = error as PlatformError;
  ok(codes.includes(failure.code), `expected ${codes.join(' or ')}, got ${failure.code}: ${failure.message}`);
  ok(failure.message.length > 0, 'the error has no message');
  return failure;
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (inner === undefined ? '(undefined)' : inner)) ?? '(undefined)';
}

function shorten(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}… (${text.length} characters)` : text;
}
