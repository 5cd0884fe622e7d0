import type { Case } from '../inside/case';

/** A case that needs a process of its own; the Node.js side looks at how it ends and at what is on stderr. */
export interface Ending extends Case {
  /** The exit code. */
  readonly code: number;
  /** What stderr must have, and how often. */
  readonly stderr: readonly { readonly text: string; readonly times: number }[];
}

/** Lets everything that is due happen, then ends the process with 7 if it is still there to do so. */
const END_MS = 100;

export const endings: readonly Ending[] = [
  {
    name: 'exit ends the process at once, with its code',
    code: 42,
    stderr: [
      { text: 'before', times: 1 },
      { text: 'after', times: 0 },
    ],
    run: ({ platform }) => {
      platform.stderr('before');
      platform.setTimer(0, () => {
        platform.exit(42);
        platform.stderr('after');
      });
    },
  },
  {
    name: 'an exception in a timer is reported once and ends nothing',
    notOnNode: 'Node.js ends the process at an uncaught exception',
    code: 7,
    stderr: [{ text: 'boom in a timer', times: 1 }],
    run: ({ platform }) => {
      platform.setTimer(1, () => {
        throw new TypeError('boom in a timer');
      });
      platform.setTimer(END_MS, () => platform.exit(7));
    },
  },
  {
    name: 'an unhandled rejection is reported once and ends nothing, a handled one is not reported',
    notOnNode: 'Node.js ends the process at an unhandled rejection',
    code: 7,
    stderr: [
      { text: 'nobody cares', times: 1 },
      { text: 'somebody cares', times: 0 },
    ],
    run: ({ platform }) => {
      const handled = Promise.reject(new Error('somebody cares'));
      handled.catch(() => undefined);
      void Promise.reject(new Error('nobody cares'));
      platform.setTimer(END_MS, () => platform.exit(7));
    },
  },
  {
    name: 'endless recursion is an exception like any other',
    code: 7,
    stderr: [{ text: 'RangeError', times: 1 }],
    run: ({ platform }) => {
      const endless = (depth: number): number => endless(depth + 1) + 1;
      try {
        endless(0);
      } catch (error) {
        platform.stderr((error as Error).name);
      }
      platform.exit(7);
    },
  },
  {
    name: "a handler's exception is on stderr, once",
    code: 7,
    stderr: [{ text: 'boom in a handler', times: 1 }],
    run: async (context) => {
      const { port } = await context.serve(() => {
        throw new Error('boom in a handler');
      });
      await context.fetch(`http://127.0.0.1:${port}/`);
      context.platform.exit(7);
    },
  },
  {
    name: "a handler's exception goes to the function that asked for it, and to stderr where that throws",
    code: 7,
    stderr: [
      { text: 'told: The handler of GET /told failed: Error: boom', times: 1 },
      { text: 'boom', times: 2 },
      { text: 'not the report', times: 0 },
    ],
    run: async (context) => {
      const { platform } = context;
      const { port } = await context.serve(() => {
        throw new Error('boom');
      });
      platform.onFault((text) => platform.stderr(`told: ${text}`));
      await context.fetch(`http://127.0.0.1:${port}/told`);
      platform.onFault(() => {
        throw new Error('not the report');
      });
      await context.fetch(`http://127.0.0.1:${port}/`);
      platform.exit(7);
    },
  },
  {
    name: 'what nobody has caught goes to the function that asked for it, and to stderr where that throws',
    notOnNode: 'Node.js ends the process at an uncaught exception',
    code: 7,
    stderr: [
      { text: 'told: Uncaught: TypeError: in a timer', times: 1 },
      { text: 'told: Unhandled promise rejection: Error: in a promise', times: 1 },
      { text: 'Uncaught: Error: untold', times: 1 },
      { text: 'told', times: 3 },
    ],
    run: async (context) => {
      const { platform } = context;
      platform.onFault((text) => platform.stderr(`told: ${text}`));
      platform.setTimer(1, () => {
        throw new TypeError('in a timer');
      });
      void Promise.reject(new Error('in a promise'));
      await context.wait(20);
      platform.onFault(() => {
        throw new Error('of the function itself');
      });
      platform.setTimer(1, () => {
        throw new Error('untold');
      });
      platform.setTimer(END_MS, () => platform.exit(7));
    },
  },
  {
    name: 'stderr writes each line whole',
    code: 0,
    stderr: [
      { text: 'x'.repeat(5000), times: 20 },
      { text: 'Grüße 😀 \ufffd', times: 1 },
    ],
    run: ({ platform }) => {
      for (let i = 0; i < 20; i++) platform.stderr('x'.repeat(5000));
      platform.stderr('Grüße 😀 \ud800');
      platform.exit(0);
    },
  },
];
