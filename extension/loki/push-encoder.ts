import type { Batch } from '../buffer/batch';
import type { LineBuffer } from '../buffer/line-buffer';
import type { Settings } from '../config/settings';
import type { EncodedPush, LokiClient } from './loki-client';
import { pushBody } from './push-body';
import type { Streams } from './streams';

/** Encodes the push of a batch, in the stream that it now belongs to. */
export class PushEncoder {
  readonly #batchBytes: number;
  readonly #buffer: LineBuffer;
  readonly #client: Pick<LokiClient, 'bytesOf' | 'encode'>;
  readonly #streams: Streams;

  constructor(parts: {
    options: Pick<Settings, 'batchBytes'>;
    buffer: LineBuffer;
    client: Pick<LokiClient, 'bytesOf' | 'encode'>;
    streams: Streams;
  }) {
    this.#batchBytes = parts.options.batchBytes;
    this.#buffer = parts.buffer;
    this.#client = parts.client;
    this.#streams = parts.streams;
  }

  /** `undefined` when the batch was split, because its JSON, escapes included, is larger than a push may be. */
  encode(batch: Batch): EncodedPush | undefined {
    if (!this.#streams.takesMetadata) this.#streams.dropMetadata(batch);
    const body = pushBody(this.#streams.labelsOf(batch), batch.list);
    const bytes = this.#client.bytesOf(body);
    if (batch.lines > 1 && bytes > this.#batchBytes) {
      this.#buffer.splitTooLarge(batch);
      return undefined;
    }
    return this.#client.encode(body, bytes);
  }
}
