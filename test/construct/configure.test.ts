import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { CfnParameter, Duration, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import {
  FunctionFilter,
  LambdaWatch,
  LogType,
  LokiEndpoint,
  RequestIdMode,
  ServiceNameSource,
  type LambdaWatchProps,
  type LambdaWatchSettings,
} from '../../src';
import {
  ALWAYS,
  ENDPOINT,
  layers,
  newApp,
  newFunction,
  newStack,
  resourcesOfType,
  variables,
  warnings,
} from './support';

before(layers);

const watchIn = (scope: Construct, props: Partial<LambdaWatchProps> = {}): LambdaWatch =>
  new LambdaWatch(scope, 'Watch', { endpoint: ENDPOINT, ...props });
const { LOKI_REQUEST_ID_AS: _as, ...WITHOUT_REQUEST_ID } = ALWAYS;

/** Each order in which an app may attach and configure. */
const orders: [string, (watch: LambdaWatch, fn: lambda.Function, settings: LambdaWatchSettings) => void][] = [
  [
    'before attach',
    (watch, fn, settings) => {
      watch.configure(fn, settings);
      watch.attach(fn);
    },
  ],
  [
    'after attach',
    (watch, fn, settings) => {
      watch.attach(fn);
      watch.configure(fn, settings);
    },
  ],
  [
    'before attachAll',
    (watch, fn, settings) => {
      watch.configure(fn, settings);
      watch.attachAll(Stack.of(fn));
    },
  ],
  [
    'after attachAll',
    (watch, fn, settings) => {
      watch.attachAll(Stack.of(fn));
      watch.configure(fn, settings);
    },
  ],
];

describe('configure', () => {
  for (const [order, run] of orders) {
    it(`merges what is given for a function with the common settings, ${order}`, () => {
      const stack = newStack();
      const [fn, other] = [newFunction(stack, 'Fn'), newFunction(stack, 'Other')];
      const common = {
        labels: { env: 'prod', team: 'a' },
        batching: { maxLines: 50, gzip: false },
        environment: { OWN: '1' },
      };
      const watch = watchIn(stack, common);
      run(watch, fn, {
        serviceName: 'payments',
        labels: { team: 'b', tier: '1' },
        batching: { maxLines: 10 },
        environment: { MORE: '2' },
        logTypes: [LogType.FUNCTION],
      });
      watch.attach(other);
      const shared = { ...ALWAYS, LOKI_ENABLE_GZIP: 'false', OWN: '1' };
      assert.deepEqual(variables(fn), {
        ...shared,
        LOKI_SERVICE_NAME: 'payments',
        LOKI_LABELS: '{"env":"prod","team":"b","tier":"1"}',
        LOKI_BATCH_SIZE: '10',
        MORE: '2',
        LOKI_LOG_TYPES: 'function',
      });
      assert.deepEqual(variables(other), {
        ...shared,
        LOKI_LABELS: '{"env":"prod","team":"a"}',
        LOKI_BATCH_SIZE: '50',
      });
      assert.deepEqual(warnings(stack), []);
    });

    it(`can take a variable away, ${order}`, () => {
      const stack = newStack();
      const fn = newFunction(stack);
      run(watchIn(stack), fn, { requestId: RequestIdMode.OFF });
      assert.deepEqual(variables(fn), { ...WITHOUT_REQUEST_ID, LOKI_EXTRACT_REQUEST_ID: 'false' });
    });

    it(`never overwrites what the function sets itself, ${order}`, () => {
      const stack = newStack();
      const fn = newFunction(stack, 'Fn', { environment: { LOKI_SERVICE_NAME: 'own' } });
      run(watchIn(stack), fn, { serviceName: 'payments', tenantId: 'a' });
      fn.addEnvironment('LOKI_TENANT_ID', 'own');
      assert.deepEqual(variables(fn), { ...ALWAYS, LOKI_SERVICE_NAME: 'own', LOKI_TENANT_ID: 'own' });
    });
  }

  it('of a construct holds for all beneath it, and what is nearer wins', () => {
    const stack = newStack();
    const group = new Construct(stack, 'Group');
    const fn = newFunction(group, 'Fn');
    const watch = watchIn(stack, { labels: { a: '0', b: '0', c: '0', d: '0' } });
    watch.attachAll(stack);
    watch.configure(fn.currentVersion, { labels: { d: '3' } });
    watch.configure(stack, { labels: { b: '1', c: '1', d: '1' }, tenantId: 'stack' });
    watch.configure(group, { labels: { c: '2', d: '2' }, tenantId: 'group' });
    assert.equal(variables(fn).LOKI_LABELS, '{"a":"0","b":"1","c":"2","d":"3"}');
    assert.equal(variables(fn).LOKI_TENANT_ID, 'group');
  });

  it('is there for raw functions, and for environmentFor', () => {
    const stack = newStack();
    const raw = new lambda.CfnFunction(stack, 'Raw', { code: { zipFile: 'x' }, role: 'r' });
    const watch = watchIn(stack);
    watch.attachCfnFunction(raw);
    watch.configure(raw, { tenantId: 'raw' });
    assert.equal(variables(raw).LOKI_TENANT_ID, 'raw');
    assert.equal(watch.environmentFor(raw).LOKI_TENANT_ID, 'raw');
    assert.equal(watch.environmentFor(stack).LOKI_TENANT_ID, undefined);
  });

  it("refuses what can't be used, with the function's path and the common settings in mind", () => {
    const stack = newStack();
    const watch = watchIn(stack, { labels: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`l${i}`, 'v'])) });
    const fn = newFunction(stack);
    assert.throws(
      () => watch.configure(fn, { labels: { one: 'more' } }),
      /LambdaWatch Stack\/Watch: configure Stack\/Fn: labels has 12 entries/,
    );
    assert.throws(
      () => watch.configure(fn, { batching: { maxLines: 0 } }),
      /configure Stack\/Fn: batching\.maxLines is 0/,
    );
  });

  it('of a function that is not attached is warned of', () => {
    const stack = newStack();
    const watch = watchIn(stack);
    watch.attach(newFunction(stack));
    watch.configure(newFunction(stack, 'Other'), { tenantId: 'a' });
    assert.deepEqual(warnings(stack), ['/Stack/Other: lambdawatch:configured-only']);
  });
});

