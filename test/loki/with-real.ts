import { describe, it } from 'node:test';
import { whyNoLoki } from './real';

/** Tests that need a real Loki: skipped as a whole, with the reason, where there is none. */
export function withRealLoki(name: string, tests: () => void): void {
  void whyNoLoki().then((reason) => {
    if (reason === undefined) tests();
    else describe(name, () => it('all', { skip: reason }, () => undefined));
  });
}
