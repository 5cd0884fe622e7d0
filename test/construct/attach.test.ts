import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Lazy, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LAMBDA_RECOGNIZE_LAYER_VERSION } from 'aws-cdk-lib/cx-api';
import { LambdaWatch, LambdaWatchLayer, type LambdaWatchProps } from '../../src';
import {
  ALWAYS,
  ENDPOINT,
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

const folder = mkdtempSync(join(tmpdir(), 'lambdawatch-attach-'));
before(layers);
after(() => rmSync(folder, { recursive: true }));

const watchOn = (stack: Stack, props: Partial<LambdaWatchProps> = {}, id = 'Watch'): LambdaWatch =>
  new LambdaWatch(stack, id, { endpoint: ENDPOINT, ...props });

describe('attach', () => {
  it('adds the layer of the architecture and the settings, and nothing else', () => {
    const stack = newStack();
    const intel = newFunction(stack, 'Intel');
    const arm = newFunction(stack, 'Arm', { architecture: lambda.Architecture.ARM_64 });
    const untouched = newStack();
    const same = newFunction(untouched, 'Intel');
    newFunction(untouched, 'Arm', { architecture: lambda.Architecture.ARM_64 });
    const old = resources(untouched);

    watchOn(stack).attach(intel, arm);

    const made = resources(stack);
    const [arm64, x86] = layerIds(stack);
    assert.deepEqual(rendered(intel), {
      ...rendered(same),
      Layers: [{ Ref: x86 }],
      Environment: { Variables: ALWAYS },
    });
    assert.deepEqual(rendered(arm).Layers, [{ Ref: arm64 }]);
    assert.match(JSON.stringify(made[x86].Properties.Description), /x86_64/);
    assert.match(JSON.stringify(made[arm64].Properties.Description), /arm64/);
    assert.deepEqual(
      Object.keys(made)
        .filter((id) => !(id in old))
        .sort(),
      [arm64, x86],
    );
  });

  it('takes functions in the properties', () => {
    const stack = newStack();
    const fn = newFunction(stack);
    watchOn(stack, { functions: [fn] });
    assert.ok(isAttached(fn));
  });

  it('keeps the layers that are there, in their order', () => {
    const stack = new Stack(newApp({ context: { [LAMBDA_RECOGNIZE_LAYER_VERSION]: false } }), 'Stack');
    const own = ['a', 'b'].map((id) =>
      lambda.LayerVersion.fromLayerVersionArn(stack, id, `arn:aws:lambda:us-east-1:111111111111:layer:${id}:1`),
    );
    const fn = newFunction(stack, 'Fn', { layers: own });
    watchOn(stack).attach(fn);
    assert.deepEqual(rendered(fn).Layers, [...own.map((layer) => layer.layerVersionArn), { Ref: layerIds(stack)[0] }]);
  });

  it('leaves the layers of a function in the order that CDK gives them where it sorts them by path', () => {
    const app = newApp({ context: { [LAMBDA_RECOGNIZE_LAYER_VERSION]: true } });
    const stack = new Stack(app, 'Stack');
    const [z, a, m] = ['z', 'a', 'M'].map((id) =>
      lambda.LayerVersion.fromLayerVersionArn(stack, id, `arn:aws:lambda:us-east-1:111111111111:layer:${id}:1`),
    );
    const without = newFunction(stack, 'Without', { layers: [z, a, m] });
    const fn = newFunction(stack, 'Fn', { layers: [z, a, m] });
    watchOn(stack).attach(fn);
    const [ours] = layerIds(stack);
    const sorted = rendered(fn).Layers ?? [];
    assert.equal(sorted.filter((layer) => JSON.stringify(layer).includes(ours)).length, 1);
    assert.deepEqual(
      sorted.filter((layer) => !JSON.stringify(layer).includes(ours)),
      rendered(without).Layers,
    );
  });

  it("uses a layer of the caller's in place of its own", () => {
    const stack = newStack();
    const fn = newFunction(stack, 'Fn', { architecture: lambda.Architecture.custom('riscv64') });
    const arn = 'arn:aws:lambda:us-east-1:111111111111:layer:lambdawatch:7';
    watchOn(stack, { layer: lambda.LayerVersion.fromLayerVersionArn(stack, 'Shared', arn) }).attach(fn);
    assert.deepEqual(rendered(fn).Layers, [arn]);
    assert.deepEqual(layerIds(stack), []);
  });

  it('attaches once, however often and through whatever it is asked', () => {
    const stack = newStack();
    const fn = newFunction(stack);
    const alias = new lambda.Alias(stack, 'Alias', { aliasName: 'live', version: fn.currentVersion });
    const watch = watchOn(stack);
    watch.attach(fn, fn);
    watch.attach(alias);
    watch.attach(fn.currentVersion);
    watch.attachAll(stack);
    watch.attachAll(stack.node.root);
    assert.equal(rendered(fn).Layers?.length, 1);
  });

  it('finds the function behind a SingletonFunction', () => {
    const stack = newStack();
    const singleton = new lambda.SingletonFunction(stack, 'Singleton', {
      uuid: 'one-and-only',
      runtime: lambda.Runtime.PYTHON_3_12,
      handler: 'index.handler',
      code: lambda.Code.fromInline('def handler(event, context): pass'),
    });
    watchOn(stack).attach(singleton);
    assert.ok(isAttached(stack.node.findChild('SingletonLambdaoneandonly')));
  });

  it('attaches any class that extends Function, and one from a second copy of CDK', () => {
    class PythonFunction extends lambda.Function {}
    const stack = newStack();
    const fn = new PythonFunction(stack, 'Fn', {
      runtime: lambda.Runtime.PYTHON_3_12,
      handler: 'i.h',
      code: lambda.Code.fromInline('x'),
    });
    const stranger = newFunction(stack, 'Stranger');
    Object.setPrototypeOf(stranger, withoutClass(stranger));
    assert.ok(!(stranger instanceof lambda.Function));
    watchOn(stack).attach(fn, stranger);
    assert.ok(isAttached(fn));
    assert.ok(isAttached(stranger));
  });

  it('makes one layer for each stack, nested ones included', () => {
    const app = newApp();
    const [one, two] = ['One', 'Two'].map((id) => new Stack(app, id));
    const nested = new NestedStack(one, 'Nested');
    const functions = [newFunction(one, 'A'), newFunction(one, 'B'), newFunction(two, 'A'), newFunction(nested, 'A')];
    new LambdaWatch(app, 'Watch', { endpoint: ENDPOINT, functions });
    assert.deepEqual(
      [one, two, nested].map((stack) => layerIds(stack).length),
      [1, 1, 1],
    );
    assert.equal(
      Object.keys(Template.fromStack(one).findOutputs('*')).length,
      0,
      'a layer that another stack imports can never be updated',
    );
    for (const fn of functions) assert.deepEqual(rendered(fn).Layers, [{ Ref: layerIds(Stack.of(fn))[0] }]);
  });

  it('gives logical ids that depend neither on the order of creation nor on the watch', () => {
    const ids = (order: string[], watchId: string): string[] => {
      const stack = newStack();
      const watch = new LambdaWatch(stack, watchId, { endpoint: ENDPOINT });
      for (const id of order)
        watch.attach(newFunction(stack, id, { architecture: id === 'Arm' ? lambda.Architecture.ARM_64 : undefined }));
      return Object.keys(resources(stack)).sort();
    };
    assert.deepEqual(ids(['A', 'Arm', 'B'], 'Watch'), ids(['B', 'A', 'Arm'], 'Logs'));
  });

  it('lets two watches in one stack share the layer', () => {
    const stack = newStack();
    watchOn(stack, {}, 'One').attach(newFunction(stack, 'A'));
    watchOn(stack, {}, 'Two').attach(newFunction(stack, 'B'));
    assert.equal(layerIds(stack).length, 1);
  });

  it('passes the removal policy on to the layer', () => {
    const stack = newStack();
    watchOn(stack, { layerRemovalPolicy: 'retain' as never }).attach(newFunction(stack));
    Template.fromStack(stack).hasResource('AWS::Lambda::LayerVersion', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  it('has currentVersion publish the layer', () => {
    const versionId = (attach: boolean): string => {
      const stack = newStack();
      const fn = newFunction(stack);
      // Taken before, as an app may do.
      assert.ok(fn.currentVersion);
      if (attach) watchOn(stack).attach(fn);
      return Object.keys(resourcesOfType(stack, 'AWS::Lambda::Version'))[0];
    };
    assert.notEqual(versionId(true), versionId(false));
    assert.equal(versionId(true), versionId(true));
  });

  it('warns of a Version with a fixed id, whether made before or after', () => {
    const stack = newStack();
    const fn = newFunction(stack);
    new lambda.Version(stack, 'Before', { lambda: fn });
    watchOn(stack).attach(fn);
    new lambda.Version(stack, 'After', { lambda: fn });
    assert.ok(fn.currentVersion);
    new lambda.Version(stack, 'Unrelated', { lambda: newFunction(stack, 'Other') });
    assert.deepEqual(warnings(stack), [
      '/Stack/After: lambdawatch:explicit-version',
      '/Stack/Before: lambdawatch:explicit-version',
    ]);
  });
});

describe('attach refuses', () => {
  const refusals: [string, (stack: Stack) => lambda.IFunction, RegExp][] = [
    [
      'an imported function',
      (stack) => lambda.Function.fromFunctionName(stack, 'Fn', 'elsewhere'),
      /Stack\/Fn is an imported function.*Attach it in the app that makes it/s,
    ],
    [
      'an imported alias',
      (stack) => lambda.Version.fromVersionArn(stack, 'Fn', 'arn:aws:lambda:us-east-1:111111111111:function:x:7'),
      /imported function/,
    ],
    ['a container image', (stack) => image(stack), /Stack\/Image is a container image.*copyExecutable.*attachImage/s],
    ['a function at the edge', (stack) => edge(stack), /Stack\/Edge\/Fn runs at Lambda@Edge/],
    ['a function with five layers', (stack) => full(stack), /Stack\/Full can't take the layer.*5 layers.*join two/s],
    [
      'an unknown architecture',
      (stack) => newFunction(stack, 'Fn', { architecture: lambda.Architecture.custom('riscv64') }),
      /architecture.*X86_64 or ARM_64.*`layer`/s,
    ],
  ];
  for (const [what, make, message] of refusals) {
    it(what, () => {
      const stack = newStack({ env: { account: '111111111111', region: 'us-east-1' } });
      const fn = make(stack);
      assert.throws(() => watchOn(stack).attach(fn), message);
      assert.deepEqual(layerIds(stack), [], 'and leaves no layer behind');
    });
  }

  it('a function that another watch has', () => {
    const stack = newStack();
    const fn = newFunction(stack);
    watchOn(stack, {}, 'One').attach(fn);
    assert.throws(
      () => watchOn(stack, {}, 'Two').attach(fn),
      /Stack\/Two: Stack\/Fn is attached to Stack\/One already.*`exclude`/s,
    );
  });

  it('a function that has the layer from elsewhere', () => {
    const stack = newStack();
    const watch = watchOn(stack);
    const fn = newFunction(stack, 'Fn', { layers: [watch.layerFor(stack)] });
    watch.attach(fn);
    assert.throws(() => resources(stack), /Stack\/Fn has the layer .* twice/);
  });
});

describe('container images', () => {
  it('get settings and no layer, and no warning, from attachImage', () => {
    const stack = newStack();
    const fn = image(stack, imageDirectory(lambda.Architecture.X86_64));
    const watch = watchOn(stack);
    watch.attachImage(fn);
    watch.attachImage(fn);
    watch.attachAll(stack);
    assert.deepEqual(rendered(fn).Layers, undefined);
    assert.deepEqual(variables(fn), ALWAYS);
    assert.deepEqual([...warnings(stack), ...infos(stack)], []);
  });

  it('without the executable in their directory get a warning, unless the Dockerfile brings it from elsewhere', () => {
    const stack = newStack();
    watchOn(stack).attachImage(image(stack));
    assert.deepEqual(warnings(stack), ['/Stack/Image: lambdawatch:executable-missing']);
    const other = newStack();
    const directory = imageDirectory();
    writeFileSync(
      join(directory, 'Dockerfile'),
      'FROM base\nCOPY --from=lambdawatch /lambdawatch /opt/extensions/lambdawatch\n',
    );
    watchOn(other).attachImage(image(other, directory));
    assert.deepEqual(warnings(other), []);
  });

  it('with an executable for another architecture are refused at synthesis, as each invocation would fail', () => {
    const wrong: [lambda.Architecture, lambda.Architecture][] = [
      [lambda.Architecture.X86_64, lambda.Architecture.ARM_64],
      [lambda.Architecture.ARM_64, lambda.Architecture.X86_64],
    ];
    for (const [architecture, executable] of wrong) {
      for (const attach of ['attachImage', 'attachAll'] as const) {
        const stack = newStack();
        const fn = image(stack, imageDirectory(executable), architecture);
        if (attach === 'attachImage') watchOn(stack).attachImage(fn);
        else watchOn(stack).attachAll(stack);
        assert.throws(
          () => resources(stack),
          new RegExp(
            `LambdaWatch: Stack/Image will be deployed for ${architecture.name}.* is for ` +
              `${executable.name}.*copyExecutable`,
          ),
        );
      }
    }
  });

  it('are the only thing that attachImage takes', () => {
    const stack = newStack();
    assert.throws(
      () => watchOn(stack).attachImage(newFunction(stack)),
      /Stack\/Fn is not a container image.*Use attach/s,
    );
  });
});

describe('environment', () => {
  it('of the function wins, whether set before or after', () => {
    const stack = newStack();
    const fn = newFunction(stack, 'Fn', { environment: { LOKI_SERVICE_NAME: 'payments' } });
    watchOn(stack, { serviceName: 'shop', tenantId: 'team' }).attach(fn);
    fn.addEnvironment('LOKI_TENANT_ID', 'other');
    const expected = { ...ALWAYS, LOKI_SERVICE_NAME: 'payments', LOKI_TENANT_ID: 'other' };
    assert.deepEqual(variables(fn), expected);
  });

  it('is not asked for values before the tree is complete', () => {
    const stack = newStack();
    let complete = false;
    const late = Lazy.string({
      produce: () => {
        assert.ok(complete, 'resolved too early');
        return 'late';
      },
    });
    const fn = newFunction(stack, 'Fn', { environment: { LATE: late, JOINED: `before ${late}` } });
    watchOn(stack).attach(fn);
    complete = true;
    assert.equal(variables(fn).LATE, 'late');
  });

  it('beyond 4 KB is an error that names the largest variables', () => {
    const stack = newStack();
    const fn = newFunction(stack, 'Fn', { environment: { BIG: 'x'.repeat(2100) } });
    watchOn(stack, { labels: { a: 'y'.repeat(1900) } }).attach(fn);
    assert.throws(
      () => resources(stack),
      /environment variables of Stack\/Fn take at least 4\d\d\d bytes and Lambda allows 4096; the largest are BIG \(2100\), LOKI_LABELS \(19\d\d\)/,
    );
  });

  it('is counted after everything was set, without what is only known at deployment', () => {
    const stack = newStack();
    const fn = newFunction(stack);
    watchOn(stack).attach(fn);
    fn.addEnvironment('BIG', 'x'.repeat(3900));
    fn.addEnvironment('ARN', `${stack.stackId}${fn.role?.roleArn}`);
    assert.ok(resources(stack));
    const other = newStack();
    const tooBig = newFunction(other);
    watchOn(other).attach(tooBig);
    tooBig.addEnvironment('BIG', 'x'.repeat(4096));
    assert.throws(() => resources(other), /Lambda allows 4096/);
  });
});

describe('attachCfnFunction', () => {
  const raw = (stack: Stack, props: Partial<lambda.CfnFunctionProps> = {}): lambda.CfnFunction =>
    new lambda.CfnFunction(stack, 'Raw', {
      code: { zipFile: 'x' },
      role: 'arn:aws:iam::111111111111:role/r',
      ...props,
    });

  it('adds to what is there', () => {
    const stack = newStack();
    const fn = raw(stack, {
      layers: ['arn:own'],
      environment: { variables: { A: '1', LOKI_SERVICE_NAME: 'own' } },
      architectures: ['arm64'],
    });
    const watch = watchOn(stack, { serviceName: 'shop' });
    watch.attachCfnFunction(fn);
    watch.attachCfnFunction(fn);
    watch.attachAll(stack);
    assert.deepEqual(rendered(fn).Layers, ['arn:own', { Ref: layerIds(stack)[0] }]);
    assert.match(layerIds(stack)[0], /arm64/);
    assert.deepEqual(variables(fn), { ...ALWAYS, LOKI_SERVICE_NAME: 'own', A: '1' });
    assert.deepEqual(warnings(stack), []);
  });

  it("refuses what it can't add to", () => {
    const stack = newStack();
    const watch = watchOn(stack);
    assert.throws(
      () => watch.attachCfnFunction(raw(stack, { layers: ['1', '2', '3', '4', '5'] })),
      /Stack\/Raw has 5 layers already/,
    );
    const token = newStack();
    const environment = Lazy.any({ produce: () => ({ variables: {} }) });
    assert.throws(() => watchOn(token).attachCfnFunction(raw(token, { environment })), /a token as a whole/);
  });

  it('goes to the L2 construct above', () => {
    const stack = newStack();
    const fn = newFunction(stack);
    watchOn(stack).attachCfnFunction(fn.node.defaultChild as lambda.CfnFunction);
    assert.ok(isAttached(fn));
  });
});

it('a watch that is attached to nothing says so', () => {
  const stack = newStack();
  watchOn(stack);
  assert.deepEqual(warnings(stack), ['/Stack/Watch: lambdawatch:nothing-attached']);
  const used = newStack();
  watchOn(used).attachAll(used);
  assert.deepEqual(warnings(used), []);
});

function image(
  stack: Stack,
  directory = join(__dirname, 'fixtures', 'image'),
  architecture?: lambda.Architecture,
): lambda.DockerImageFunction {
  return new lambda.DockerImageFunction(stack, 'Image', {
    code: lambda.DockerImageCode.fromImageAsset(directory),
    architecture,
  });
}

/** A directory to build an image from, with the executable for an architecture. */
function imageDirectory(architecture?: lambda.Architecture): string {
  const directory = mkdtempSync(join(folder, 'image-'));
  writeFileSync(join(directory, 'Dockerfile'), 'FROM base\n');
  if (architecture) LambdaWatchLayer.copyExecutable(directory, architecture);
  return directory;
}

function edge(stack: Stack): lambda.IFunction {
  return new cloudfront.experimental.EdgeFunction(stack, 'Edge', {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => {};'),
  });
}

function full(stack: Stack): lambda.Function {
  const arn = (n: number): string => `arn:aws:lambda:us-east-1:111111111111:layer:l${n}:1`;
  const own = [1, 2, 3, 4, 5].map((n) => lambda.LayerVersion.fromLayerVersionArn(stack, `L${n}`, arn(n)));
  return newFunction(stack, 'Full', { layers: own });
}

/**
 * All methods of an object's classes on one prototype that is none of them: what `instanceof` sees of a second copy of
 * CDK.
 */
function withoutClass(object: object): object {
  const flat: object = {};
  const chain: object[] = [];
  for (let proto = Object.getPrototypeOf(object); proto !== Object.prototype; proto = Object.getPrototypeOf(proto))
    chain.unshift(proto);
  for (const proto of chain) Object.defineProperties(flat, Object.getOwnPropertyDescriptors(proto));
  return flat;
}
