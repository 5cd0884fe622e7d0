import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { CloudWatchLogs, LambdaWatch, LokiAuth, LokiSecret, type LambdaWatchProps } from '../../src';
import { ENDPOINT, layers, newApp, newFunction, newStack, variables, warnings } from './support';

interface Policy {
  readonly PolicyDocument: { readonly Statement: readonly { Effect: string; Resource: unknown[] }[] };
}

describe('cloudWatchLogs', () => {
  before(() => layers());

  const attached = (props: Partial<LambdaWatchProps>, fn: Partial<lambda.FunctionProps> = {}): Stack => {
    const stack = newStack();
    newFunction(stack, 'Orders', fn);
    new LambdaWatch(stack, 'Logs', { endpoint: ENDPOINT, ...props }).attachAll(stack);
    return stack;
  };
  const resourcesOf = (stack: Stack): unknown[] =>
    Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')).flatMap(({ Properties: properties }) =>
      (properties as Policy).PolicyDocument.Statement.filter(({ Effect: effect }) => effect === 'Deny').flatMap(
        ({ Resource: resource }) => resource,
      ),
    );

  it("DENY keeps the role from the function's own log group, and sends the extension's warnings to Loki", () => {
    const stack = attached({ cloudWatchLogs: CloudWatchLogs.DENY });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Deny',
            Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
            Resource: Match.anyValue(),
          },
        ],
      },
    });
    const text = JSON.stringify(resourcesOf(stack));
    assert.match(text, /"Ref":"AWS::Partition"/);
    assert.match(text, /:log-group:\/aws\/lambda\/",\{"Ref":"Orders/);
    assert.equal(variables(stack.node.findChild('Orders') as lambda.Function).LOKI_SHIP_DIAGNOSTICS, 'true');
  });

  it("DENY takes a log group of the user's own", () => {
    const stack = newStack();
    newFunction(stack, 'Orders', { logGroup: new logs.LogGroup(stack, 'Group') });
    new LambdaWatch(stack, 'Logs', { endpoint: ENDPOINT, cloudWatchLogs: CloudWatchLogs.DENY }).attachAll(stack);
    assert.match(JSON.stringify(resourcesOf(stack)), /:log-group:",\{"Ref":"Group/);
  });

  for (const cloudWatchLogs of [undefined, CloudWatchLogs.KEEP]) {
    it(`${String(cloudWatchLogs)} changes nothing`, () => {
      const stack = attached({ cloudWatchLogs });
      assert.deepEqual(resourcesOf(stack), []);
      assert.equal(variables(stack.node.findChild('Orders') as lambda.Function).LOKI_SHIP_DIAGNOSTICS, undefined);
    });
  }

  it("warns where the role can't be changed", () => {
    const stack = newStack();
    const role = iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/theirs', { mutable: false });
    newFunction(stack, 'Orders', { role });
    new LambdaWatch(stack, 'Logs', { endpoint: ENDPOINT, cloudWatchLogs: CloudWatchLogs.DENY }).attachAll(stack);
    assert.deepEqual(warnings(stack), ['/Stack/Orders: lambdawatch:cloud-watch-kept']);
    assert.deepEqual(resourcesOf(stack), []);
  });

  describe("a role of many functions stays within IAM's quotas", () => {
    interface Denial {
      readonly Type: string;
      readonly Properties: Policy & { readonly Roles: unknown[]; readonly PolicyName?: unknown };
    }
    const denialsOf = (stack: Stack): Denial[] =>
      Object.values(Template.fromStack(stack).toJSON().Resources as Record<string, Denial>).filter(({ Type: type }) =>
        /^AWS::IAM::(Managed)?Policy$/.test(type),
      );
    /** As long as IAM will see it: names that CloudFormation and Lambda make are as long as they can be. */
    const characters = ({ Properties: { PolicyDocument: document } }: Denial): number =>
      JSON.stringify(document, (_, value: unknown) => {
        const join = (value as { 'Fn::Join'?: [string, unknown[]] } | null)?.['Fn::Join'];
        return join ? join[1].map(longest).join(join[0]) : value;
      }).length;
    const longest = (part: unknown): string => {
      if (typeof part === 'string') return part;
      const { Ref: ref } = part as { Ref: string };
      if (ref === 'AWS::Partition') return 'aws-us-gov';
      if (ref === 'AWS::Region') return 'ap-northeast-1';
      if (ref === 'AWS::AccountId') return '111122223333';
      return 'x'.repeat(/Group/.test(ref) ? 'Stack'.length + ref.length + 14 : 64);
    };
    const shared = (count: number, logGroup: boolean, role?: (stack: Stack) => iam.IRole): Stack => {
      const stack = newStack();
      const same = role?.(stack) ?? new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
      for (let i = 0; i < count; i++)
        newFunction(stack, `Fn${i}`, {
          role: same,
          ...(logGroup ? { logGroup: new logs.LogGroup(stack, `GroupOfTheFunction${i}`) } : {}),
        });
      new LambdaWatch(stack, 'Logs', { endpoint: ENDPOINT, cloudWatchLogs: CloudWatchLogs.DENY }).attachAll(stack);
      return stack;
    };

    for (const [count, logGroup] of [
      [1, false],
      [35, false],
      [150, false],
      [100, true],
    ] as const) {
      it(`${count} functions${logGroup ? ' with log groups of their own' : ''}`, () => {
        const denials = denialsOf(shared(count, logGroup));
        assert.equal(
          denials.flatMap(
            ({
              Properties: {
                PolicyDocument: {
                  Statement: [statement],
                },
              },
            }) => statement.Resource,
          ).length,
          2 * count,
        );
        const inline = denials.filter(({ Type: type }) => type === 'AWS::IAM::Policy');
        const managed = denials.filter(({ Type: type }) => type === 'AWS::IAM::ManagedPolicy');
        assert.equal(inline.length, 1);
        // The role's own inline policies need their part of the 10 240.
        for (const policy of inline) assert.ok(characters(policy) <= 3000, String(characters(policy)));
        for (const policy of managed) assert.ok(characters(policy) <= 6144, String(characters(policy)));
        assert.ok(managed.length < 10, String(managed.length));
        for (const {
          Properties: { Roles: roles },
        } of denials)
          assert.equal(roles.length, 1);
      });
    }

    it('and where that cannot be, synthesis says so with the way out', () => {
      assert.throws(
        () => (shared(240, false).node.root as App).synth(),
        /LambdaWatch: Stack\/Role is the role of 240 functions; .* takes 11 managed policies, and IAM allows 10.*KEEP.*shop-\*/s,
      );
    });

    it('an imported role of several stacks has one policy in each, under a name that no other stack has', () => {
      const app = newApp();
      const stacks = ['One', 'Two'].map((id) => new Stack(app, id));
      for (const stack of stacks) {
        const role = iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/theirs');
        newFunction(stack, 'Fn', { role });
        const auth = LokiAuth.bearer(LokiSecret.fromSecretName('loki'));
        new LambdaWatch(stack, 'Logs', { endpoint: ENDPOINT, auth, cloudWatchLogs: CloudWatchLogs.DENY }).attachAll(
          stack,
        );
      }
      // A policy that is inline one day and managed the next can't have the same logical id.
      const ids = stacks.flatMap((stack) =>
        Object.keys(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy')),
      );
      assert.deepEqual(
        ids.map((id) => /Managed1/.test(id)),
        [true],
      );
      const inline = stacks.map((stack) => denialsOf(stack).filter(({ Type: type }) => type === 'AWS::IAM::Policy'));
      assert.deepEqual(
        inline.map(({ length }) => length),
        [2, 1],
      );
      for (const {
        Properties: { PolicyName: name, Roles: roles },
      } of inline.flat()) {
        // The part of a stack's id that is the stack's alone.
        assert.match(JSON.stringify(name), /"Fn::Select":\[2,\{"Fn::Split":\["\/",\{"Ref":"AWS::StackId"\}\]\}\]/);
        assert.deepEqual(roles, ['theirs']);
      }
    });
  });

  it('an image that only attachAll came by may be without the extension, and goes on writing', () => {
    const image = (attach: (watch: LambdaWatch, fn: lambda.Function) => void): Stack => {
      const stack = newStack();
      const repository = ecr.Repository.fromRepositoryName(stack, 'Repository', 'r');
      const fn = new lambda.DockerImageFunction(stack, 'Fn', { code: lambda.DockerImageCode.fromEcr(repository) });
      attach(new LambdaWatch(stack, 'Logs', { endpoint: ENDPOINT, cloudWatchLogs: CloudWatchLogs.DENY }), fn);
      return stack;
    };
    const all = image((watch, fn) => watch.attachAll(fn));
    assert.deepEqual(resourcesOf(all), []);
    assert.deepEqual(warnings(all), [
      '/Stack/Fn: lambdawatch:cloud-watch-kept',
      '/Stack/Fn: lambdawatch:container-image',
    ]);
    const named = image((watch, fn) => watch.attachImage(fn));
    assert.equal(resourcesOf(named).length, 2);
    assert.deepEqual(warnings(named), []);
  });

  it('names its policies where they are what a stack has too many resources for', () => {
    const stack = newStack();
    for (let i = 0; i < 170; i++) newFunction(stack, `Fn${i}`);
    const auth = LokiAuth.bearer(LokiSecret.fromSecretName('loki'));
    const props = { endpoint: ENDPOINT, auth, sharedPolicy: true, cloudWatchLogs: CloudWatchLogs.DENY };
    new LambdaWatch(stack, 'Logs', props).attachAll(stack);
    assert.throws(
      () => (stack.node.root as App).synth(),
      /LambdaWatch: Stack has 512 resources.*170 of them are policies of cloudWatchLogs: DENY.*logs:PutLogEvents/s,
    );
  });
});
