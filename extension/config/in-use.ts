import { BY_KIND } from './definitions';
import type { Settings } from './settings';

/**
 * The settings that differ from their defaults, as they would stand in the environment: `LOKI_BATCH_SIZE=50`. Only
 * settings that are read by their kind are included; the others may contain secrets.
 */
export function settingsInUse(settings: Settings): string {
  const { number, boolean, word, list } = BY_KIND;
  const defaults: [field: string, variable: string, value: unknown][] = [
    ...Object.entries(number).map(([field, row]): [string, string, unknown] => [field, row[0], row[3]]),
    ...Object.entries(boolean).map(([field, row]): [string, string, unknown] => [field, row[0], row[1]]),
    ...[...Object.entries(word), ...Object.entries(list)].map(([field, row]): [string, string, unknown] => [
      field,
      row[0],
      row[2],
    ]),
  ];
  const others = defaults.flatMap(([field, variable, value]) => {
    const used = settings[field as keyof Settings];
    const shown = used instanceof Set ? [...used].join(',') : used;
    return shown === value ? [] : [`${variable}=${shown}`];
  });
  return others.length === 0 ? 'all settings have their defaults' : `settings: ${others.join(' ')}`;
}
