/** Where PEM text comes from: the variable itself, or a file. */
export interface PemSource {
  readonly variable: string;
  /** PEM with the line breaks that it requires. */
  readonly text?: string;
  /** The absolute path of a file, in another layer for example. */
  readonly path?: string;
}

export interface TlsSources {
  readonly ca?: PemSource;
  /** Present only together with `key`. */
  readonly cert?: PemSource;
  readonly key?: PemSource;
}

export type PemKind = 'certificate' | 'private key';

/** A part of PEM text (RFC 7468): label and base64. */
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----((?:(?!-----BEGIN )[\s\S])*)-----END \1-----/g;
const LABELS: Readonly<Record<PemKind, RegExp>> = {
  certificate: /^(X509 )?CERTIFICATE$/,
  'private key': /^((RSA|EC) )?PRIVATE KEY$/,
};

/** Tells PEM text from a path. The problem never contains the value, which may be a key. */
export function parsePemSource(
  variable: string,
  kind: PemKind,
  value: string,
): { source: PemSource } | { problem: string } {
  if (value.includes('-----BEGIN ')) {
    const { pem, problem } = pemOf(kind, value);
    return pem === undefined ? { problem: problem! } : { source: { variable, text: pem } };
  }
  if (value.startsWith('/') && !/[\r\n]/.test(value)) return { source: { variable, path: value } };
  return { problem: 'is neither PEM text nor an absolute path' };
}

/**
 * The parts with this label, with their line breaks restored: in variables, line breaks are often written as `\n` or
 * have become spaces. The problem says what is wrong without showing any of the text.
 */
export function pemOf(kind: PemKind, text: string): { pem?: string; problem?: string } {
  const blocks: string[] = [];
  let encrypted = false;
  for (const [, label, body] of text.replace(/\\r|\\n/g, '\n').matchAll(BLOCK)) {
    encrypted ||= label.startsWith('ENCRYPTED') || body.includes('ENCRYPTED');
    const base64 = body.replace(/\s+/g, '');
    if (!LABELS[kind].test(label) || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) continue;
    blocks.push(`-----BEGIN ${label}-----\n${base64.replace(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`);
  }
  if (blocks.length > 0) return { pem: blocks.join('') };
  return {
    problem: encrypted
      ? 'has an encrypted private key; it has to be one without a passphrase'
      : `has no ${kind} in PEM`,
  };
}
