import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';

/** Where a credential is kept, and how functions come by it. */
export interface SecretSource {
  /** The value of an environment variable that ends in `_SECRET`, for functions of that stack. */
  reference(stack: Stack): string;

  /**
   * Why functions of that stack can't use it, following its path; `undefined` when they can.
   * @param role the function's, where it is to be granted
   */
  obstacle(stack: Stack, role?: iam.IRole): string | undefined;

  /** What tells it from others with the same reference: where it is when not in that stack, and its key. */
  origin(stack: Stack): string[];

  /** Whether a policy can grant it in that stack: what is in another account has to name a principal. */
  byPolicy(stack: Stack): boolean;

  /** Lets the grantee read and decrypt it. @returns what could not be granted */
  grantRead(grantee: iam.IGrantable, stack: Stack): string[];
}
