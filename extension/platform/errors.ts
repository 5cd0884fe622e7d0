import type { PlatformError, PlatformErrorCode, PlatformErrorSubject } from './types';

/** What a {@link PlatformError} may contain in addition to its code. */
interface Details {
  readonly about?: PlatformErrorSubject;
  readonly reused?: boolean;
}

export function platformError(
  code: PlatformErrorCode,
  message: string,
  { about, reused }: Details = {},
): PlatformError {
  return Object.assign(new Error(message), { code, ...(about && { about }), ...(reused !== undefined && { reused }) });
}

/** The message of an unknown thrown value. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}

export function isPlatformError(error: unknown): error is PlatformError {
  return error instanceof Error && typeof (error as Partial<PlatformError>).code === 'string';
}
