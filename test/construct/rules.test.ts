import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Lazy } from 'aws-cdk-lib';
import { checkEnvironment } from '../../extension/config/check-environment';
import { LambdaWatch, type LambdaWatchProps, LogLevel, LogRule, LogType } from '../../src';
import { ENDPOINT, layers, newFunction, newStack, variables } from './support';

before(layers);

function written(props: Partial<LambdaWatchProps>): Record<string, string> {
  const stack = newStack();
  const fn = newFunction(stack);
  new LambdaWatch(stack, 'Watch', { endpoint: ENDPOINT, functions: [fn], ...props });
  return variables(fn) as Record<string, string>;
}

function refusal(...rules: LogRule[]): string {
  try {
    written({ rules });
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

describe('rules of the construct', () => {
  it('are what the extension reads without complaint', () => {
    const environment = written({
      rules: [
        LogRule.exclude('health', 'GET /health'),
        LogRule.include('trouble', '(?i)error|warn', { on: [LogType.FUNCTION, LogType.EXTENSION] }),
        LogRule.mask('card', '\\d{12}(\\d{4})', { replacement: '…$1' }),
        LogRule.mask('gone', 'x'),
        LogRule.sample('tenth', 0.1),
        LogRule.sample('chatty', 0.5, { pattern: 'HttpClient', on: [LogType.FUNCTION] }),
      ],
      minLevel: LogLevel.INFO,
      keepOnError: true,
    });
    assert.deepEqual(JSON.parse(environment.LOKI_RULES), [
      { type: 'exclude_at_match', name: 'health', pattern: 'GET /health' },
      { type: 'include_at_match', name: 'trouble', pattern: '(?i)error|warn', on: ['function', 'extension'] },
      { type: 'mask_sequences', name: 'card', pattern: '\\d{12}(\\d{4})', replace_placeholder: '…$1' },
      { type: 'mask_sequences', name: 'gone', pattern: 'x' },
      { type: 'sample', name: 'tenth', rate: 0.1 },
      { type: 'sample', name: 'chatty', rate: 0.5, pattern: 'HttpClient', on: ['function'] },
    ]);
    assert.deepEqual([environment.LOKI_MIN_LEVEL, environment.LOKI_KEEP_ON_ERROR], ['info', 'true']);
    assert.deepEqual(checkEnvironment(environment), []);
    assert.equal('LOKI_RULES' in written({ rules: [] }), false);
  });

  it('are refused at synthesis, each with its name, what is wrong and the way out', () => {
    const message = refusal(
      LogRule.exclude('a', 'x'),
      LogRule.mask('card', '\\d{16}(?=x)'),
      LogRule.sample('tenth', 10),
      LogRule.mask('text', '(a)', { replacement: '$1x' }),
    );
    assert.match(message, /LambdaWatch .*rules: rule 2 \("card"\) .*lookahead.*linear time\.\n/);
    assert.match(message, /rules: rule 3 \("tenth"\) has the rate 10; .*from 0 to 1\.\n/);
    assert.match(message, /rules: rule 4 \("text"\) has \$1x .*\$\{1\}\)\.$/);
    assert.equal(message.includes('using'), false);
  });

  it('have to be known at synthesis', () => {
    assert.match(refusal(LogRule.mask('late', Lazy.string({ produce: () => 'x' }))), /only known at deployment/);
  });

  it('are LogRules and levels, whatever the language lets pass', () => {
    assert.match(refusal({ type: 'sample' } as unknown as LogRule), /rules\[0\] is .*LogRule\.exclude/);
    assert.throws(() => written({ minLevel: 'verbose' as LogLevel }), /minLevel is "verbose"/);
    assert.throws(() => written({ keepOnError: 'yes' as unknown as boolean }), /keepOnError is "yes"; .*true or false/);
  });
});
