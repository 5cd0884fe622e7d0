import { readFileSync } from 'node:fs';
import { UsageError } from '../errors';
import { parseJson } from '../json';

/**
 * The events to invoke the function with: JSON, `@FILE`, or `-` for stdin. A file or stdin may contain several events,
 * one per line.
 * @throws UsageError
 */
export function readEvents(given: readonly string[]): unknown[] {
  return given.length === 0
    ? [{}]
    : given.flatMap((text) => {
        if (text === '-') return parse(read(0, '--event -'), '--event -');
        return text.startsWith('@')
          ? parse(read(text.slice(1), `--event ${text}`), `--event ${text}`)
          : [one(text, '--event')];
      });
}

function read(file: string | number, where: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${where} can't be read: ${(error as Error).message}`);
  }
}

function parse(text: string, where: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    if (lines.length < 2) return [one(text, where)];
    return lines.map((line, i) => one(line, `${where}, line ${i + 1}`));
  }
}

function one(text: string, where: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new UsageError(`${where} is not JSON: ${(error as Error).message}`);
  }
}
