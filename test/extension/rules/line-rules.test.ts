import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readRules } from '../../../extension/config/rules/read-rules';
import { createForms } from '../../../extension/platform/node/json-list';
import { Diagnostics } from '../../../extension/diagnostics';
import type { Level } from '../../../extension/lines/level';
import { compilePatterns } from '../../../extension/platform/node/patterns';
import { RuleEngine } from '../../../extension/rules/engine';
import { LineRules } from '../../../extension/rules/line-rules';
import { Tally } from '../../../extension/rules/tally';

interface Options {
  readonly rules?: readonly unknown[];
  readonly minLevel?: Level;
  readonly waitingBytes?: number;
  readonly concurrent?: boolean;
}

/** A function's life, as the rules see it. */
class Life {
  readonly stderr: string[] = [];
  readonly rules: LineRules;
  /** What is shipped, in the order in which that was decided: timestamp and line. */
  readonly shipped: [number, string][] = [];
  readonly tally = new Tally();
  #time = 0;

  constructor({ rules = [], minLevel = 'info', waitingBytes = 1 << 20, concurrent = false }: Options = {}) {
    const read = readRules(JSON.stringify(rules)).rules;
    this.rules = new LineRules({
      diagnostics: new Diagnostics({ stderr: (line) => this.stderr.push(line) }, 'debug'),
      tally: this.tally,
      engine: rules.length > 0 ? new RuleEngine({ compilePatterns }, read, this.tally) : undefined,
      masks: read.some(({ type }) => type === 'mask_sequences'),
      minLevel,
      levelOf: (line) => /^(trace|debug|info|warn|error|fatal)\b/.exec(line)?.[1] as Level | undefined,
      waitingBytes,
      concurrent,
      utf8Length: (text) => Buffer.byteLength(text),
    });
  }

