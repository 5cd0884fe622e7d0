import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { App, BootstraplessSynthesizer, CfnResource, Lazy, Stack } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sam from 'aws-cdk-lib/aws-sam';
import * as servicecatalog from 'aws-cdk-lib/aws-servicecatalog';
import * as signer from 'aws-cdk-lib/aws-signer';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { FunctionFilter, LambdaWatch, LokiAuth, LokiSecret, type LambdaWatchProps } from '../../src';
import {
  ALWAYS,
  ENDPOINT,
  infos,
  isAttached,
  layerIds,
  layers,
  newFunction,
  newStack,
  rendered,
  resources,
  variables,
  warnings,
} from './support';

const folder = mkdtempSync(join(tmpdir(), 'lambdawatch-unattachable-'));
before(layers);
after(() => rmSync(folder, { recursive: true }));

const LAYER = 'arn:aws:lambda:us-east-1:111111111111:layer:lambdawatch:7';
const watchIn = (scope: Stack | App, props: Partial<LambdaWatchProps> = {}): LambdaWatch =>
  new LambdaWatch(scope, 'Watch', { endpoint: ENDPOINT, ...props });
const shared = (stack: Stack): lambda.ILayerVersion => lambda.LayerVersion.fromLayerVersionArn(stack, 'Shared', LAYER);

describe("stacks that can't have assets", () => {
  const product = (): { stack: Stack; fn: lambda.Function } => {
    class Product extends servicecatalog.ProductStack {}
    const stack = newStack();
    const made = new Product(stack, 'Product');
    new servicecatalog.CloudFormationProduct(stack, 'Portfolio', {
      productName: 'p',
      owner: 'o',
      productVersions: [{ cloudFormationTemplate: servicecatalog.CloudFormationTemplate.fromProductStack(made) }],
    });
    return { stack: made, fn: newFunction(made) };
  };
  const bootstrapless = (): { stack: Stack; fn: lambda.Function } => {
    const stack = new Stack(new App(), 'Stack', { synthesizer: new BootstraplessSynthesizer() });
    return { stack, fn: newFunction(stack) };
  };
  for (const [what, make] of [
    ['a Service Catalog product', product],
    ['a stack without bootstrap resources', bootstrapless],
  ] as const) {
    it(`${what}: attachAll skips the function with a warning, and leaves nothing behind`, () => {
      const { stack, fn } = make();
      watchIn(stack.node.root as App).attachAll(stack.node.root);
      (stack.node.root as App).synth();
      const said = [...fn.node.metadata, ...fn.node.defaultChild!.node.metadata].map(({ data }) => String(data));
      assert.ok(
        said.some((text) =>
          /Fn is in a stack that the layer can't be added to \(.*\), so its logs are not shipped\. .*`layer`.*no-assets/.test(
            text,
          ),
        ),
        said.join(),
      );
      assert.deepEqual(
        stack.node.findAll().filter(({ node }) => node.id.startsWith('LambdaWatchLayer')),
        [],
      );
    });

    it(`${what}: attach says why, and naming the function and the way out`, () => {
      const { stack, fn } = make();
      assert.throws(
        () => watchIn(stack).attach(fn),
        /LambdaWatch .*Fn is in a stack that the layer can't be added to.*pass it as `layer`/,
      );
      (stack.node.root as App).synth();
    });

    it(`${what}: a layer from elsewhere is attached`, () => {
      const { stack, fn } = make();
      watchIn(stack, { layer: shared(stack) }).attach(fn);
      (stack.node.root as App).synth();
      assert.deepEqual(stack.resolve((fn.node.defaultChild as lambda.CfnFunction).layers), [LAYER]);
    });
  }
});

