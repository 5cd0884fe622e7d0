import * as http from 'node:http';

export interface ClientOptions {
  readonly agent?: http.Agent;
  readonly headers?: http.OutgoingHttpHeaders;
  /** Ends the request after so many milliseconds with an error of code `TIMEOUT`. Default 5 000. */
  readonly timeoutMs?: number;
}

export interface ClientAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** A push of one line each, one nanosecond apart, into the stream `{service_name="test"}`. */
export function pushOf(...lines: string[]): string {
  const now = BigInt(Date.now()) * 1_000_000n;
  return JSON.stringify({
    streams: [
      { stream: { service_name: 'test' }, values: lines.map((line, index) => [String(now + BigInt(index)), line]) },
    ],
  });
}

/** Posts a push the plain way: no retries, and errors as Node.js has them. */
export async function postPush(
  url: string,
  body: string,
  { agent, headers, timeoutMs = 5_000 }: ClientOptions = {},
): Promise<ClientAnswer> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      url,
      { method: 'POST', agent, headers: { 'content-type': 'application/json', ...headers } },
      (response) => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('data', (chunk: string) => {
            text += chunk;
          })
          .on('error', reject)
          .on('end', () => {
            clearTimeout(timer);
            resolve({ status: response.statusCode!, headers: response.headers, text });
          });
      },
    );
    const timer = setTimeout(
      () => request.destroy(Object.assign(new Error('no answer in time'), { code: 'TIMEOUT' })),
      timeoutMs,
    );
    request.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.end(body);
  });
}
