import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Diagnostics } from '../../../extension/diagnostics';
import { createLineRules } from '../../../extension/rules';
import { shareOf } from '../../../extension/rules/share';
import { ID_1, settingsOf } from '../support/builders';
import { FakePlatform } from '../support/fake-platform';

function created(env: Record<string, string>) {
  const platform = new FakePlatform();
  const rules = createLineRules(platform, new Diagnostics(platform), settingsOf(env), false);
  return { rules, warnings: platform.stderrLines };
}

const SAMPLE = JSON.stringify([{ type: 'sample', rate: 0 }]);

describe('the rules of the settings', () => {
  it('say that LOKI_KEEP_ON_ERROR has no effect where nothing takes lines away, and only there', () => {
    const keep = { LOKI_KEEP_ON_ERROR: 'true' };
    const mask = JSON.stringify([{ type: 'mask_sequences', pattern: 'x' }]);
    const cases: readonly (readonly [Record<string, string>, boolean])[] = [
      [keep, true],
      [{ ...keep, LOKI_RULES: mask }, true],
      [{ ...keep, LOKI_MIN_LEVEL: 'info' }, false],
      [{ ...keep, LOKI_RULES: SAMPLE }, false],
      [{ LOKI_MIN_LEVEL: 'info' }, false],
      [{ LOKI_RULES: mask }, false],
    ];
    for (const [env, warns] of cases) {
      const { warnings } = created(env);
      assert.equal(warnings.length, warns ? 1 : 0, JSON.stringify(env));
      if (warns) assert.match(warnings[0], /LOKI_KEEP_ON_ERROR: has no effect/);
    }
  });

  it('have lines wait for the end of their invocation only with LOKI_KEEP_ON_ERROR', () => {
    const cases: readonly Record<string, string>[] = [{ LOKI_MIN_LEVEL: 'info' }, { LOKI_RULES: SAMPLE }];
    for (const env of cases) {
      const line = 'DEBUG x';
      assert.equal(created(env).rules.judge(line, 'function', ID_1), undefined);
      const judged = created({ ...env, LOKI_KEEP_ON_ERROR: 'true' }).rules.judge(line, 'function', ID_1);
      assert.equal(judged?.waitsFor, 'LOKI_RULES' in env ? 'sample 1' : 'LOKI_MIN_LEVEL');
    }
  });

  it('let lines wait in a quarter of the memory for lines, and in 4 MiB at most', () => {
    const waiting = (bufferBytes: number): number => {
      const { rules } = created({
        LOKI_MIN_LEVEL: 'info',
        LOKI_KEEP_ON_ERROR: 'true',
        LOKI_BUFFER_MAX_BYTES: String(bufferBytes),
      });
      for (let i = 0; i < 30; i++) rules.hold('x'.repeat(bufferBytes / 80), 'LOKI_MIN_LEVEL', ID_1, String(i));
      rules.shutdown();
      const held = (rules.takeReleased() ?? []).filter(({ line }) => line.startsWith('x'));
      return held.reduce((sum, { resident }) => sum + resident, 0);
    };
    const MIB = 1024 * 1024;
    for (const [bytes, most] of [
      [8 * MIB, 2 * MIB],
      [16 * MIB, 4 * MIB],
      [32 * MIB, 4 * MIB],
    ]) {
      const held = waiting(bytes);
      assert.equal(held <= most && held > most - bytes / 40, true, `${held} of ${most}`);
    }
  });

  it('withhold each line whose mask can not be used, or can not be applied', () => {
    const { rules } = created({ LOKI_RULES: JSON.stringify([{ type: 'mask_sequences', name: 'm', pattern: '(' }]) });
    assert.match(rules.judge('secret', 'function', ID_1)?.line ?? '', /^LambdaWatch: a line was withheld.*"m"/);
    assert.equal(rules.mask('secret', 'function'), undefined);
  });
});

describe('the share of an id', () => {
  it('stays what it is, so that all functions of a request sample alike', () => {
    assert.deepEqual(
      ['', 'a', ID_1].map((id) => Math.floor(shareOf(id) * 1e6)),
      [668_922, 103_526, 420_188],
    );
  });
});
