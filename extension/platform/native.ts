import type {
  CertificateCount,
  FieldReader,
  HttpRequest,
  HttpResponse,
  HttpServer,
  IncomingRequest,
  JsonForms,
  JsonList,
  JsonRows,
  OutgoingResponse,
  Patterns,
  PatternSource,
  PendingRequest,
  Platform,
  PlatformError,
  RequestHandler,
  ServeOptions,
  TextPart,
} from './types';

/**
 * What the native host (`extension/host/src/api.rs`) provides before the bundle runs. It doesn't check or convert
 * arguments: it expects exactly the declared types, and none may be left out.
 */
interface Host {
  readonly env: Readonly<Record<string, string>>;
  now(): number;
  monotonic(): number;
  random(): number;
  /** Returns the number that {@link clearTimer} takes. */
  setTimer(ms: number, callback: () => void): number;
  clearTimer(id: number): void;
  utf8Length(text: string): number;
  fieldReader(fields: readonly (readonly string[])[]): FieldReader;
  createList(): JsonList;
  createForms(): JsonForms;
  utf8(parts: readonly TextPart[]): Uint8Array;
  gzip(parts: readonly TextPart[]): Uint8Array;
  sha256(data: Uint8Array): Uint8Array;
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** Returns the number of the set. Throws a {@link PlatformError}. */
  compilePatterns(sources: readonly PatternSource[]): number;
  matchingPatterns(set: number, text: string): readonly number[] | undefined;
  createFormsOfPatterns(set: number, matching: readonly number[]): JsonForms;
  replacePattern(set: number, pattern: number, text: string): string | undefined;
  checkCertificates(pem: string): CertificateCount;
  readTextFile(path: string): string;
  stderr(line: string): void;
  onFault(report: (text: string) => void): void;
  exit(code: number): void;
  /** Throws a {@link PlatformError}. */
  serve(options: ServeOptions, onRequest: OnRequest): { readonly id: number; readonly port: number };
  closeServer(id: number): void;
  /** Answers the request with this number. A second answer is ignored. */
  respond(exchange: number, status: number, body: string | undefined): void;
  /**
   * Returns the number that {@link cancelRequest} takes; `callback` is called once, and never before this function has
   * returned.
   */
  request(request: HttpRequest, callback: OnResponse): number;
  cancelRequest(id: number): void;
}

type OnRequest = (
  exchange: number,
  method: string,
  path: string,
  headers: Record<string, string> | undefined,
  rows: JsonRows | undefined,
  bodyBytes: number,
  digest: string,
) => void;
type OnResponse = (
  error: PlatformError | undefined,
  status: number,
  headers: Record<string, string>,
  body: string,
) => void;

declare const __host: Host;

/** The platform inside the layer. To be called only in a bundle that the native host runs. */
export function createNativePlatform(): Platform {
  const host = __host;
  const faults: Faults = { report: (text) => host.stderr(text) };
  return {
    env: Object.freeze(host.env),
    now: host.now,
    monotonic: host.monotonic,
    random: host.random,
    setTimer: (ms, callback) => {
      const id = host.setTimer(ms, callback);
      return () => host.clearTimer(id);
    },
    serve: async (options, handler) => serve(host, faults, options, handler),
    request: (request) => send(host, request),
    createList: host.createList,
    createForms: host.createForms,
    utf8: host.utf8,
    gzip: host.gzip,
    utf8Length: host.utf8Length,
    fieldReader: host.fieldReader,
    sha256: host.sha256,
    hmacSha256: host.hmacSha256,
    compilePatterns: (sources) => patternsOf(host, host.compilePatterns(sources)),
    checkCertificates: host.checkCertificates,
    readTextFile: host.readTextFile,
    stderr: (line) => host.stderr(String(line)),
    onFault: (report) => {
      host.onFault(report);
      faults.report = (text) => {
        try {
          report(text);
        } catch {
          host.stderr(text);
        }
      };
    },
    exit: host.exit,
  };
}

function patternsOf(host: Host, set: number): Patterns {
  return {
    matching: (text) => host.matchingPatterns(set, text),
    createForms: (matching) => host.createFormsOfPatterns(set, matching),
    replace: (pattern, text) => host.replacePattern(set, pattern, text),
  };
}

/** The receiver of uncaught errors. */
interface Faults {
  report: (text: string) => void;
}

const NO_HEADERS: IncomingRequest['headers'] = Object.freeze({});

function serve(host: Host, faults: Faults, options: ServeOptions, handler: RequestHandler): HttpServer {
  const { id, port } = host.serve(options, (exchange, method, path, headers = NO_HEADERS, rows, bodyBytes, digest) => {
    answer(host, faults, exchange, handler, { method, path, headers, rows, bodyBytes, digest });
  });
  return { port, close: () => host.closeServer(id) };
}

function answer(host: Host, faults: Faults, exchange: number, handler: RequestHandler, request: IncomingRequest): void {
  const respond = ({ status, body }: OutgoingResponse): void => host.respond(exchange, status, body);
  const fail = (error: unknown): void => {
    host.respond(exchange, 500, undefined);
    faults.report(`The handler of ${request.method} ${request.path} failed: ${describe(error)}`);
  };
  try {
    // Awaited only if there is something to wait for: the answer to a plain result is sent in the same turn.
    const result = handler(request);
    if (isPromise(result)) void result.then(respond).catch(fail);
    else respond(result);
  } catch (error) {
    fail(error);
  }
}

function isPromise(result: OutgoingResponse | Promise<OutgoingResponse>): result is Promise<OutgoingResponse> {
  return typeof (result as Partial<Promise<OutgoingResponse>>).then === 'function';
}

/** QuickJS's `stack` has only the frames, without name and message. */
function describe(error: unknown): string {
  return error instanceof Error && error.stack ? `${String(error)}\n${error.stack.trimEnd()}` : String(error);
}

function send(host: Host, request: HttpRequest): PendingRequest {
  let id = 0;
  const response = new Promise<HttpResponse>((resolve, reject) => {
    id = host.request(request, (error, status, headers, body) => {
      if (error) {
        reject(error);
      } else {
        resolve({ status, headers, body });
      }
    });
  });
  return { response, cancel: () => host.cancelRequest(id) };
}
