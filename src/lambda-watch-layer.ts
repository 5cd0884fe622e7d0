import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { writeExecutable } from './private/executable';
import { layerZip, packageVersion } from './private/layer-zip';
import { markLayer } from './private/marker';
import { checkAtSynthesis } from './private/stack-checks';
import { requireMember, requireString } from './private/untyped';

const COPY = 'LambdaWatchLayer.copyExecutable';
const ARCHITECTURE = 'give lambda.Architecture.X86_64 or ARM_64';

/**
 * Settings of a layer that is wired by hand.
 */
export interface LambdaWatchLayerProps {
  /**
   * The architecture of the functions that will use it. A function of the same stack that has another one is an error
   * at synthesis.
   *
   * @default lambda.Architecture.X86_64
   */
  readonly architecture?: lambda.Architecture;

  /**
   * The layer's name: 1 to 140 letters, digits and `_-`.
   *
   * @default - made by CloudFormation
   */
  readonly layerVersionName?: string;

  /**
   * What happens to the old version when the layer changes or is removed.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The extension as a Lambda layer, from the zip that is in this package. `LambdaWatch` makes one where it needs one;
 * this is for those who publish a layer once, or wire functions by hand.
 */
export class LambdaWatchLayer extends lambda.LayerVersion {
  /**
   * Writes the extension's executable to `<directory>/lambdawatch`, for container images, which can't have layers. Call
   * it before the image asset is made from that directory, and add one line to the Dockerfile:
   *
   *     COPY --chmod=755 lambdawatch /opt/extensions/lambdawatch
   *
   * Throws an error when the directory does not exist, or the architecture is neither X86_64 nor ARM_64.
   *
   * @returns The path of the file.
   * @param directory An existing directory, usually the one with the Dockerfile. The file belongs in its `.gitignore`.
   * @param architecture The image's architecture; X86_64 unless given. `attachImage` and `attachAll` compare it with
   * the function's.
   */
  public static copyExecutable(directory: string, architecture?: lambda.Architecture): string {
    requireString(directory, `${COPY}: directory`, 'give the one that the image is built from');
    if (architecture !== undefined)
      requireMember(architecture, 'dockerPlatform', `${COPY}: architecture`, ARCHITECTURE);
    return writeExecutable(layerZip(architecture ?? lambda.Architecture.X86_64, COPY), directory);
  }

  constructor(scope: Construct, id: string, props: LambdaWatchLayerProps = {}) {
    const architecture = props.architecture ?? lambda.Architecture.X86_64;
    if (props.architecture !== undefined)
      requireMember(architecture, 'dockerPlatform', 'LambdaWatchLayer: architecture', ARCHITECTURE);
    super(scope, id, {
      // Neither `compatibleRuntimes` nor `compatibleArchitectures`: the first would keep out runtimes that don't exist
      // yet, the second is refused in some regions. The constructs check the architecture themselves.
      code: lambda.Code.fromAsset(layerZip(architecture, 'LambdaWatchLayer')),
      description: `LambdaWatch ${packageVersion()} for ${architecture.name}: logs to Grafana Loki`,
      license: 'MIT',
      layerVersionName: props.layerVersionName,
      removalPolicy: props.removalPolicy,
    });
    markLayer(this, architecture.name);
    checkAtSynthesis(Stack.of(this));
  }
}
