import { startFakeLoki } from '../../sandbox/loki';
import { startRealLoki } from '../loki/real';
import { queryRange } from '../loki/real-query';
import type { StoredLine } from '../../sandbox/loki/types';
import type { DemoOptions } from './options';

/** The Loki of a demo: where to push, and what it holds of this run. */
export interface DemoLoki {
  readonly name: string;
  readonly pushUrl: string;
  lines(): Promise<StoredLine[]>;
  stop(): Promise<void>;
}

/** @param runId value of the label `demo_run`, by which this run's lines are found again. */
export async function startLoki(
  choice: DemoOptions['loki'],
  runId: string,
  onProgress: (line: string) => void,
): Promise<DemoLoki> {
  if (choice === 'fake') {
    const loki = await startFakeLoki({});
    return {
      name: 'a stand-in for Loki (--loki real takes a real one)',
      pushUrl: loki.pushUrl,
      lines: () => loki.lines(),
      stop: () => loki.stop(),
    };
  }
  if (choice === 'real') {
    const loki = await startRealLoki({ onProgress });
    return {
      name: `Loki at ${new URL(loki.pushUrl).origin}`,
      pushUrl: loki.pushUrl,
      lines: () => loki.lines(),
      stop: () => loki.stop(),
    };
  }
  const url = new URL(choice.endpoint);
  const base = `${url.protocol}//${url.host}`;
  const authorization = url.username
    ? {
        authorization: `Basic ${Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString('base64')}`,
      }
    : undefined;
  return {
    name: `Loki at ${base}`,
    pushUrl: choice.endpoint,
    lines: () =>
      queryRange(base, { selector: `{demo_run="${runId}"}`, ...(authorization ? { headers: authorization } : {}) }),
    stop: async () => undefined,
  };
}
