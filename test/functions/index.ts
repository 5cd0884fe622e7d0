import { goFunction } from './go';
import { javaFunction } from './java';
import { nodeFunction } from './node';
import { pythonFunction } from './python';
import type { ProcessRuntime } from '../../sandbox';

export { MissingToolchainError } from './tools';
export { expectedLines, type FunctionScript, type LineSeries, type WriteStep } from './script';
export { goFunction, javaFunction, nodeFunction, pythonFunction };

export type FunctionKind = 'node' | 'python' | 'go' | 'java';

/** Called with one line when something takes time. */
export type Progress = (message: string) => void;

const BUILDERS: Readonly<Record<FunctionKind, (progress: Progress) => Promise<ProcessRuntime>>> = {
  node: async () => nodeFunction(),
  python: (progress) => pythonFunction(progress),
  go: (progress) => goFunction(progress),
  java: (progress) => javaFunction(progress),
};

/**
 * A real function in the given language, on AWS's own runtime client where there is one, built at the first use and
 * cached. Its payload is a {@link FunctionScript}.
 *
 * @throws MissingToolchainError when the language's tools are not installed
 */
export function ensureFunction(kind: FunctionKind, progress: Progress = () => undefined): Promise<ProcessRuntime> {
  return BUILDERS[kind](progress);
}