describe('code signing', () => {
  const signed = (stack: Stack): lambda.Function => {
    const profile = new signer.SigningProfile(stack, 'Profile', { platform: signer.Platform.AWS_LAMBDA_SHA384_ECDSA });
    const codeSigningConfig = new lambda.CodeSigningConfig(stack, 'Signing', { signingProfiles: [profile] });
    return newFunction(stack, 'Fn', { codeSigningConfig });
  };

  it('applies to layers as well, so that a function with it is passed over', () => {
    const stack = newStack();
    const fn = signed(stack);
    const watch = watchIn(stack);
    assert.throws(() => watch.attach(fn), /Stack\/Fn has code signing.*Sign the layer with AWS Signer.*`layer`/);
    watch.attachAll(stack);
    assert.ok(!isAttached(fn));
    assert.deepEqual(layerIds(stack), []);
    assert.deepEqual(warnings(stack), ['/Stack/Fn: lambdawatch:code-signing']);
  });

  it('takes a layer that the caller has signed', () => {
    const stack = newStack();
    const fn = signed(stack);
    watchIn(stack, { layer: shared(stack) }).attachAll(stack);
    assert.deepEqual(rendered(fn).Layers, [LAYER]);
    assert.deepEqual(warnings(stack), []);
  });
});

describe('raw functions', () => {
  const raw = (stack: Stack, id: string, props: Partial<lambda.CfnFunctionProps> = {}): lambda.CfnFunction =>
    new lambda.CfnFunction(stack, id, {
      code: { zipFile: 'x' },
      role: 'arn:aws:iam::111111111111:role/r',
      runtime: 'python3.12',
      ...props,
    });
  const secret = LokiAuth.bearer(LokiSecret.fromSecretName('loki'));

  it('and SAM functions are attached by attachAll where no grant is needed', () => {
    for (const props of [{}, { auth: secret, grantAccess: false }]) {
      const stack = newStack();
      const plain = raw(stack, 'Raw', { architectures: ['arm64'] });
      const serverless = new sam.CfnFunction(stack, 'Sam', {
        runtime: 'python3.12',
        handler: 'i.h',
        inlineCode: 'x',
        layers: ['arn:own'],
      });
      watchIn(stack, props).attachAll(stack);
      assert.deepEqual(rendered(plain).Layers, [{ Ref: layerIds(stack).find((id) => id.includes('arm64')) }]);
      assert.deepEqual(rendered(serverless).Layers, [
        'arn:own',
        { Ref: layerIds(stack).find((id) => id.includes('x86')) },
      ]);
      assert.equal(variables(plain).LOKI_ENDPOINT, ENDPOINT);
      assert.equal(variables(serverless).LOKI_ENDPOINT, ENDPOINT);
      assert.deepEqual(warnings(stack), []);
    }
  });

  it('from SAM are taken by attachCfnFunction with their role', () => {
    const stack = newStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const serverless = new sam.CfnFunction(stack, 'Sam', {
      runtime: 'python3.12',
      handler: 'i.h',
      inlineCode: 'x',
      role: role.roleArn,
    });
    watchIn(stack, { auth: secret }).attachCfnFunction(serverless, role);
    assert.equal(rendered(serverless).Layers?.length, 1);
    assert.match(JSON.stringify(resources(stack)), /GetSecretValue/);
  });

  it('are warned of where the role is needed and not known', () => {
    const stack = newStack();
    raw(stack, 'Raw');
    watchIn(stack, { auth: secret }).attachAll(stack);
    assert.deepEqual(warnings(stack), ['/Stack/Raw: lambdawatch:cfn-function']);
  });

  const lists: [string, object][] = [
    ['layers', { Layers: { Ref: 'Layers' } }],
    ['environment', { Environment: { Ref: 'AWS::NoValue' } }],
  ];
  for (const [what, properties] of lists) {
    it(`of a template whose ${what} can't be added to are passed over, and refused by name`, () => {
      const stack = newStack();
      const included = new CfnInclude(stack, 'Template', { templateFile: template(properties) });
      const fn = included.getResource('Fn') as lambda.CfnFunction;
      const watch = watchIn(stack);
      assert.throws(
        () => watch.attachCfnFunction(fn),
        /Template\/Fn is a raw CloudFormation resource whose layers or environment/,
      );
      watch.attachAll(stack);
      assert.deepEqual(warnings(stack), ['/Stack/Template/Fn: lambdawatch:cfn-function']);
      assert.deepEqual(layerIds(stack), []);
    });
  }

  it('made as a plain CfnResource are passed over', () => {
    const stack = newStack();
    new CfnResource(stack, 'Plain', { type: 'AWS::Lambda::Function', properties: { Layers: [] } });
    watchIn(stack).attachAll(stack);
    assert.deepEqual(warnings(stack), ['/Stack/Plain: lambdawatch:cfn-function']);
  });

  it('and imported ones that filters leave out are not warned of', () => {
    const stack = newStack();
    const legacy = new Stack(stack.node.root as App, 'Legacy');
    raw(legacy, 'Raw');
    lambda.Function.fromFunctionName(legacy, 'Imported', 'elsewhere');
    newFunction(stack);
    const auth = secret;
    watchIn(stack, { auth }).attachAll(stack.node.root, {
      include: [FunctionFilter.within(stack), FunctionFilter.path('Legacy/**')],
      exclude: [FunctionFilter.within(legacy)],
    });
    assert.deepEqual([...warnings(legacy), ...infos(legacy), ...warnings(stack)], []);
  });

  it('are not asked of a filter that expects functions', () => {
    const stack = newStack();
    const fn = raw(stack, 'Raw');
    watchIn(stack).attachAll(stack, { include: [{ matches: ({ functionName }) => functionName.length > 0 }] });
    assert.deepEqual(rendered(fn).Layers, undefined);
    assert.deepEqual(warnings(stack), []);
  });

  function template(properties: object): string {
    const file = join(mkdtempSync(join(folder, 'template-')), 'template.json');
    writeFileSync(
      file,
      JSON.stringify({
        Parameters: { Layers: { Type: 'CommaDelimitedList' } },
        Resources: {
          Fn: {
            Type: 'AWS::Lambda::Function',
            Properties: { Code: { ZipFile: 'x' }, Role: 'r', Handler: 'i.h', ...properties },
          },
        },
      }),
    );
    return file;
  }
});

