import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import type { LokiUnderTest, StoredLine } from './types';
import { SINGLE_TENANT } from './types';
import { errorAnswer, send } from './answer';
import { Connections, type Ending } from './connections';
import { handlePush, type HandlerContext } from './handler';
import { DEFAULT_LIMITS, type FakeLokiLimits } from './limits';
import type { PushRecord } from './push-record';
import { Script, type Rule } from './script';
import { Store } from './store';
import type { Credentials } from './tenancy';
import { Waiters } from './waiters';

export interface FakeLokiOptions {
  /** Limits other than `DEFAULT_LIMITS`. */
  readonly limits?: Partial<FakeLokiLimits>;
  /** Requires `X-Scope-OrgID`. Default false. */
  readonly authEnabled?: boolean;
  /** The tenant of `lines` when none is named. Default `test` with `authEnabled`. */
  readonly tenant?: string;
  /** Answers 401 to requests without these. */
  readonly credentials?: Credentials;
  /** Serves HTTPS: `key` and `cert`, and for mutual TLS `ca`, `requestCert` and `rejectUnauthorized`. */
  readonly tls?: https.ServerOptions;
  /** Milliseconds from a request to its answer. Default 0; `fake.latencyMs` changes it. */
  readonly latencyMs?: number;
  /** Milliseconds after which an idle connection is closed. Default 60 000. */
  readonly keepAliveTimeoutMs?: number;
  /** Keep bodies and contents of all pushes in memory. Default true; switch off where memory or time is measured. */
  readonly keepBodies?: boolean;
  /** Host to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** Clock for all checks of timestamps, in milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

/** Starts a fake Loki in this process. */
export async function startFakeLoki(options: FakeLokiOptions = {}): Promise<FakeLoki> {
  const fake = new FakeLoki(options);
  await fake.up();
  return fake;
}

const PUSH_PATH = '/loki/api/v1/push';

/** A Loki that refuses what Loki refuses, remembers what it was sent, and fails on demand. */
export class FakeLoki implements LokiUnderTest {
  /** All requests so far, in order of arrival. The records go on changing until they are settled. */
  readonly pushes: PushRecord[] = [];
  /**
   * Milliseconds from a complete request to its answer; half of it passes before the lines are stored. May be set at
   * any time.
   */
  latencyMs: number;

  readonly #options: FakeLokiOptions;
  readonly #tenant: string;
  readonly #script = new Script();
  readonly #store: Store;
  readonly #connections = new Connections();
  readonly #waiters = new Waiters();
  readonly #context: HandlerContext;
  #server: http.Server | https.Server | undefined;
  #port = 0;

  constructor(options: FakeLokiOptions) {
    this.#options = options;
    this.latencyMs = options.latencyMs ?? 0;
    this.#tenant = options.authEnabled ? (options.tenant ?? 'test') : SINGLE_TENANT;
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#store = new Store(limits);
    this.#context = {
      limits,
      authEnabled: options.authEnabled ?? false,
      credentials: options.credentials,
      keepBodies: options.keepBodies ?? true,
      connections: this.#connections,
      script: this.#script,
      store: this.#store,
      latencyMs: () => this.latencyMs,
      now: options.now ?? Date.now,
      changed: () => this.#waiters.notify(),
    };
  }

  get port(): number {
    return this.#port;
  }

  /** `http://127.0.0.1:…`, without a path. */
  get baseUrl(): string {
    return `${this.#options.tls ? 'https' : 'http'}://${this.#options.host ?? '127.0.0.1'}:${this.#port}`;
  }

  get pushUrl(): string {
    return this.baseUrl + PUSH_PATH;
  }

  /** Connections accepted so far, and open now. */
  get connections(): { readonly opened: number; readonly open: number } {
    return this.#connections;
  }

  /** What is stored now for the default tenant; `lines` for others. */
  get stored(): StoredLine[] {
    return this.#store.lines(this.#tenant);
  }

  /** Number of lines that are stored now for the default tenant. */
  get storedCount(): number {
    return this.#store.count(this.#tenant);
  }

  /** Lines that came more than once and were stored once. */
  get duplicates(): number {
    return this.pushes.reduce((sum, push) => sum + push.duplicates, 0);
  }

  /** Lines that were lost although the push was answered with 204. */
  get silentlyLost(): number {
    return this.pushes.reduce((sum, push) => sum + push.silentlyLost, 0);
  }

