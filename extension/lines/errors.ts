import type { FieldReader } from '../platform/types';
import { LEVEL_FIELDS, type Level, levelOf } from './level';

/** Whether a line of this level is one that {@link errorWatcher} looks for. */
export function isError(level: Level | undefined): boolean {
  return level === 'error' || level === 'fatal';
}

/**
 * Finds the lines of level `error` and `fatal`.
 * @param fieldReader as {@link Platform.fieldReader}.
 */
export function errorWatcher(
  fieldReader: (fields: readonly (readonly string[])[]) => FieldReader,
  onError: () => void,
): (line: string) => void {
  const read = fieldReader(LEVEL_FIELDS);
  return (line) => {
    if (isError(levelOf(line, read))) onError();
  };
}
