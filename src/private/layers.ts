import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LambdaWatchLayer } from '../lambda-watch-layer';
import { warn } from './annotations';

/**
 * The copy of this library that created a layer (an app may contain two versions), and the removal policy.
 */
const ORIGIN = Symbol.for('cdk-lambdawatch.origin');
const POLICY = Symbol.for('cdk-lambdawatch.removalPolicy');

type Made = lambda.LayerVersion & { [ORIGIN]?: string; [POLICY]?: RemovalPolicy };

/**
 * The layer of a stack for an architecture, created when it is first needed. Each stack has its own: a layer that
 * stacks share can't be updated as long as another stack imports it, and a nested stack can't depend on its parent.
 * Fixed ids keep logical ids stable.
 */
export function stackLayer(
  stack: Stack,
  architecture: lambda.Architecture,
  removalPolicy: RemovalPolicy | undefined,
): lambda.LayerVersion {
  const base = `LambdaWatchLayer-${architecture.name}`;
  for (let copy = 1; ; copy++) {
    const id = copy === 1 ? base : `${base}-${copy}`;
    const existing = stack.node.tryFindChild(id) as Made | undefined;
    if (existing === undefined) return make(stack, id, architecture, removalPolicy);
    if (existing[ORIGIN] !== __dirname) continue;
    if ((existing[POLICY] ?? RemovalPolicy.DESTROY) !== (removalPolicy ?? RemovalPolicy.DESTROY)) {
      warn(
        stack,
        'lambdawatch:layer-removal-policy',
        `LambdaWatch: the layer of ${stack.node.path} is shared, and two LambdaWatch have different ` +
          'layerRemovalPolicy for it. The first ' +
          `one's holds, ${existing[POLICY] ?? RemovalPolicy.DESTROY}. Give both the same.`,
      );
    }
    return existing;
  }
}

function make(
  stack: Stack,
  id: string,
  architecture: lambda.Architecture,
  removalPolicy: RemovalPolicy | undefined,
): lambda.LayerVersion {
  try {
    const layer = new LambdaWatchLayer(stack, id, { architecture, removalPolicy });
    Object.defineProperty(layer, ORIGIN, { value: __dirname });
    Object.defineProperty(layer, POLICY, { value: removalPolicy });
    return layer;
  } catch (error) {
    // The stack can't have assets; a partly created layer would fail at synthesis.
    stack.node.tryRemoveChild(id);
    throw error;
  }
}
