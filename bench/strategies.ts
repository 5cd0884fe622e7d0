import { CATALOGUE } from '../extension/config/catalogue';

const VARIABLE = 'LOKI_FLUSH_STRATEGY';

/** What can be measured: all strategies that the extension of this source has. */
export const STRATEGIES: readonly string[] = CATALOGUE.some(({ variable }) => variable === VARIABLE)
  ? ['end', 'handoff', 'next', 'adaptive', 'periodically,1000']
  : ['end'];

/** Variables of a strategy. The default needs none, so that extensions without the setting can be measured as well. */
export function withStrategy(strategy: string): Record<string, string> {
  return strategy === 'end' ? {} : { [VARIABLE]: strategy };
}

/** As construct and command line set it, and as strategies are meant to be used: a stream for many invocations. */
export const AS_METADATA: Readonly<Record<string, string>> = { LOKI_REQUEST_ID_AS: 'metadata' };
