import { createHash, createHmac } from 'node:crypto';
import { platformError } from '../../../extension/platform/errors';
import { createForms, createList, joined } from '../../../extension/platform/node/json-list';
import { fieldReader } from '../../../extension/platform/node/json-fields';
import { compilePatterns } from '../../../extension/platform/node/patterns';
import type {
  Cancel,
  CertificateCount,
  HttpRequest,
  HttpResponse,
  HttpServer,
  IncomingRequest,
  OutgoingResponse,
  PendingRequest,
  Platform,
  PlatformErrorCode,
  PlatformErrorSubject,
  RequestHandler,
  ServeOptions,
  TextPart,
} from '../../../extension/platform/types';

/**
 * What a server does with one request. Without `afterMs` it does so in the same millisecond. Its TCP acknowledges the
 * request after `arrivesMs`, 1 if not given.
 */
export type Answer = { readonly arrivesMs?: number } & (
  | {
      readonly status: number;
      readonly body?: string;
      readonly headers?: Record<string, string>;
      readonly afterMs?: number;
      readonly reused?: boolean;
    }
  | {
      readonly error: PlatformErrorCode;
      readonly about?: PlatformErrorSubject;
      readonly message?: string;
      readonly reused?: boolean;
      readonly afterMs?: number;
    }
  /** Never answers; `reused` says whether the request went out on a kept connection. */
  | { readonly hangs: true; readonly reused?: boolean }
);

/** One request as it went out, with the time at which it did. */
export interface SentRequest {
  readonly request: HttpRequest;
  readonly at: number;
  /** Milliseconds after which it was over, however it ended; `undefined` while it is in flight. */
  tookMs?: number;
  canceled: boolean;
}

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

/** 2026-01-02T03:04:05.000Z. */
export const START = Date.UTC(2026, 0, 2, 3, 4, 5);

/**
 * A {@link Platform} whose time passes only when a test says so, and whose network is a function. Nothing in it is
 * random, so that a test that fails fails again.
 */
export class FakePlatform implements Platform {
  env: Record<string, string>;
  readonly stderrLines: string[] = [];
  readonly exits: number[] = [];
  readonly sent: SentRequest[] = [];
  readonly servers: FakeServer[] = [];
  /** Ports that are taken by somebody else. */
  readonly takenPorts = new Set<number>();
  /** Plays the servers. By default everything is stored. */
  onRequest: (request: HttpRequest, index: number) => Answer = () => ({ status: 204 });
  mostInFlight = 0;
  inFlight = 0;

  #wall = START;
  #monotonic = 1000;
  #timers: Timer[] = [];
  #order = 0;

  constructor(env: Record<string, string> = {}) {
    this.env = env;
  }

