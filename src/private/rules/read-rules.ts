// Copied from extension/config/rules/read-rules.ts by `npx tsx build/settings.ts`. Don't edit it by hand.

import { parsePattern } from './parse';
import { type Program, programOf } from './program';
import { parseReplacement } from './replacement';
import { type ReadRules, type Rule, RULE_STREAMS, RULE_TYPES, type RuleStream } from './rule';
import { type ParsedPattern, PatternError } from './syntax';

/**
 * The most rules: as many as fit into Lambda's 4 KiB of variables. Each line may have to be matched against all of
 * them.
 */
const MOST_RULES = 64;

/** The most instructions of all patterns together, which limits their memory. */
const MOST_INSTRUCTIONS = 10_000;

const MEMBERS = ['type', 'name', 'pattern', 'replace_placeholder', 'rate', 'on'];

const EVERYWHERE: ReadonlySet<RuleStream> = new Set(RULE_STREAMS);

/**
 * What the extension does instead, for its own log; the construct and the command line refuse the value and leave this
 * out.
 */
const WITHHELD = '; using a note in place of each line that it would cover';
const LEFT_OUT = '; using the other rules alone';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads `LOKI_RULES`. Never throws. Rules that can't be used are left out. A mask is the exception: nobody knows what
 * it would have covered, so it is replaced by a rule that withholds all lines of its streams. A rule whose kind isn't
 * clear is treated as a mask.
 */
export function readRules(text: string): ReadRules {
  const reading = new Reading();
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return reading.unreadable(text, 'is not valid JSON');
  }
  if (!Array.isArray(given)) return reading.unreadable(text, 'is not a JSON array of rules');
  given.forEach((one, i) => reading.rule(one, i));
  return { rules: reading.rules, problems: reading.problems };
}

class Reading {
  readonly rules: Rule[] = [];
  readonly problems: string[] = [];
  #instructions = 0;

  unreadable(text: string, why: string): ReadRules {
    if (mayBeMask(text)) this.#withhold('LOKI_RULES', EVERYWHERE, 'LOKI_RULES', why);
    else this.problems.push(`${why}; using no rules`);
    return { rules: this.rules, problems: this.problems };
  }

  rule(given: unknown, index: number): void {
    const fields: Fields =
      typeof given === 'object' && given !== null && !Array.isArray(given) ? (given as Fields) : {};
    const { type } = fields;
    const name =
      typeof fields.name === 'string' && fields.name !== ''
        ? fields.name
        : `${typeof type === 'string' ? type : 'rule'} ${index + 1}`;
    const where = typeof fields.name === 'string' ? `rule ${index + 1} (${JSON.stringify(name)})` : `rule ${index + 1}`;
    const on = this.#streams(fields.on, where);
    const isMask = mayBeMask(JSON.stringify(type ?? given) ?? '') || fields.replace_placeholder !== undefined;
    try {
      if (this.rules.length >= MOST_RULES)
        throw new PatternError(`comes after ${MOST_RULES} others, which is as many as there may be`);
      this.rules.push(this.#read(fields, where, { name, on }));
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      if (isMask) this.#withhold(name, on, where, error.message);
      else this.problems.push(`${where} ${error.message}${LEFT_OUT}`);
    }
    for (const member of Object.keys(fields)) {
      if (!MEMBERS.includes(member))
        this.problems.push(
          `${where} has ${JSON.stringify(member)}, which means nothing; a rule has ${MEMBERS.join(', ')}`,
        );
    }
  }

  #read(fields: Fields, where: string, common: Pick<Rule, 'name' | 'on'>): Rule {
    const { type, rate } = fields;
    switch (type) {
      case 'exclude_at_match':
      case 'include_at_match':
        return { ...common, type, program: this.#pattern(fields.pattern).program };
      case 'mask_sequences': {
        const { program, parsed } = this.#pattern(fields.pattern);
        const { replace_placeholder: placeholder = '' } = fields;
        if (typeof placeholder !== 'string')
          this.problems.push(`${where} has a replace_placeholder that is not a string; using an empty one`);
        const { replacement, problem } = parseReplacement(
          String(typeof placeholder === 'string' ? placeholder : ''),
          parsed.groups,
          parsed.names,
        );
        if (problem !== undefined) this.problems.push(`${where} ${problem}; using the rest of it`);
        return { ...common, type, program, replacement };
      }
      case 'sample':
        if (typeof rate !== 'number' || !(rate >= 0 && rate <= 1)) {
          throw new PatternError(
            `has the rate ${JSON.stringify(rate)}; it is the share of invocations that stay, a number from 0 to 1`,
          );
        }
        return {
          ...common,
          type,
          rate,
          program: fields.pattern === undefined ? undefined : this.#pattern(fields.pattern).program,
        };
      default:
        throw new PatternError(
          type === undefined
            ? `has no type; it is one of ${RULE_TYPES.join(', ')}`
            : `has the type ${JSON.stringify(type)}; it is one of ${RULE_TYPES.join(', ')}`,
        );
    }
  }

  #pattern(pattern: unknown): { program: Program; parsed: ParsedPattern } {
    if (typeof pattern !== 'string' || pattern === '')
      throw new PatternError('has no pattern, which is a string that is not empty');
    let parsed: ParsedPattern;
    let program: Program;
    try {
      parsed = parsePattern(pattern);
      program = programOf(parsed);
    } catch (error) {
      if (error instanceof PatternError)
        throw new PatternError(`has the pattern ${shown(pattern)}, which ${error.message}`);
      throw error;
    }
    this.#instructions += program[2];
    if (this.#instructions > MOST_INSTRUCTIONS)
      throw new PatternError(
        `makes the patterns too large together (more than ${MOST_INSTRUCTIONS} instructions); repeat less`,
      );
    return { program, parsed };
  }

  #streams(given: unknown, where: string): ReadonlySet<RuleStream> {
    if (given === undefined) return EVERYWHERE;
    const names = Array.isArray(given) ? given : [given];
    const known = names.filter((name): name is RuleStream => RULE_STREAMS.includes(name as RuleStream));
    if (known.length === names.length && known.length > 0) return new Set(known);
    this.problems.push(
      `${where} has "on" ${cut(JSON.stringify(given))}; ` +
        `it is one of ${RULE_STREAMS.join(', ')}, or an array of them; using all of them`,
    );
    return EVERYWHERE;
  }

  #withhold(name: string, on: ReadonlySet<RuleStream>, where: string, why: string): void {
    this.problems.push(`${where === 'LOKI_RULES' ? '' : `${where} `}${why}${WITHHELD}`);
    this.rules.push({ type: 'withhold', name, on, why });
  }
}

/** Mistyped masks, too. */
function mayBeMask(text: string): boolean {
  return /mask|replace|placeholder|redact|obfusc/i.test(text);
}

function shown(pattern: string): string {
  return JSON.stringify(cut(pattern));
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
