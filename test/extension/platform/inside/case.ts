import type {
  HttpRequest,
  HttpResponse,
  HttpServer,
  JsonRows,
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

/**
 * A table's rows, or `undefined` where there is none: strings as they are, JSON text in an array of its own, `null` for
 * nothing. With several columns, an array for each row.
 */
export function shown(rows: JsonRows | undefined, columns = 1): unknown {
  if (rows === undefined) return undefined;
  const cell = (row: number, column: number): unknown => {
    const json = rows.json(row, column);
    return rows.text(row, column) ?? (json === undefined ? null : [json]);
  };
  const all: unknown[] = [];
  for (let row = 0; row < rows.count(); row++) {
    all.push(columns === 1 ? cell(row, 0) : Array.from({ length: columns }, (_, column) => cell(row, column)));
  }
  return all;
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
      { port: 0, maxBodyBytes: 1 << 20, maxConnections: 100, members: ['record'], ...options },
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
