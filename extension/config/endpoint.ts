/** A push URL, taken apart. The host's QuickJS has no `URL`. */
export interface Endpoint {
  /** Without user and password. */
  readonly url: string;
  /** From the URL's user part, percent-decoded. */
  readonly username?: string;
  readonly password?: string;
}

/** Path of Loki's push endpoint (Loki HTTP API, "Ingest logs"). */
const PUSH_PATH = '/loki/api/v1/push';

/** An endpoint for messages. */
export const EXAMPLE = `https://logs.example.com${PUSH_PATH}`;

const PARTS =
  /^(https?):\/\/(?:([^@/?#]*)@)?(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?(\/[^?#\s]*)?(\?[^#\s]*)?(?:#.*)?$/i;

export interface ParsedEndpoint {
  readonly endpoint?: Endpoint;
  /** What was wrong with it: fatal when there is no `endpoint`; otherwise corrected as the text says. */
  readonly problem?: string;
}

/**
 * Reads `LOKI_ENDPOINT`. A missing path or a trailing slash, which Loki answers with 404, is corrected and reported.
 */
export function parseEndpoint(text: string): ParsedEndpoint {
  const parts = PARTS.exec(text.trim());
  if (!parts) return { problem: `is not a URL like ${EXAMPLE}` };
  const [, scheme, userInfo, host, port, givenPath = '', query = ''] = parts;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))
    return { problem: `has port ${port}, which is not from 1 to 65535` };

  let path = givenPath.replace(/\/+$/, '');
  let problem: string | undefined;
  if (path === '') {
    path = PUSH_PATH;
    problem = `has no path; using ${PUSH_PATH}`;
  } else if (path !== givenPath) {
    problem = `ends in a slash, which Loki answers with 404; using ${path}`;
  }
  const url = `${scheme.toLowerCase()}://${host}${port === undefined ? '' : `:${port}`}${path}${query}`;
  return { endpoint: { url, ...credentials(userInfo) }, problem };
}

function credentials(userInfo: string | undefined): { username?: string; password?: string } {
  if (!userInfo) return {};
  const colon = userInfo.indexOf(':');
  const [user, password] = colon < 0 ? [userInfo, ''] : [userInfo.slice(0, colon), userInfo.slice(colon + 1)];
  return { username: decode(user), password: decode(password) };
}

/** Percent-decodes a text, where that is possible. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a bare % in a password
  }
}
