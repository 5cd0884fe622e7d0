import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LambdaWatchLayer } from '../lambda-watch-layer';

/** Which copy of this library made a layer: two versions of it may meet in one app. */
const ORIGIN = Symbol.for('cdk-lambdawatch.origin');

/**
 * The layer of a stack for an architecture, made when it is first needed. One for each stack: a layer that is shared across stacks can't
 * be updated as long as another stack imports it, and a nested stack can't depend on its parent. Fixed ids keep logical ids stable.
 */
export function stackLayer(stack: Stack, architecture: lambda.Architecture, removalPolicy: RemovalPolicy | undefined): lambda.LayerVersion {
  const base = `LambdaWatchLayer-${architecture.name}`;
  for (let copy = 1; ; copy++) {
    const id = copy === 1 ? base : `${base}-${copy}`;
    const existing = stack.node.tryFindChild(id) as (lambda.LayerVersion & { [ORIGIN]?: string }) | undefined;
    if (existing === undefined) {
      const layer = new LambdaWatchLayer(stack, id, { architecture, removalPolicy });
      Object.defineProperty(layer, ORIGIN, { value: __dirname });
      return layer;
    }
    if (existing[ORIGIN] === __dirname) return existing;
  }
}
