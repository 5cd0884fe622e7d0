import type { SecretRef } from '../config/secret-ref';

/** What became of one secret. */
export type SecretOutcome =
  | { readonly value: string }
  /** Why there is no value, in words that go on after the ARN; never with anything of the secret in it. */
  | {
      readonly problem: string;
      /**
       * `unusable`: it was read, but what it holds can't be used; `lasting`: somebody has to do something about it;
       * `passing`: it may well be there in a moment.
       */
      readonly kind: 'unusable' | 'lasting' | 'passing';
    };

/** Reads secrets. */
export interface SecretStore {
  /** One outcome for each, in their order; never rejects. Several fields of one secret cost one request. */
  fetch(refs: readonly SecretRef[]): Promise<SecretOutcome[]>;
}