describe('service_name', () => {
  const nameOf = (props: Partial<LambdaWatchProps>, configure?: LambdaWatchSettings): unknown => {
    const stack = newStack();
    const fn = newFunction(new Construct(stack, 'Shop'), 'Orders');
    const watch = watchIn(stack, props);
    watch.attachAll(stack);
    if (configure) watch.configure(fn, configure);
    return variables(fn).LOKI_SERVICE_NAME;
  };
  it('can come from the construct', () => {
    assert.equal(nameOf({}), undefined);
    assert.equal(nameOf({ serviceNameFrom: ServiceNameSource.FUNCTION_NAME }), undefined);
    assert.equal(nameOf({ serviceNameFrom: ServiceNameSource.CONSTRUCT_PATH }), 'Stack/Shop/Orders');
    assert.equal(nameOf({ serviceNameFrom: ServiceNameSource.CONSTRUCT_ID }), 'Orders');
  });
  it('is what the nearest settings say', () => {
    assert.equal(nameOf({ serviceNameFrom: ServiceNameSource.CONSTRUCT_ID, serviceName: 'shop' }), 'shop');
    assert.equal(nameOf({ serviceNameFrom: ServiceNameSource.CONSTRUCT_ID }, { serviceName: 'own' }), 'own');
    assert.equal(nameOf({ serviceName: 'shop' }, { serviceNameFrom: ServiceNameSource.CONSTRUCT_ID }), 'Orders');
    assert.equal(nameOf({ serviceName: 'shop' }, { serviceNameFrom: ServiceNameSource.FUNCTION_NAME }), undefined);
  });
});

