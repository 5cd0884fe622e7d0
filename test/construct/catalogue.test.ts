import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { Duration, Size } from 'aws-cdk-lib';
import * as ts from 'typescript';
import { CATALOGUE, type Setting } from '../../extension/config/catalogue';
import { range } from '../../extension/config/describe';
import {
  Certificate,
  DiagnosticLevel,
  FlushStrategy,
  LambdaWatch,
  type LambdaWatchProps,
  LogLevel,
  LogRule,
  LogType,
  LokiAuth,
  LokiSecret,
  PlatformLine,
  RequestIdMode,
} from '../../src';
import { ENDPOINT, layers, newFunction, newStack, variables } from './support';

before(layers);

const SRC = join(__dirname, '..', '..', 'src');

/** Properties that are not about a setting of the extension. */
const OWN = [
  'environment',
  'layer',
  'layers',
  'layerRemovalPolicy',
  'grantAccess',
  'cloudWatchLogs',
  'sharedPolicy',
  'functions',
  'report',
  'serviceNameFrom',
];

interface Property {
  readonly type: string;
  /** The doc comment on one line, and its `@default`. */
  readonly text: string;
  readonly default: string;
}

const interfaces = ['lambda-watch-props.ts', 'options.ts']
  .map((file) => interfacesIn(join(SRC, file)))
  .reduce((all, more) => ({ ...all, ...more }));
const properties = leavesOf('LambdaWatchProps');
const withProperty = CATALOGUE.filter(
  (setting): setting is Setting & { property: string } => setting.property !== undefined,
);
const numbers = withProperty.filter(({ kind }) => kind === 'number');

describe('each setting of the catalogue', () => {
  it('has its property, and each property is in the catalogue', () => {
    assert.deepEqual(
      [...new Set(withProperty.map(({ property }) => property))].sort(),
      Object.keys(properties)
        .filter((name) => !OWN.includes(name))
        .sort(),
    );
  });

  for (const setting of withProperty) {
    it(`is written by its property: ${setting.property} → ${setting.variable}`, () => {
      const [props, value] = sampleOf(setting);
      const stack = newStack();
      const fn = newFunction(stack);
      new LambdaWatch(stack, 'Watch', { endpoint: ENDPOINT, functions: [fn], ...props });
      const written = variables(fn);
      assert.ok(setting.variable in written, `nothing is written: ${Object.keys(written).join(', ')}`);
      if (value !== undefined) assert.equal(written[setting.variable], value);
    });
  }

  for (const setting of numbers) {
    it(`is refused outside its range: ${setting.property}`, () => {
      for (const value of [setting.min! - 1, setting.max! + 1].filter((one) => one >= 0)) {
        const stack = newStack();
        assert.throws(
          () => new LambdaWatch(stack, 'Watch', { endpoint: ENDPOINT, ...numberOf(setting, value) }),
          new RegExp(`${setting.property} is ${value}.*from ${setting.min} to ${setting.max}`),
        );
      }
    });
  }

  it('is named in the documentation of its property', () => {
    const unnamed = withProperty.filter(
      ({ variable, property }) => property !== 'auth' && !properties[property].text.includes(`\`${variable}\``),
    );
    assert.deepEqual(
      unnamed.map(({ variable, property }) => `${property} doesn't name ${variable}`),
      [],
    );
  });

  it('has its range and its default in the documentation of its property', () => {
    for (const setting of numbers) {
      const { text, default: value } = properties[setting.property];
      assert.ok(text.includes(range(setting)!), `${setting.property}: no "${range(setting)}" in "${text}"`);
      assert.equal(value, defaultInCode(setting), setting.property);
    }
    for (const { property, default: value } of withProperty.filter(({ kind }) => kind === 'boolean')) {
      if (property !== 'requestId') assert.equal(properties[property].default, String(value), property);
    }
  });

  it('has its default words in the documentation of its property', () => {
    const words = withProperty.filter(({ kind, property }) => /^words?$/.test(kind) && property !== 'requestId');
    assert.ok(words.length >= 2);
    for (const { property, default: value } of words) {
      const named = [...properties[property].default.matchAll(/\.([A-Z]+)\b/g)].map(([, word]) => word.toLowerCase());
      assert.equal(named.join(), value, property);
    }
  });

  it('reads the same in API.md: run `npm run build`', () => {
    const api = readFileSync(join(SRC, '..', 'API.md'), 'utf8').replace(/\s+/g, ' ');
    const missing = Object.entries(properties).flatMap(([name, { text }]) =>
      text
        .split(/(?<=\.) (?=[A-Z])/)
        .filter((sentence) => !api.includes(sentence))
        .map((sentence) => `${name}: ${sentence}`),
    );
    assert.deepEqual(missing, []);
  });
});

