import type { Metadata } from '../buffer/batch';
import { tracingOf } from '../lambda/events';
import { traceIdOf } from './trace-id';

/** How many invocations are remembered; where they run side by side, this is more than ever run in one environment. */
const REMEMBERED = 128;
const REMEMBERED_CONCURRENT = 2048;

/**
 * What is known about each invocation in addition to its request id, as structured metadata of all its lines: the trace
 * when it is sampled, the tenant, the durable execution, and whether an Init was waited for.
 */
export class InvocationFacts {
  readonly #known = new Map<string, Metadata>();
  readonly #most: number;
  readonly #mask: (value: string) => string | undefined;
  #coldStart: boolean;

  /**
   * @param coldStarts whether Lambda makes an environment only when an invocation needs it.
   * @param concurrent whether invocations run side by side.
   * @param mask masks a value; `undefined` for one that must not be shipped.
   */
  constructor(
    coldStarts: boolean,
    concurrent: boolean,
    mask: (value: string) => string | undefined = (value) => value,
  ) {
    this.#mask = mask;
    this.#coldStart = coldStarts;
    this.#most = concurrent ? REMEMBERED_CONCURRENT : REMEMBERED;
  }

  /** The metadata that all lines of an invocation share. It is the same object until something is added. */
  of(requestId: string): Metadata | undefined {
    return this.#known.get(requestId);
  }

  /** INVOKE of an invocation. @param tracing the X-Ray header */
  invoked(requestId: string, tracing: string | undefined): void {
    this.#begun(requestId, tracing, undefined);
  }

  /** `platform.start` of an invocation, before its INVOKE or after it. */
  started(requestId: string, record: unknown): void {
    const { tracing, tenantId } = record as Readonly<Record<string, unknown>>;
    this.#begun(requestId, tracingOf(tracing).tracing, tenantId);
  }

  #begun(requestId: string, tracing: string | undefined, tenantId: unknown): void {
    const trace = tracing?.includes('Sampled=1') ? traceIdOf(tracing) : undefined;
    const tenant = typeof tenantId === 'string' ? tenantId : '';
    // As with most invocations, of which nothing else is known.
    if (!this.#coldStart && trace === undefined && tenant === '') return;
    const facts: Record<string, string> = {};
    if (this.#coldStart) facts.cold_start = 'true';
    this.#coldStart = false;
    if (trace !== undefined) facts.trace_id = trace;
    if (tenant !== '') facts.tenant_id = tenant;
    this.#add(requestId, facts);
  }

  /** A line of the invocation has named the durable execution that the invocation is part of. */
  executes(requestId: string, executionArn: string): void {
    if (!this.#known.get(requestId)?.execution_id) this.#add(requestId, executionOf(executionArn));
  }

  #add(requestId: string, facts: Readonly<Record<string, string>>): void {
    const known = this.#known.get(requestId);
    const added: Record<string, string> = {};
    for (const name in facts) {
      const value = this.#mask(facts[name]);
      if (value !== undefined && value !== '' && known?.[name] !== value) added[name] = value;
    }
    if (Object.keys(added).length === 0) return;
    this.#known.set(requestId, { ...known, ...added });
    if (this.#known.size > this.#most) this.#known.delete(this.#known.keys().next().value!);
  }
}

/** Fields of the durable functions' SDKs: JavaScript and Python, Java, early ones. */
export const EXECUTION_FIELDS: readonly string[] = ['executionArn', 'durableExecutionArn', 'execution_arn'];

const EXECUTION = /^arn:[^/]{1,300}:function:[^/]{1,200}\/durable-execution\/([^/]{1,256})\/([^/]{1,256})$/;

/**
 * `arn:…:function:orders:7/durable-execution/<name>/<id>`; Other texts, such as ARNs of Step Functions, give nothing.
 */
export function executionOf(arn: string): Readonly<Record<string, string>> {
  const match = EXECUTION.exec(arn);
  return match === null ? {} : { execution_id: match[2], execution_name: match[1] };
}
