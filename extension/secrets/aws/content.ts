import { hasControlCharacter } from '../../config/reader';
import type { SecretRef } from '../../config/secret-ref';
import type { SecretOutcome } from '../secret-store';

/**
 * The text in an answer of GetSecretValue or GetParameter, or why there is none. The problem contains no part of the
 * content.
 */
export function textIn(ref: SecretRef, answer: Record<string, unknown>): SecretOutcome {
  const text =
    ref.service === 'ssm' ? (answer.Parameter as { Value?: unknown } | undefined)?.Value : answer.SecretString;
  if (typeof text === 'string') return { value: text };
  return unusable(answer.SecretBinary === undefined ? 'has no value' : 'is a binary secret; only text can be used');
}

/** The credential in that text: the whole text, or a member of its JSON object. */
export function credentialIn(ref: SecretRef, text: string): SecretOutcome {
  const { field } = ref;
  if (field === undefined) return usable(text, '');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The error's message contains a part of the text.
    return unusable(`is not JSON, so that it has no field ${JSON.stringify(field)}`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return unusable(`is not a JSON object, so that it has no field ${JSON.stringify(field)}`);
  const value = Object.prototype.hasOwnProperty.call(json, field)
    ? (json as Record<string, unknown>)[field]
    : undefined;
  if (value === undefined) return unusable(`has no field ${JSON.stringify(field)}`);
  if (typeof value !== 'string') return unusable(`has a field ${JSON.stringify(field)} that is no string`);
  return usable(value, ` in its field ${JSON.stringify(field)}`);
}

/** A line break at the end comes from the tool with which the secret was made. */
function usable(text: string, where: string): SecretOutcome {
  const value = text.replace(/[\r\n]+$/, '');
  if (value === '') return unusable(`is empty${where}`);
  if (hasControlCharacter(value)) return unusable(`has a line break or another control character inside${where}`);
  return { value };
}

function unusable(problem: string): SecretOutcome {
  return { problem, kind: 'unusable' };
}
