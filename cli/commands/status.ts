import { layerParts } from '../aws/arn';
import { Layers } from '../aws/layers';
import { roleName, Roles } from '../aws/roles';
import { type CommonOptions, type Context, createContext } from '../context';
import { each } from '../each';
import { EXIT } from '../errors';
import { layerName, readLayerZip } from '../layer-zip';
import { architectureOf, isLayerArchitecture } from '../plan/function-view';
import { DENY_POLICY, isDenied } from '../plan/log-group';
import { type FunctionStatus, statusOf } from '../plan/status';
import { type Found, readFunctions } from '../read-functions';
import { select, type Selectors } from '../select';

export interface StatusOptions extends CommonOptions, Selectors {
  readonly layerName: string;
}

interface Row extends Partial<FunctionStatus> {
  readonly function: string;
  readonly region: string;
  readonly cloudWatch: 'on' | 'off' | 'unknown';
  readonly problems: readonly string[];
}

/**
 * Shows which functions have the extension, and what is wrong with them. Functions without it are left out unless they
 * were named.
 */
export async function status(options: StatusOptions): Promise<number> {
  const context = createContext(options);
  const found = await readFunctions(context, await select(context, options, true));
  const current = currentLayers(context, options.layerName);
  const rows: Row[] = [];
  const outcomes = await each(context, 'Looking', found, (one) => rowFor(context, one, options.layerName, current));
  outcomes.forEach((outcome, i) => {
    const { name, region } = found[i].selected;
    if (!('value' in outcome))
      rows.push({
        function: name,
        region,
        cloudWatch: 'unknown',
        problems: ['failure' in outcome ? outcome.failure : 'interrupted'],
      });
    else if (outcome.value.attached !== 'no' || found[i].selected.named) rows.push(outcome.value);
  });

  const { ui } = context;
  if (rows.length === 0)
    ui.note(
      `No function here has LambdaWatch (${found.length} looked at); lambdawatch attach --help says how to attach it.`,
    );
  else {
    ui.table(
      ['FUNCTION', 'REGION', 'LAYER', 'ENDPOINT', 'SETTINGS', 'CLOUDWATCH', 'PROBLEMS'],
      rows.map((row) => [
        row.function,
        row.region,
        layerText(row),
        row.endpoint ?? '–',
        Object.entries(row.settings ?? {})
          .map(([name, value]) => `${name}=${value}`)
          .join('\n') || '–',
        row.cloudWatch,
        row.problems.join('\n') || '–',
      ]),
    );
  }
  ui.printJson({ functions: rows });
  if (context.interrupt.requested) return EXIT.interrupted;
  return rows.some(({ problems }) => problems.length > 0) ? EXIT.failed : EXIT.ok;
}

function layerText({ attached, layer, version }: Row): string {
  if (attached === undefined) return '–';
  if (attached === 'no') return 'not attached';
  if (layer === undefined) return attached === 'image' ? 'in the image' : 'missing';
  const { name, version: number } = layerParts(layer);
  return `${name}:${number}${version === undefined ? ' (not by attach)' : ` (${version})`}`;
}

type CurrentLayer = (region: string, architecture: string) => Promise<string | undefined>;

/** Where this package's layers are published; looked up once. */
function currentLayers({ aws }: Context, name: string): CurrentLayer {
  const known = new Map<string, Promise<string | undefined>>();
  return (region, architecture) => {
    if (!isLayerArchitecture(architecture)) return Promise.resolve(undefined);
    const key = `${region} ${architecture}`;
    if (!known.has(key)) {
      known.set(
        key,
        new Layers(aws.lambda(region), region)
          .find(layerName(name, architecture), readLayerZip(architecture))
          .catch(() => undefined),
      );
    }
    return known.get(key)!;
  };
}

async function rowFor({ aws }: Context, one: Found, name: string, current: CurrentLayer): Promise<Row> {
  const base = { function: one.selected.name, region: one.selected.region };
  if ('failure' in one) return { ...base, cloudWatch: 'unknown', problems: [one.failure] };
  const { config } = one.state;
  const found = statusOf(one.state, name, await current(base.region, architectureOf(config)));
  if (found.attached === 'no') {
    // A function that was given by name was expected to have it.
    const problems = [`it is not attached; lambdawatch attach --function ${base.function} attaches it`];
    return { ...base, ...found, cloudWatch: 'unknown', problems };
  }
  const policy = await new Roles(aws.iam(base.region)).policy(roleName(config.Role ?? ''), DENY_POLICY).then(
    (document) => (isDenied(document, config) ? ('off' as const) : ('on' as const)),
    () => 'unknown' as const,
  );
  return { ...base, ...found, cloudWatch: policy };
}
