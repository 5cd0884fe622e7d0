import { ACCEPTED } from './accepted';
import { IN_PART } from './in-part';
import { LARGE } from './large';
import { type PushCase } from './push-case';
import { REFUSED } from './refused';

export { json, push, type PushCase, type PushRequest } from './push-case';

/** Everything that a Loki must take, refuse, or take in part. */
export const PUSH_CASES: readonly PushCase[] = [...ACCEPTED, ...REFUSED, ...IN_PART, ...LARGE];
