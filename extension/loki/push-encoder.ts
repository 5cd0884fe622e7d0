import type { Batch } from '../buffer/batch';
import type { LineBuffer } from '../buffer/line-buffer';
import type { Settings } from '../config/settings';
import type { Platform } from '../platform/types';
import type { EncodedPush, LokiClient } from './loki-client';
import { pushBody } from './push-body';
import type { Streams } from './streams';

/** In UTF-8. Where so many bytes a character stay within the limit, they need not be counted. */
const MOST_BYTES_OF_A_CHARACTER = 3;

/** Makes the push of a batch, in the stream that it goes to by now. */
export class PushEncoder {
  readonly #platform: Pick<Platform, 'utf8Length'>;
  readonly #batchBytes: number;
  readonly #buffer: LineBuffer;
  readonly #client: Pick<LokiClient, 'encode'>;
  readonly #streams: Streams;

  constructor(parts: {
    platform: Pick<Platform, 'utf8Length'>;
    options: Pick<Settings, 'batchBytes'>;
    buffer: LineBuffer;
    client: Pick<LokiClient, 'encode'>;
    streams: Streams;
  }) {
    this.#platform = parts.platform;
    this.#batchBytes = parts.options.batchBytes;
    this.#buffer = parts.buffer;
    this.#client = parts.client;
    this.#streams = parts.streams;
  }

  /** `undefined` when the batch was split, because its JSON, escapes included, is larger than a push may be. */
  encode(batch: Batch): EncodedPush | undefined {
    if (!this.#streams.takesMetadata) this.#streams.dropMetadata(batch);
    const body = pushBody(this.#streams.labelsOf(batch), batch.values);
    if (batch.values.length > 1 && this.#isTooLarge(body)) {
      this.#buffer.splitTooLarge(batch);
      return undefined;
    }
    return this.#client.encode(body);
  }

  #isTooLarge(body: string): boolean {
    if (body.length * MOST_BYTES_OF_A_CHARACTER <= this.#batchBytes) return false;
    return this.#platform.utf8Length(body) > this.#batchBytes;
  }
}
