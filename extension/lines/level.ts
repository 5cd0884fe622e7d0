import type { FieldReader } from '../platform/types';
import { levelInText } from './level-in-text';
import { type Level, levelOfValue } from './level-words';

export { type Level, LEVELS } from './level-words';

/**
 * The fields in which loggers write the level, as `Platform.fieldReader` expects them. The first is that of nearly all
 * loggers. If it has no level, these follow: Monolog and Python, Google and OpenTelemetry, ECS, Lambda's Python for
 * uncaught errors, .NET, Serilog's short one, log15.
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

/** The level that a line states, if any. @param read reads {@link LEVEL_FIELDS}. */
export function levelOf(line: string, read: FieldReader): Level | undefined {
  if (line.charCodeAt(0) !== 0x7b /* { */) return levelInText(line);
  const fields = read(line);
  return fields === undefined ? undefined : levelOfFields(fields);
}

/** The level in the values of {@link LEVEL_FIELDS}, which are the first of the fields. */
export function levelOfFields(fields: readonly (string | undefined)[]): Level | undefined {
  const [usual, other] = fields;
  return (
    (usual === undefined ? undefined : levelOfValue(usual)) ?? (other === undefined ? undefined : levelOfValue(other))
  );
}
