import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Aspects, Stack, Tags, type App } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import {
  FunctionFilter,
  LambdaWatch,
  LokiAuth,
  LokiSecret,
  SynthesisReport,
  type AttachAllOptions,
  type LambdaWatchProps,
} from '../../src';
import { acknowledgeAll, everyKind } from './every-kind';
import {
  ENDPOINT,
  ERRORS_AS_ANNOTATIONS,
  errors,
  infos,
  isAttached,
  layerIds,
  layers,
  newApp,
  newFunction,
  newStack,
  rendered,
  resources,
  resourcesOfType,
  variables,
  warnings,
} from './support';

before(layers);

const watchIn = (scope: Construct, id = 'Watch', props: Partial<LambdaWatchProps> = {}): LambdaWatch =>
  new LambdaWatch(scope, id, {
    endpoint: ENDPOINT,
    auth: LokiAuth.bearer(LokiSecret.fromSecretName('loki')),
    ...props,
  });

describe('every kind of function', () => {
  const attachAll = (app: App): ReturnType<typeof everyKind> => {
    const kinds = everyKind(app);
    watchIn(app).attachAll(app);
    return kinds;
  };

  it("has the users' own attached, with grants", () => {
    const { attached } = attachAll(newApp());
    const stacks = [...new Set(attached.map((fn) => Stack.of(fn)))];
    const made = new Map(stacks.map((stack) => [stack, resources(stack)]));
    for (const fn of attached) {
      const all = made.get(Stack.of(fn))!;
      assert.ok(isAttached(fn, all), fn.node.path);
      const policies = Object.values(all).filter(({ Type }) => Type === 'AWS::IAM::Policy');
      const role = Stack.of(fn).getLogicalId(fn.role!.node.defaultChild as iam.CfnRole);
      const ofRole = policies
        .map(({ Properties }) => JSON.stringify(Properties))
        .filter((policy) => policy.includes(role));
      assert.ok(
        ofRole.some((policy) => policy.includes('secret:loki-??????')),
        fn.node.path,
      );
    }
  });

  it('leaves all others as they were', () => {
    const untouchedApp = newApp();
    const { stack: untouched } = everyKind(untouchedApp);
    const app = newApp();
    const { stack, attached, image } = attachAll(app);
    const changed: string[] = [];
    for (const [was, is] of pairs(untouched, stack)) {
      const old = resourcesOfType(was, 'AWS::Lambda::Function');
      const now = resourcesOfType(is, 'AWS::Lambda::Function');
      assert.deepEqual(Object.keys(now), Object.keys(old));
      const differs = (id: string): boolean => JSON.stringify(now[id]) !== JSON.stringify(old[id]);
      changed.push(
        ...Object.keys(now)
          .filter(differs)
          .map((id) => `${is.node.path} ${id}`),
      );
    }
    assert.deepEqual(
      changed.sort(),
      [...attached, image]
        .map(
          (fn) =>
            `${Stack.of(fn).node.path} ` + `${Stack.of(fn).getLogicalId(fn.node.defaultChild as lambda.CfnFunction)}`,
        )
        .sort(),
    );
    assert.deepEqual(variables(image).LOKI_ENDPOINT, ENDPOINT);
    assert.equal(rendered(image).Layers, undefined);

    function pairs(a: Stack, b: Stack): [Stack, Stack][] {
      const below = (top: Stack): Stack[] =>
        top.node.findAll().filter((construct): construct is Stack => Stack.isStack(construct));
      const others = below(b);
      return below(a).map((one, i) => [one, others[i]]);
    }
  });

  it('says why it passes over a function, as a warning only where there is something to decide', () => {
    const { stack } = attachAll(newApp());
    assert.deepEqual(warnings(stack), [
      '/Kinds/Edge/Fn: lambdawatch:edge-function',
      '/Kinds/Full: lambdawatch:layer-limit',
      '/Kinds/Image: lambdawatch:container-image',
      '/Kinds/Raw: lambdawatch:cfn-function',
      '/Kinds/Sam: lambdawatch:cfn-function',
      '/Kinds/Version: lambdawatch:explicit-version',
    ]);
    assert.deepEqual(infos(stack), []);
    assert.deepEqual(errors(stack), []);
  });

  it('names those that it passes over as expected, and counts all, when it is asked to', () => {
    const app = newApp();
    const { stack, attached } = everyKind(app);
    watchIn(app, 'Watch', { report: SynthesisReport.DETAILS }).attachAll(app);
    const said = infos(stack).map((info) => info.split(':')[0].replace(/^\/Kinds\//, ''));
    const providers = ['onEvent', 'isComplete', 'onTimeout'].map((name) => `Provider/framework-${name}`);
    for (const own of ['Imported', ...providers, 'OwnProviderCustomResourceProvider/Handler']) {
      assert.ok(said.includes(own), `${own} is not among ${said.join(', ')}`);
    }
    assert.ok(said.some((path) => path.endsWith('DrainECSHook/Function')));
    assert.ok(said.some((path) => path.startsWith('LogRetention')));
    assert.ok(said.some((path) => path.startsWith('BucketNotificationsHandler')));
    const found = Annotations.fromStack(stack).findInfo('*', Match.stringLikeRegexp('is attached to'));
    const [summary, ...more] = new Set(found.map(({ entry }) => String(entry.data)));
    assert.deepEqual(more, []);
    assert.match(
      summary,
      new RegExp(
        `Watch is attached to ${attached.length + 1} functions; not to \\d+ cdk-function, 2 cfn-function, ` +
          '1 container-image, 1 edge-function, 1 imported-function, 1 layer-limit',
      ),
    );
  });

  it('is free of warnings once they are acknowledged, on the function or on the stack', () => {
    const app = newApp();
    const kinds = everyKind(app);
    acknowledgeAll(kinds);
    watchIn(app).attachAll(app);
    assert.deepEqual(warnings(kinds.stack), []);
  });
});

describe('attachAll', () => {
  it('catches functions that are added later, and by other aspects', () => {
    const stack = newStack();
    watchIn(stack).attachAll(stack);
    const group = new Construct(stack, 'Group');
    const later = newFunction(group, 'Later');
    assert.ok(isAttached(later));
  });

  it('stays within its scope', () => {
    const stack = newStack();
    const [inside, outside] = ['In', 'Out'].map((id) => newFunction(new Construct(stack, id)));
    watchIn(stack).attachAll(stack.node.findChild('In'));
    assert.ok(isAttached(inside));
    assert.ok(!isAttached(outside));
  });

  it('is what Aspects.of(app).add(watch) does', () => {
    const stack = newStack();
    const fn = newFunction(stack);
    Aspects.of(stack.node.root).add(watchIn(stack));
    assert.ok(isAttached(fn));
    assert.deepEqual(warnings(stack), []);
  });

  it('does the same whether the tree was made before or after, and leaves logical ids alone', () => {
    const template = (first: boolean): unknown => {
      const stack = newStack();
      const watch = watchIn(stack);
      if (first) watch.attachAll(stack);
      newFunction(stack, 'A');
      newFunction(stack, 'B');
      if (!first) watch.attachAll(stack);
      return resourcesOfType(stack, 'AWS::Lambda::Function');
    };
    assert.deepEqual(template(true), template(false));
  });

  it('gets on with tags and with aspects of any priority, with and without stabilisation', () => {
    for (const stabilise of [true, false]) {
      const app = newApp({ context: { '@aws-cdk/core:aspectStabilization': stabilise } });
      const stack = new Stack(app, 'Stack');
      const fn = newFunction(stack);
      Tags.of(app).add('team', 'x');
      const seen: string[] = [];
      Aspects.of(app).add({ visit: ({ node }) => void seen.push(node.path) });
      watchIn(stack).attachAll(app);
      assert.ok(isAttached(fn));
      assert.ok(seen.includes('Stack/Fn'));
    }
  });

  const within = (stack: Stack, ...ids: string[]): FunctionFilter =>
    FunctionFilter.within(...ids.map((id) => stack.node.findChild(id)));
  const filters: [string, (stack: Stack) => AttachAllOptions, string[]][] = [
    [
      'excludes constructs and all beneath',
      (stack) => ({ exclude: [within(stack, 'Legacy')] }),
      ['Api/One', 'Api/Two', 'Top'],
    ],
    [
      'includes constructs and all beneath',
      (stack) => ({ include: [within(stack, 'Api', 'Top')] }),
      ['Api/One', 'Api/Two', 'Top'],
    ],
    ['matches paths', () => ({ include: [FunctionFilter.path('Stack/*/One')] }), ['Api/One', 'Legacy/One']],
    [
      'matches paths of any depth',
      () => ({ include: [FunctionFilter.path('**/One', 'Stack/**/**/Two')] }),
      ['Api/One', 'Api/Two', 'Legacy/One', 'Legacy/Two'],
    ],
    [
      'matches everything beneath',
      () => ({ exclude: [FunctionFilter.path('Stack/Legacy/**')] }),
      ['Api/One', 'Api/Two', 'Top'],
    ],
    [
      'lets exclude win over include',
      (stack) => ({ include: [FunctionFilter.path('**/One')], exclude: [within(stack, 'Legacy')] }),
      ['Api/One'],
    ],
    [
      "takes a filter of the caller's",
      () => ({ include: [{ matches: ({ node }) => node.id === 'Two' }] }),
      ['Api/Two', 'Legacy/Two'],
    ],
    ['takes nothing for an empty list', () => ({ include: [] }), []],
  ];
  for (const [what, options, expected] of filters) {
    it(what, () => {
      const stack = newStack();
      const functions = ['Api', 'Legacy'].flatMap((group) => {
        const scope = new Construct(stack, group);
        return ['One', 'Two'].map((id) => newFunction(scope, id));
      });
      functions.push(newFunction(stack, 'Top'));
      watchIn(stack).attachAll(stack, options(stack));
      assert.deepEqual(
        functions
          .filter((fn) => isAttached(fn))
          .map(({ node }) => node.path.replace('Stack/', ''))
          .sort(),
        expected,
      );
      assert.deepEqual(warnings(stack), []);
    });
  }

  it('reports a function that two watches want, at the function', () => {
    const stack = new Stack(newApp({ context: ERRORS_AS_ANNOTATIONS }), 'Stack');
    newFunction(stack);
    watchIn(stack, 'One').attachAll(stack);
    watchIn(stack, 'Two').attachAll(stack);
    const [error, ...rest] = errors(stack);
    assert.match(error, /^\/Stack\/Fn: LambdaWatch Stack\/Two: Stack\/Fn is attached to Stack\/One already/);
    assert.deepEqual(rest, []);
    assert.equal(layerIds(stack).length, 1);
  });

  it('leaves a function to the watch that was attached to it, when it is excluded', () => {
    const stack = newStack();
    const special = newFunction(stack, 'Special');
    new LambdaWatch(stack, 'One', { endpoint: 'https://other.example.com/loki/api/v1/push' }).attach(special);
    watchIn(stack, 'Two').attachAll(stack, { exclude: [FunctionFilter.within(special)] });
    assert.deepEqual(errors(stack), []);
    assert.equal(variables(special).LOKI_ENDPOINT, 'https://other.example.com/loki/api/v1/push');
  });
});

describe('of several watches', () => {
  const OTHER = 'https://other.example.com/loki/api/v1/push';
  const two = (): { app: App; stack: Stack; fn: lambda.Function; elsewhere: lambda.Function } => {
    const app = newApp();
    const stack = new Stack(app, 'Stack');
    return { app, stack, fn: newFunction(stack), elsewhere: newFunction(new Stack(app, 'Elsewhere')) };
  };

  const nearer: [string, (stack: Stack, watch: LambdaWatch) => void][] = [
    ['attachAll of its stack', (stack, watch) => watch.attachAll(stack)],
    ['an aspect of its stack', (stack, watch) => Aspects.of(stack).add(watch)],
    ['attach', (stack, watch) => watch.attach(stack.node.findChild('Fn') as lambda.Function)],
  ];
  for (const [what, attach] of nearer) {
    for (const first of ['far', 'near']) {
      it(`the nearest wins: ${what}, with the ${first} one first`, () => {
        const { app, stack, fn, elsewhere } = two();
        const far = watchIn(app);
        const near = new LambdaWatch(stack, 'Near', { endpoint: OTHER });
        if (first === 'far') far.attachAll(app);
        attach(stack, near);
        if (first === 'near') far.attachAll(app);
        assert.equal(variables(fn).LOKI_ENDPOINT, OTHER);
        assert.equal(variables(elsewhere).LOKI_ENDPOINT, ENDPOINT);
        assert.deepEqual([...errors(stack), ...warnings(stack)], []);
      });
    }
  }

  it('one that is nearer and does not mean the function leaves it to the other', () => {
    const { app, stack, fn } = two();
    watchIn(app).attachAll(app);
    new LambdaWatch(stack, 'Near', { endpoint: OTHER }).attachAll(stack, { exclude: [FunctionFilter.within(fn)] });
    assert.equal(variables(fn).LOKI_ENDPOINT, ENDPOINT);
  });

  it("the first one's removal policy of the shared layer holds, with a warning", () => {
    const { stack, fn } = two();
    const other = newFunction(stack, 'Other');
    watchIn(stack, 'One', { layerRemovalPolicy: 'retain' as never }).attach(fn);
    watchIn(stack, 'Two').attach(other);
    assert.deepEqual(warnings(stack), ['/Stack: lambdawatch:layer-removal-policy']);
  });
});

describe('leaveOut', () => {
  it('keeps attachAll away from functions and from all beneath a construct, and attach not', () => {
    const stack = newStack();
    const group = new Construct(stack, 'Group');
    const functions = [
      newFunction(stack, 'A'),
      newFunction(stack, 'B'),
      newFunction(group, 'C'),
      newFunction(stack, 'D'),
    ];
    const [a, b, c, d] = functions;
    LambdaWatch.leaveOut(a.currentVersion, group);
    const watch = watchIn(stack);
    watch.attachAll(stack);
    watch.attach(c);
    assert.deepEqual(
      [a, b, c, d].map((fn) => isAttached(fn)),
      [false, true, true, true],
    );
    assert.deepEqual(warnings(stack), []);
  });
});

describe("an aspect of the user's", () => {
  it('may call attach, and what CDK says of attachAll in there names LambdaWatch', () => {
    const app = newApp({ context: { '@aws-cdk/core:aspectStabilization': true } });
    const stack = new Stack(app, 'Stack');
    const fn = newFunction(stack);
    const watch = watchIn(stack);
    Aspects.of(stack).add({ visit: (node) => void (node === fn && watch.attach(fn)) });
    assert.ok(isAttached(fn));
    const other = new Stack(newApp({ context: { '@aws-cdk/core:aspectStabilization': true } }), 'Stack');
    newFunction(other);
    const late = watchIn(other);
    Aspects.of(other).add({ visit: (node) => void (node === other && late.attachAll(other)) });
    assert.throws(() => isAttached(other.node.findChild('Fn')), /LambdaWatchAttachAll/);
  });
});
