import type { Platform } from './types';

/** Resolves after `ms` milliseconds. */
export function delay(platform: Pick<Platform, 'setTimer'>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    platform.setTimer(ms, resolve);
  });
}
