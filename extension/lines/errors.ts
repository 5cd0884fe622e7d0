import type { FieldReader } from '../platform/types';
import { LEVEL_FIELDS, levelOf } from './level';

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
    const level = levelOf(line, read);
    if (level === 'error' || level === 'fatal') onError();
  };
}