/** Properties that set it, and the value that its variable then has, where that is the same in any stack. */
function sampleOf(setting: Setting & { property: string }): [Partial<LambdaWatchProps>, string?] {
  const secret = LokiSecret.fromSecretName('loki');
  const { variable, property, min, kind } = setting;
  if (kind === 'number') return [numberOf(setting, min! + 1), String(min! + 1)];
  if (kind === 'boolean' && property !== 'requestId') return [nested(property, false), 'false'];
  const samples: Record<string, [Partial<LambdaWatchProps>, string?]> = {
    LOKI_ENDPOINT: [{ endpoint: ENDPOINT }, ENDPOINT],
    LOKI_USERNAME: [{ auth: LokiAuth.basic('user', secret) }, 'user'],
    LOKI_USERNAME_SECRET: [{ auth: LokiAuth.basicFromSecrets(secret, secret) }],
    LOKI_PASSWORD_SECRET: [{ auth: LokiAuth.basic('user', secret) }],
    LOKI_API_KEY_SECRET: [{ auth: LokiAuth.bearer(secret) }],
    LOKI_TENANT_ID: [{ tenantId: 'team' }, 'team'],
    LOKI_SERVICE_NAME: [{ serviceName: 'shop' }, 'shop'],
    LOKI_LABELS: [{ labels: { team: 'a' } }, '{"team":"a"}'],
    LOKI_EXTRACT_REQUEST_ID: [{ requestId: RequestIdMode.OFF }, 'false'],
    LOKI_REQUEST_ID_AS: [{ requestId: RequestIdMode.METADATA }, 'metadata'],
    LOKI_LOG_TYPES: [{ logTypes: [LogType.EXTENSION] }, 'extension'],
    LOKI_RULES: [
      { rules: [LogRule.exclude('health', 'GET /health')] },
      '[{"type":"exclude_at_match","name":"health","pattern":"GET /health"}]',
    ],
    LOKI_MIN_LEVEL: [{ minLevel: LogLevel.WARN }, 'warn'],
    LOKI_FLUSH_STRATEGY: [{ flushStrategy: FlushStrategy.periodically(Duration.minutes(1)) }, 'periodically,60000'],
    LOKI_METADATA: [{ metadata: { user_id: 'userId', status: 'http.status' } }, 'userId:user_id,http.status:status'],
    LOKI_PLATFORM_LINES: [{ platformLines: [PlatformLine.TIMEOUT, PlatformLine.REPORT] }, 'report,timeout'],
    LOKI_LOG_LEVEL: [{ diagnostics: DiagnosticLevel.DEBUG }, 'debug'],
    LOKI_CA_CERT: [{ tls: { ca: Certificate.fromPath('/opt/ca.pem') } }, '/opt/ca.pem'],
    LOKI_CLIENT_CERT: [
      { tls: { clientCertificate: Certificate.fromPath('/opt/c.pem'), clientKeyPath: '/opt/k.pem' } },
      '/opt/c.pem',
    ],
    LOKI_CLIENT_KEY: [
      { tls: { clientCertificate: Certificate.fromPath('/opt/c.pem'), clientKeyPath: '/opt/k.pem' } },
      '/opt/k.pem',
    ],
    HTTPS_PROXY: [{ proxy: { https: 'http://proxy:1' } }, 'http://proxy:1'],
    HTTP_PROXY: [{ proxy: { http: 'http://proxy:1' } }, 'http://proxy:1'],
    NO_PROXY: [{ proxy: { bypass: ['a', 'b'] } }, 'a,b'],
  };
  assert.ok(samples[variable] !== undefined, `this test needs a sample of ${property}`);
  return samples[variable];
}

function numberOf({ property, unit }: Setting, value: number): Partial<LambdaWatchProps> {
  return nested(property!, unit === 'bytes' ? Size.bytes(value) : unit === 'ms' ? Duration.millis(value) : value);
}

function nested(path: string, value: unknown): Partial<LambdaWatchProps> {
  return path.split('.').reduceRight((inner, name) => ({ [name]: inner }), value) as Partial<LambdaWatchProps>;
}

/** The default as a doc comment writes it. */
function defaultInCode({ default: given, unit }: Setting): string {
  const value = given as number;
  if (unit === 'ms') return `Duration.seconds(${value / 1000})`;
  if (unit !== 'bytes') return String(value);
  return value % 1024 ** 2 === 0 ? `Size.mebibytes(${value / 1024 ** 2})` : `Size.kibibytes(${value / 1024})`;
}

/** The properties of an interface, with those of the options in it: `batching.maxLines` and so on. */
function leavesOf(name: string): Record<string, Property> {
  const leaves: Record<string, Property> = {};
  for (const [property, described] of Object.entries(interfaces[name])) {
    if (interfaces[described.type] === undefined) leaves[property] = described;
    else for (const [inner, leaf] of Object.entries(leavesOf(described.type))) leaves[`${property}.${inner}`] = leaf;
  }
  return leaves;
}

function interfacesIn(file: string): Record<string, Record<string, Property>> {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  return Object.fromEntries(
    source.statements.filter(ts.isInterfaceDeclaration).map((declaration) => [
      declaration.name.text,
      Object.fromEntries(
        membersOf(declaration, source)
          .filter(ts.isPropertySignature)
          .map((member) => [
            member.name.getText(),
            {
              type: member.type!.getText(),
              text: plain(
                ts
                  .getJSDocCommentsAndTags(member)
                  .map((doc) => ts.getTextOfJSDocComment(doc.comment))
                  .find((text) => text !== undefined),
              ),
              default: plain(
                ts.getTextOfJSDocComment(
                  ts.getJSDocTags(member).find((tag) => tag.tagName.text === 'default')?.comment,
                ),
              ),
            },
          ]),
      ),
    ]),
  );
}

/** Its own members and those of what it extends in the same file. */
function membersOf(declaration: ts.InterfaceDeclaration, source: ts.SourceFile): ts.TypeElement[] {
  const names = (declaration.heritageClauses ?? []).flatMap(({ types }) =>
    types.map(({ expression }) => expression.getText()),
  );
  const above = source.statements.filter(ts.isInterfaceDeclaration).filter(({ name }) => names.includes(name.text));
  return [...above.flatMap((each) => membersOf(each, source)), ...declaration.members];
}

function plain(text: string | undefined): string {
  return (text ?? '').replace(/\s+/g, ' ').trim();
}
