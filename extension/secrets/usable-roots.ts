import type { Diagnostics } from '../diagnostics';
import type { Platform } from '../platform/types';

/**
 * The certificates of `pem` for `TlsOptions.ca`, or `undefined` where none of them can be used. Those that can't be
 * used are logged, with their number.
 * @param name the setting that they come from, for the warning.
 * @param otherwise what happens without any of them, for the warning.
 */
export function usableRoots(
  platform: Pick<Platform, 'checkCertificates'>,
  diagnostics: Diagnostics,
  { pem, name, otherwise }: { pem: string; name: string; otherwise: string },
): string | undefined {
  const { usable, unusable } = platform.checkCertificates(pem);
  if (usable === 0) {
    const problem = unusable === 0 ? 'no certificate in PEM' : 'no certificate that can be used';
    diagnostics.warn(`${name} can't be used: it has ${problem}; ${otherwise}`);
    return undefined;
  }
  if (unusable > 0) {
    const [left, are] = unusable === 1 ? ['one', 'is'] : [String(unusable), 'are'];
    diagnostics.warn(`${name}: ${left} of its ${usable + unusable} certificates can't be used and ${are} left out`);
  }
  return pem;
}
