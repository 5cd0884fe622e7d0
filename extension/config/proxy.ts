/** Forward proxies, as the environment names them. */
export interface Proxies {
  /** For `https:` URLs: `http://[user:password@]host:port`. */
  readonly https?: string;
  /** For `http:` URLs. */
  readonly http?: string;
  /** The hosts that are reached without a proxy. */
  readonly exceptions: readonly Exception[];
}

export type Exception =
  | { readonly kind: 'all' }
  /** All hosts below a name and, if `exact`, the name itself. */
  | { readonly kind: 'name'; readonly name: string; readonly exact: boolean; readonly port?: string }
  | { readonly kind: 'address'; readonly address: readonly number[]; readonly bits: number; readonly port?: string };

const PROXY = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:([^/?#]*)@)?(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?\/?$/i;

/** Reads the URL of a proxy; the scheme may be left out. The problem never contains the user or the password. */
export function parseProxy(text: string): { url: string } | { problem: string } {
  const [, scheme = 'http', user, host, port] = PROXY.exec(text) ?? [];
  if (host === undefined) return { problem: 'is not a URL like http://proxy.example.com:3128; no proxy is used' };
  if (scheme.toLowerCase() !== 'http')
    return { problem: `names a proxy that speaks ${scheme}; only http:// proxies can be used, so none is` };
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))
    return { problem: `has port ${port}, which is not from 1 to 65535; no proxy is used` };
  return { url: `http://${user === undefined ? '' : `${user}@`}${host}${port === undefined ? '' : `:${port}`}` };
}

/**
 * Reads `NO_PROXY`: names (and all hosts below them), `.suffixes` and `*.suffixes` (only the hosts below them),
 * addresses, CIDR ranges, and `*` for everything. All but CIDR ranges may have a port. Separated by commas or white
 * space.
 */
export function parseNoProxy(text: string): readonly Exception[] {
  return text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(parseException);
}

function parseException(entry: string): Exception {
  if (entry === '*') return { kind: 'all' };
  const [, range, bits] = /^(.+)\/(\d{1,3})$/.exec(entry) ?? [];
  const network = range === undefined ? undefined : addressOf(range);
  if (network !== undefined)
    return { kind: 'address', address: network, bits: Math.min(Number(bits), network.length * 8) };
  const whole = addressOf(entry);
  if (whole !== undefined) return { kind: 'address', address: whole, bits: whole.length * 8 };
  const [, host = entry, port] = /^(.*):(\d{1,5})$/.exec(entry) ?? [];
  const address = addressOf(host);
  if (address !== undefined) return { kind: 'address', address, bits: address.length * 8, port };
  const below = /^\*?\./.test(host);
  return { kind: 'name', name: host.replace(/^\*?\./, '').replace(/\.$/, ''), exact: !below, port };
}

/**
 * The proxy for a URL, or `undefined` for none. Loopback and link-local addresses (Lambda's own APIs are among them)
 * are never proxied.
 * @param url absolute, without user and password.
 */
export function proxyFor(proxies: Proxies, url: string): string | undefined {
  const [, scheme, rawHost, givenPort] =
    /^(https?):\/\/(\[[^\]]*\]|[^:/?#]*)(?::(\d+))?/i.exec(url.toLowerCase()) ?? [];
  if (scheme === undefined) return undefined;
  const proxy = proxies[scheme as 'http' | 'https'];
  if (proxy === undefined) return undefined;
  const host = rawHost.replace(/\.$/, '');
  const port = givenPort ?? (scheme === 'https' ? '443' : '80');
  const address = addressOf(host);
  if (isLocal(host, address)) return undefined;
  return proxies.exceptions.some((exception) => matches(exception, host, address, port)) ? undefined : proxy;
}

function matches(exception: Exception, host: string, address: readonly number[] | undefined, port: string): boolean {
  if (exception.kind === 'all') return true;
  if (exception.port !== undefined && exception.port !== port) return false;
  if (exception.kind === 'address') return address !== undefined && within(address, exception.address, exception.bits);
  return (exception.exact && host === exception.name) || host.endsWith(`.${exception.name}`);
}

function isLocal(host: string, address: readonly number[] | undefined): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  if (address === undefined) return false;
  // IPv4 addresses may be written in IPv6 (RFC 4291 §2.5.5.2).
  const mapped = address.length === 16 && address.slice(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 255));
  const v4 = address.length === 4 ? address : mapped ? address.slice(12) : undefined;
  if (v4 !== undefined) return v4[0] === 127 || (v4[0] === 169 && v4[1] === 254);
  return address.every((byte, i) => byte === (i < 15 ? 0 : 1)) || (address[0] === 0xfe && (address[1] & 0xc0) === 0x80);
}

function within(address: readonly number[], network: readonly number[], bits: number): boolean {
  if (address.length !== network.length) return false;
  return network.every((byte, i) => {
    const kept = Math.min(8, Math.max(0, bits - i * 8));
    return (address[i] ^ byte) >> (8 - kept) === 0;
  });
}

/** The bytes of an IPv4 or IPv6 address, with brackets or without; `undefined` for anything else. */
function addressOf(text: string): number[] | undefined {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (!bare.includes(':')) return v4Of(bare);
  const [head, tail, ...more] = bare.split('::');
  if (more.length > 0) return undefined;
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  if (left === undefined || right === undefined) return undefined;
  const missing = 16 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  return [...left, ...new Array<number>(missing).fill(0), ...right];
}

function groupsOf(text: string): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  for (const group of text.split(':')) {
    const v4 = v4Of(group);
    if (v4 === undefined && !/^[0-9a-f]{1,4}$/.test(group)) return undefined;
    bytes.push(...(v4 ?? [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]));
  }
  return bytes;
}

function v4Of(text: string): number[] | undefined {
  const [, ...digits] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text) ?? [];
  const bytes = digits.map(Number);
  return bytes.length === 4 && bytes.every((byte) => byte < 256) ? bytes : undefined;
}
