import { type Command, Option } from 'commander';
import type { Setting } from '../../extension/config/catalogue';
import { DEFAULTS, SETTING_FLAGS } from './settings';

/** Adds a flag for each setting of the extension. */
export function addSettings(command: Command): void {
  for (const { setting, flag } of SETTING_FLAGS)
    command.addOption(new Option(`${flag} <${argumentOf(setting)}>`, helpOf(setting)).helpGroup('Settings:'));
}

function argumentOf({ kind, unit, words }: Setting): string {
  switch (kind) {
    case 'number':
      return unit === 'ms' || unit === 'bytes' || unit === 'port' ? unit : 'number';
    case 'boolean':
      return 'true|false';
    case 'word':
      return words?.join('|') ?? 'word';
    case 'words':
      return 'list';
    case 'object':
      return 'name=value,…';
    case 'rules':
      return 'json';
    case 'secret ARN':
      return 'arn';
    case 'PEM':
      return 'path';
    default:
      return kind;
  }
}

/** What `attach` writes if nothing is set. */
const WRITTEN: Readonly<Record<string, string>> = DEFAULTS;

function helpOf({ variable, meaning, min, max, default: value, otherwise }: Setting): string {
  const text = meaning.replaceAll('`', '');
  const range = min === undefined ? '' : `, ${min} to ${max}`;
  const fallback = WRITTEN[variable] ?? value ?? otherwise;
  return `${text}${range}${fallback === undefined || fallback === '{}' ? '' : ` (default: ${String(fallback)})`}`;
}
