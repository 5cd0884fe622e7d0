import { HttpError } from './http';
import type { Invocation, RuntimeApi } from './runtime-api';
import type { FunctionError, InProcessRuntime } from './types';

/** What a scripted handler may do beside returning a value. */
export interface ScriptedIo {
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly deadlineMs: number;
  /** Aborted when the runtime is ended; a handler that hangs should wait for it. */
  readonly signal: AbortSignal;
  /** Writes text as to stdout: every newline ends a line, and the rest is a line at the end of the invocation. */
  write(text: string): void;
  /** Writes one whole line, whatever is in it. */
  line(text: string): void;
  /** Ends the runtime as a process would: with an exit code, or by a signal. Never returns. */
  crash(status?: { code?: number; signal?: 'SIGKILL' | 'SIGSEGV' }): never;
}

/**
 * Handles one invocation: its value is the response, a thrown error the function's error. The payload is parsed JSON.
 */
export type ScriptedHandler = (payload: unknown, io: ScriptedIo) => unknown;

/** A runtime without a process, for speed and for faults: thousands of invocations a minute. */
export function scriptedRuntime(
  handler: ScriptedHandler,
  options: { name?: string } & Pick<InProcessRuntime, 'init' | 'terminated'> = {},
): InProcessRuntime {
  return {
    kind: 'scripted',
    name: options.name ?? 'provided.al2023',
    handler,
    init: options.init,
    terminated: options.terminated,
  };
}

class Crash extends Error {}

export interface ScriptedProcessParts {
  readonly spec: InProcessRuntime;
  readonly api: RuntimeApi;
  readonly onLine: (line: string, terminated: boolean) => void;
  readonly onExit: (status: { code: number | null; signal: string | null }) => void;
}

/** Plays the part of a runtime process. */
export class ScriptedProcess {
  readonly #spec: InProcessRuntime;
  readonly #api: RuntimeApi;
  readonly #onLine: (line: string, terminated: boolean) => void;
  readonly #onExit: (status: { code: number | null; signal: string | null }) => void;
  readonly #abort = new AbortController();
  #partial = '';

  constructor(parts: ScriptedProcessParts) {
    this.#spec = parts.spec;
    this.#api = parts.api;
    this.#onLine = parts.onLine;
    this.#onExit = parts.onExit;
  }

  get running(): boolean {
    return !this.#abort.signal.aborted;
  }

  async start(concurrency: number): Promise<void> {
    try {
      await this.#spec.init?.({ write: (text) => this.#write(text) });
    } catch (error) {
      if (this.running) this.#api.failInit(asFunctionError(error));
      return;
    }
    for (let slot = 0; slot < concurrency; slot++) this.#poll();
  }

  flushPartial(): void {
    if (this.#partial !== '') this.#onLine(this.#partial, false);
    this.#partial = '';
  }

  /** Ends it; nothing that the handler still does has an effect. */
  end(status: { code: number | null; signal: string | null }): void {
    if (!this.running) return;
    if (status.signal === 'SIGTERM') this.#spec.terminated?.({ write: (text) => this.#write(text) });
    this.#abort.abort();
    this.flushPartial();
    this.#onExit(status);
  }

  #poll(): void {
    if (!this.running) return;
    this.#api.poll((invocation) => {
      if (!this.running) return false;
      void this.#handle(invocation);
      return true;
    });
  }

  async #handle(invocation: Invocation): Promise<void> {
    try {
      const result = await this.#spec.handler(JSON.parse(invocation.payload), this.#io(invocation));
      if (!this.running) return;
      const body = JSON.stringify(result ?? null);
      this.#api.respond(invocation.requestId, { body, bytes: Buffer.byteLength(body) });
    } catch (error) {
      if (!this.running || error instanceof Crash || error instanceof HttpError) return;
      this.#api.respond(invocation.requestId, { error: asFunctionError(error), bytes: 0 });
    }
    this.#poll();
  }

  #io(invocation: Invocation): ScriptedIo {
    return {
      requestId: invocation.requestId,
      deadlineMs: invocation.deadlineMs,
      signal: this.#abort.signal,
      write: (text) => this.#write(text),
      line: (text) => {
        if (this.running) this.#onLine(text, true);
      },
      crash: (status = {}) => {
        this.end({ code: status.signal ? null : (status.code ?? 1), signal: status.signal ?? null });
        throw new Crash();
      },
    };
  }

  #write(text: string): void {
    if (!this.running) return;
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line, true);
  }
}

function asFunctionError(error: unknown): FunctionError {
  return error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, stackTrace: error.stack?.split('\n').slice(1) ?? [] }
    : { errorType: 'Error', errorMessage: String(error) };
}
