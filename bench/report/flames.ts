import { ensureExecutable, layerBundle } from '../../build/layer';
import { nativeArchitecture } from '../figures/size';
import { Callgrind } from '../guard/callgrind';
import type { Harness } from '../harness';
import type { Workload } from '../telemetry';
import { flame } from './flame';
import { difference, readProfile } from './profile';

const SHOWN: readonly {
  readonly file: string;
  readonly title: string;
  readonly more: Workload;
  readonly less: Workload;
}[] = [
  {
    file: 'flame-invocation.svg',
    title: '40 invocations of 10 lines',
    more: { invocations: 50, lines: 10 },
    less: { invocations: 10, lines: 10 },
  },
  {
    file: 'flame-burst.svg',
    title: '10 000 lines of 120 bytes in bulk',
    more: { invocations: 1, lines: 10_000 },
    less: { invocations: 1, lines: 0 },
  },
];

/**
 * Flame graphs of an invocation and of a burst, by their file's name: what a run with many has more than one with few.
 * Needs a host whose functions have names, which takes minutes to build at the first time.
 */
export async function flames(
  harness: Harness,
  folder: string,
  progress: (line: string) => void,
): Promise<Record<string, string>> {
  const executable = await ensureExecutable(nativeArchitecture(), await layerBundle(), { progress, symbols: true });
  const callgrind = await Callgrind.ensure(harness, folder);
  const drawn: Record<string, string> = {};
  for (const { file, title, more, less } of SHOWN) {
    progress(`flame graph: ${title}`);
    const [one, other] = await Promise.all([more, less].map((each) => callgrind.count(executable, each)));
    drawn[file] = flame(title, difference(readProfile(one.profile), readProfile(other.profile)));
  }
  return drawn;
}
