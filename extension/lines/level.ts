import { levelInText } from './level-in-text';
import { type Level, levelOfValue } from './level-words';

export { type Level, LEVELS } from './level-words';

/** Reads some fields of a JSON object, in the order in which they were asked for (see `Platform.fieldReader`). */
export type FieldReader = (json: string) => readonly (string | undefined)[] | undefined;

/**
 * The fields that loggers have for it: nearly all of them, Google's and OpenTelemetry's, ECS, Python's and Monolog's,
 * that of Lambda's Python for errors that nobody caught, .NET's, Serilog's short one, log15's.
 */
export const LEVEL_FIELDS: readonly string[] = [
  'level',
  'severity',
  'severity_text',
  'severityText',
  'log.level',
  'levelname',
  'level_name',
  'log_level',
  'Level',
  'LogLevel',
  '@l',
  'lvl',
];

/** The level that a line states; none where it states none. @param read reads {@link LEVEL_FIELDS}. */
export function levelOf(line: string, read: FieldReader): Level | undefined {
  if (line.charCodeAt(0) !== 0x7b /* { */) return levelInText(line);
  const fields = read(line);
  return fields === undefined ? undefined : levelOfFields(fields);
}

/** The level in what was read of {@link LEVEL_FIELDS}, which stand first among the fields. */
export function levelOfFields(fields: readonly (string | undefined)[]): Level | undefined {
  for (let i = 0; i < LEVEL_FIELDS.length; i++) {
    const value = fields[i];
    if (value === undefined) continue;
    const level = levelOfValue(value);
    if (level !== undefined) return level;
  }
  return undefined;
}
