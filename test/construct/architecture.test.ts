import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { AspectPriority, Aspects, Lazy, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LambdaWatch, LambdaWatchLayer, type LambdaWatchProps } from '../../src';
import { ENDPOINT, isAttached, layerIds, layers, newApp, newFunction, newStack, rendered, resources } from './support';

before(layers);

const { ARM_64, X86_64 } = lambda.Architecture;
const watchIn = (stack: Stack, props: Partial<LambdaWatchProps> = {}): LambdaWatch =>
  new LambdaWatch(stack, 'Watch', { endpoint: ENDPOINT, ...props });
const resourceOf = (fn: lambda.Function): lambda.CfnFunction => fn.node.defaultChild as lambda.CfnFunction;

/** What aspects for Graviton do, as they are found in many places. */
const graviton = {
  visit(node: unknown): void {
    if (node instanceof lambda.CfnFunction) node.architectures = ['arm64'];
  },
};

const mismatch = (is: string, layer: string): RegExp =>
  new RegExp(
    `LambdaWatch: Stack/Fn will be deployed for ${is}, and its LambdaWatch layer is for ${layer}: each invocation ` +
      'would fail',
  );

describe('a function whose architecture is not that of its layer is refused at synthesis:', () => {
  const ways: [string, (stack: Stack) => void, RegExp][] = [
    [
      'an aspect that sets it later',
      (stack) => {
        newFunction(stack);
        watchIn(stack).attachAll(stack);
        Aspects.of(stack.node.root).add(graviton);
      },
      mismatch('arm64', 'x86_64'),
    ],
    [
      'an aspect, after attach',
      (stack) => {
        watchIn(stack).attach(newFunction(stack));
        Aspects.of(stack).add(graviton, { priority: AspectPriority.MUTATING });
      },
      mismatch('arm64', 'x86_64'),
    ],
    [
      'a property override',
      (stack) => {
        const fn = newFunction(stack);
        resourceOf(fn).addPropertyOverride('Architectures', ['arm64']);
        watchIn(stack).attachAll(stack);
      },
      mismatch('arm64', 'x86_64'),
    ],
    [
      'a LambdaWatchLayer of another architecture as `layer`',
      (stack) => {
        watchIn(stack, { layer: new LambdaWatchLayer(stack, 'L') }).attach(
          newFunction(stack, 'Fn', { architecture: ARM_64 }),
        );
      },
      mismatch('arm64', 'x86_64'),
    ],
    [
      'a LambdaWatchLayer that was wired by hand',
      (stack) => {
        newFunction(stack, 'Fn', { layers: [new LambdaWatchLayer(stack, 'L', { architecture: ARM_64 })] });
      },
      mismatch('x86_64', 'arm64'),
    ],
    [
      'layerFor without the architecture',
      (stack) => {
        newFunction(stack, 'Fn', { architecture: ARM_64, layers: [watchIn(stack).layerFor(stack)] });
      },
      mismatch('arm64', 'x86_64'),
    ],
    [
      'a raw function',
      (stack) => {
        const raw = new lambda.CfnFunction(stack, 'Fn', {
          code: { zipFile: 'x' },
          role: 'arn:aws:iam::111111111111:role/r',
        });
        watchIn(stack).attachCfnFunction(raw);
        raw.architectures = ['arm64'];
      },
      mismatch('arm64', 'x86_64'),
    ],
    [
      '`layers` under the wrong names',
      (stack) => {
        const arm = new LambdaWatchLayer(stack, 'L', { architecture: ARM_64 });
        watchIn(stack, { layers: { x86_64: arm } }).attach(newFunction(stack));
      },
      mismatch('x86_64', 'arm64'),
    ],
  ];
  for (const [what, make, message] of ways) {
    it(what, () => {
      const stack = newStack();
      make(stack);
      assert.throws(() => resources(stack), message);
    });
  }

  it('also a LambdaWatchLayer of another stack', () => {
    const app = newApp();
    const shared = new LambdaWatchLayer(new Stack(app, 'Shared'), 'L');
    const stack = new Stack(app, 'Stack');
    watchIn(stack, { layer: shared }).attach(newFunction(stack, 'Fn', { architecture: ARM_64 }));
    assert.throws(() => app.synth(), mismatch('arm64', 'x86_64'));
  });

  it('an architecture that contradicts that of a raw function, at once', () => {
    const stack = newStack();
    const raw = new lambda.CfnFunction(stack, 'Fn', { code: { zipFile: 'x' }, role: 'r', architectures: ['arm64'] });
    assert.throws(
      () => watchIn(stack).attachCfnFunction(raw, undefined, X86_64),
      /Stack\/Fn is for arm64, and architecture is x86_64/,
    );
  });
});

