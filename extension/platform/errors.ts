import type { PlatformError, PlatformErrorCode } from './types';

export function platformError(code: PlatformErrorCode, message: string, reused?: boolean): PlatformError {
  return Object.assign(new Error(message), reused === undefined ? { code } : { code, reused });
}

export function isPlatformError(error: unknown): error is PlatformError {
  return error instanceof Error && typeof (error as Partial<PlatformError>).code === 'string';
}
