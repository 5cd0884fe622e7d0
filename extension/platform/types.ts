/**
 * The port between the extension and what it runs on.
 *
 * Everything JavaScript itself lacks goes through this file and nothing else does. There are two implementations,
 * the native host (`native.ts`, inside the layer) and Node.js (`node/`, for tests and for machines without Rust),
 * and one contract suite (`test/extension/platform/contract.ts`) that both must pass.
 * The port knows nothing of Lambda or Loki.
 */
export interface Platform {
  /** All environment variables of the process, read once at start. */
  readonly env: Readonly<Record<string, string>>;

  /** Wall-clock time in milliseconds since the Unix epoch. May jump, forwards or backwards. */
  now(): number;

  /**
   * Milliseconds (fractions allowed) since an arbitrary point; never goes back, may stand still while the process is
   * frozen.
   */
  monotonic(): number;

  /**
   * A number x with 0 ≤ x < 1, from the operating system's generator at each call. `Math.random` is seeded once in a
   * process, so that processes restored from one snapshot of memory would all go on with the same numbers.
   */
  random(): number;

  /**
   * Runs `callback` once after `ms` milliseconds. The returned function cancels it and may be called at any time,
   * repeatedly.
   */
  setTimer(ms: number, callback: () => void): Cancel;

  /**
   * Starts an HTTP server on all interfaces. Rejects with a {@link PlatformError} (`EADDRINUSE`) when the port is
   * taken; port 0 takes a free one.
   */
  serve(options: ServeOptions, handler: RequestHandler): Promise<HttpServer>;

  /** Starts one HTTP request. Never throws: all that goes wrong rejects `response` with a {@link PlatformError}. */
  request(request: HttpRequest): PendingRequest;

  /** An empty list. */
  createList(): JsonList;

  /** No forms yet. */
  createForms(): JsonForms;

  /** The UTF-8 bytes of all parts, one behind the other. Lone surrogates become U+FFFD. */
  utf8(parts: readonly TextPart[]): Uint8Array;

  /** The same as one gzip member. */
  gzip(parts: readonly TextPart[]): Uint8Array;

  /** How many bytes `text` takes in UTF-8. A lone surrogate counts as three. */
  utf8Length(text: string): number;

  /**
   * Makes a function that reads fields of JSON objects from their text, in one pass and without building the objects.
   * For each field there are the names that it may have, of which the first that is there counts; a name with dots is a
   * name as it stands, or else a path into objects. Values are the content of strings (escapes resolved, a lone
   * surrogate as U+FFFD), the text of numbers, `true` and `false`, and the JSON of objects and lists without
   * insignificant white space; `null` is as good as nothing, and of a repeated member the first one counts. A text that
   * is no object, or that has none of the fields, gives `undefined`. Where a text stops being JSON, whole members
   * before that place count.
   */
  fieldReader(fields: readonly (readonly string[])[]): FieldReader;

  /** The SHA-256 hash (FIPS 180-4): 32 bytes. */
  sha256(data: Uint8Array): Uint8Array;

  /** The HMAC with SHA-256 (RFC 2104): 32 bytes. */
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;

  /**
   * Makes patterns ready for a search in linear time: no text takes longer than its length times the size of the
   * patterns. Throws a {@link PlatformError} (`EINVAL`) for what is not a program.
   */
  compilePatterns(sources: readonly PatternSource[]): Patterns;

  /** How many certificates of a PEM text could be trusted as `TlsOptions.ca`, and how many could not. */
  checkCertificates(pem: string): CertificateCount;

  /** The content of a text file. Throws a {@link PlatformError} (`ENOENT`, `EACCES`, `EIO`). */
  readTextFile(path: string): string;

  /** Writes one line and a newline to stderr, as a single write. Never throws. */
  stderr(line: string): void;

  /**
   * From now on `report` gets the text about each error that nobody has caught: of a timer or a callback, of a promise,
   * of a request handler. Before that it goes to stderr, as it does when `report` throws. (On Node.js only those of
   * request handlers; all others end the process.)
   */
  onFault(report: (text: string) => void): void;

  /** Ends the process at once. */
  exit(code: number): void;
}

export type Cancel = () => void;

/** Values in the order of the fields that were asked for; see {@link Platform.fieldReader}. */
export type FieldReader = (json: string) => readonly (string | undefined)[] | undefined;
/** A list stands for its text. */
export type TextPart = string | JsonList;

/**
 * The elements of a JSON array in the making. They are kept as one text outside the language, so that many small ones
 * that wait to be sent take little more memory than they have bytes, and cost nothing to put together.
 */
export interface JsonList {
  /**
   * Appends an element: `head`, `text` as a JSON string, `tail`, which together have to be JSON. Gives the length of
   * `text` in UTF-8. Lone surrogates become U+FFFD.
   */
  push(head: string, text: string, tail: string): number;

