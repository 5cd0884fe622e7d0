import type { Case } from '../inside/case';
import { equal, ok, throws } from '../inside/check';

/** Environment, clocks, timers, text, files. */
export const basics: readonly Case[] = [
  {
    name: 'env has the variables of the process, and no others',
    run: ({ platform }) => {
      equal(platform.env.CONTRACT_GREETING, 'grüß = dich');
      equal(platform.env.NOT_THERE, undefined);
      equal(platform.env.CONTRACT_EMPTY, '');
    },
  },
  {
    name: 'now is the wall clock in milliseconds',
    run: ({ platform }) => {
      const apart = Math.abs(platform.now() - Date.now());
      ok(apart < 100, `it is ${apart} ms away from Date.now()`);
    },
  },
  {
    name: 'monotonic never goes back and counts milliseconds',
    run: async (context) => {
      const { platform } = context;
      const start = platform.monotonic();
      let last = start;
      for (let i = 0; i < 1000; i++) {
        const next = platform.monotonic();
        ok(next >= last, 'it went back');
        last = next;
      }
      await context.wait(30);
      const passed = platform.monotonic() - start;
      ok(passed >= 29 && passed < 1000, `${passed} ms passed in 30 ms`);
    },
  },
  {
    name: 'random is spread over 0 to 1, and no two are equal',
    run: ({ platform }) => {
      const numbers = Array.from({ length: 4000 }, () => platform.random());
      ok(
        numbers.every((number) => number >= 0 && number < 1),
        'some are out of range',
      );
      equal(new Set(numbers).size, numbers.length, 'different ones');
      const tenths = Array<number>(10).fill(0);
      for (const number of numbers) tenths[Math.floor(number * 10)]++;
      // 400 each, with a standard deviation of 19: one run in a hundred thousand million goes further.
      ok(
        tenths.every((count) => count > 250 && count < 550),
        `they are not spread evenly: ${tenths.join(', ')}`,
      );
    },
  },
  {
    name: 'timers run once, in the order of their times, and not before',
    run: async ({ platform }) => {
      const order: number[] = [];
      const start = platform.monotonic();
      await new Promise<void>((resolve) => {
        for (const ms of [60, 20, 0, -5, 40]) platform.setTimer(ms, () => order.push(ms));
        platform.setTimer(100, resolve);
      });
      ok(platform.monotonic() - start >= 99, 'it was early');
      equal([...order].sort(), [...[0, -5, 20, 40, 60]].sort(), 'timers that ran');
      equal(order.slice(2), [20, 40, 60], 'order');
    },
  },
  {
    name: 'a canceled timer does not run; canceling may be repeated and come late',
    run: async (context) => {
      let ran = 0;
      const cancel = context.platform.setTimer(10, () => (ran += 1));
      cancel();
      cancel();
      const done = context.platform.setTimer(1, () => (ran += 10));
      const self = context.platform.setTimer(2, () => self());
      await context.wait(40);
      done();
      equal(ran, 10);
    },
  },
  {
    name: 'utf8Length counts bytes, three for a lone surrogate',
    run: ({ platform }) => {
      const texts: [string, number][] = [
        ['', 0],
        ['plain', 5],
        ['é', 2],
        ['naïve café', 12],
        ['€', 3],
        ['😀', 4],
        ['a😀b', 6],
        ['\ud800', 3],
        ['x\udc00y', 5],
        ['\ud83d\ud83d\ude00', 7],
        ['\0', 1],
        ['a\0b', 3],
        ['a'.repeat(100_000), 100_000],
        ['€'.repeat(10_000), 30_000],
      ];
      for (const [text, bytes] of texts) equal(platform.utf8Length(text), bytes, JSON.stringify(text.slice(0, 20)));
      let joined = '';
      for (let i = 0; i < 5000; i++) joined += 'ab';
      equal(platform.utf8Length(joined), 10_000, 'a string made of pieces');
    },
  },
  {
    name: 'JSON.stringify is that of the language, whoever does the work',
    run: () => {
      const texts: [unknown, string][] = [
        ['', '""'],
        ['plain', '"plain"'],
        ['"\\/\b\f\n\r\t', '"\\"\\\\/\\b\\f\\n\\r\\t"'],
        ['\0\u001b\u001f\u007f', '"\\u0000\\u001b\\u001f\u007f"'],
        ['é€😀\u2028\ud7ff\ue000', '"é€😀\u2028\ud7ff\ue000"'],
        ['\ud800', '"\\ud800"'],
        ['a\udfffb\ud83d', '"a\\udfffb\\ud83d"'],
        [[], '[]'],
        [['a', ['b', []], '"'], '["a",["b",[]],"\\""]'],
        [[1, -0, 1e21, NaN, null, true], '[1,0,1e+21,null,null,true]'],
        [[undefined, () => 1, Symbol('s')], '[null,null,null]'],
        [[{ a: 'é', b: undefined, c: ['x'] }, {}], '[{"a":"é","c":["x"]},{}]'],
        [[new Date(0), { toJSON: () => 'own' }], '["1970-01-01T00:00:00.000Z","own"]'],
        [new Array(2), '[null,null]'],
        [[[[[[[[[[[['deep']]]]]]]]]]], '[[[[[[[[[[["deep"]]]]]]]]]]]'],
        [{ a: [1, 'b'] }, '{"a":[1,"b"]}'],
        [true, 'true'],
      ];
      for (const [value, json] of texts) equal(JSON.stringify(value), json);
      equal(JSON.stringify(undefined), undefined);
      equal(JSON.stringify(['a', 1], null, 1), '[\n "a",\n 1\n]', 'with an indent');
      equal(
        JSON.stringify(['a', 1], (_, inner: unknown) => (inner === 1 ? 'one' : inner)),
        '["a","one"]',
        'with a replacer',
      );
      const endless: unknown[] = [];
      endless.push([endless]);
      let thrown: unknown;
      try {
        JSON.stringify(endless);
      } catch (error) {
        thrown = error;
      }
      ok(thrown instanceof TypeError, `an endless array: ${String(thrown)}`);
    },
  },
  {
    name: 'gzip gives one gzip member of the UTF-8',
    run: async (context) => {
      const { platform, peers } = context;
      let random = 7;
      const noise = Array.from({ length: 50_000 }, () =>
        String.fromCharCode(33 + ((random = (random * 16807) % 2147483647) % 90)),
      ).join('');
      for (const text of ['', 'short', 'Grüße, 世界 😀', 'line of a log\n'.repeat(50_000), noise]) {
        const packed = platform.gzip([text]);
        ok(packed instanceof Uint8Array, 'not a Uint8Array');
        equal([packed[0], packed[1], packed[2]], [0x1f, 0x8b, 8], 'magic');
        equal((await context.fetch(`${peers.http}/gunzip`, { method: 'POST', body: packed })).body, text, 'unpacked');
      }
      ok(platform.gzip(['line of a log\n'.repeat(50_000)]).length < 20_000, 'it does not compress');
    },
  },
  {
    name: 'gzip replaces lone surrogates',
    run: async (context) => {
      const packed = context.platform.gzip(['a\ud800b\udfffc', '😀\ud83d']);
      equal(
        (await context.fetch(`${context.peers.http}/gunzip`, { method: 'POST', body: packed })).body,
        'a\ufffdb\ufffdc😀\ufffd',
      );
    },
  },
  {
    name: 'sha256 and hmacSha256 give the values of their standards',
    run: ({ platform }) => {
      const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
      const hex = (hash: Uint8Array): string => Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
      ok(platform.sha256(bytes('')) instanceof Uint8Array, 'not a Uint8Array');
      // FIPS 180-4 and RFC 4231.
      equal(hex(platform.sha256(bytes(''))), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
      equal(hex(platform.sha256(bytes('abc'))), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
      equal(
        hex(platform.sha256(bytes('a'.repeat(1_000_000)))),
        'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
      );
      equal(
        hex(platform.hmacSha256(bytes('Jefe'), bytes('what do ya want for nothing?'))),
        '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      );
      equal(
        hex(platform.hmacSha256(bytes('\x0b'.repeat(20)), bytes('Hi There'))),
        'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
      );
      const long = 'Test Using Larger Than Block-Size Key - Hash Key First';
      equal(
        hex(platform.hmacSha256(bytes('\xaa'.repeat(131)), bytes(long))),
        '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
      );
      equal(
        hex(platform.hmacSha256(bytes(''), bytes(''))),
        'b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad',
      );
      // A view of a larger buffer is its own bytes alone.
      const view = bytes('xxabcxx').subarray(2, 5);
      equal(hex(platform.sha256(view)), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
      equal(
        hex(platform.hmacSha256(bytes('-Jefe-').subarray(1, 5), bytes('what do ya want for nothing?'))),
        '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      );
    },
  },
  {
    name: 'objects that refer to each other are freed after some thousand turns, long before memory is short',
    notOnNode: 'Node.js frees them when it likes',
    run: async (context) => {
      const makeCycle = (): WeakRef<object> => {
        const one: { other?: object } = {};
        one.other = { one };
        return new WeakRef(one);
      };
      const cycles = Array.from({ length: 10 }, makeCycle);
      await Promise.all(Array.from({ length: 5_000 }, () => context.wait(0)));
      equal(cycles.filter((cycle) => cycle.deref() !== undefined).length, 0, 'cycles that are left');
    },
  },
  {
    name: 'import() loads a part of the program, once',
    run: async () => {
      const [first, second] = await Promise.all([import('../inside/part'), import('../inside/part')]);
      equal([first.add(2, 3), first.timesLoaded(), first === second], [5, 1, true]);
      const nested = await first.loadNested();
      equal(nested.greeting, 'from the part of a part');
    },
  },
  {
    name: 'readTextFile reads UTF-8, and says what is wrong',
    run: ({ platform, peers }) => {
      equal(platform.readTextFile(`${peers.folder}/text`), 'Grüße\n');
      equal(platform.readTextFile(`${peers.folder}/broken`), 'a\ufffdb');
      ok(
        throws(() => platform.readTextFile(`${peers.folder}/missing`), 'ENOENT').message.includes('missing'),
        'the message does not name the file',
      );
      throws(() => platform.readTextFile(peers.folder), 'EIO');
    },
  },
];
