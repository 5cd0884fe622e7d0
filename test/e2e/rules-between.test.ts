import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Environment, type EnvironmentOptions, type ScriptedIo, scriptedRuntime } from '../../sandbox';
import { type FakeLoki, startFakeLoki } from '../../sandbox/loki';
import type { StoredLine } from '../../sandbox/loki/types';
import { environmentWithLayer, functionLines, joined } from '../support/e2e';

const CARD = '4111111111111234';
const mask = (name: string, pattern: string, text?: string, more: object = {}): object => ({
  type: 'mask_sequences',
  name,
  pattern,
  ...(text === undefined ? {} : { replace_placeholder: text }),
  ...more,
});
const exclude = (pattern: string, more: object = {}): object => ({ type: 'exclude_at_match', pattern, ...more });
const include = (pattern: string, more: object = {}): object => ({ type: 'include_at_match', pattern, ...more });
const sample = (rate: number, more: object = {}): object => ({ type: 'sample', rate, ...more });
const KEEP = { LOKI_MIN_LEVEL: 'info', LOKI_KEEP_ON_ERROR: 'true' };

/** What an invocation does: lines, and at the end an error, a crash or nothing at all until it times out. */
interface Script {
  readonly lines: readonly string[];
  readonly then?: 'throw' | 'exit' | 'hang';
}

const runtime = scriptedRuntime(async (payload, io: ScriptedIo) => {
  const { lines, then } = payload as Script;
  for (const line of lines) io.line(line);
  if (then === 'throw') throw new TypeError('as the script says');
  if (then === 'exit') io.crash({ code: 1 });
  if (then === 'hang') await new Promise((resolve) => io.signal.addEventListener('abort', resolve));
});

