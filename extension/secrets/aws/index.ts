import type { Proxies } from '../../config/proxy';
import type { SecretRef } from '../../config/secret-ref';
import type { Diagnostics } from '../../diagnostics';
import { messageOf } from '../../platform/errors';
import type { Platform, TlsOptions } from '../../platform/types';
import type { SecretOutcome, SecretStore } from '../secret-store';
import { usableRoots } from '../usable-roots';
import { AwsError, type Network, readSecret } from './call';
import { credentialIn, textIn } from './content';
import { endpointOf } from './endpoint';
import { explain } from './failure';
import { Identity } from './identity';

/**
 * Reads secrets of Secrets Manager and parameters of Systems Manager with the function's role. It is loaded when it is
 * first needed.
 */
export function createSecretStore(
  platform: Platform,
  diagnostics: Diagnostics,
  proxies: Proxies | undefined,
): SecretStore {
  const identity = new Identity(platform);
  let network: Network | undefined;
  const concealed = new Set<string>();
  diagnostics.conceal(() => [...concealed]);

  async function read(ref: SecretRef): Promise<SecretOutcome> {
    try {
      network ??= { proxies, tls: rootsOf(platform, diagnostics) };
      const { problem } = endpointOf(ref, platform.env);
      if (problem) diagnostics.warnOnce(problem, problem);
      const answer = await readSecret(ref, await known(), platform, network);
      return textIn(ref, answer);
    } catch (error) {
      if (error instanceof AwsError && error.status !== undefined && error.status < 500) identity.forget();
      return explain(ref, error, (text) => diagnostics.redact(text));
    }
  }

  async function known(): Promise<Awaited<ReturnType<Identity['get']>>> {
    const found = await identity.get();
    concealed.add(found.secretAccessKey).add(found.sessionToken ?? '');
    return found;
  }

  return {
    async fetch(refs) {
      const byArn = new Map<string, Promise<SecretOutcome>>();
      return Promise.all(
        refs.map(async (ref) => {
          let reading = byArn.get(ref.arn);
          if (reading === undefined) byArn.set(ref.arn, (reading = read(ref)));
          const outcome = await reading;
          return 'value' in outcome ? credentialIn(ref, outcome.value) : outcome;
        }),
      );
    },
  };
}

/**
 * Extra roots for AWS's endpoints, where a proxy in between re-signs the traffic; from the variable of AWS's SDKs and
 * tools.
 */
function rootsOf(platform: Platform, diagnostics: Diagnostics): TlsOptions | undefined {
  const path = platform.env.AWS_CA_BUNDLE;
  if (!path) return undefined;
  const otherwise = 'only the public roots are trusted for AWS';
  try {
    const ca = usableRoots(platform, diagnostics, {
      pem: platform.readTextFile(path),
      name: `AWS_CA_BUNDLE (${path})`,
      otherwise,
    });
    return ca === undefined ? undefined : { ca };
  } catch (error) {
    diagnostics.warn(`AWS_CA_BUNDLE can't be read: ${messageOf(error)}; ${otherwise}`);
    return undefined;
  }
}
