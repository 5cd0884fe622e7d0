// Languages without static types accept any value as an argument. These values may be secrets, so no message contains
// them. Objects are recognised by their members, because `instanceof` fails if an app has a second copy of a library.

/** Throws unless the argument is a secret. The message names the right function for other arguments. */
export function requireSecret(value: unknown, what: string): void {
  if (has(value, '_source')) return;
  const wayOut = has(value, 'secretArn')
    ? 'put it into LokiSecret.fromSecretsManager(…)'
    : has(value, 'parameterArn')
      ? 'put it into LokiSecret.fromSsmParameter(…)'
      : 'use LokiSecret.fromSecretName or another function of LokiSecret, and never write the secret itself';
  throw new Error(`${what} is ${kindOf(value)}, not a LokiSecret; ${wayOut}.`);
}

export function requireString(value: unknown, what: string, wayOut: string): void {
  if (typeof value !== 'string') throw new Error(`${what} is ${kindOf(value)}, not a string; ${wayOut}.`);
}

/** Throws unless the argument is an object with this member. */
export function requireMember(value: unknown, member: string, what: string, wayOut: string): void {
  if (!has(value, member)) throw new Error(`${what} is ${kindOf(value)}; ${wayOut}.`);
}

/** Throws unless options are an object. */
export function requireOptions(value: unknown, what: string, example: string): void {
  if (value === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value))) return;
  throw new Error(`${what}: options is ${kindOf(value)}; give an object, like ${example}.`);
}

function has(value: unknown, member: string): boolean {
  return typeof value === 'object' && value !== null && member in value;
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object of another kind' : `a ${typeof value}`;
}
