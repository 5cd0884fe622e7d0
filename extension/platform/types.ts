/**
 * The port between the extension and the platform that it runs on.
 *
 * Everything that JavaScript itself lacks goes through this file, and nothing else does. There are two implementations,
 * the native host (`native.ts`, inside the layer) and Node.js (`node/`, for tests and for machines without Rust), and
 * one contract suite (`test/extension/platform/contract.ts`) that both must pass. The port knows nothing of Lambda or
 * Loki.
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
   * A number x with 0 ≤ x < 1, from the operating system's generator at each call. `Math.random` is seeded once per
   * process, so processes restored from one snapshot of memory would continue with the same numbers.
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

  /** Starts one HTTP request. Never throws: every failure rejects `response` with a {@link PlatformError}. */
  request(request: HttpRequest): PendingRequest;

  /** Makes an empty list. */
  createList(): JsonList;

  /** Makes an empty set of forms. */
  createForms(): JsonForms;

  /** The UTF-8 bytes of all parts, concatenated. Lone surrogates become U+FFFD. */
  utf8(parts: readonly TextPart[]): Uint8Array;

  /** The same as one gzip member. */
  gzip(parts: readonly TextPart[]): Uint8Array;

  /** The number of bytes that `text` takes in UTF-8. A lone surrogate counts as three. */
  utf8Length(text: string): number;

  /**
   * Makes a function that reads fields of JSON objects from their text, in one pass and without building the objects.
   * Each field is given by the names that it may have; the first one that is present takes precedence. A name with dots
   * is a literal name or, if there is none, a path into objects. Values are the content of strings (escapes resolved, a
   * lone surrogate as U+FFFD), the text of numbers, `true` and `false`, and the JSON of objects and lists without
   * insignificant white space; `null` counts as absent, and the first of repeated members counts. The function returns
   * `undefined` for a text that isn't an object or has none of the fields. If a text stops being JSON, the complete
   * members before that position count.
   */
  fieldReader(fields: readonly (readonly string[])[]): FieldReader;

  /** The SHA-256 hash (FIPS 180-4): 32 bytes. */
  sha256(data: Uint8Array): Uint8Array;

  /** The HMAC with SHA-256 (RFC 2104): 32 bytes. */
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;

  /**
   * Prepares patterns for a search in linear time: the time is bounded by the length of the text times the size of the
   * patterns. Throws a {@link PlatformError} (`EINVAL`) if a pattern isn't a valid program.
   */
  compilePatterns(sources: readonly PatternSource[]): Patterns;

  /** How many certificates of a PEM text could be trusted as `TlsOptions.ca`, and how many could not. */
  checkCertificates(pem: string): CertificateCount;

  /** The content of a text file. Throws a {@link PlatformError} (`ENOENT`, `EACCES`, `EIO`). */
  readTextFile(path: string): string;

  /** Writes one line and a newline to stderr, as a single write. Never throws. */
  stderr(line: string): void;

  /**
   * From now on `report` is called with a text about each uncaught error of a timer, a callback, a promise or a request
   * handler. Before that, and when `report` throws, the text is written to stderr. (On Node.js only errors of request
   * handlers are reported; all others end the process.)
   */
  onFault(report: (text: string) => void): void;

  /** Ends the process immediately. */
  exit(code: number): void;
}

export type Cancel = () => void;

/** Values in the order of the requested fields; see {@link Platform.fieldReader}. */
export type FieldReader = (json: string) => readonly (string | undefined)[] | undefined;
/** A list, which stands for its text. */
export type TextPart = string | JsonList;

/**
 * The elements of a JSON array that is being built. They are kept as one text outside the JavaScript heap, so that many
 * small elements take little more memory than their bytes, and cost nothing to join.
 */
export interface JsonList {
  /**
   * Appends an element: `head`, `text` as a JSON string, and `tail`, which together have to be JSON. Returns the length
   * of `text` in UTF-8. Lone surrogates become U+FFFD.
   */
  push(head: string, text: string, tail: string): number;

  /**
   * Appends an element for each row from `row` on: `head`, `number` (plus 1 for each further row), `middle`, the text
   * of the last column as a JSON string without one trailing newline, and the tail of the form that the text has.
   * Returns the length of all these texts in UTF-8. Ends before the first row
   * - in which another column differs from that of the first row,
   * - whose text has none of the forms, does not meet their condition, has more than `longest` bytes, or contains
   *   unusual escapes,
   * - with which there would be more than `mostRows` rows, or more than `mostBytes` of text.
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

  /** The number of elements. */
  count(): number;