  line(requestId: string | undefined, line: string): this {
    const judged = this.rules.judge(line, 'function', requestId);
    if (judged !== undefined) {
      if (judged.waitsFor === undefined) this.shipped.push([++this.#time, judged.line]);
      else this.rules.hold(judged.line, judged.waitsFor, requestId, String(++this.#time));
    }
    return this.#release();
  }

  event(type: string, requestId?: string, status?: string): this {
    this.rules.event(`platform.${type}`, { requestId, status });
    return this.#release();
  }

  shutdown(): this {
    this.rules.shutdown();
    return this.#release();
  }

  /** As they stand in Loki. */
  get stored(): string[] {
    return [...this.shipped].sort(([a], [b]) => a - b).map(([, line]) => line);
  }

  #release(): this {
    for (const { timestamp, line } of this.rules.takeReleased() ?? []) this.shipped.push([Number(timestamp), line]);
    return this;
  }
}

describe('LOKI_MIN_LEVEL', () => {
  it('drops what is below, and keeps what states no level', () => {
    const life = new Life({ minLevel: 'warn', waitingBytes: 0 });
    for (const line of ['trace 1', 'debug 2', 'info 3', 'warn 4', 'error 5', 'fatal 6', 'no level'])
      life.line('a', line);
    assert.deepEqual(life.stored, ['warn 4', 'error 5', 'fatal 6', 'no level']);
    assert.equal(life.tally.text(), 'lines by rule: LOKI_MIN_LEVEL: 3 dropped');
  });

  it('says nothing of platform lines', () => {
    assert.equal(new Life({ minLevel: 'fatal' }).rules.judge('debug', 'platform', 'a')?.waitsFor, undefined);
  });
});

describe('LOKI_KEEP_ON_ERROR', () => {
  it('lets lines go when their invocation ends well', () => {
    const life = new Life().line('a', 'debug 1').line('a', 'info 2').event('runtimeDone', 'a', 'success').shutdown();
    assert.deepEqual(life.stored, ['info 2']);
    assert.match(life.tally.text() ?? '', /LOKI_MIN_LEVEL: 1 dropped$/);
  });

  for (const status of ['error', 'failure', 'timeout']) {
    it(`ships them, in their places, when it ends with ${status}`, () => {
      const life = new Life().line('a', 'debug 1').line('a', 'info 2').line('a', 'debug 3').line('a', 'info 4');
      assert.deepEqual(life.stored, ['info 2', 'info 4']);
      life.event('runtimeDone', 'a', status);
      assert.deepEqual(life.stored, ['debug 1', 'info 2', 'debug 3', 'info 4']);
      life.line('a', 'debug 5');
      assert.deepEqual(life.stored.at(-1), 'debug 5', 'one that comes late');
      assert.match(life.tally.text() ?? '', /3 kept for a failed invocation$/);
    });
  }

  for (const level of ['error', 'fatal']) {
    it(`ships them as soon as the invocation prints a line of level ${level}, and those that follow`, () => {
      const life = new Life()
        .line('a', 'debug 1')
        .line('a', `${level} 2`)
        .line('a', 'debug 3')
        .event('runtimeDone', 'a', 'success');
      assert.deepEqual(life.stored, ['debug 1', `${level} 2`, 'debug 3']);
    });
  }

  it('keeps invocations apart', () => {
    const life = new Life({ concurrent: true });
    life.line('a', 'debug a').line('b', 'debug b').line('c', 'debug c').line('b', 'error b');
    life.event('report', 'a', 'success').event('report', 'c', 'error').line('a', 'debug late').shutdown();
    assert.deepEqual(life.stored, ['debug b', 'debug c', 'error b']);
  });

  it('ships what is left when the environment ends before the invocation', () => {
    assert.deepEqual(new Life().line('a', 'debug 1').shutdown().stored, ['debug 1']);
  });

  it('ships them when another invocation begins and no end was heard of', () => {
    const life = new Life().line('a', 'debug a').event('start', 'b').line('b', 'debug b').event('start', 'b');
    assert.deepEqual(life.stored, ['debug a']);
  });

  it('keeps lines of Init for an Init that fails', () => {
    assert.deepEqual(new Life().line(undefined, 'debug 1').event('initRuntimeDone', undefined, 'error').stored, [
      'debug 1',
    ]);
    const well = new Life().line(undefined, 'debug 1').event('initRuntimeDone', undefined, 'success');
    assert.deepEqual(well.line(undefined, 'debug 2').shutdown().stored, []);
  });

  it('is about sampled-out invocations, too, platform lines among them', () => {
    const life = new Life({ minLevel: 'trace', rules: [{ type: 'sample', name: 's', rate: 0 }] });
    const judged = life.rules.judge('START', 'platform', 'a');
    assert.equal(judged?.waitsFor, 's');
    life.line('a', 'info 1').line('a', 'error 2').line('b', 'info 3').event('runtimeDone', 'b', 'success');
    assert.deepEqual(life.stored, ['info 1', 'error 2']);
  });

  it('keeps masked lines only, and none that a rule drops', () => {
    const rules = [
      { type: 'mask_sequences', name: 'm', pattern: '\\d+', replace_placeholder: '#' },
      { type: 'exclude_at_match', name: 'x', pattern: 'noise' },
    ];
    const life = new Life({ rules })
      .line('a', 'debug 123')
      .line('a', 'debug noise')
      .line('a', 'error noise 1')
      .line('a', 'debug 4');
    assert.deepEqual(life.stored, ['debug #', 'debug #']);
  });

  it('stays within its memory, and says where lines are missing', () => {
    const life = new Life({ waitingBytes: 20_000 });
    for (let i = 0; i < 1000; i++) life.line('a', `debug ${String(i).padStart(6, '0')}`);
    life.line('b', 'debug b').line('a', 'error');
    const lines = life.stored;
    assert.match(
      lines[0],
      /^LambdaWatch: 9\d\d earlier lines of this invocation are missing, because no more than 20000 bytes/,
    );
    const missing = Number(/\d+/.exec(lines[0])?.[0]);
    assert.deepEqual(lines.slice(1, 3), [
      `debug ${String(missing).padStart(6, '0')}`,
      `debug ${String(missing + 1).padStart(6, '0')}`,
    ]);
    assert.equal(lines.length, 1000 - missing + 2);
    assert.match(life.tally.text() ?? '', new RegExp(`${missing} dropped, ${1000 - missing} kept`));
  });

  it('says at debug level what the rules did, when an invocation ends, and at the end', () => {
    const life = new Life().line('a', 'debug 1').event('runtimeDone', 'a', 'success').event('report', 'a', 'success');
    assert.deepEqual(life.stderr, ['[lambdawatch] debug: lines by rule: LOKI_MIN_LEVEL: 1 dropped']);
    life.shutdown();
    assert.match(life.stderr[1], /^\[lambdawatch\] info: lines by rule/);
  });
});

it('a line to which masks can not be applied is withheld; without masks it stays as it is', () => {
  const broken = (masks: boolean): LineRules => {
    const engine = new RuleEngine(
      {
        compilePatterns: () => ({
          matching: () => {
            throw new Error('broken');
          },
          createForms: () => createForms(),
          replace: () => undefined,
        }),
      },
      readRules('[{"type":"exclude_at_match","pattern":"x"}]').rules,
      new Tally(),
    );
    return new LineRules({
      diagnostics: new Diagnostics({ stderr: () => undefined }),
      tally: new Tally(),
      engine,
      masks,
      minLevel: 'trace',
      levelOf: () => undefined,
      waitingBytes: 0,
      concurrent: false,
      utf8Length: (text) => text.length,
    });
  };
  assert.match(broken(true).judge('a secret', 'function', 'a')?.line ?? '', /withheld/);
  assert.equal(broken(false).judge('a line', 'function', 'a')?.line, 'a line');
});
