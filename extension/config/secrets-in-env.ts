import type { Settings } from './settings';

/**
 * What stands in the environment as a secret, so that it can be kept out of the extension's messages even where a
 * server repeats it in its answer. Texts that are no secret but stand at the place of one may be among them.
 */
export function secretsInEnv(
  env: Readonly<Record<string, string | undefined>>,
  { authorization, endpoint }: Settings,
): string[] {
  const texts = [
    env.LOKI_PASSWORD,
    env.LOKI_API_KEY,
    endpoint?.password,
    authorization?.replace(/^\w+ /, ''),
    env.AWS_SECRET_ACCESS_KEY,
    env.AWS_SESSION_TOKEN,
  ];
  for (const proxy of [env.HTTPS_PROXY, env.https_proxy, env.HTTP_PROXY, env.http_proxy]) {
    const userInfo = /^(?:.*:\/\/)?(.*)@/.exec(proxy ?? '')?.[1];
    texts.push(userInfo, userInfo?.replace(/^[^:]*:/, ''));
  }
  return texts.map((text) => text?.trim() ?? '');
}