  /**
   * Appends an element for each of the rows from `row` on: `head`, `number` and for each further row the next one,
   * `middle`, the text of the last column as a JSON string and less one newline at its end, and the tail of the form
   * that the text has. Gives the length of all these texts in UTF-8. Ends before the first row
   * - of which another column is not the same string as in the first,
   * - whose text has none of the forms, or more than `longest` bytes, or is written with escapes that are not usual,
   * - with which it were more than `mostRows`, or the texts more than `mostBytes`.
   */
  pushRows(
    rows: JsonRows,
    forms: JsonForms,
    head: string,
    middle: string,
    row: number,
    number: number,
    mostRows: number,
    mostBytes: number,
    longest: number,
  ): number;

  /** How many elements there are. */
  count(): number;

  /** The length of {@link text} in UTF-8. */
  bytes(): number;

  /** The elements with commas between them. */
  text(): string;

  /** Moves all elements from the one at index `at` on into a new list. */
  splitOff(at: number): JsonList;

  /** Appends all elements of another list, which keeps them. */
  append(other: JsonList): void;

  /** Takes the first element out and gives its text. */
  shift(): string | undefined;

  /** Takes all elements out. */
  clear(): void;
}

/** Patterns of what texts begin with (see {@link JsonList.pushRows}). Of more than eight, the oldest goes. */
export interface JsonForms {
  /**
   * @param pattern in which U+0000 stands for any one printable ASCII character that JSON has no escape for
   * @param tail of an element whose text begins so
   */
  add(pattern: string, tail: string): void;

  clear(): void;
}

export interface CertificateCount {
  readonly usable: number;
  readonly unusable: number;
}

/** A pattern to search for. */
export interface PatternSource {
  /**
   * Instructions, which are run over the bytes of UTF-8 and name each other by their number. First come the number of
   * the one to begin with, how many groups there are, and how many instructions follow. `0` is the end of a match. `1,
   * n` is a byte: n times its least and greatest value and the instruction behind it, in ascending order. `2, n` has n
   * alternatives, the preferred one first. `3, place, next` keeps a place of a group: twice the group's number for
   * where it begins, one more for where it ends. `4, look, next` asks for the begin (0) or end (1) of the text or of a
   * line (2, 3), the border of a word of ASCII (4), or for that not to be one (5). Group 0 is the whole match.
   */
  readonly program: Int32Array;
  /** What stands in place of a match: text, and the numbers of groups. */
  readonly replacement?: readonly (string | number)[];
}

export interface Patterns {
  /**
   * The numbers of those that match somewhere in the text, in ascending order; `undefined` for none, which costs least.
   */
  matching(text: string): readonly number[] | undefined;

  /**
   * The text with the replacement in place of each match of a pattern, from the left, matches of no length left alone.
   * `undefined` where the text would grow to more than four times its length and 64 KiB, and where the pattern has no
   * replacement.
   */
  replace(pattern: number, text: string): string | undefined;
}

export interface ServeOptions {
  /** TCP port, 0 to 65535; 0 for any free one. */
  readonly port: number;
  /** A larger body is answered 413 without reaching the handler. */
  readonly maxBodyBytes: number;
  /**
   * No more than this many connections are served at once; the rest wait. While one waits, those are closed that owe
   * the server a request, or the rest of one, of which nothing has come for 100 ms.
   */
  readonly maxConnections: number;
  /**
   * Bodies that are JSON arrays reach the handler as tables of their elements' members of these names, at least one, in
   * this order.
   */
  readonly members: readonly string[];
  /**
   * The request headers that the handler looks at, in lower case. Only these are handed over, since a handler that has
   * no use for them should not pay for an object with all of them at each request. Default: none.
   */
  readonly headerNames?: readonly string[];
}

export interface HttpServer {
  /** The port that it listens on. */
  readonly port: number;
  /** Stops listening and ends idle connections. */
  close(): void;
}

/**
 * A JSON array whose elements are objects, as a table: a column for each of `ServeOptions.members`. Elements that are
 * no objects are rows without members, and of a member that is repeated the last one counts. However deep JSON is
 * nested, all that is asked of it is that it is JSON.
 */
export interface JsonRows {
  count(): number;

  /** A string; `undefined` for any other value. Invalid UTF-8 and lone surrogates have become U+FFFD. */
  text(row: number, column: number): string | undefined;

  /**
   * The JSON text of a value that is no string, without insignificant white space, so that 12345678901234567890 or 1.0
   * survive unchanged; `undefined` for strings, and where there is no such member.
   */
  json(row: number, column: number): string | undefined;
}

