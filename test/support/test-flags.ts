/**
 * For Node.js's test runner. It is told to exit when the tests are over: in Node.js 20 a process that has reset sockets
 * may otherwise spin for ever in closing them at its end.
 */
export const TEST_FLAGS = ['--test', '--test-force-exit'] as const;
