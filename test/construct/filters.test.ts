import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Stack, Tags } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { FunctionFilter, LambdaWatch, type AttachAllOptions, type IFunctionFilter } from '../../src';
import { ENDPOINT, layers, newApp, newFunction, rendered, warnings } from './support';

before(layers);

const names = { python: lambda.Runtime.PYTHON_3_12, node: lambda.Runtime.NODEJS_22_X };

/** The ids of functions that are attached, of an app with functions of two runtimes and with tags. */
function attached(options: (app: Construct) => AttachAllOptions): { ids: string[]; said: string[]; stack: Stack } {
  const app = newApp();
  const stack = new Stack(app, 'Prod');
  const api = new Construct(stack, 'Api');
  const functions = [
    newFunction(api, 'Python', { runtime: names.python }),
    newFunction(api, 'Node', { runtime: names.node, code: lambda.Code.fromInline('x') }),
    newFunction(stack, 'Tagged'),
    new lambda.CfnFunction(stack, 'Raw', {
      code: { zipFile: 'x' },
      role: 'r',
      runtime: 'nodejs22.x',
      tags: [{ key: 'logs', value: 'loki' }],
    }),
  ];
  Tags.of(stack).add('team', 'a');
  Tags.of(api).add('team', 'b');
  Tags.of(functions[0]).remove('team');
  Tags.of(functions[2]).add('logs', 'loki');
  new LambdaWatch(app, 'Watch', { endpoint: ENDPOINT }).attachAll(app, options(app));
  const ids = functions.filter((fn) => rendered(fn).Layers !== undefined).map(({ node }) => node.id);
  return { ids, said: warnings(stack), stack };
}

describe('filters pick functions', () => {
  const own: IFunctionFilter = { matches: ({ node }) => node.id === 'Python' };
  const cases: [string, IFunctionFilter, string[]][] = [
    ['by runtime, raw ones included', FunctionFilter.runtime(names.node), ['Node', 'Raw']],
    [
      'by one of several runtimes',
      FunctionFilter.runtime(names.node, names.python),
      ['Python', 'Node', 'Tagged', 'Raw'],
    ],
    ['by a tag, of the function or of what is above it', FunctionFilter.tag('team'), ['Node', 'Tagged', 'Raw']],
    ["by a tag's value, the nearest", FunctionFilter.tag('team', 'b'), ['Node']],
    ['by a tag of the resource', FunctionFilter.tag('logs', 'loki'), ['Tagged', 'Raw']],
    ['by not', FunctionFilter.not(FunctionFilter.runtime(names.node)), ['Python', 'Tagged']],
    ["by not of a filter of the caller's", FunctionFilter.not(own), ['Node', 'Tagged', 'Raw']],
    [
      'by all of several',
      FunctionFilter.allOf(
        FunctionFilter.tag('team'),
        FunctionFilter.runtime(names.node),
        FunctionFilter.path('**/Node'),
      ),
      ['Node'],
    ],
    ['by paths with stars in a row', FunctionFilter.path('Prod/**/**/Node'), ['Node']],
    ['by everything', FunctionFilter.path('**'), ['Python', 'Node', 'Tagged', 'Raw']],
  ];
  for (const [what, filter, expected] of cases) {
    it(what, () => {
      const { ids, said } = attached(() => ({ include: [filter] }));
      assert.deepEqual(ids, expected);
      assert.deepEqual(said, []);
    });
  }
});

describe('a path pattern that matches no function', () => {
  const cases: [string, string, RegExp][] = [
    [
      'a typing error',
      'Prd/**',
      /the pattern "Prd\/\*\*" of Watch matches no function in the app\. Patterns are construct paths/,
    ],
    ['a stack', 'Prod', /It matches Prod; for the functions beneath write "Prod\/\*\*"/],
    ['a group', 'Prod/Api', /It matches Prod\/Api; for the functions beneath write "Prod\/Api\/\*\*"/],
    ['a function, as if it were a group', 'Prod/Tagged/**', /For Prod\/Tagged itself leave out the \/\*\*|It matches/],
  ];
  for (const [what, pattern, message] of cases) {
    for (const list of ['include', 'exclude'] as const) {
      it(`is warned of: ${what}, in ${list}`, () => {
        const { said, stack } = attached(() => ({ [list]: [FunctionFilter.path('**/Node', pattern)] }));
        assert.deepEqual(said, ['/Prod: lambdawatch:filter-matches-nothing']);
        const [{ entry }] = Annotations.fromStack(stack).findWarning(
          '*',
          Match.stringLikeRegexp('filter-matches-nothing'),
        );
        assert.match(String(entry.data), message);
      });
    }
  }

  it('is refused when it is empty', () => {
    for (const pattern of ['', '/', '//'])
      assert.throws(() => FunctionFilter.path('a', pattern), /FunctionFilter\.path: a pattern is empty/);
  });
});
