import { json, push, type Entry, type PushCase } from './push-case';

/** Pushes around the limit of a message between the parts of Loki. */
export const LARGE: readonly PushCase[] = [
  {
    name: '3.9 MB',
    statuses: [204],
    stored: 39,
    requests: (stream, now) => [
      push(stream, ...Array.from({ length: 39 }, (_, n): Entry => [`${now + BigInt(n)}`, 'x'.repeat(100_000)])),
    ],
  },
  {
    name: '5 MB',
    statuses: [500],
    stored: 0,
    says: /^rpc error: code = ResourceExhausted desc = grpc: received message larger than max \(50\d+ vs\. 4194304\)/,
    requests: (stream, now) => [
      push(stream, ...Array.from({ length: 50 }, (_, n): Entry => [`${now + BigInt(n)}`, 'x'.repeat(100_000)])),
    ],
  },
  {
    name: '5 MB in three streams',
    statuses: [500],
    stored: 0,
    says: /ResourceExhausted/,
    requests: (stream, now) => [
      json({
        streams: ['1', '2', '3'].map((n) => ({
          stream: { ...stream, n },
          values: Array.from({ length: 17 }, (_, index) => [`${now + BigInt(index)}`, 'x'.repeat(100_000)]),
        })),
      }),
    ],
  },
];
