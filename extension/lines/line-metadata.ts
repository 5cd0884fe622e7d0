import type { Metadata } from '../buffer/batch';
import type { FieldReader, Platform } from '../platform/types';
import { EXECUTION_FIELDS, type InvocationFacts } from './invocation-facts';
import { LEVEL_FIELDS, type Level, levelOfFields } from './level';
import { levelInText } from './level-in-text';
import { levelOfValue } from './level-words';
import { cutValue, type MetadataField } from '../config/metadata-names';
import { TRACE_FIELDS, traceIdInText, traceIdOf } from './trace-id';
import type { Unwrapped } from './unwrap';

/** Where the fields stand among those that are read of a JSON line. */
const TRACE = LEVEL_FIELDS.length;
const EXECUTION = TRACE + 1;
const FIRST_OWN = EXECUTION + 1;

const BRACE = 0x7b;

/** What the beginning of a text line says; see {@link LineMetadata.headOf}. */
export interface Head {
  readonly level?: Level;
}

/**
 * Makes the structured metadata of lines: what is known about their invocation, the level and the trace id that they
 * state, and the fields of JSON that were asked for.
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
  /** What is known about the invocation of the lines that {@link #shared} was made for. */
  #known: Metadata | undefined;
  /** The metadata of lines that have nothing but a level, by that. */
  #shared: Partial<Record<Level, Metadata>> = {};
  /** The last one with a trace id of a line's, which mostly the next lines have, too. */
  #traced: { readonly traceId: string; readonly level: Level | undefined; readonly metadata: Metadata } | undefined;

  constructor(parts: {
    platform: Pick<Platform, 'fieldReader' | 'utf8Length'>;
    /** Whether lines get what is known without being asked for. */
    byDefault: boolean;
    /** The fields that were asked for. */
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

  /** Of a line of the function's; the same object for lines that have the same, unless it has fields of its own. */
  of(line: string, invocation: string | undefined): Metadata | undefined {
    if (line.charCodeAt(0) === BRACE) return this.#ofJson(line, invocation);
    if (!this.#byDefault) return undefined;
    const known = invocation === undefined ? undefined : this.#facts.of(invocation);
    if (known !== this.#known) this.#follow(known);
    const level = levelInText(line);
    const traceId = traceIdInText(line);
    return traceId === undefined ? this.#sharedOf(level) : this.#tracedOf(traceId, level);
  }

  /** What decides the metadata of all text lines that begin so; `undefined` where the rest of a line has a say. */
  headOf(head: string): Head | undefined {
    if (!this.#byDefault) return {};
    // Whoever states a level in Lambda's own formats has no trace id that is looked for.
    const level = levelInText(head);
    return level === undefined || traceIdInText(head) !== undefined ? undefined : { level };
  }

  /** What {@link of} gives for a text line that begins so. */
  ofHead({ level }: Head, invocation: string | undefined): Metadata | undefined {
    if (!this.#byDefault) return undefined;
    const known = invocation === undefined ? undefined : this.#facts.of(invocation);
    if (known !== this.#known) this.#follow(known);
    return this.#sharedOf(level);
  }

  /**
   * Of the message of a record of Lambda's JSON log format: its other fields, what is known about its invocation, and
   * what the message states itself, which counts most.
   */
  ofUnwrapped({ message, metadata }: Unwrapped, json: string, invocation: string | undefined): Metadata {
    const all: Record<string, string> = {};
    for (const name in metadata) {
      const value = this.#mask(metadata[name]);
      if (value !== undefined) all[name] = value;
    }
    Object.assign(all, this.of(json, invocation));
    const own = this.of(message, invocation);
    for (const name in own) if (own[name] !== this.#known?.[name]) all[name] = own[name];
    return all;
  }

  /** Of a line of the platform's, which may be about an invocation. @param own what else it says */
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

  /** Forgets what was made for lines of another invocation. */
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

  /** With the fields that were asked for. */
  #withFields(shared: Metadata | undefined, values: readonly (string | undefined)[]): Metadata | undefined {
    let own: Record<string, string> | undefined;
    for (let i = 0; i < this.#fields.length; i++) {
      const given = values[FIRST_OWN + i];
      const masked = given === undefined ? undefined : this.#mask(given);
      // Loki leaves out what is empty.
      if (masked === undefined || masked === '') continue;
      const { name } = this.#fields[i];
      const value = name === 'level' ? (levelOfValue(masked) ?? masked) : masked;
      (own ??= { ...shared })[name] = cutValue(value, this.#utf8Length);
    }
    return own ?? shared;
  }
}
