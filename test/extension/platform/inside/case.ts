import type {
  HttpRequest,
  HttpResponse,
  HttpServer,
  PendingRequest,
  Platform,
  RequestHandler,
  ServeOptions,
} from '../../../../extension/platform/types';
import type { Addresses } from '../peers/addresses';

/** One thing that the port promises. Runs inside the platform under test, which may have no Node.js. */
export interface Case {
  readonly name: string;
  /** Why Node.js can't pass it; the case is skipped there, with this reason. */
  readonly notOnNode?: string;
  readonly run: (context: Context) => Promise<void> | void;
}

/** The platform under test, and what helps to test it. */
export class Context {
  readonly #servers: HttpServer[] = [];

  constructor(
    readonly platform: Platform,
    readonly peers: Addresses,
  ) {}

  /** Starts a server that is closed after the case. */
  async serve(handler: RequestHandler, options: Partial<ServeOptions> = {}): Promise<HttpServer> {
    const server = await this.platform.serve(
      { port: 0, maxBodyBytes: 1 << 20, maxConnections: 100, rawMember: 'record', ...options },
      handler,
    );
    this.#servers.push(server);
    return server;
  }

  start(url: string, request: Partial<HttpRequest> = {}): PendingRequest {
    return this.platform.request({ method: 'GET', url, headers: {}, timeoutMs: 10_000, ...request });
  }

  fetch(url: string, request: Partial<HttpRequest> = {}): Promise<HttpResponse> {
    return this.start(url, request).response;
  }

  /** What the echo peer, or any other that answers in JSON, says. */
  async fetchJson<T>(url: string, request: Partial<HttpRequest> = {}): Promise<T> {
    return JSON.parse((await this.fetch(url, request)).body) as T;
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.platform.setTimer(ms, resolve));
  }

  cleanUp(): void {
    for (const server of this.#servers) server.close();
  }
}