describe('Lambda@Edge', () => {
  it('a role that is shared with it is no reason for attach to refuse, and attachAll says what it goes by', () => {
    const stack = newStack();
    const assumedBy = new iam.CompositePrincipal(
      new iam.ServicePrincipal('lambda.amazonaws.com'),
      new iam.ServicePrincipal('edgelambda.amazonaws.com'),
    );
    const role = new iam.Role(stack, 'Role', { assumedBy });
    const [one, two] = ['One', 'Two'].map((id) => newFunction(stack, id, { role }));
    const watch = watchIn(stack);
    watch.attach(one);
    watch.attachAll(stack);
    assert.ok(isAttached(one));
    assert.ok(!isAttached(two));
    assert.deepEqual(warnings(stack), ['/Stack/Two: lambdawatch:edge-function']);
    assert.match(
      JSON.stringify(two.node.defaultChild!.node.metadata),
      /has a role that trusts Lambda@Edge.*name it in `attach`/,
    );
  });

  it('a function of an EdgeFunction is refused', () => {
    const stack = newStack({ env: { account: '111111111111', region: 'eu-central-1' } });
    const edge = new cloudfront.experimental.EdgeFunction(stack, 'Edge', {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'i.h',
      code: lambda.Code.fromInline('x'),
    });
    assert.throws(() => watchIn(stack).attach(edge), /runs at Lambda@Edge/);
  });

  it('lazy principals of a role are not asked before the tree is complete', () => {
    const stack = newStack();
    let complete = false;
    const late = Lazy.string({
      produce: () => {
        assert.ok(complete, 'resolved too early');
        return 'arn:aws:iam::111111111111:role/late';
      },
    });
    const role = new iam.Role(stack, 'Role', {
      assumedBy: new iam.CompositePrincipal(
        new iam.ServicePrincipal('lambda.amazonaws.com'),
        new iam.ArnPrincipal(late),
      ),
    });
    watchIn(stack).attach(newFunction(stack, 'Fn', { role }));
    complete = true;
    assert.ok(resources(stack));
  });
});

describe('what takes the layer away', () => {
  it('is warned of when an override of the resource does it', () => {
    const stack = newStack();
    const fn = newFunction(stack);
    (fn.node.defaultChild as lambda.CfnFunction).addPropertyOverride('Layers', ['arn:own']);
    watchIn(stack).attach(fn);
    assert.deepEqual(warnings(stack), ['/Stack/Fn: lambdawatch:layer-missing']);
    assert.deepEqual(variables(fn), ALWAYS);
  });
});
