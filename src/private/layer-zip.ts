import * as fs from 'node:fs';
import * as path from 'node:path';
import { Token } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';

/** The prebuilt layer for an architecture. The same path holds for `src/private` and, published, for `lib/private`. */
export function layerZip(architecture: lambda.Architecture, usedBy: string): string {
  const name = architecture.name;
  if (Token.isUnresolved(name)) {
    throw new Error(`${usedBy}: the architecture is only known at deployment, so no layer can be chosen. Give the function a fixed ` +
      'architecture, or pass a `layer`.');
  }
  if (name !== lambda.Architecture.X86_64.name && name !== lambda.Architecture.ARM_64.name) {
    throw new Error(`${usedBy}: there is no layer for architecture ${JSON.stringify(name)}; there are layers for x86_64 and arm64.`);
  }
  const file = path.join(__dirname, '..', '..', 'lib', 'layer', `lambdawatch-${name}.zip`);
  if (!fs.existsSync(file)) {
    throw new Error(`${usedBy}: ${file} is missing. In a checkout \`npm run layer\` makes it; an installed package always has it, so ` +
      'install it again.');
  }
  return file;
}
