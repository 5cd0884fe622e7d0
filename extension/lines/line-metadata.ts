import { FROM_LINE, type Metadata } from '../buffer/batch';
import type { FieldReader, Platform } from '../platform/types';
import { EXECUTION_FIELDS, type InvocationFacts } from './invocation-facts';
import { LEVEL_FIELDS, type Level, levelOfFields } from './level';
import { levelInText } from './level-in-text';
import { levelOfValue } from './level-words';
import { cutValue, type MetadataField } from '../config/metadata-names';
import { TRACE_FIELDS, traceIdInText, traceIdOf } from './trace-id';
import type { Unwrapped } from './unwrap';

/** The positions of the fields among those that are read from a JSON line. */
const TRACE = LEVEL_FIELDS.length;
const EXECUTION = TRACE + 1;
const FIRST_OWN = EXECUTION + 1;

const BRACE = 0x7b;

/** The facts from the beginning of a text line; see {@link LineMetadata.headOf}. */
export interface Head {
  readonly level?: Level;
}

/**
 * Makes the structured metadata of lines: what is known about their invocation, the level and the trace id that they
 * state, and the JSON fields that the user has listed.
 *
 * Nearly all lines share their metadata with others, because there are few levels, so it is created once.
 */
export class LineMetadata {
  readonly #read: FieldReader;
  readonly #utf8Length: (text: string) => number;
  readonly #byDefault: boolean;
  readonly #fields: readonly MetadataField[];
  readonly #facts: InvocationFacts;
  readonly #mask: (value: string) => string | undefined;
  /** The facts about the invocation that {@link #shared} was made for. */
  #known: Metadata | undefined;
  /** The metadata of lines that have only a level, by level. */
  #shared: Partial<Record<Level, Metadata>> = {};
  /** The last metadata with a trace id from a line. The next lines usually have the same. */
  #traced: { readonly traceId: string; readonly level: Level | undefined; readonly metadata: Metadata } | undefined;

  constructor(parts: {
    platform: Pick<Platform, 'fieldReader' | 'utf8Length'>;
    /** Whether lines get metadata that the user has not listed. */
    byDefault: boolean;
    /** The fields that the user has listed. */
    fields: readonly MetadataField[];
    facts: InvocationFacts;
    /** Masks a value; `undefined` for one that must not be shipped. */
    mask?: (value: string) => string | undefined;
  }) {
    this.#utf8Length = parts.platform.utf8Length;
    this.#byDefault = parts.byDefault;
    this.#fields = parts.fields;
    this.#facts = parts.facts;
    this.#mask = parts.mask ?? ((value) => value);
    const own = parts.fields.map(({ field }) => [field]);
    this.#read = parts.platform.fieldReader([...LEVEL_FIELDS, TRACE_FIELDS, EXECUTION_FIELDS, ...own]);
  }

  /**
   * The metadata of a line of the function. Lines with the same metadata share one object, unless there are fields of a
   * line's own.
   */
  of(line: string, invocation: string | undefined): Metadata | undefined {
    if (line.charCodeAt(0) === BRACE) return this.#ofJson(line, invocation);
    if (!this.#byDefault) return undefined;
    const known = invocation === undefined ? undefined : this.#facts.of(invocation);
    if (known !== this.#known) this.#follow(known);
    const level = levelInText(line);
    const traceId = traceIdInText(line);
    return traceId === undefined ? this.#sharedOf(level) : this.#tracedOf(traceId, level);
  }

  /** What decides the metadata of all text lines that begin this way; `undefined` where the rest of a line matters. */
  headOf(head: string): Head | undefined {
    if (!this.#byDefault) return {};
    // Lines in Lambda's own formats are not searched for trace ids.
    const level = levelInText(head);
    return level === undefined ? undefined : { level };
  }

  /** What {@link of} returns for a text line that begins this way. */
  ofHead({ level }: Head, invocation: string | undefined): Metadata | undefined {
    if (!this.#byDefault) return undefined;
    const known = invocation === undefined ? undefined : this.#facts.of(invocation);
    if (known !== this.#known) this.#follow(known);
    return this.#sharedOf(level);
  }

  /**
   * The metadata of a record of Lambda's JSON log format: its fields beside the message, what is known about its
   * invocation, and what the message itself states, which takes precedence.
   */
  ofUnwrapped({ message, metadata }: Unwrapped, json: string, invocation: string | undefined): Metadata {
    const all: Record<string, string> & Metadata = { [FROM_LINE]: true };
    for (const name in metadata) {
      const value = this.#mask(metadata[name]);
      if (value !== undefined) all[name] = value;
    }
    Object.assign(all, this.of(json, invocation));
    const own = this.of(message, invocation);
    for (const name in own) if (own[name] !== this.#known?.[name]) all[name] = own[name];
    return all;
  }

  /** The metadata of a platform line, which may be about an invocation. @param own its own metadata */
  ofPlatform(invocation: string | undefined, own?: Metadata): Metadata | undefined {
    if (!this.#byDefault) return undefined;
    const known = invocation === undefined ? undefined : this.#facts.of(invocation);
    return own === undefined || known === undefined ? (own ?? known) : { ...known, ...own };
  }

  #ofJson(line: string, invocation: string | undefined): Metadata | undefined {
    const values = this.#read(line);
    if (!this.#byDefault) return values === undefined ? undefined : this.#withFields(undefined, values);
    const arn = values?.[EXECUTION];
    if (arn !== undefined && invocation !== undefined) this.#facts.executes(invocation, arn);
    const known = invocation === undefined ? undefined : this.#facts.of(invocation);
    if (known !== this.#known) this.#follow(known);
    if (values === undefined) return this.#sharedOf(undefined);
    const level = levelOfFields(values);
    const stated = values[TRACE];
    const traceId = stated === undefined ? undefined : traceIdOf(stated);
    const shared = traceId === undefined ? this.#sharedOf(level) : this.#tracedOf(traceId, level);
    return this.#fields.length === 0 ? shared : this.#withFields(shared, values);
  }

  /** Forgets the metadata that was made for lines of another invocation. */
  #follow(known: Metadata | undefined): void {
    this.#known = known;
    this.#shared = {};
    this.#traced = undefined;
  }

  #sharedOf(level: Level | undefined): Metadata | undefined {
    if (level === undefined) return this.#known;
    return (this.#shared[level] ??= { ...this.#known, level });
  }

  #tracedOf(traceId: string, level: Level | undefined): Metadata {
    const last = this.#traced;
    if (last !== undefined && last.traceId === traceId && last.level === level) return last.metadata;
    const metadata = { ...this.#sharedOf(level), trace_id: traceId };
    this.#traced = { traceId, level, metadata };
    return metadata;
  }

  /** Adds the fields that the user has listed. */
  #withFields(shared: Metadata | undefined, values: readonly (string | undefined)[]): Metadata | undefined {
    let own: Record<string, string> | undefined;
    for (let i = 0; i < this.#fields.length; i++) {
      const given = values[FIRST_OWN + i];
      const masked = given === undefined ? undefined : this.#mask(given);
      // Loki leaves out empty values.
      if (masked === undefined || masked === '') continue;
      const { name } = this.#fields[i];
      const value = name === 'level' ? (levelOfValue(masked) ?? masked) : masked;
      (own ??= { ...shared })[name] = cutValue(value, this.#utf8Length);
    }
    return own ?? shared;
  }
}
