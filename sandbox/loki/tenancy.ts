import type { IncomingHttpHeaders } from 'node:http';
import { SINGLE_TENANT } from './types';
import { Refusal } from './refusal';
import { texts } from './texts';

/** What a gateway in front of Loki asks for. */
export type Credentials = { readonly username: string; readonly password: string } | { readonly bearer: string };

/** @throws Refusal 401 when `expected` is given and the request doesn't carry it. */
export function checkCredentials(headers: IncomingHttpHeaders, expected: Credentials | undefined): void {
  if (!expected) {
    return;
  }
  const wanted =
    'bearer' in expected
      ? `Bearer ${expected.bearer}`
      : `Basic ${Buffer.from(`${expected.username}:${expected.password}`).toString('base64')}`;
  if (headers.authorization !== wanted) {
    throw new Refusal(401, '{"status":"error","error":"authentication error: invalid credentials"}');
  }
}

/**
 * The tenant of a request.
 * @throws Refusal 401 without a tenant, 400 with a bad one.
 */
export function tenantOf(headers: IncomingHttpHeaders, authEnabled: boolean): string {
  if (!authEnabled) {
    return SINGLE_TENANT;
  }
  const sent = headers['x-scope-orgid'];
  if (!sent) {
    throw new Refusal(401, texts.noOrgId);
  }
  // Node.js reads header bytes as Latin-1; Loki as UTF-8.
  const tenant = Buffer.from(String(sent), 'latin1').toString('utf8');
  const names = new Set(tenant.split('|'));
  for (const name of names) {
    // Loki names the first byte of the character, not the character.
    const bad = /[^0-9A-Za-z!\-_.*'()]/.exec(name)?.[0];
    if (bad !== undefined) {
      throw new Refusal(400, texts.tenantCharacter(name, Buffer.from(bad).toString('latin1')[0]!));
    }
    if (name.length > 150) {
      throw new Refusal(400, texts.tenantTooLong);
    }
    if (name === '.' || name === '..') {
      throw new Refusal(400, texts.tenantUnsafe);
    }
  }
  if (names.size > 1) {
    throw new Refusal(400, texts.multipleOrgIds);
  }
  return tenant;
}
