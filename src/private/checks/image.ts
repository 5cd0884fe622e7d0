import * as fs from 'node:fs';
import * as path from 'node:path';
import { AssetStaging } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { warn } from '../annotations';
import { Attachment } from '../marker';
import { FinalProperties } from '../peek';
import { finalArchitecture } from './layer';

/** Machine types of ELF files (System V ABI, e_machine). */
const MACHINES: Readonly<Record<number, string>> = { 62: 'x86_64', 183: 'arm64' };

/** The executable in an image's directory must be there, and for the function's architecture. */
export function imageProblem(construct: IConstruct, final: FinalProperties, { named }: Attachment): string[] {
  const directory = imageDirectory(construct);
  if (directory === undefined) return [];
  const machine = machineOf(path.join(directory, 'lambdawatch'));
  if (machine === undefined) {
    // `attachAll` warns of each image anyway.
    if (named) warnOfMissingExecutable(construct, directory);
    return [];
  }
  const architecture = finalArchitecture(final);
  if (machine === '' || architecture === undefined || machine === architecture) return [];
  return [
    `LambdaWatch: ${construct.node.path} will be deployed for ${architecture}, and the executable in ${directory} ` +
      `is for ${machine}: ` +
      "each invocation would fail. Give LambdaWatchLayer.copyExecutable the image's architecture.",
  ];
}

function warnOfMissingExecutable(construct: IConstruct, directory: string): void {
  // It may come into the image in another way, which the Dockerfile then tells.
  const dockerfiles = fs
    .readdirSync(directory)
    .filter((name) => /dockerfile/i.test(name))
    .map((name) => path.join(directory, name));
  if (dockerfiles.some((file) => fs.statSync(file).isFile() && fs.readFileSync(file, 'utf8').includes('lambdawatch')))
    return;
  warn(
    construct,
    'lambdawatch:executable-missing',
    `LambdaWatch: the image of ${construct.node.path} is built from ${directory}, where there is no lambdawatch and ` +
      'no Dockerfile that names ' +
      'it, so its logs are not shipped. Call LambdaWatchLayer.copyExecutable before the asset is made and COPY the ' +
      'file to ' +
      '/opt/extensions/lambdawatch, or acknowledge this.',
  );
}

/** Where the image is built from, when it is built in this app. */
function imageDirectory(construct: IConstruct): string | undefined {
  for (const child of construct.node.findAll()) {
    const { sourcePath, assetHash } = child as Partial<AssetStaging>;
    if (typeof sourcePath === 'string' && typeof assetHash === 'string' && fs.existsSync(sourcePath)) return sourcePath;
  }
  return undefined;
}

/** The architecture of an executable; empty for one that is not known, `undefined` when there is no file. */
function machineOf(file: string): string | undefined {
  if (!fs.existsSync(file)) return undefined;
  const header = Buffer.alloc(20);
  const descriptor = fs.openSync(file, 'r');
  try {
    fs.readSync(descriptor, header, 0, header.length, 0);
  } finally {
    fs.closeSync(descriptor);
  }
  return header.toString('latin1', 0, 4) === '\x7fELF' ? (MACHINES[header.readUInt16LE(18)] ?? '') : '';
}
