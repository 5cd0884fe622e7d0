import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Import {
  /** Of the file that is imported. */
  readonly path: string;
  /** Nothing of it is left when the program runs. */
  readonly typeOnly: boolean;
  /** With `import()`: not loaded with the file. */
  readonly dynamic: boolean;
}

const STATEMENT =
  /^(?:import|export)\s+(type\s)?[^;']*?from '(\.[^']*)';|^import '(\.[^']*)';|(typeof )?\bimport\('(\.[^']*)'\)/gm;

/** The files of this repository that a TypeScript file imports. */
export function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(STATEMENT)].map(([, type, named, bare, typeOf, dynamic]) => ({
    path: resolve(join(dirname(file), named ?? bare ?? dynamic)),
    typeOnly: type !== undefined || typeOf !== undefined,
    dynamic: dynamic !== undefined && typeOf === undefined,
  }));
}

function resolve(path: string): string {
  return [path, `${path}.ts`, join(path, 'index.ts')].find((one) => /\.\w+$/.test(one) && existsSync(one)) ?? path;
}