  /** The length of {@link text} in UTF-8. */
  bytes(): number;

  /** The elements with commas between them. */
  text(): string;

  /** Moves all elements from index `at` on into a new list. */
  splitOff(at: number): JsonList;

  /** Appends all elements of another list, which isn't changed. */
  append(other: JsonList): void;

  /** Removes the first element and returns its text. */
  shift(): string | undefined;

  /** Removes all elements. */
  clear(): void;
}

/**
 * Patterns of the beginnings of texts (see {@link JsonList.pushRows}). At most eight are kept; a further one replaces
 * the oldest.
 */
export interface JsonForms {
  /**
   * @param pattern in which U+0000 stands for any single printable ASCII character that needs no escape in JSON
   * @param tail of an element whose text begins this way
   */
  add(pattern: string, tail: string): void;

  /**
   * Says which texts are plain: they begin with a word of ASCII letters and a space, fit none of these patterns, and
   * contain none of these texts. {@link clear} leaves this as it is.
   */
  describePlain(unlike: readonly string[], without: readonly string[]): void;

  /** @param tail of an element whose text is plain and has no other form */
  addPlain(tail: string): void;

  clear(): void;
}

export interface CertificateCount {
  readonly usable: number;
  readonly unusable: number;
}

/** A pattern to search for. */
export interface PatternSource {
  /**
   * Instructions, which run over the bytes of UTF-8 and refer to each other by number. The first three numbers are the
   * initial instruction, the number of groups and the number of instructions that follow. `0` ends a match. `1, n`
   * reads a byte; n triples of its least value, its greatest value and the next instruction follow, in ascending order.
   * `2, n` has n alternatives, the preferred one first. `3, place, next` records a position: twice a group's number for
   * its start, one more for its end. `4, look, next` requires the start (0) or end (1) of the text, the start (2) or
   * end (3) of a line, an ASCII word boundary (4), or no word boundary (5). Group 0 is the whole match.
   */
  readonly program: Int32Array;
  /** What replaces a match: text, and the numbers of groups. */
  readonly replacement?: readonly (string | number)[];
}

export interface Patterns {
  /**
   * The numbers of the patterns that match somewhere in the text, in ascending order; `undefined` for none, which costs
   * least.
   */
  matching(text: string): readonly number[] | undefined;

  /**
   * No forms yet; a text has one of them only if exactly these patterns match in it (numbers in ascending order).
   */
  createForms(matching: readonly number[]): JsonForms;

  /**
   * The text with each match of a pattern replaced, from left to right; empty matches are left alone. `undefined` if
   * the text would grow to more than four times its length plus 64 KiB, or if the pattern has no replacement.
   */
  replace(pattern: number, text: string): string | undefined;
}

export interface ServeOptions {
  /** TCP port, 0 to 65535; 0 for any free one. */
  readonly port: number;
  /** A larger body is answered with 413 without reaching the handler. */
  readonly maxBodyBytes: number;
  /**
   * At most this many connections are served at once; the others wait. While one waits, connections are closed on which
   * no request, or no further part of one, has arrived for 100 ms.
   */
  readonly maxConnections: number;
  /**
   * Bodies that are JSON arrays are passed to the handler as tables whose columns are the members with these names, in
   * this order. At least one name is required.
   */
  readonly members: readonly string[];
  /**
   * The request headers that the handler reads, in lower case. Only these are passed on, so that no request costs an
   * object with all headers. Default: none.
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
 * A JSON array whose elements are objects, as a table: a column for each of `ServeOptions.members`. Elements that
 * aren't objects are rows without members, and the last of repeated members counts. Any valid JSON is accepted, however
 * deeply it is nested.
 */
export interface JsonRows {
  count(): number;

  /** A string; `undefined` for any other value. Invalid UTF-8 and lone surrogates have become U+FFFD. */
  text(row: number, column: number): string | undefined;

