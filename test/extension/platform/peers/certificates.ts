import { createPrivateKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/**
 * Just enough of X.509 to make certificates for tests, with what Node.js has: keys and signatures. ECDSA on P-256.
 */
export interface Certificate {
  readonly pem: string;
  /** Private key, PKCS#8 PEM. */
  readonly keyPem: string;
  /** The same key in its older form, SEC1 PEM. */
  readonly oldKeyPem: string;
  readonly name: string;
}

export interface CertificateOptions {
  readonly name: string;
  /** Signs it; left out for one that signs itself. */
  readonly issuer?: Certificate;
  /** May sign others. Default false. */
  readonly isAuthority?: boolean;
  readonly hosts?: readonly string[];
  readonly addresses?: readonly (readonly number[])[];
  /** Validity, in days from now. Default −1 to 30. */
  readonly fromDays?: number;
  readonly toDays?: number;
}

const DAY_MS = 86_400_000;

export function makeCertificate(options: CertificateOptions): Certificate {
  const { name, issuer, isAuthority = false, fromDays = -1, toDays = 30 } = options;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    distinguishedName(issuer?.name ?? name),
    sequence(time(fromDays), time(toDays)),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions(options, isAuthority))),
  );
  const signer: KeyObject = issuer ? createPrivateKey(issuer.keyPem) : privateKey;
  const certificate = sequence(body, algorithm, tagged(0x03, Buffer.from([0]), sign('sha256', body, signer)));
  return {
    name,
    pem: `-----BEGIN CERTIFICATE-----\n${certificate
      .toString('base64')
      .replace(/(.{64})/g, '$1\n')
      .trimEnd()}\n-----END CERTIFICATE-----\n`,
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    oldKeyPem: privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
  };
}

function extensions({ hosts = [], addresses = [] }: CertificateOptions, isAuthority: boolean): Buffer[] {
  // Number of unused bits, then digitalSignature, of an authority keyCertSign and cRLSign as well.
  const usage = isAuthority ? [1, 0x86] : [7, 0x80];
  const list = [
    extension('2.5.29.19', sequence(...(isAuthority ? [tagged(0x01, Buffer.from([0xff]))] : []))),
    extension('2.5.29.15', tagged(0x03, Buffer.from(usage))),
  ];
  const names = [
    ...hosts.map((host) => tagged(0x82, Buffer.from(host))),
    ...addresses.map((bytes) => tagged(0x87, Buffer.from(bytes))),
  ];
  return names.length > 0 ? [...list, extension('2.5.29.17', sequence(...names))] : list;
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), tagged(0x04, value));
}

function distinguishedName(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(oid('2.5.4.3'), tagged(0x0c, Buffer.from(commonName)))));
}

function time(days: number): Buffer {
  const text = new Date(Date.now() + days * DAY_MS).toISOString().replace(/[-:T]|\.\d+/g, '');
  return tagged(0x17, Buffer.from(text.slice(2)));
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function oid(text: string): Buffer {
  const [first, second, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const digits = [arc & 127];
    for (let left = arc >> 7; left > 0; left >>= 7) digits.unshift((left & 127) | 128);
    bytes.push(...digits);
  }
  return tagged(0x06, Buffer.from(bytes));
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

/** DER: tag, length, content. */
function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const prefix = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...prefix]), content]);
}
