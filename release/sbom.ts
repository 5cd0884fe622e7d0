import { createHash } from 'node:crypto';
import type { Component } from '../build/components';

/** What the bill of materials is about. */
export interface Subject {
  /** The file's name. */
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  /** The compiler that it was built with, like `rustc 1.95.0 (…)`: with the same one the file comes out the same. */
  readonly compiler: string;
}

/**
 * A software bill of materials in CycloneDX's JSON. It contains no time and no random number, so that the same file has
 * the same bill.
 */
export function sbom({ name, version, sha256, compiler }: Subject, components: readonly Component[]): string {
  const [compilerName, compilerVersion] = compiler.split(' ');
  const root = `lambdawatch@${version}`;
  const parts = components.map(part);
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuid(sha256 + version)}`,
    version: 1,
    metadata: {
      tools: {
        components: [{ type: 'application', name: compilerName, version: compilerVersion, description: compiler }],
      },
      component: {
        type: 'application',
        'bom-ref': root,
        name,
        version,
        description: 'AWS Lambda extension that ships logs to Grafana Loki',
        hashes: [{ alg: 'SHA-256', content: sha256 }],
        licenses: [{ license: { id: 'MIT' } }],
      },
    },
    components: parts,
    dependencies: [
      { ref: root, dependsOn: parts.map((one) => one['bom-ref']) },
      ...parts.map((one) => ({ ref: one['bom-ref'] })),
    ],
  };
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

function part({ name, version, license, origin }: Component) {
  const purl = { crate: 'cargo', npm: 'npm', source: 'generic' }[origin];
  // A scope's @ has to be encoded, its slash must not be.
  const reference = `pkg:${purl}/${name.replace(/^@/, '%40')}${version ? `@${version}` : ''}`;
  return {
    type: 'library',
    'bom-ref': reference,
    name,
    ...(version ? { version } : {}),
    // Older crates write a slash where SPDX has OR.
    ...(license ? { licenses: [{ expression: license.replace(/\s*\/\s*/g, ' OR ') }] } : {}),
    purl: reference,
  };
}

function uuid(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex');
  // Version 8: made from whatever the maker likes.
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
