import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Token } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';

/** The path is the same from `src/private` and, after publishing, from `lib/private`. */
const ROOT = path.join(__dirname, '..', '..');

/** The prebuilt layer for an architecture. */
export function layerZip(architecture: lambda.Architecture, usedBy: string): string {
  const name = architecture.name;
  if (Token.isUnresolved(name)) {
    throw new Error(
      `${usedBy}: the architecture is only known at deployment, so no layer can be chosen. Give the function a fixed ` +
        'architecture, or pass a `layer`.',
    );
  }
  if (!hasLayer(name)) {
    throw new Error(
      `${usedBy}: there is no layer for architecture ${JSON.stringify(name)}; there are layers for x86_64 and arm64.`,
    );
  }
  const file = path.join(ROOT, 'lib', 'layer', `lambdawatch-${name}.zip`);
  if (!fs.existsSync(file)) {
    throw new Error(
      `${usedBy}: ${file} is missing. In a checkout \`npm run layer\` makes it; an installed package always has it, ` +
        'so ' +
        'install it again.',
    );
  }
  return file;
}

/** Whether there is a layer for an architecture in this package. */
export function hasLayer(architecture: string | undefined): boolean {
  return architecture === lambda.Architecture.X86_64.name || architecture === lambda.Architecture.ARM_64.name;
}

const hashes = new Map<string, string>();

/** Distinguishes releases of the layer. */
export function hashOfZip(file: string): string {
  const known = hashes.get(file) ?? createHash('sha256').update(fs.readFileSync(file)).digest('hex');
  hashes.set(file, known);
  return known;
}

/** The version of this package. */
export function packageVersion(): string {
  return (JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;
}