// What is neither the usual case nor the worst one: rules beside each other, beside metadata, long lines, JSON and all
// the ways in which an invocation may end. With the layer as users get it.
describe('rules, levels and metadata beside each other', () => {
  let loki: FakeLoki;
  let count = 0;
  before(async () => void (loki = await startFakeLoki({})), { timeout: 300_000 });
  after(() => loki?.stop());

  interface Played {
    readonly lines: StoredLine[];
    /** Those of the function, as they are. */
    readonly own: string[];
    readonly ids: string[];
    readonly stderr: string;
  }

  async function play(
    env: Record<string, string>,
    scripts: readonly (Script | readonly string[])[],
    options: Partial<EnvironmentOptions> & {
      readonly during?: (environment: Environment) => Promise<void>;
      /** In place of the one for all tests. */
      readonly into?: FakeLoki;
    } = {},
  ): Promise<Played> {
    const functionName = `between-${++count}`;
    const { during, into = loki, ...others } = options;
    const environment = await environmentWithLayer(into, {
      runtime,
      timeoutMs: 5000,
      ...others,
      functionName,
      environment: { LOKI_REQUEST_ID_AS: 'metadata', LOKI_LOG_LEVEL: 'info', ...env },
    });
    try {
      const ids: string[] = [];
      for (const script of scripts)
        ids.push((await environment.invoke(Array.isArray(script) ? { lines: script } : script)).requestId);
      await during?.(environment);
      const { extensionExitCodes } = await environment.shutdown();
      assert.deepEqual(
        Object.values(extensionExitCodes).filter((code) => code !== 0),
        [],
      );
      const lines = (await into.lines()).filter(({ labels }) => labels.function_name === functionName);
      return { lines, own: joined(functionLines(lines)), ids, stderr: environment.extensionStderr };
    } finally {
      await environment.close();
    }
  }

  const rules = (...list: object[]): Record<string, string> => ({ LOKI_RULES: JSON.stringify(list) });
  const nothingHas = (lines: readonly StoredLine[], secret: string): void =>
    assert.equal(JSON.stringify(lines).includes(secret), false, JSON.stringify(lines));

  it('1: a secret in a field that becomes metadata is in neither', async () => {
    const { lines } = await play({ ...rules(mask('card', `4\\d{15}`, '…')), LOKI_METADATA: 'card,user.id:user' }, [
      [`{"level":"info","card":"${CARD}","user":{"id":${CARD}}}`],
    ]);
    nothingHas(lines, CARD);
    const { metadata } = functionLines(lines)[0];
    assert.deepEqual([metadata.card, metadata.user, metadata.level], ['…', '…', 'info']);
  });

  it('2: a mask that goes by the name of a field holds for its value in the metadata', async () => {
    const byName = mask('password', '("password":)"[^"]*"', '$1"#"');
    const { lines, own } = await play({ ...rules(byName), LOKI_METADATA: 'password,login.password:inner' }, [
      ['{"password":"hunter2","login":{"password":"hunter3"}}'],
    ]);
    assert.deepEqual(own, ['{"password":"#","login":{"password":"#"}}']);
    nothingHas(lines, 'hunter');
  });

  it('3: with LOKI_UNWRAP_JSON a mask holds for the record, for what is in it, and for the metadata of both', async () => {
    const byName = mask('password', '(\\\\?"password\\\\?":\\s*)\\\\?"[^"\\\\]*\\\\?"', '$1"#"');
    const records = [
      '{"level":"INFO","message":"outside","password":"hunter2"}',
      '{"level":"INFO","message":"{\\"msg\\":\\"inside\\",\\"password\\":\\"hunter3\\"}"}',
      '{"level":"INFO","message":{"msg":"an object","password":"hunter4"}}',
    ];
    for (const pattern of [byName, mask('password', '("password":)"[^"]*"', '$1"#"')]) {
      const { lines, stderr } = await play(
        { ...rules(pattern), LOKI_UNWRAP_JSON: 'true', LOKI_METADATA: 'password:secret' },
        [records],
        { logFormat: 'json' },
      );
      nothingHas(lines, 'hunter');
      assert.match(stderr, /password: 3 masked/);
      assert.equal(functionLines(lines).length, 3);
    }
  });

  it('4: masks that overlap are applied one after the other, each to what the one before has left', async () => {
    const list = [mask('a', 'abc', 'x'), mask('b', 'xd+', 'y'), mask('c', 'cd', 'never')];
    const { own, stderr } = await play(rules(...list), [['abcddd', 'abc', 'cd', 'zcdz']]);
    assert.deepEqual(own, ['y', 'x', 'never', 'znever' + 'z']);
    assert.match(stderr, /a: 2 masked; b: 1 masked; c: 2 masked/);
  });

  it('5: a mask of nothing changes nothing; one at the borders of lines and words does', async () => {
    const on = { on: 'function' };
    const list = [
      mask('empty', 'q*', '-', on),
      mask('ends', '(?m)^|$', '|', on),
      mask('b', '(?m)^x\\b|\\by$', '#', on),
    ];
    const { own } = await play(rules(...list), [['ab', 'aqqb', '', 'x y\nxx y\nx']]);
    assert.deepEqual(own, ['ab', 'a-b', '', '# #\nxx #\n#']);
  });

  it('6: a mask of platform lines leaves ids, metadata and the end of the invocation as they are', async () => {
    const uuid = mask('uuid', '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', 'id', { on: 'platform' });
    const { lines, ids } = await play({ ...rules(uuid), ...KEEP }, [
      ['DEBUG gone'],
      { lines: ['DEBUG kept'], then: 'exit' },
    ]);
    const platform = lines.filter(({ line }) => !line.startsWith('DEBUG'));
    assert.deepEqual(
      platform
        .map(({ line }) => line.replace(/\t.*|Runtime .*|\n.*/gs, ''))
        .filter((line) => /^(START|REPORT)/.test(line)),
      [
        'START RequestId: id Version: $LATEST',
        'REPORT RequestId: id',
        'START RequestId: id Version: $LATEST',
        'REPORT RequestId: id',
      ],
    );
    for (const { line } of platform)
      assert.equal(
        ids.some((id) => line.includes(id)),
        false,
        line,
      );
    assert.equal(platform.find(({ line }) => line.startsWith('REPORT'))?.metadata.request_id, ids[0]);
    assert.deepEqual(
      functionLines(lines)
        .map(({ line }) => line)
        .filter((line) => line.startsWith('DEBUG')),
      ['DEBUG kept'],
    );
  });

  it('7: what is excluded does not come back when its invocation fails, whatever the order', async () => {
    const lines = ['DEBUG a', 'DEBUG noise', 'INFO noise', 'ERROR b'];
    for (const list of [
      [exclude('noise'), sample(0)],
      [sample(0), exclude('noise')],
    ])
      assert.deepEqual((await play({ ...rules(...list), ...KEEP }, [lines])).own, ['DEBUG a', 'ERROR b']);
    assert.deepEqual((await play({ ...rules(include('a|b')), ...KEEP }, [lines])).own, ['DEBUG a', 'ERROR b']);
  });

  it('8: an error that is excluded itself is an error all the same', async () => {
    const { own } = await play({ ...rules(exclude('^ERROR')), ...KEEP }, [['DEBUG a', 'ERROR b', 'DEBUG c']]);
    assert.deepEqual(own, ['DEBUG a', 'DEBUG c']);
  });

  it('9: sampled out as a whole, an invocation that fails is there as a whole, in order', async () => {
    const all = { ...rules(sample(0)), LOKI_KEEP_ON_ERROR: 'true' };
    const { lines } = await play(all, [['1', '2'], { lines: ['3', '4'], then: 'exit' }, ['5'], ['6', '[ERROR] 7']]);
    const words = lines.map(({ line }) => line.split(/[\s:]/)[0]).filter((word) => word !== 'RequestId');
    assert.deepEqual(
      words.filter((word) => /^(\d|START|END|REPORT|\[)/.test(word)),
      [...['START', '3', '4', 'END', 'REPORT', 'START', '6', '[ERROR]', 'END', 'REPORT']],
    );
  });

  it('10: a debug line of 200 KiB waits as a whole, and is put together again', async () => {
    const long = `DEBUG ${'ä🙂'.repeat(34_000)}`;
    const env = { ...KEEP, ...rules(mask('card', '4\\d{15}', '#')), LOKI_MAX_LINE_SIZE: '65536' };
    const { own } = await play(env, [[long, 'ERROR x'], [long]]);
    assert.deepEqual(
      own.map((line) => line.length),
      [long.length, 'ERROR x'.length],
    );
    assert.equal(own[0], long);
  });

  it('11: a mask across the place where a line is split, behind characters of several bytes', async () => {
    const line = (pad: number): string => `${'€'.repeat(340)}${'x'.repeat(pad)}${CARD}${'ü'.repeat(700)}`;
    const lines = Array.from({ length: 20 }, (_, i) => line(i));
    const { own } = await play({ ...rules(mask('card', '\\d{12}(\\d{4})', '…$1')), LOKI_MAX_LINE_SIZE: '1024' }, [
      lines,
    ]);
    assert.deepEqual(
      own,
      lines.map((one) => one.replace(CARD, '…1234')),
    );
  });

  it('12: patterns and lines beyond ASCII', async () => {
    const list = [
      exclude('^größe$'),
      exclude('(?i)ÄRGER'),
      mask('face', '^.🙂(.)$', '[$1]'),
      mask('range', '[α-ω]+', 'greek'),
    ];
    const lines = ['größe', 'grösse', 'viel ärger', 'a🙂😀', 'aa🙂b', 'x λόγος y', '日本語\u0000\u{1F468}\u200D'];
    const { own } = await play(rules(...list), [lines]);
    assert.deepEqual(own.slice(0, 3), ['grösse', '[😀]', 'aa🙂b']);
    assert.equal(own.at(-1), lines.at(-1));
    assert.match(own[3], /^x .*greek.* y$/);
  });

  it('13: 64 rules of all types: the others pass, verbatim and in order', async () => {
    const list = Array.from({ length: 64 }, (_, i) =>
      i % 3 === 0
        ? exclude(`^drop ${i}$`)
        : i % 3 === 1
          ? mask(`m${i}`, `secret${i}\\b`, `<${i}>`)
          : sample(1, { pattern: `s${i}` }),
    );
    const lines = Array.from({ length: 64 }, (_, i) => [`drop ${i}`, `secret${i} s${i}`, `\tplain ${i} `]).flat();
    const { own } = await play(rules(...list), [lines]);
    assert.deepEqual(
      own,
      lines
        .filter((line) => !/^drop (\d+)$/.test(line) || Number(line.slice(5)) % 3 !== 0)
        .map((line) => line.replace(/^secret(\d+)/, (all, i: string) => (Number(i) % 3 === 1 ? `<${i}>` : all))),
    );
  });

  it('14: a sampled invocation stays or goes as a whole over many pushes, with each strategy', async () => {
    for (const LOKI_FLUSH_STRATEGY of ['end', 'handoff', 'next', 'adaptive', 'periodically,200']) {
      const env = { ...rules(sample(0.5)), LOKI_BATCH_SIZE: '3', LOKI_FLUSH_STRATEGY, LOKI_FLUSH_INTERVAL_MS: '20' };
      const script = Array.from({ length: 20 }, (_, i) => `line ${i}`);
      const { lines, ids } = await play(env, Array(12).fill(script));
      const sizes = ids.map((id) => lines.filter(({ metadata }) => metadata.request_id === id).length);
      assert.deepEqual(
        [...new Set(sizes.filter((size) => size !== 0))],
        [23],
        `${LOKI_FLUSH_STRATEGY}: ${sizes.join()}`,
      );
    }
  });

  it('15: debug lines of invocations that end badly, in every way, with each strategy', async () => {
    for (const LOKI_FLUSH_STRATEGY of ['end', 'handoff', 'next', 'adaptive', 'periodically,200']) {
      const scripts: Script[] = [
        { lines: ['DEBUG 1', 'INFO 2'] },
        { lines: ['DEBUG 3', 'INFO 4'], then: 'exit' },
        { lines: ['DEBUG 5', 'INFO 6'] },
        { lines: ['DEBUG 7', 'INFO 8'], then: 'hang' },
        { lines: ['DEBUG 9', '{"level":"fatal"}', 'DEBUG 10'] },
        { lines: ['DEBUG 11'] },
      ];
      const { own } = await play({ ...KEEP, LOKI_FLUSH_STRATEGY }, scripts, { timeoutMs: 1000 });
      assert.deepEqual(
        own.filter((line) => /^(DEBUG|INFO|\{)/.test(line)),
        ['INFO 2', 'DEBUG 3', 'INFO 4', 'INFO 6', 'DEBUG 7', 'INFO 8', 'DEBUG 9', '{"level":"fatal"}', 'DEBUG 10'],
        LOKI_FLUSH_STRATEGY,
      );
    }
  });

  it('16: words for levels that state none keep their lines, and do not fail their invocation', async () => {
    const kept = [
      'An ERROR occurred',
      'Errors: 0',
      '{"message":"ERROR"}',
      '{"user":{"level":"debug"}}',
      '{"level":{"name":"debug"}}',
      '"DEBUG in quotes"',
      'debug',
      'debugger attached',
      '\tDEBUG behind a tab',
      '2026-12-01 12:00:00 the DEBUG build',
      'level of DEBUG=1',
      '<DEBUG/>',
      '',
    ];
    const { own } = await play({ ...KEEP, LOKI_MIN_LEVEL: 'warn' }, [
      [...kept, 'DEBUG x', 'level=debug msg=x', '{"level":20}'],
    ]);
    assert.deepEqual(own, kept);
  });

  it('17: levels of the JSON log format, as it is and taken apart; what is inside counts more', async () => {
    const record = (level: string, message: string): string =>
      JSON.stringify({ timestamp: '2026-12-01T00:00:00.000Z', level, message });
    const records = [
      record('DEBUG', 'a'),
      record('INFO', 'b'),
      record('INFO', '{"level":"debug","msg":"c"}'),
      record('DEBUG', '{"level":50,"msg":"d"}'),
      record('INFO', record('DEBUG', record('ERROR', 'e'))),
    ];
    const env = { LOKI_MIN_LEVEL: 'info' };
    const asTheyAre = await play(env, [records], { logFormat: 'json' });
    assert.deepEqual(asTheyAre.own, [records[1], records[2], records[4]]);
    const apart = await play({ ...env, LOKI_UNWRAP_JSON: 'true' }, [records], { logFormat: 'json' });
    assert.deepEqual(apart.own, ['b', '{"level":50,"msg":"d"}']);
    assert.deepEqual(
      functionLines(apart.lines).map(({ metadata }) => metadata.level),
      ['info', 'error'],
    );
  });

  it('18: what no longer fits while it waits is told of at its place', async () => {
    const env = { ...KEEP, LOKI_BUFFER_MAX_BYTES: '1048576' };
    const debug = Array.from({ length: 3000 }, (_, i) => `DEBUG ${i} ${'x'.repeat(100)}`);
    const { own, stderr } = await play(env, [['INFO first', ...debug, 'ERROR last']]);
    const missing = Number(/^LambdaWatch: (\d+) earlier lines of this invocation are missing/.exec(own[1])?.[1]);
    assert.equal(missing > 0 && missing < 3000, true, own[1]);
    assert.deepEqual([own[0], ...own.slice(2)], ['INFO first', ...debug.slice(missing), 'ERROR last']);
    assert.match(
      stderr,
      new RegExp(`LOKI_MIN_LEVEL: ${missing} dropped, ${3000 - missing} kept for a failed invocation`),
    );
  });

  it('19: a replacement that would make a line many times as long withholds it, and its metadata', async () => {
    const blown = mask('blown', 'a', 'x'.repeat(200));
    const { lines, own } = await play({ ...rules(blown), LOKI_METADATA: 'v' }, [
      ['b', JSON.stringify({ v: 'a'.repeat(400) }), 'c'],
    ]);
    assert.deepEqual([own[0], own[2]], ['b', 'c']);
    assert.match(own[1], /^LambdaWatch: a line was withheld, because the mask "blown"/);
    nothingHas(lines, 'aaaa');
  });

  it('20: bytes that are no UTF-8, surrogates and zeros pass rules and metadata', async () => {
    const bytes = Buffer.concat([
      Buffer.from('[{"time":"2026-12-01T00:00:00.000Z","type":"function","record":"[WARN] \\ud800 \\u0000 '),
      Buffer.from([0xff, 0xc3, 0x28]),
      Buffer.from(` ${CARD}"}]`),
    ]);
    const { lines } = await play({ ...rules(mask('card', '4\\d{15}', '#')), LOKI_MIN_LEVEL: 'info' }, [['first']], {
      during: async (environment) => {
        environment.injectTelemetry({ rawBody: bytes });
        await environment.invoke({ lines: ['last'] });
      },
    });
    const odd = functionLines(lines).filter(({ line }) => line.startsWith('[WARN]'));
    assert.equal(odd.length, 1);
    assert.match(odd[0].line, /\ufffd.*#$/s);
    assert.equal(odd[0].metadata.level, 'warn');
  });

  it('21: side by side on Managed Instances, those that name their request id wait for its end', async () => {
    const many = scriptedRuntime(async (payload, io) => {
      for (let i = 0; i < 5; i++) {
        io.line(
          JSON.stringify({
            level: i === 4 && payload === 'bad' ? 'ERROR' : 'DEBUG',
            requestId: io.requestId,
            message: `${payload as string} ${i}`,
          }),
        );
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    const { own } = await play({ ...KEEP }, [], {
      runtime: many,
      logFormat: 'json',
      mode: 'lambda-managed-instances',
      during: async (environment) => {
        await Promise.all(['well', 'bad', 'good', 'bad'].map((what) => environment.invoke(what)));
        await environment.telemetryDrained();
      },
    });
    const messages = own.map((line) => (JSON.parse(line) as { message: string }).message).sort();
    assert.deepEqual(
      messages,
      [0, 1, 2, 3, 4].flatMap((i) => [`bad ${i}`, `bad ${i}`]),
    );
  });

  it('22: records that were taken apart get their fields back when Loki takes no structured metadata', async () => {
    const into = await startFakeLoki({ limits: { allowStructuredMetadata: false } });
    try {
      const record = (message: string): object => ({ timestamp: 'then', level: 'WARN', logger: 'orders', message });
      const scripts = ['first', 'second'].map((name) => [JSON.stringify(record(name))]);
      const env = { LOKI_UNWRAP_JSON: 'true' };
      const { own, ids, stderr } = await play(env, scripts, { logFormat: 'json', into });
      const [first, second] = own.map((line) => JSON.parse(line) as Record<string, unknown>);
      // The second one comes when it is known, and is left as it is.
      assert.deepEqual(second, record('second'));
      const { cold_start, trace_id, ...rest } = first;
      assert.match(String(trace_id), /^[0-9a-f]{32}$/);
      assert.deepEqual([cold_start, rest], ['true', { ...record('first'), level: 'warn', request_id: ids[0] }]);
      assert.match(stderr, /takes no structured metadata/);
    } finally {
      await into.stop();
    }
  });
});
