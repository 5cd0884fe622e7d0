import { DAY, HOUR, json, labels, metadata, plain, push, SECOND, type Entry, type PushCase } from './push-case';

/** Pushes of which Loki takes some lines, with or without saying so. */
export const IN_PART: readonly PushCase[] = [
  {
    name: 'one line too long',
    statuses: [400],
    stored: 2,
    sameText: true,
    requests: (stream, now) => [
      push(stream, [`${now}`, 'a'], [`${now + 1n}`, 'x'.repeat(262_145)], [`${now + 2n}`, 'c']),
    ],
  },
  {
    name: 'a line too long by bytes, not characters',
    statuses: [400],
    stored: 0,
    says: /with length '262146' bytes/,
    requests: (stream, now) => [push(stream, [`${now}`, 'é'.repeat(131_073)])],
  },
  {
    name: 'one line too old',
    statuses: [400],
    stored: 1,
    says: /has timestamp too old: .*, oldest acceptable timestamp is: /,
    requests: (stream, now) => [push(stream, [`${now - 8n * DAY}`, 'old'], [`${now}`, 'x'])],
  },
  plain('milliseconds in place of nanoseconds', (now) => [`${now / 1_000_000n}`, 'x'], 400, 0, /too old: 1970-/),
  plain('a negative timestamp', () => ['-5', 'x'], 400, 0, /too old: 1969-/),
  {
    name: 'one line too new',
    statuses: [400],
    stored: 1,
    says: /has timestamp too new: /,
    requests: (stream, now) => [push(stream, [`${now + 700n * SECOND}`, 'new'], [`${now}`, 'x'])],
  },
  {
    name: 'several lines too long',
    statuses: [400],
    stored: 1,
    sameText: true,
    requests: (stream, now) => [
      push(stream, [`${now}`, 'x'.repeat(262_145)], [`${now + 1n}`, 'y'.repeat(262_145)], [`${now + 2n}`, 'c']),
    ],
  },
  {
    name: '16 labels',
    statuses: [400],
    stored: 0,
    sameText: true,
    requests: (stream, now) => [push({ ...stream, ...labels(15) }, [`${now}`, 'x'])],
  },
  {
    name: '16 labels in one of two streams',
    statuses: [400],
    stored: 1,
    sameText: true,
    requests: (stream, now) => [
      json({
        streams: [
          {
            stream: { ...stream, ...labels(15) },
            values: [
              [`${now}`, 'x'],
              [`${now}`, 'y'],
            ],
          },
          { stream, values: [[`${now}`, 'x']] },
        ],
      }),
    ],
  },
  {
    name: 'label value too long',
    statuses: [400],
    stored: 0,
    sameText: true,
    requests: (stream, now) => [push({ ...stream, v: 'x'.repeat(2_049) }, [`${now}`, 'x'])],
  },
  {
    name: 'label name too long',
    statuses: [400],
    stored: 0,
    sameText: true,
    requests: (stream, now) => [push({ ...stream, ['n'.repeat(1_025)]: 'v' }, [`${now}`, 'x'])],
  },
  {
    name: 'too many metadata entries',
    statuses: [400],
    stored: 1,
    sameText: true,
    requests: (stream, now) => [push(stream, [`${now}`, 'x', metadata(129)], [`${now + 1n}`, 'y'])],
  },
  {
    name: 'metadata too large',
    statuses: [400],
    stored: 1,
    sameText: true,
    requests: (stream, now) => [push(stream, [`${now}`, 'x', metadata(10, 7_000)], [`${now + 1n}`, 'y'])],
  },
  {
    name: 'too far behind within a push',
    statuses: [400],
    stored: 1,
    sameText: true,
    requests: (stream, now) => [push(stream, [`${now}`, 'x'], [`${now - 2n * HOUR}`, 'late'])],
  },
  {
    name: 'too far behind an earlier push',
    statuses: [204, 400],
    stored: 2,
    sameText: true,
    requests: (stream, now) => [
      push(stream, [`${now}`, 'x']),
      push(stream, [`${now - HOUR - SECOND}`, 'late'], [`${now - HOUR + SECOND}`, 'in time']),
    ],
  },
  {
    name: 'many lines too far behind',
    statuses: [400],
    stored: 1,
    sameText: true,
    requests: (stream, now) => [
      push(
        stream,
        [`${now}`, 'x'],
        ...Array.from({ length: 12 }, (_, n): Entry => [`${now - 2n * HOUR + BigInt(n) * 1_001_000n}`, 'late']),
      ),
    ],
  },
  {
    name: 'rising by more than an hour within a push',
    statuses: [204],
    stored: 2,
    requests: (stream, now) => [push(stream, [`${now - 2n * HOUR}`, 'early'], [`${now}`, 'x'])],
  },

  // The answer is that of the last stream: an earlier one's loss goes unsaid.
  {
    name: 'loss in a stream that is not the last',
    statuses: [204, 204],
    stored: 2,
    requests: (stream, now) => [
      push({ ...stream, n: '1' }, [`${now}`, 'x']),
      json({
        streams: [
          { stream: { ...stream, n: '1' }, values: [[`${now - 2n * HOUR}`, 'lost']] },
          { stream: { ...stream, n: '2' }, values: [[`${now}`, 'x']] },
        ],
      }),
    ],
  },
  {
    name: 'the same in the last stream',
    statuses: [204, 400],
    stored: 2,
    sameText: true,
    requests: (stream, now) => [
      push({ ...stream, n: '1' }, [`${now}`, 'x']),
      json({
        streams: [
          { stream: { ...stream, n: '2' }, values: [[`${now}`, 'x']] },
          { stream: { ...stream, n: '1' }, values: [[`${now - 2n * HOUR}`, 'late']] },
        ],
      }),
    ],
  },
];
