import { parseMetadata } from './metadata-fields';
import { readOutboundSettings } from './outbound-settings';
import type { Problem } from './problem';
import { readSettings } from './read-settings';
import { readRules } from './rules/read-rules';

/**
 * All that the extension would report about these variables, in its own words. This is for programs that check an
 * environment before it is deployed; the extension reads the two halves when it needs them.
 */
export function checkEnvironment(env: Readonly<Record<string, string | undefined>>): Problem[] {
  const { settings, problems } = readSettings(env, utf8Length);
  const rules = settings.rules === undefined ? [] : readRules(settings.rules).problems;
  const metadata = parseMetadata(settings.metadata ?? '').problems;
  return [
    ...problems,
    ...metadata.map((message) => ({ variable: 'LOKI_METADATA', message })),
    ...rules.map((message) => ({ variable: 'LOKI_RULES', message })),
    ...readOutboundSettings(env, settings.endpoint).problems,
  ];
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
