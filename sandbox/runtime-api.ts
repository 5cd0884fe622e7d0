import type { IncomingMessage, ServerResponse } from 'node:http';
import { deferred, type Deferred } from './deferred';
import type { EventRecorder } from './events';
import { header, HttpError, readBody, sendJson, type ApiServer } from './http';
import type { FunctionError } from './types';

/** One invocation as the runtime gets it. */
export interface Invocation {
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly traceId: string;
  readonly tenantId?: string;
  /** JSON text. */
  readonly payload: string;
}

/** What the runtime answered. */
export interface InvocationOutcome {
  readonly body?: string;
  readonly error?: FunctionError;
  readonly streamed?: readonly string[];
  readonly bytes: number;
}

/** An invocation that the runtime works on. */
export interface RunningInvocation {
  readonly invocation: Invocation;
  /** Resolves when the response or error is complete. */
  readonly responded: Promise<InvocationOutcome>;
  /** Resolves when the runtime asks for the next invocation. */
  readonly done: Promise<void>;
}

interface Slot {
  readonly invocation: Invocation;
  readonly responded: Deferred<InvocationOutcome>;
  readonly done: Deferred<void>;
}

interface Poll {
  take(invocation: Invocation): boolean;
  /** Whether the connection that waits is closed. */
  gone(): boolean;
}

/** Bytes of a buffered response, beyond which it is refused with 413. */
const MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100;

/** The Runtime API, 2018-06-01. Runtimes inside the test use the same methods as the HTTP calls. */
export class RuntimeApi {
  readonly #events: EventRecorder;
  readonly #concurrent: boolean;
  #polls: Poll[] = [];
  #waiting: Slot[] = [];
  #running = new Map<string, Slot>();
  #restorePoll?: ServerResponse;
  #ready = deferred();
  #readyAfterRestore = deferred();
  #initError = deferred<FunctionError>();