describe("BUFFER_SIZE of a function's own", () => {
  it('is not taken for ours, whether set before or after', () => {
    for (const early of [true, false]) {
      const stack = newStack();
      const fn = newFunction(stack, 'Fn', early ? { environment: { BUFFER_SIZE: '8' } } : {});
      watchIn(stack).attach(fn);
      if (!early) fn.addEnvironment('BUFFER_SIZE', '8');
      assert.deepEqual(variables(fn), { ...ALWAYS, BUFFER_SIZE: '8', LOKI_BUFFER_SIZE: '10000' });
    }
    const stack = newStack();
    const fn = newFunction(stack, 'Fn', { environment: { BUFFER_SIZE: '8' } });
    watchIn(stack, { buffer: { maxLines: 500 } }).attach(fn);
    assert.equal(variables(fn).LOKI_BUFFER_SIZE, '500');
  });
});

describe('an endpoint from the Parameter Store', () => {
  it('is read in each stack, and nothing is exported from one to another', () => {
    const app = newApp();
    const stacks = ['One', 'Two'].map((id) => new Stack(app, id));
    const functions = stacks.map((stack) => [newFunction(stack, 'A'), newFunction(stack, 'B')]);
    new LambdaWatch(app, 'Watch', { endpoint: LokiEndpoint.fromSsmParameterName('/loki/endpoint') }).attachAll(app);
    for (const [i, stack] of stacks.entries()) {
      const parameters = Template.fromStack(stack).findParameters('*', {
        Type: 'AWS::SSM::Parameter::Value<String>',
        Default: '/loki/endpoint',
      });
      const [name, ...more] = Object.keys(parameters);
      assert.deepEqual(more, []);
      for (const fn of functions[i]) assert.deepEqual(variables(fn).LOKI_ENDPOINT, { Ref: name });
      assert.deepEqual(Template.fromStack(stack).findOutputs('*'), {});
      assert.equal(Object.keys(resourcesOfType(stack, 'AWS::SSM::Parameter')).length, 0);
    }
  });

  it("is refused for anything else, and with a name that can't be one", () => {
    const stack = newStack();
    newFunction(stack, 'Fn', { environment: { X: LokiEndpoint.fromSsmParameterName('/loki/endpoint') } });
    assert.throws(() => Template.fromStack(stack), /can only be the `endpoint` of a LambdaWatch/);
    for (const name of ['', 'https://logs.example.com/loki/api/v1/push']) {
      assert.throws(() => LokiEndpoint.fromSsmParameterName(name), /parameterName ".*" can't be used/);
    }
  });
});

describe('a function by another of its names', () => {
  it('its resource: configure and leaveOut', () => {
    const stack = newStack();
    const [one, two] = [newFunction(stack, 'One'), newFunction(stack, 'Two')];
    const watch = watchIn(stack);
    watch.configure(one.node.defaultChild!, { tenantId: 'a' });
    LambdaWatch.leaveOut(two.node.defaultChild!);
    watch.attachAll(stack);
    assert.equal(variables(one).LOKI_TENANT_ID, 'a');
    assert.deepEqual(variables(two), {});
  });

  it('an alias, a version, a singleton: within and attachAll', () => {
    const stack = newStack();
    const [one, two] = [newFunction(stack, 'One'), newFunction(stack, 'Two')];
    const { runtime, handler } = { runtime: lambda.Runtime.PYTHON_3_12, handler: 'index.handler' };
    const code = lambda.Code.fromInline('def handler(event, context): pass');
    const single = new lambda.SingletonFunction(stack, 'Single', { uuid: 'u', runtime, handler, code });
    const watch = watchIn(stack);
    watch.attachAll(stack, { exclude: [FunctionFilter.within(one.currentVersion, two, single)] });
    assert.deepEqual([variables(one), variables(stack.node.findChild('SingletonLambdau'))], [{}, {}]);
    const other = newStack();
    const fn = newFunction(other);
    watchIn(other).attachAll(fn.addAlias('live'));
    assert.deepEqual(variables(fn), ALWAYS);
  });

  it('a member that is undefined leaves the common one as it is', () => {
    const stack = newStack();
    const fn = newFunction(stack);
    const watch = watchIn(stack, { batching: { gzip: false, maxLines: 5 } });
    watch.configure(fn, { batching: { gzip: undefined, maxLines: 7 } });
    watch.attach(fn);
    assert.deepEqual(variables(fn), { ...ALWAYS, LOKI_ENABLE_GZIP: 'false', LOKI_BATCH_SIZE: '7' });
  });
});

describe('variables that are taken away again', () => {
  const replacedBy = (order: (attach: () => void, replace: () => void) => void): string[] => {
    const stack = newStack();
    const resource = newFunction(stack).node.defaultChild as lambda.CfnFunction;
    order(
      () => watchIn(stack).attachAll(stack),
      () => (resource.environment = { variables: { STAGE: 'prod' } }),
    );
    return warnings(stack);
  };

  it('by an environment on the resource, before or after, get a warning', () => {
    const replaced = ['/Stack/Fn: lambdawatch:settings-missing'];
    assert.deepEqual(
      replacedBy((attach, replace) => (attach(), replace())),
      replaced,
    );
    assert.deepEqual(
      replacedBy((attach, replace) => (replace(), attach())),
      replaced,
    );
  });
});

describe('lists and durations that are only known at deployment', () => {
  it('a list of hosts is joined at deployment', () => {
    const stack = newStack();
    const hosts = new CfnParameter(stack, 'Hosts', { type: 'CommaDelimitedList' });
    const fn = newFunction(stack);
    watchIn(stack, { proxy: { https: 'http://proxy:3128', bypass: hosts.valueAsList } }).attach(fn);
    assert.deepEqual(variables(fn).NO_PROXY, { 'Fn::Join': [',', { Ref: 'Hosts' }] });
  });

  it('a duration in another unit is refused without the number that stands for it', () => {
    const stack = newStack();
    const seconds = new CfnParameter(stack, 'Seconds', { type: 'Number' }).valueAsNumber;
    assert.throws(
      () => watchIn(stack, { batching: { flushInterval: Duration.seconds(seconds) } }),
      /batching\.flushInterval is only known at deployment, .*give it with Duration\.millis/,
    );
  });
});

describe('settings for a stage that was synthesised already, as a pipeline does', () => {
  it('get a warning, as they are in no template', () => {
    const app = newApp();
    const pipeline = new Stack(app, 'Pipeline');
    const stage = new Stage(pipeline, 'Prod');
    const shop = new Stack(stage, 'Shop');
    newFunction(shop);
    const watch = watchIn(stage);
    watch.attachAll(stage);
    watch.configure(shop, { tenantId: 'a' });
    stage.synth();
    watch.configure(shop, { tenantId: 'b' });
    assert.deepEqual(warnings(pipeline), ['/Pipeline: lambdawatch:configured-late']);
  });
});

describe('settings that are right for each scope, and wrong together', () => {
  const eight = (prefix: string): Record<string, string> =>
    Object.fromEntries([...'abcdefgh'].map((letter) => [`${prefix}_${letter}`, 'x']));
  const order = (attachFirst: boolean) => (): void => {
    const stack = newStack();
    const fn = newFunction(stack);
    const watch = watchIn(stack);
    if (attachFirst) watch.attach(fn);
    watch.configure(fn, { labels: eight('fn') });
    watch.configure(stack, { labels: eight('stack') });
    watch.attachAll(stack);
    variables(fn);
  };

  it('are refused with the name of the function', () => {
    for (const attachFirst of [true, false])
      assert.throws(order(attachFirst), /LambdaWatch Stack\/Watch: settings of Stack\/Fn: labels has 16 entries/);
  });
});
