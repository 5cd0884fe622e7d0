import { Functions, type FunctionState } from './aws/functions';
import { readAlias } from './aws/move-alias';
import { roleName, Roles } from './aws/roles';
import type { Context } from './context';
import { each } from './each';
import type { AliasState } from './plan/alias';
import type { Obstacle } from './plan/function-view';
import type { Selected } from './select';

/** A function as it was read, or why it could not be read. */
export type Found =
  | {
      readonly selected: Selected;
      readonly functions: Functions;
      readonly state: FunctionState;
      readonly alias?: AliasState;
      readonly edge?: Obstacle;
    }
  | { readonly selected: Selected; readonly failure: string };

/** Reads the functions, several at a time. */
export async function readFunctions(context: Context, selected: readonly Selected[], alias?: string): Promise<Found[]> {
  const edgeRoles = new Map<string, Promise<boolean | undefined>>();
  const outcomes = await each(context, 'Reading', selected, async ({ region, name, account }) => {
    const functions = new Functions(context.aws.lambda(region), region);
    const state = await functions.get(name, account);
    const edge = region === 'us-east-1' && (await usedAtEdge(context, region, state.config.Role ?? '', edgeRoles));
    return {
      functions,
      state,
      ...(alias === undefined ? {} : { alias: await readAlias(functions, name, alias) }),
      ...(edge
        ? {
            edge: {
              reason: 'its role may be taken by Lambda@Edge, which allows neither layers nor variables',
              wayOut: 'exclude it',
            },
          }
        : {}),
    };
  });
  return outcomes.map((outcome, i) => {
    if ('value' in outcome) return { selected: selected[i], ...outcome.value };
    return { selected: selected[i], failure: 'failure' in outcome ? outcome.failure : 'interrupted' };
  });
}

/** Functions for Lambda@Edge are created in this region, and only their role distinguishes them from others. */
async function usedAtEdge(
  { aws }: Context,
  region: string,
  role: string,
  known: Map<string, Promise<boolean | undefined>>,
): Promise<boolean> {
  if (!known.has(role)) known.set(role, new Roles(aws.iam(region)).trustsEdge(roleName(role)));
  return (await known.get(role)) ?? false;
}
