import { distance } from 'fastest-levenshtein';
import { readFileSync } from 'node:fs';
import { CATALOGUE, flagOf, type Setting } from '../../extension/config/catalogue';
import { checkEnvironment } from '../../extension/config/check-environment';
import { UsageError } from '../errors';
import { parseJson } from '../json';

/** A setting that has a flag. */
export interface SettingFlag {
  readonly setting: Setting;
  /** `--batch-size`. */
  readonly flag: string;
  /** `batch-size`, as in a file of settings. */
  readonly name: string;
}

/** `--no-…` would switch an option off. */
const OTHER_FLAGS: Readonly<Record<string, string>> = { NO_PROXY: '--proxy-bypass' };

export const SETTING_FLAGS: readonly SettingFlag[] = CATALOGUE.flatMap((setting) => {
  const flag = OTHER_FLAGS[setting.variable] ?? flagOf(setting);
  return flag === undefined ? [] : [{ setting, flag, name: flag.slice(2) }];
});

/** What the command line sets by default: with the id as a label, each invocation would be a stream. */
export const DEFAULTS = { LOKI_REQUEST_ID_AS: 'metadata' };

/** Credentials in plain text, and the settings to use instead. */
const PLAIN_CREDENTIALS: Readonly<Record<string, string>> = {
  LOKI_PASSWORD: '--password-secret',
  LOKI_API_KEY: '--api-key-secret',
};

/** The settings that were given, by variable. */
export type Given = Record<string, string>;

/** The options of a command that are settings: commander calls `--batch-size` `batchSize`. */
export function settingsFromOptions(options: Readonly<Record<string, unknown>>): Given {
  const given: Given = {};
  for (const { setting, flag, name } of SETTING_FLAGS) {
    const value = options[name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];
    if (typeof value === 'string') given[setting.variable] = asText(setting, value, flag);
  }
  return given;
}

/**
 * Reads a file of settings: a JSON object whose members have the names of flags or of variables.
 * @throws UsageError
 */
export function settingsFromFile(file: string): Given {
  let text: string;
  let content: unknown;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--from-file ${file} can't be read: ${(error as Error).message}`);
  }
  try {
    content = parseJson(text);
  } catch (error) {
    throw new UsageError(`--from-file ${file} is not JSON: ${(error as Error).message}`);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new UsageError(
      `--from-file ${file} must hold a JSON object, like {"endpoint": "https://logs.example.com/loki/api/v1/push"}`,
    );
  }
  const given: Given = {};
  for (const [key, value] of Object.entries(content)) {
    if (key.startsWith('$') || value === null) continue; // $schema; a setting that is left out
    const setting = settingNamed(key, `${file}: `);
    given[setting.variable] = asText(setting, value, `${file}: ${key}`);
  }
  return given;
}

/** The setting with this name, which is that of a variable or a flag. @throws UsageError with the nearest name */
export function settingNamed(name: string, where: string): Setting {
  const wanted = name.replace(/^--/, '');
  const secret = PLAIN_CREDENTIALS[wanted] ?? PLAIN_CREDENTIALS[`LOKI_${wanted.toUpperCase().replaceAll('-', '_')}`];
  if (secret !== undefined) {
    throw new UsageError(
      `${where}${name} would stand in the function's configuration in plain text; put the value into Secrets Manager or the Parameter ` +
        `Store and give its ARN with ${secret}`,
    );
  }
  const found = SETTING_FLAGS.find((one) => one.setting.variable === wanted || one.name === wanted);
  if (found) return found.setting;
  const names = SETTING_FLAGS.flatMap((one) => [one.name, one.setting.variable]);
  const nearest = names
    .map((one) => ({ one, far: distance(one.toLowerCase(), wanted.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)[0];
  throw new UsageError(
    `${where}there is no setting ${JSON.stringify(name)}` +
      (nearest.far <= wanted.length / 2 ? `; did you mean ${nearest.one}?` : ''),
  );
}

/**
 * Refuses settings that the extension can't use, with the extension's own messages.
 * @throws UsageError
 */
export function checkSettings(given: Given): void {
  for (const [variable, value] of Object.entries(given)) {
    if (/^\w+:\/\/[^/?#]*@/.test(value)) {
      throw new UsageError(
        `${flagOfVariable(variable)} has a user or password in it, which would stand in the function's configuration in plain text; ` +
          (variable === 'LOKI_ENDPOINT'
            ? 'use --username and --password-secret'
            : 'use a proxy that knows its clients otherwise'),
      );
    }
    if (variable === 'LOKI_CLIENT_KEY' && !value.startsWith('/')) {
      throw new UsageError(
        "--client-key is not an absolute path in the function's environment, like /opt/client.key; the key itself would stand in the " +
          "function's configuration in plain text",
      );
    }
  }
  // The function may already have an endpoint.
  const problems = problemsOf({ LOKI_ENDPOINT: 'https://logs.example.com/loki/api/v1/push', ...given }).filter(
    ({ variable }) => variable in given,
  );
  if (problems.length === 0) return;
  throw new UsageError(problems.map(({ variable, text }) => `${flagOfVariable(variable)}: ${text}`).join('\n'));
}

/** The problems that the extension would report about an environment. */
export function problemsOf(
  variables: Readonly<Record<string, string | undefined>>,
): { variable: string; text: string; fatal: boolean }[] {
  return checkEnvironment(variables).map(({ variable, message, fatal }) => ({
    // The value that the extension would use instead is of no interest before it runs.
    variable,
    text: message.replace(/; using [^;]*$/, ''),
    fatal: fatal ?? false,
  }));
}

function flagOfVariable(variable: string): string {
  return SETTING_FLAGS.find(({ setting }) => setting.variable === variable)?.flag ?? variable;
}

/**
 * The value as it is written to the variable. Labels may be given as `team=shop,stage=prod`, values of a file as JSON.
 */
function asText(setting: Setting, value: unknown, where: string): string {
  if (typeof value === 'string') {
    const text = value.trim();
    if (text === '')
      throw new UsageError(`${where} is empty; give a value, or leave it out (--unset takes a setting away)`);
    return setting.kind === 'object' && /^[\w.-]+=/.test(text) ? pairs(text, where) : text;
  }
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (setting.kind === 'words' || setting.kind === 'hosts') {
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(',');
  } else if (typeof value === 'object') {
    return JSON.stringify(value);
  }
  throw new UsageError(`${where} is ${JSON.stringify(value)}, which is no value for it`);
}

function pairs(text: string, where: string): string {
  const entries = text.split(',').map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1)
      throw new UsageError(`${where} is ${JSON.stringify(text)}; give NAME=VALUE,NAME=VALUE or a JSON object`);
    return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
  });
  return JSON.stringify(Object.fromEntries(entries));
}
