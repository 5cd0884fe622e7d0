import { IConstruct } from 'constructs';
import { FinalProperties } from '../peek';

/** Lambda's quota, which it applies to the variables as JSON. */
const MAX_BYTES = 4096;

export function environmentProblem(construct: IConstruct, { Environment }: FinalProperties): string[] {
  const variables = Environment?.Variables ?? {};
  const size = Buffer.byteLength(
    JSON.stringify(variables, (_key, value) => (isDeployTime(value) ? knownPart(value) : value)),
    'utf8',
  );
  if (size <= MAX_BYTES) return [];
  const largest = Object.entries(variables)
    .map(([name, value]) => ({ name, bytes: Buffer.byteLength(knownPart(value), 'utf8') }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, 3)
    .map(({ name, bytes }) => `${name} (${bytes})`)
    .join(', ');
  return [
    `LambdaWatch: the environment variables of ${construct.node.path} take at least ${size} bytes and Lambda allows ` +
      `${MAX_BYTES}; ` +
      `the largest are ${largest}. Shorten them; certificates can be given by path (Certificate.fromPath), and long ` +
      'texts can be in a file ' +
      'or a parameter.',
  ];
}

function isDeployTime(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length === 1 &&
    /^(Ref$|Fn::)/.test(Object.keys(value)[0])
  );
}

/** The literal parts of a value, which are all that is known of it. */
function knownPart(value: unknown): string {
  if (typeof value === 'string') return value;
  const join = (value as { 'Fn::Join'?: [string, unknown[]] } | undefined)?.['Fn::Join'];
  return join && Array.isArray(join[1]) ? join[1].map(knownPart).join(join[0]) : '';
}