  /**
   * The JSON text of a value that isn't a string, without insignificant white space, so that 12345678901234567890 or
   * 1.0 stay unchanged; `undefined` for strings, and if there is no such member.
   */
  json(row: number, column: number): string | undefined;
}

/** A request as the server passes it to its handler. */
export interface IncomingRequest {
  readonly method: string;
  /** The path with the query, as sent. */
  readonly path: string;
  /** The body, if it is a JSON array; `undefined` for any other, and where there is none. */
  readonly rows: JsonRows | undefined;
  /** The number of bytes of the body as received. */
  readonly bodyBytes: number;
  /**
   * A hash of the body's bytes as received, of 128 bits or more in hexadecimal digits: equal for equal bodies, and
   * different for others unless they were made to collide. It is fast and no protection against forgery; its values
   * differ between platforms.
   */
  readonly digest: string;
  /** The headers of `ServeOptions.headerNames` that the request has; the last one of a repeated header. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Answers with a status and an optional short text. If a handler throws or rejects, the answer is 500 and the error is
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
   * Limit in milliseconds for the whole exchange, connecting included; `undefined` for none. The error is `ETIMEDOUT`.
   */
  readonly timeoutMs?: number;
  /**
   * Limit in milliseconds that replaces a longer `timeoutMs` when the request is sent on a kept connection, which may
   * be dead.
   */
  readonly reusedTimeoutMs?: number;
  /**
   * Use a kept connection only when it has been idle for less than this, in milliseconds by the wall clock and by the
   * monotonic clock, and keep this one for as long. 0 forces a new connection, which is kept for a minute.
   */
  readonly maxIdleMs?: number;
  /**
   * At most this many bytes of the response's body are read and returned; the rest is dropped, and the connection is
   * closed.
   */
  readonly maxResponseBytes?: number;
  /**
   * TLS settings for `https:`; only the compiled-in public roots when left out. Connections are shared only between
   * requests with the same object.
   */
  readonly tls?: TlsOptions;
  /**
   * `http://[user:password@]host:port` of a proxy: `https:` goes through CONNECT, `http:` as an absolute-form request.
   */
  readonly proxy?: string;
  /**
   * Called when the whole request has arrived at the next hop: its TCP has acknowledged every byte, including the last
   * TLS record. `reused` says whether that was on a kept connection. Called at most once, and only before the response
   * has arrived; only the response tells whether the peer accepts the request. From that moment on the connection
   * counts as idle (see `maxIdleMs`), because a process that is stopped while it waits can't know when the response
   * arrived.
   *
   * On Node.js, which can't ask for acknowledgements, it is called when the operating system has taken the last byte:
   * the request may still be lost with the machine, or on its way.
   */
  readonly onAcknowledged?: (reused: boolean) => void;
}

export interface TlsOptions {
  /**
   * PEM certificates that are trusted in addition to the compiled-in roots. Certificates that can't be used are left
   * out; the error is `EINVAL` if none is left.
   */
  readonly ca?: string;
  /** PEM client certificate chain, with `key`. */
  readonly cert?: string;
  /** PEM private key (PKCS#8, PKCS#1 or SEC1). */
  readonly key?: string;
}

export interface PendingRequest {
  readonly response: Promise<HttpResponse>;
  /** Cancels the request and closes its connection; `response` rejects with `ECANCELED` unless it is settled. */
  cancel(): void;
}

export interface HttpResponse {
  readonly status: number;
  /** Names are in lower case; the last one of a repeated header counts. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded as UTF-8, invalid bytes as U+FFFD. */
  readonly body: string;
}

/** A failure below HTTP. It is always an `Error` with these properties. */
export interface PlatformError extends Error {
  readonly code: PlatformErrorCode;
  /** The detail that the code leaves open: decisions depend on this, never on the words of the message. */
  readonly about?: PlatformErrorSubject;
  /** Whether the request was sent on a kept connection, so that a fresh one may well succeed. */
  readonly reused?: boolean;
}

export type PlatformErrorSubject =
  /** With `EINVAL`: `tls.ca` can't be used. */
  | 'ca'
  /**
   * With `EINVAL`: `tls.cert` can't be used, or doesn't go with `tls.key`. With `ETLS`: the peer requires a client
   * certificate, or another one.
   */
  | 'cert'
  /** With `EINVAL`: `tls.key` can't be used. */
  | 'key'
  /** With `ETLS`: the peer's certificate is signed by an issuer that is not trusted, or by itself. */
  | 'issuer'
  /** With `EPROXY`: the proxy requires a user name and password, or others. */
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
  /** No route, no file descriptor, and any other error of the operating system on connecting. */
  | 'ECONNECT'
  /** The TLS handshake failed; the message says why (expired, unknown issuer, wrong host name, …). */
  | 'ETLS'
  /** The proxy refused; the message contains its status line, never credentials. */
  | 'EPROXY'
  /** The peer doesn't speak HTTP/1.1. */
  | 'EPROTO'
  | 'EADDRINUSE'
  | 'ENOENT'
  | 'EACCES'
  | 'EIO';