/** A request as the server hands it to its handler. */
export interface IncomingRequest {
  readonly method: string;
  /** Path with query, as sent. */
  readonly path: string;
  /** The body, if it is a JSON array; `undefined` for any other, and where there is none. */
  readonly rows: JsonRows | undefined;
  /** Bytes of the body as received. */
  readonly bodyBytes: number;
  /**
   * A hash of the body's bytes as received, of 128 bits or more in hexadecimal digits: equal for equal bodies,
   * different for any others that were not made to be equal. Fast and no protection against forgery; its values differ
   * between platforms.
   */
  readonly digest: string;
  /** Those of `ServeOptions.headerNames` that the request has; of a repeated header the last one. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Answers with a status and an optional short text. A handler that throws or rejects is answered 500, and the error
 * reported (see `Platform.onFault`).
 */
export type RequestHandler = (request: IncomingRequest) => OutgoingResponse | Promise<OutgoingResponse>;

export interface OutgoingResponse {
  readonly status: number;
  readonly body?: string;
}

export interface HttpRequest {
  readonly method: string;
  /** Absolute `http:` or `https:` URL. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Text is sent as UTF-8. */
  readonly body?: string | Uint8Array;
  /**
   * Limit in milliseconds for the whole exchange, connecting included; `undefined` for none. Exceeding it gives
   * `ETIMEDOUT`.
   */
  readonly timeoutMs?: number;
  /**
   * Limit in milliseconds, in place of a longer `timeoutMs`, for when the request goes out on a kept connection, which
   * may be dead.
   */
  readonly reusedTimeoutMs?: number;
  /**
   * Use a kept connection only when it has been idle for less than this, in milliseconds of wall and of monotonic time,
   * and keep this one for as long. 0 forces a new one, which is kept for a minute.
   */
  readonly maxIdleMs?: number;
  /**
   * At most this many bytes of the response's body are read and handed over; the rest is dropped, and the connection
   * with it.
   */
  readonly maxResponseBytes?: number;
  /**
   * TLS settings for `https:`; the compiled-in public roots alone when left out. The same object must be passed for
   * connections to be shared.
   */
  readonly tls?: TlsOptions;
  /**
   * `http://[user:password@]host:port` of a proxy: `https:` goes through CONNECT, `http:` as an absolute-form request.
   */
  readonly proxy?: string;
  /**
   * Called when the whole request has arrived at the next hop: its TCP has acknowledged every byte, under TLS the last
   * record included. `reused` says whether that was on a kept connection. At most once, and only before the response is
   * there; what the peer makes of the request is told by the response alone. From that moment on the connection counts
   * as idle (see `maxIdleMs`), since a process that is stopped while it waits can't know when the response came.
   *
   * On Node.js, which can't ask for acknowledgements, it is called when the operating system has taken the last byte:
   * the request may still be lost with the machine, or on its way.
   */
  readonly onAcknowledged?: (reused: boolean) => void;
}

export interface TlsOptions {
  /**
   * PEM certificates that are trusted beside the compiled-in roots. Those that can't be used are left out, unless none
   * is left (`EINVAL`).
   */
  readonly ca?: string;
  /** PEM client certificate chain, with `key`. */
  readonly cert?: string;
  /** PEM private key (PKCS#8, PKCS#1 or SEC1). */
  readonly key?: string;
}

export interface PendingRequest {
  readonly response: Promise<HttpResponse>;
  /** Drops the request and its connection; `response` rejects with `ECANCELED` unless it is settled. */
  cancel(): void;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; of a repeated header the last one. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded as UTF-8, invalid bytes as U+FFFD. */
  readonly body: string;
}

/** What went wrong below HTTP. Always an `Error` that carries these. */
export interface PlatformError extends Error {
  readonly code: PlatformErrorCode;
  /** What it is about, where the code leaves that open: decisions depend on this, never on the words of the message. */
  readonly about?: PlatformErrorSubject;
  /** Whether the request went out on a kept connection, so that a fresh one may well succeed. */
  readonly reused?: boolean;
}

export type PlatformErrorSubject =
  /** With `EINVAL`: `tls.ca` can't be used. */
  | 'ca'
  /**
   * With `EINVAL`: `tls.cert` can't be used, or doesn't go with `tls.key`. With `ETLS`: the peer wants a client
   * certificate, or another one.
   */
  | 'cert'
  /** With `EINVAL`: `tls.key` can't be used. */
  | 'key'
  /** With `ETLS`: the peer's certificate is signed by an issuer that is not trusted, or by itself. */
  | 'issuer'
  /** With `EPROXY`: the proxy wants a user name and password, or others. */
  | 'login';

export type PlatformErrorCode =
  /** The URL, a header, the PEM text or the proxy can't be used; the message says which. Never contains a secret. */
  | 'EINVAL'
  /** The name could not be resolved. */
  | 'ENOTFOUND'
  | 'ECONNREFUSED'
  /** The connection broke before the response was complete. */
  | 'ECONNRESET'
  | 'ETIMEDOUT'
  | 'ECANCELED'
  /** No route, no file descriptor and everything else that the operating system says on connecting. */
  | 'ECONNECT'
  /** The TLS handshake failed; the message says why (expired, unknown issuer, wrong host name, …). */
  | 'ETLS'
  /** The proxy refused; the message has its status line, never its credentials. */
  | 'EPROXY'
  /** The peer does not speak HTTP/1.1. */
  | 'EPROTO'
  | 'EADDRINUSE'
  | 'ENOENT'
  | 'EACCES'
  | 'EIO';
