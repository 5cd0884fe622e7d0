import * as zlib from 'node:zlib';
import { Refusal } from './refusal';
import { texts } from './texts';

/**
 * The body as text, by its content encoding.
 * @throws Refusal 400 for an encoding that Loki doesn't know, or a body that isn't encoded like that.
 */
export function decodeBody(body: Buffer, encoding: string | undefined): Buffer {
  switch (encoding ?? '') {
    // Loki takes `snappy` as a habit of clients that say so without need, and reads JSON as it is.
    case '':
    case 'snappy':
      return body;
    case 'gzip':
      return inflate(() => zlib.gunzipSync(body));
    case 'deflate':
      return inflate(() => zlib.inflateRawSync(body));
    default:
      throw new Refusal(400, texts.encodingNotSupported(encoding!));
  }
}

/**
 * @throws Refusal 400 unless the content type is JSON: Loki reads anything else as protobuf, which the fake doesn't
 * speak.
 */
export function requireJson(contentType: string | undefined): void {
  if (!contentType) {
    throw new Refusal(400, texts.noMediaType);
  }
  const type = contentType.split(';')[0]!.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new Refusal(400, texts.notSnappy);
  }
}

function inflate(work: () => Buffer): Buffer {
  try {
    return work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') {
      throw new Refusal(400, texts.unexpectedEof);
    }
    throw new Refusal(400, message.includes('incorrect header') ? texts.gzipHeader : message);
  }
}
