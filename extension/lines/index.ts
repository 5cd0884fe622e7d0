import { parseMetadata } from '../config/metadata-fields';
import type { Settings } from '../config/settings';
import type { Diagnostics } from '../diagnostics';
import type { Platform } from '../platform/types';
import { InvocationFacts } from './invocation-facts';
import { LineMetadata } from './line-metadata';
import { Unwrapper } from './unwrap';

/** These environments are made before anybody calls the function: nobody waits for their Init. */
const PREPARED = new Set(['provisioned-concurrency', 'lambda-managed-instances']);

/** Makes the source of lines' structured metadata; `undefined` where the user wants none. */
export function createLineMetadata(
  platform: Platform,
  diagnostics: Diagnostics,
  settings: Pick<Settings, 'metadata' | 'metadataDefault' | 'unwrapJson'>,
  { concurrent, mask }: { concurrent: boolean; mask?: (value: string) => string | undefined },
): { readonly lineMetadata?: LineMetadata; readonly facts?: InvocationFacts; readonly unwrapper?: Unwrapper } {
  const { fields, problems } = parseMetadata(settings.metadata ?? '');
  for (const problem of problems) diagnostics.warn(`LOKI_METADATA: ${problem}`);
  if (!settings.metadataDefault && !settings.unwrapJson && fields.length === 0) return {};
  const coldStarts = !PREPARED.has(platform.env.AWS_LAMBDA_INITIALIZATION_TYPE ?? '');
  const facts = new InvocationFacts(coldStarts, concurrent, mask);
  const byDefault = settings.metadataDefault;
  const unwrapper = settings.unwrapJson ? new Unwrapper(platform) : undefined;
  return { facts, unwrapper, lineMetadata: new LineMetadata({ platform, byDefault, fields, facts, mask }) };
}
