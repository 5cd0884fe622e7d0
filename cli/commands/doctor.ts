import { writeFileSync } from 'node:fs';
import { arnParts, parseFunction } from '../aws/arn';
import { failureText } from '../aws/failure';
import { Functions, type FunctionState } from '../aws/functions';
import { Layers } from '../aws/layers';
import { roleName, Roles } from '../aws/roles';
import { type CommonOptions, type Context, createContext } from '../context';
import { lokiFindings, type OwnCredentials } from '../doctor-loki';
import { networkFindings } from '../doctor-network';
import { CliError, EXIT, UsageError } from '../errors';
import { packageVersion } from '../layer-zip';
import { masked } from '../plan/change';
import { variablesOf } from '../plan/function-view';
import { type Finding, finding, functionFindings } from '../plan/findings';
import { DENY_POLICY, isDenied } from '../plan/log-group';
import { secretNeeds } from '../plan/secrets';
import { statusOf } from '../plan/status';
import { checkSettings, problemsOf, settingsFromFile, settingsFromOptions } from '../settings/settings';

export interface DoctorOptions extends CommonOptions {
  readonly layerName: string;
  readonly fromFile?: string;
  readonly push?: boolean;
  readonly bundle?: string;
}

const SIGNS = { ok: '✓', problem: '✗', warning: '!', unknown: '?' } as const;

/** Why don't I see logs? Checks everything that may prevent it, and says what to do. */
export async function doctor(name: string | undefined, options: DoctorOptions): Promise<number> {
  const given = {
    ...(options.fromFile === undefined ? {} : settingsFromFile(options.fromFile)),
    ...settingsFromOptions({ ...options }),
  };
  checkSettings(given);
  if (name === undefined && given.LOKI_ENDPOINT === undefined)
    throw new UsageError('name a function, or give --endpoint to look at Loki alone');
  const context = createContext(options);
  const { ui } = context;
  const progress = ui.progress('Looking');
  const target = name === undefined ? undefined : await read(context, name);
  const findings =
    target === undefined
      ? problemsOf(given).map(({ variable, text }) => finding('problem', 'settings', `${variable}: ${text}`))
      : [];
  if (target) findings.push(...(await examine(context, target, options.layerName)));
  const variables = { ...(target ? variablesOf(target.state.config) : {}), ...given };
  findings.push(
    ...(await lokiFindings(
      variables,
      target ? await ownCredentials(context, target.region) : environmentCredentials(),
      options.push ?? false,
    )),
  );
  progress.done();

  for (const { level, about, text, wayOut } of findings) {
    const colour = { ok: ui.out.green, problem: ui.out.red, warning: ui.out.yellow, unknown: ui.out.yellow }[level];
    ui.print(`${colour(SIGNS[level])} ${ui.out.bold(about)}: ${text}`);
    if (wayOut !== undefined) ui.print(`    ${wayOut}`);
  }
  ui.printJson({ ...(name === undefined ? {} : { function: name }), findings });
  if (options.bundle !== undefined) writeBundle(options.bundle, target?.state, findings);
  return findings.some(({ level }) => level === 'problem') ? EXIT.failed : EXIT.ok;
}

interface Examined {
  readonly region: string;
  readonly state: FunctionState;
}

async function read({ aws }: Context, name: string): Promise<Examined> {
  const [found = parseFunction(name, await aws.regions())[0]] = parseFunction(name, []);
  return {
    region: found.region,
    state: await new Functions(aws.lambda(found.region), found.region).get(found.name, found.account),
  };
}

async function examine({ aws }: Context, { region, state }: Examined, layerName: string): Promise<Finding[]> {
  const { config } = state;
  const { layer } = statusOf(state, layerName);
  const architectures =
    layer === undefined ? undefined : await new Layers(aws.lambda(region), region).architectures(layer);
  const roles = new Roles(aws.iam(region));
  const needs = secretNeeds(variablesOf(config));
  const permissions = await Promise.all(
    needs.map(async ({ action, resource }) => {
      const allowed = await roles.allows(config.Role ?? '', action, resource);
      if (allowed === undefined)
        return finding(
          'unknown',
          'role',
          `whether it may ${action} ${resource} can't be found out`,
          'that takes iam:SimulatePrincipalPolicy',
        );
      return allowed
        ? finding('ok', 'role', `it may ${action} ${resource}`)
        : finding(
            'problem',
            'role',
            `it may not ${action} ${resource}`,
            `lambdawatch attach --function ${config.FunctionName} --grant`,
          );
    }),
  );
  const cloudWatch = await roles.policy(roleName(config.Role ?? ''), DENY_POLICY).then(
    (policy) =>
      finding(
        'ok',
        'CloudWatch',
        isDenied(policy, config)
          ? "off: the function's lines are in Loki alone"
          : 'on: Lambda writes the lines there, too',
      ),
    (error: unknown) => finding('unknown', 'CloudWatch', `the role can't be looked at: ${failureText(error)}`),
  );
  return [
    ...functionFindings(state, layerName, architectures),
    ...permissions,
    ...(await networkFindings(aws.ec2(region), config, needs, region)),
    cloudWatch,
  ];
}

/** Secrets are read with the user's own credentials, wherever they come from. */
async function ownCredentials({ aws }: Context, region: string): Promise<OwnCredentials> {
  const { accessKeyId, secretAccessKey, sessionToken } = await aws.lambda(region).config.credentials();
  return {
    ...environmentCredentials(),
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
  };
}

const OWN = /^(LOKI_(USERNAME|PASSWORD|API_KEY)|AWS_(ENDPOINT_URL\w*|CA_BUNDLE))$/;

function environmentCredentials(): OwnCredentials {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => OWN.test(entry[0]) && entry[1] !== undefined,
    ),
  );
}

/**
 * For a bug report: the findings, and the configuration without the account, values of other variables, and secrets.
 */
function writeBundle(file: string, state: FunctionState | undefined, findings: readonly Finding[]): void {
  const config = state?.config;
  const variables = Object.fromEntries(
    Object.entries(config ? variablesOf(config) : {}).map(([name, value]) => [
      name,
      /^(LOKI_|HTTPS?_PROXY|NO_PROXY)/.test(name) ? masked(name, value) : `(${Buffer.byteLength(value)} bytes)`,
    ]),
  );
  const report = {
    lambdawatch: packageVersion(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    findings,
    function: config && {
      Runtime: config.Runtime,
      PackageType: config.PackageType,
      Architectures: config.Architectures,
      MemorySize: config.MemorySize,
      Timeout: config.Timeout,
      Layers: config.Layers?.map(({ Arn: arn }) => arn),
      State: config.State,
      StateReasonCode: config.StateReasonCode,
      LastUpdateStatus: config.LastUpdateStatus,
      LastUpdateStatusReasonCode: config.LastUpdateStatusReasonCode,
      LoggingConfig: config.LoggingConfig,
      SnapStart: config.SnapStart,
      InVpc: Boolean(config.VpcConfig?.VpcId),
      Variables: variables,
    },
  };
  const account = config?.FunctionArn ? arnParts(config.FunctionArn).account : undefined;
  let text = `${JSON.stringify(report, null, 2)}\n`;
  if (account) text = text.replaceAll(account, '111122223333');
  if (config?.FunctionName) text = text.replaceAll(config.FunctionName, 'FUNCTION');
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new CliError(`--bundle ${file} can't be written: ${(error as Error).message}`);
  }
}
