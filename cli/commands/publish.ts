import { type CommonOptions, createContext } from '../context';
import { each } from '../each';
import { EXIT } from '../errors';
import { ARCHITECTURES, type LayerArchitecture } from '../layer-zip';
import { checkLayerName, parseShare, type PublishedLayer, publishLayer } from '../publish-layer';

export interface PublishOptions extends CommonOptions {
  readonly arch: LayerArchitecture | 'all';
  readonly name: string;
  readonly share?: string[];
  readonly dryRun?: boolean;
}

/** Publishes the layers to the user's own account. */
export async function publish(options: PublishOptions): Promise<number> {
  checkLayerName(options.name);
  const share = (options.share ?? []).map(parseShare);
  const context = createContext(options);
  const { ui } = context;
  const architectures = options.arch === 'all' ? ARCHITECTURES : [options.arch];
  const targets = (await context.aws.regions()).flatMap((region) =>
    architectures.map((architecture) => ({ region, architecture })),
  );
  const outcomes = await each(context, 'Publishing', targets, ({ region, architecture }) =>
    publishLayer(context, region, architecture, { name: options.name, share, dryRun: options.dryRun ?? false }),
  );

  const results = outcomes.map((outcome, i) => {
    if ('value' in outcome) return outcome.value;
    return {
      ...targets[i],
      arn: undefined,
      action: 'failed' as const,
      shared: false,
      reason: 'failure' in outcome ? outcome.failure : 'interrupted',
    };
  });
  ui.table(
    ['REGION', 'ARCHITECTURE', 'RESULT', 'LAYER'],
    results.map((result) => [
      result.region,
      result.architecture,
      resultText(result),
      result.arn ?? ('reason' in result ? result.reason : '–'),
    ]),
  );
  ui.printJson({ layers: results });
  if (context.interrupt.requested) return EXIT.interrupted;
  return results.some(({ action }) => action === 'failed') ? EXIT.failed : EXIT.ok;
}

function resultText({ action, shared }: Pick<PublishedLayer, 'shared'> & { action: string }): string {
  return shared ? `${action}, shared` : action;
}
