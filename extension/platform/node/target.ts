import { validateHeaderName, validateHeaderValue } from 'node:http';
import { platformError } from '../errors';
import type { HttpRequest } from '../types';

/** Where a request is sent, after its settings have been checked. */
export interface Target {
  readonly url: URL;
  readonly proxy?: Proxy;
}

export interface Proxy {
  readonly url: URL;
  /** The value of `Proxy-Authorization`. */
  readonly authorization?: string;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Checks everything in a request except its TLS settings. Throws `EINVAL`; no message repeats a URL or the value of a
 * header, which may be secret.
 */
export function targetOf(request: HttpRequest): Target {
  const url = parse(request.url, 'the URL');
  if (!TOKEN.test(request.method)) throw platformError('EINVAL', 'the method is not a token');
  for (const [name, value] of Object.entries(request.headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw platformError('EINVAL', `the header ${JSON.stringify(name)} can't be sent`);
    }
  }
  return request.proxy === undefined ? { url } : { url, proxy: proxyOf(request.proxy) };
}

/** Host and port of a URL, always both. */
export function placeOf({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;
}

/** The host of a URL, an IPv6 address without its brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function proxyOf(text: string): Proxy {
  const url = parse(text, "the proxy's URL");
  if (url.protocol !== 'http:') throw platformError('EINVAL', 'the connection to the proxy has to be http');
  if (url.username === '' && url.password === '') return { url };
  const credentials = Buffer.from(`${percentDecode(url.username)}:${percentDecode(url.password)}`, 'latin1');
  return { url, authorization: `Basic ${credentials.toString('base64')}` };
}

function parse(text: string, what: string): URL {
  // `URL` would silently correct these two.
  // eslint-disable-next-line no-control-regex
  if (!/^\s*https?:\/\//i.test(text) || /[\0-\x1f\x7f]/.test(text.trim()))
    throw platformError('EINVAL', `${what} is not an absolute http: or https: URL`);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw platformError('EINVAL', `${what} can't be used: its host or port is missing or malformed`);
  }
  if (url.port === '0')
    throw platformError('EINVAL', `${what} can't be used: its port is not a number from 1 to 65535`);
  return url;
}

/** Each byte becomes one character. Text that isn't an escape stays as it is, unlike with `decodeURIComponent`. */
function percentDecode(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}