describe("the layer's architecture", () => {
  it('is that of the resource where an aspect has set it before', () => {
    const stack = newStack();
    const fn = newFunction(stack);
    Aspects.of(stack).add(graviton, { priority: AspectPriority.MUTATING - 1 });
    watchIn(stack).attachAll(stack);
    assert.deepEqual(rendered(fn).Layers, [{ Ref: layerIds(stack)[0] }]);
    assert.match(layerIds(stack)[0], /arm64/);
  });

  it('may come from outside for each architecture, and an architecture without one is passed over', () => {
    const stack = newStack();
    const arn = (name: string): string => `arn:aws:lambda:us-east-1:111111111111:layer:lambdawatch-${name}:1`;
    const given = Object.fromEntries(
      ['x86_64', 'arm64'].map((name) => [name, lambda.LayerVersion.fromLayerVersionArn(stack, name, arn(name))]),
    );
    const [intel, arm] = [newFunction(stack, 'Intel'), newFunction(stack, 'Arm', { architecture: ARM_64 })];
    watchIn(stack, { layers: given }).attachAll(stack);
    assert.deepEqual([rendered(intel).Layers, rendered(arm).Layers], [[arn('x86_64')], [arn('arm64')]]);
    assert.deepEqual(layerIds(stack), []);
    const other = newStack();
    const lonely = newFunction(other, 'Arm', { architecture: ARM_64 });
    const watch = watchIn(other, { layers: { x86_64: given.x86_64 } });
    assert.throws(() => watch.attach(lonely), /Stack\/Arm has an architecture for which there is no layer.*`layers`/);
    assert.throws(() => watch.layerFor(other, ARM_64), /layers has none for architecture "arm64"/);
    watch.attachAll(other);
    assert.ok(!isAttached(lonely));
    assert.throws(() => watchIn(newStack(), { layer: given.arm64, layers: given }), /layer and layers are both given/);
  });

  it('may be known at deployment alone when it is not looked at', () => {
    const stack = newStack();
    const raw = new lambda.CfnFunction(stack, 'Fn', {
      code: { zipFile: 'x' },
      role: 'r',
      architectures: Lazy.list({ produce: () => ['arm64'] }),
    });
    watchIn(stack).attachCfnFunction(raw, undefined, ARM_64);
    assert.match(layerIds(stack)[0], /arm64/);
    assert.ok(resources(stack));
  });
});

describe('the layers that are given', () => {
  it('are looked at, too: one of this package is refused under the name of another architecture', () => {
    const app = newApp();
    const intel = new LambdaWatchLayer(new Stack(app, 'Layers'), 'L');
    const stack = new Stack(app, 'Stack');
    const watch = new LambdaWatch(stack, 'Watch', { endpoint: ENDPOINT, layers: { arm64: intel } });
    watch.attach(newFunction(stack, 'Fn', { architecture: ARM_64 }));
    assert.throws(() => app.synth(), /Stack\/Fn will be deployed for arm64, and its LambdaWatch layer is for x86_64/);
  });
});
