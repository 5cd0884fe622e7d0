import * as http from 'node:http';

/** An answer as it goes out. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export const NO_CONTENT: Answer = { status: 204, body: '', headers: {} };

/** An error as Go's `http.Error` sends it. */
export function errorAnswer(status: number, text: string): Answer {
  return {
    status,
    body: `${text}\n`,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  };
}

/** Sends the answer as a whole, and resolves when it is out or the connection is gone. */
export async function send(
  response: http.ServerResponse,
  { status, body, headers }: Answer,
  close = false,
): Promise<void> {
  const length = status === 204 ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  response.writeHead(status, { ...headers, ...length, ...(close && { connection: 'close' }) });
  await new Promise<void>((resolve) => {
    response.once('close', resolve);
    response.end(body, resolve);
  });
}

/** The answer's bytes for a connection that is closed after it. */
export function rawAnswer({ status, body, headers }: Answer): Buffer {
  const all: Record<string, string> = { ...headers, date: new Date().toUTCString(), connection: 'close' };
  if (status !== 204) {
    all['content-length'] = String(Buffer.byteLength(body));
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
}
