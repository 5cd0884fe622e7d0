import type { Level } from '../../../../extension/lines/level';

/** Lines of one logger as Lambda hands them over, each with what it says of itself. */
export interface Format {
  readonly name: string;
  readonly lines: readonly Sample[];
}

/** A line, the level that it states, and its trace id in W3C form; `undefined` where it states none. */
export type Sample = readonly [line: string, level: Level | undefined, traceId?: string];

export const ID = '8f507cfc-1111-4222-8333-0123456789ab';
export const AT = '2026-01-02T03:04:05.006Z';
/** As an X-Ray header, and in W3C form. */
export const XRAY = '1-67891233-abcdef012345678912345678';
export const TRACE = '67891233abcdef012345678912345678';
/** An id of OpenTelemetry's. */
export const OTEL = '4bf92f3577b34da6a3ce929d0e0e4736';