  readonly now = (): number => this.#wall;
  readonly monotonic = (): number => this.#monotonic;
  /** What {@link random} gives, one after another, and then again from the start. */
  randoms: readonly number[] = [0.5];
  #asked = 0;
  readonly random = (): number => this.randoms[this.#asked++ % this.randoms.length];
  readonly utf8Length = (text: string): number => Buffer.byteLength(text);
  readonly fieldReader = fieldReader;
  /** Marked rather than compressed, so that tests can read it. */
  readonly gzip = (parts: readonly TextPart[]): Uint8Array => Buffer.from(`gz:${joined(parts)}`);
  readonly utf8 = (parts: readonly TextPart[]): Uint8Array => Buffer.from(joined(parts));
  readonly createList = createList;
  readonly createForms = createForms;
  readonly sha256 = (data: Uint8Array): Uint8Array => createHash('sha256').update(data).digest();
  readonly hmacSha256 = (key: Uint8Array, data: Uint8Array): Uint8Array =>
    createHmac('sha256', key).update(data).digest();
  readonly stderr = (line: string): void => void this.stderrLines.push(line);
  readonly compilePatterns = compilePatterns;
  /** Certificates are usable unless this stands in them. */
  static readonly UNUSABLE = 'VU5VU0FCTEU=';
  readonly checkCertificates = (pem: string): CertificateCount => {
    const blocks = pem.split('-----BEGIN CERTIFICATE-----').slice(1);
    const unusable = blocks.filter((block) => block.includes(FakePlatform.UNUSABLE)).length;
    return { usable: blocks.length - unusable, unusable };
  };
  /** Tells what an error is that nobody has caught. */
  fault: (text: string) => void = (text) => this.stderr(text);
  readonly onFault = (report: (text: string) => void): void => void (this.fault = report);
  readonly exit = (code: number): void => void this.exits.push(code);
  /** By absolute path. */
  readonly files = new Map<string, string>();
  readonly readTextFile = (path: string): string => {
    const text = this.files.get(path);
    if (text === undefined) throw platformError('ENOENT', path);
    return text;
  };

  readonly setTimer = (ms: number, callback: () => void): Cancel => {
    // In steps that add up exactly, as time does: the rest of a sum of fractions would be waited for again and again.
    const timer: Timer = {
      due: Math.ceil((this.#monotonic + Math.max(0, ms)) * 1024) / 1024,
      order: this.#order++,
      callback,
    };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  readonly serve = async (options: ServeOptions, handler: RequestHandler): Promise<HttpServer> => {
    if (this.takenPorts.has(options.port)) throw platformError('EADDRINUSE', `port ${options.port} is taken`);
    const server = new FakeServer(options, handler);
    this.servers.push(server);
    return server;
  };

  request: Platform['request'] = (request: HttpRequest): PendingRequest => {
    const entry: SentRequest = { request, at: this.#monotonic, canceled: false };
    const answer = this.onRequest(request, this.sent.length);
    this.sent.push(entry);
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    const timers: Cancel[] = [];
    let cancel: Cancel = () => undefined;
    const response = new Promise<HttpResponse>((resolve, reject) => {
      const end = (finish: () => void): void => {
        if (entry.tookMs !== undefined) return;
        entry.tookMs = this.#monotonic - entry.at;
        this.inFlight--;
        for (const stop of timers) stop();
        finish();
      };
      const reused = answer.reused;
      const limit = Math.min(request.timeoutMs ?? Infinity, reused ? request.reusedTimeoutMs || Infinity : Infinity);
      if (limit !== Infinity) {
        timers.push(
          this.setTimer(limit, () =>
            end(() => reject(platformError('ETIMEDOUT', `no answer within ${limit} ms`, { reused }))),
          ),
        );
      }
      cancel = () =>
        end(() => {
          entry.canceled = true;
          reject(platformError('ECANCELED', 'canceled'));
        });
      const { onAcknowledged } = request;
      if (onAcknowledged !== undefined && answer.arrivesMs !== Infinity) {
        timers.push(this.setTimer(answer.arrivesMs ?? 1, () => onAcknowledged(reused ?? this.sent.length > 1)));
      }
      if ('hangs' in answer) return;
      timers.push(
        this.setTimer(answer.afterMs ?? 0, () =>
          end(() => {
            if ('error' in answer)
              reject(platformError(answer.error, answer.message ?? `failed with ${answer.error}`, answer));
            else resolve({ status: answer.status, headers: answer.headers ?? {}, body: answer.body ?? '' });
          }),
        ),
      );
    });
    response.catch(() => undefined);
    return { response, cancel };
  };

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (;;) {
      await macrotask();
      const due = this.#next();
      if (due === undefined || due.due > this.#monotonic) return;
      this.#fire(due);
    }
  }

  /** Lets time pass, timer by timer. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await this.settle();
    for (let timer = this.#next(); timer !== undefined && timer.due <= end; timer = this.#next()) {
      this.#pass(timer.due - this.#monotonic);
      await this.settle();
    }
    this.#pass(end - this.#monotonic);
    await this.settle();
  }

  /** The process stands still for so long; afterwards all timers that came due meanwhile fire at once. */
  async freeze(ms: number): Promise<void> {
    this.#pass(ms);
    await this.settle();
  }

  /** Lets time pass until the promise is settled, for an hour at most. */
  async until<T>(promise: Promise<T> | T): Promise<T> {
    let done = false;
    const mark = (): void => void (done = true);
    void Promise.resolve(promise).then(mark, mark);
    const giveUp = this.#monotonic + 3_600_000;
    for (;;) {
      await this.settle();
      if (done) return promise;
      const timer = this.#next();
      if (timer === undefined || timer.due > giveUp) throw new Error('waits for something that will not happen');
      this.#pass(Math.max(0, timer.due - this.#monotonic));
    }
  }

  /** How many timers are set; a promise that nobody will ever settle leaves none behind. */
  get timers(): number {
    return this.#timers.length;
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (first === undefined || timer.due < first.due || (timer.due === first.due && timer.order < first.order))
        first = timer;
    }
    return first;
  }

  #fire(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
    timer.callback();
  }

  #pass(ms: number): void {
    this.#monotonic += ms;
    this.#wall += ms;
  }
}

/** A server of the fake platform; requests are handed to it by {@link FakeServer.send}. */
export class FakeServer implements HttpServer {
  readonly port: number;
  closed = false;
  /** So that bodies differ where a test does not say that they don't. */
  #sent = 0;

  constructor(
    readonly options: ServeOptions,
    private readonly handler: RequestHandler,
  ) {
    this.port = options.port === 0 ? 40_000 : options.port;
  }

  close(): void {
    this.closed = true;
  }

  async send(request: Partial<IncomingRequest>): Promise<OutgoingResponse> {
    return this.handler({
      method: 'POST',
      path: '/',
      headers: {},
      rows: undefined,
      bodyBytes: 2,
      digest: String(this.#sent++),
      ...request,
    });
  }
}

/** Resolves when all microtasks have run. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