  async lines(tenant = this.#tenant): Promise<StoredLine[]> {
    return this.#store.lines(tenant);
  }

  /** Puts these rules in place of all earlier ones; without rules the fake is well again. */
  script(rules: Rule | readonly Rule[] = []): void {
    this.#script.set(Array.isArray(rules) ? (rules as readonly Rule[]) : [rules as Rule]);
  }

  /**
   * Resolves with the first push, past or to come, that `predicate` likes; it is asked anew whenever a push's record
   * changes. Default: any push that is answered or over. Rejects after `timeoutMs`.
   */
  async waitForPush(
    predicate: (push: PushRecord) => boolean = ({ state }) => state !== 'receiving' && state !== 'received',
    timeoutMs = 10_000,
  ): Promise<PushRecord> {
    return this.#waiters.until(
      () => this.pushes.find(predicate),
      timeoutMs,
      () => `no such push among ${this.pushes.length}`,
    );
  }

  async waitForLines(count: number, timeoutMs = 10_000): Promise<StoredLine[]> {
    const stored = () => this.#store.count(this.#tenant);
    await this.#waiters.until(
      () => stored() >= count || undefined,
      timeoutMs,
      () => `${stored()} lines stored in place of ${count}`,
    );
    return this.stored;
  }

  /**
   * Ends the connections on which no request is being handled. Default `close`, as a server does after its keep-alive
   * time.
   */
  endIdleConnections(how: Ending = 'close'): void {
    this.#connections.endAll(how, 'idle');
  }

  /** Ends all connections. */
  endConnections(how: Ending = 'reset'): void {
    this.#connections.endAll(how);
  }

  /** Stops listening: connecting is refused until `up`. Open connections are reset unless they are kept. */
  async down({ connections = 'reset' }: { readonly connections?: Ending | 'keep' } = {}): Promise<void> {
    const server = this.#server;
    if (!server) {
      return;
    }
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => {
      // Not http.Server's close, which would also close idle connections.
      net.Server.prototype.close.call(server, () => resolve());
    });
    if (connections === 'keep') {
      return;
    }
    this.#connections.endAll(connections);
    await closed;
  }

  /** Listens again, on the same port as before. */
  async up(): Promise<void> {
    if (this.#server) {
      return;
    }
    const onRequest: http.RequestListener = (request, response) => {
      this.#onRequest(request, response).catch((error: unknown) => {
        // A bug of the fake must show in the test that runs into it.
        if (!response.headersSent) {
          response.writeHead(599).end(String((error as Error).stack ?? error));
        }
      });
    };
    const { tls, host = '127.0.0.1', keepAliveTimeoutMs = 60_000 } = this.#options;
    const server = tls ? https.createServer(tls, onRequest) : http.createServer(onRequest);
    server.keepAliveTimeout = keepAliveTimeoutMs;
    server.requestTimeout = 0;
    server.on('connection', (socket: net.Socket) => this.#connections.add(socket));
    server.on('clientError', () => undefined);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.#port, host, resolve);
    });
    this.#port = (server.address() as net.AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    await this.down({ connections: 'reset' });
    this.#connections.endAll('reset');
  }

  async #onRequest(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0]!;
    if (path === '/ready') {
      return send(response, { status: 200, body: 'ready\n', headers: {} });
    }
    if (path !== PUSH_PATH) {
      request.resume();
      return send(response, errorAnswer(404, '404 page not found'));
    }
    if (request.method !== 'POST') {
      request.resume();
      return send(response, { status: 405, body: '', headers: {} });
    }
    const connection = this.#connections.of(request.socket);
    const record: PushRecord = {
      index: this.pushes.length,
      receivedAt: this.#context.now(),
      method: request.method,
      path,
      headers: request.headers,
      connectionId: connection.id,
      clientPort: request.socket.remotePort ?? 0,
      requestOnConnection: ++connection.requests,
      state: 'receiving',
      body: Buffer.alloc(0),
      wireBytes: 0,
      uncompressedBytes: 0,
      streams: 0,
      lines: 0,
      stored: 0,
      duplicates: 0,
      silentlyLost: 0,
    };
    this.pushes.push(record);
    this.#waiters.notify();
    return handlePush(this.#context, request, response, record);
  }
}