  constructor(server: ApiServer, events: EventRecorder, concurrent: boolean) {
    this.#events = events;
    this.#concurrent = concurrent;
    server.route(/^GET \/2018-06-01\/runtime\/invocation\/next$/, (_request, response) => this.#nextCall(response));
    server.route(/^POST \/2018-06-01\/runtime\/invocation\/[^/]+\/response$/, (request, response, url) =>
      this.#responseCall(request, response, url),
    );
    server.route(/^POST \/2018-06-01\/runtime\/invocation\/[^/]+\/error$/, (request, response, url) =>
      this.#errorCall(request, response, url),
    );
    server.route(/^POST \/2018-06-01\/runtime\/init\/error$/, (request, response) =>
      this.#initErrorCall(request, response),
    );
    server.route(/^GET \/2018-06-01\/runtime\/restore\/next$/, (_request, response) => this.#restoreCall(response));
    server.route(/^POST \/2018-06-01\/runtime\/restore\/error$/, (request, response) =>
      this.#initErrorCall(request, response),
    );
  }

  /** Resolves at the runtime's first call for an invocation or for the restore. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Resolves when the runtime has reported that it can't start. */
  get initError(): Promise<FunctionError> {
    return this.#initError.promise;
  }

  /** Forgets everything about the runtime that has ended. */
  reset(): void {
    this.#polls = [];
    this.#waiting = [];
    this.#running.clear();
    this.#restorePoll?.destroy();
    this.#restorePoll = undefined;
    this.#ready = deferred();
    this.#readyAfterRestore = deferred();
    this.#initError = deferred();
  }

  /** Hands an invocation to the runtime, or keeps it until the runtime asks. */
  dispatch(invocation: Invocation): RunningInvocation {
    const slot: Slot = { invocation, responded: deferred(), done: deferred() };
    this.#waiting.push(slot);
    this.#match();
    return { invocation, responded: slot.responded.promise, done: slot.done.promise };
  }

  /** The runtime asks for an invocation. `take` returns false when the runtime is no longer there. */
  poll(take: (invocation: Invocation) => boolean, gone: () => boolean = () => false): void {
    this.#polls = this.#polls.filter((poll) => !poll.gone());
    const unanswered = [...this.#running.values()].find((slot) => !slot.responded.settled);
    if (!this.#concurrent) {
      if (unanswered)
        throw new HttpError(
          403,
          'InvalidStateTransition',
          `invocation ${unanswered.invocation.requestId} has no response yet`,
        );
      if (this.#polls.length > 0)
        throw new HttpError(403, 'InvalidStateTransition', 'the runtime is already waiting for an invocation');
    }
    const finished = [...this.#running.values()].filter((slot) => slot.responded.settled);
    this.#events.record('runtime.next', { requestId: finished[0]?.invocation.requestId });
    this.#polls.push({ take, gone });
    for (const slot of finished) {
      this.#running.delete(slot.invocation.requestId);
      slot.done.resolve();
    }
    this.#ready.resolve();
    this.#readyAfterRestore.resolve();
    this.#match();
  }

  /** The runtime answers an invocation. */
  respond(requestId: string, outcome: InvocationOutcome): void {
    const slot = this.#slot(requestId);
    if (outcome.error) this.#events.record('runtime.error', { requestId, errorType: outcome.error.errorType });
    else
      this.#events.record('runtime.response', {
        requestId,
        bytes: outcome.bytes,
        streaming: outcome.streamed !== undefined,
      });
    slot.responded.resolve(outcome);
  }

  failInit(error: FunctionError): void {
    this.#events.record('runtime.error', { errorType: error.errorType });
    this.#initError.resolve(error);
  }

  /** Lets a runtime that waits in `restore/next` go on; resolves when it asks for an invocation. */
  restore(): Promise<void> {
    if (!this.#restorePoll) return Promise.resolve();
    this.#readyAfterRestore = deferred();
    this.#restorePoll.writeHead(200, { 'Content-Length': 0 }).end();
    this.#restorePoll = undefined;
    return this.#readyAfterRestore.promise;
  }

  #match(): void {
    while (this.#waiting.length > 0 && this.#polls.length > 0) {
      const slot = this.#waiting[0] as Slot;
      const poll = this.#polls.shift() as Poll;
      if (!poll.take(slot.invocation)) continue;
      this.#waiting.shift();
      this.#running.set(slot.invocation.requestId, slot);
      this.#events.record('runtime.invocation', { requestId: slot.invocation.requestId });
    }
  }

  #slot(requestId: string): Slot {
    const slot = this.#running.get(requestId);
    if (!slot) throw new HttpError(400, 'InvalidRequestID', 'no such invocation is running');
    if (slot.responded.settled)
      throw new HttpError(403, 'InvalidStateTransition', 'the invocation has its response already');
    return slot;
  }

  #nextCall(response: ServerResponse): void {
    const gone = (): boolean => response.destroyed;
    this.poll((invocation) => {
      if (gone()) return false;
      response
        .writeHead(200, {
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(invocation.payload),
          'Lambda-Runtime-Aws-Request-Id': invocation.requestId,
          'Lambda-Runtime-Deadline-Ms': String(invocation.deadlineMs),
          'Lambda-Runtime-Invoked-Function-Arn': invocation.functionArn,
          'Lambda-Runtime-Trace-Id': invocation.traceId,
          ...(invocation.tenantId === undefined ? {} : { 'Lambda-Runtime-Aws-Tenant-Id': invocation.tenantId }),
        })
        .end(invocation.payload);
      return true;
    }, gone);
  }

  async #responseCall(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const requestId = url.pathname.split('/')[4] ?? '';
    this.#slot(requestId);
    const streaming = header(request, 'Lambda-Runtime-Function-Response-Mode') === 'streaming';
    const pieces: string[] = [];
    const body = await readBody(request, (chunk) => {
      if (streaming) pieces.push(chunk.toString('utf8'));
    });
    if (!streaming && body.length > MAX_RESPONSE_BYTES) {
      const error = {
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
      };
      this.respond(requestId, { error, bytes: body.length });
      throw new HttpError(413, 'RequestEntityTooLarge', error.errorMessage);
    }
    const trailer = request.trailers['lambda-runtime-function-error-type'];
    const error =
      trailer === undefined ? undefined : streamError(trailer, request.trailers['lambda-runtime-function-error-body']);
    this.respond(requestId, {
      body: body.toString('utf8'),
      bytes: body.length,
      ...(streaming ? { streamed: pieces } : {}),
      ...(error ? { error } : {}),
    });
    sendJson(response, 202, { status: 'OK' });
  }

  async #errorCall(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const requestId = url.pathname.split('/')[4] ?? '';
    const body = await readBody(request);
    this.respond(requestId, { error: functionError(request, body), bytes: body.length });
    sendJson(response, 202, { status: 'OK' });
  }

  async #initErrorCall(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    sendJson(response, 202, { status: 'OK' });
    this.failInit(functionError(request, body));
  }

  #restoreCall(response: ServerResponse): void {
    this.#restorePoll = response;
    this.#events.record('runtime.next', {});
    this.#ready.resolve();
  }
}

function functionError(request: IncomingMessage, body: Buffer): FunctionError {
  const headerType = header(request, 'Lambda-Runtime-Function-Error-Type') ?? 'Runtime.Unknown';
  try {
    const parsed = JSON.parse(body.toString('utf8')) as Partial<FunctionError>;
    return { ...parsed, errorType: parsed.errorType ?? headerType, errorMessage: parsed.errorMessage ?? '' };
  } catch {
    return { errorType: headerType, errorMessage: body.toString('utf8') };
  }
}

function streamError(errorType: string, encodedBody: string | undefined): FunctionError {
  const text = Buffer.from(encodedBody ?? '', 'base64').toString('utf8');
  try {
    return { errorMessage: '', ...(JSON.parse(text) as Partial<FunctionError>), errorType };
  } catch {
    return { errorType, errorMessage: text };
  }
}
