import { base64 } from './base64';
import { decode } from './endpoint';
import type { Settings } from './settings';

const CREDENTIALS = [
  'LOKI_PASSWORD',
  'LOKI_API_KEY',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
];

/** Each may contain a user and a password. */
const URLS = ['LOKI_ENDPOINT', 'LOKI_URL', 'HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];

/**
 * The secrets in the environment, so that they can be kept out of the extension's messages even where a server repeats
 * them in its answer. The list may also contain texts that aren't secrets but are in the place of one.
 */
export function secretsInEnv(
  env: Readonly<Record<string, string | undefined>>,
  { authorization }: Pick<Settings, 'authorization'>,
): string[] {
  const texts = [authorization?.replace(/^\w+ /, '')];
  for (const name of CREDENTIALS) texts.push(env[name]);
  for (const name of URLS) {
    const userInfo = /^(?:.*:\/\/)?(.*)@/.exec(env[name] ?? '')?.[1];
    if (userInfo === undefined) continue;
    const password = userInfo.replace(/^[^:]*:/, '');
    texts.push(userInfo, password, decode(password), base64(decode(userInfo)));
  }
  return texts.map((text) => text?.trim() ?? '');
}
