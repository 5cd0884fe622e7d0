import type { FieldReader } from '../platform/types';
import { levelInText } from './level-in-text';
import { type Level, levelOfValue } from './level-words';

export { type Level, LEVELS } from './level-words';

/**
 * The fields that loggers have for it, as `Platform.fieldReader` takes them: that of nearly all of them first, and,
 * where that has no level in it, one of Monolog's and Python's, of Google's and OpenTelemetry's, of ECS, that of
 * Lambda's Python for errors that nobody caught, of .NET's, Serilog's short one, log15's.
 */
export const LEVEL_FIELDS: readonly (readonly string[])[] = [
  ['level'],
  [
    'level_name',
    'levelname',
    'severity',
    'severity_text',
    'severityText',
    'log.level',
    'log_level',
    'Level',
    'LogLevel',
    '@l',
    'lvl',
  ],
];

/** The level that a line states; none where it states none. @param read reads {@link LEVEL_FIELDS}. */
export function levelOf(line: string, read: FieldReader): Level | undefined {
  if (line.charCodeAt(0) !== 0x7b /* { */) return levelInText(line);
  const fields = read(line);
  return fields === undefined ? undefined : levelOfFields(fields);
}

/** The level in what was read of {@link LEVEL_FIELDS}, which stand first among the fields. */
export function levelOfFields(fields: readonly (string | undefined)[]): Level | undefined {
  const [usual, other] = fields;
  return (
    (usual === undefined ? undefined : levelOfValue(usual)) ?? (other === undefined ? undefined : levelOfValue(other))
  );
}
