/** Type of a frame: the upper bytes are fixed, the last two tell level and format. */
const FRAME_MARK = 0xa55a;
const HEADER_BYTES = 16;

/**
 * Reads log frames, which a runtime client writes to the descriptor in `_LAMBDA_TELEMETRY_LOG_FD`: type (4 bytes),
 * length (4), time in microseconds (8), message; big-endian. A message is one record, whatever newlines are in it.
 */
export class FrameReader {
  readonly #emit: (message: string) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(emit: (message: string) => void) {
    this.#emit = emit;
  }

  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= HEADER_BYTES) {
      if (this.#rest.readUInt16BE(0) !== FRAME_MARK)
        throw new Error('what the runtime wrote to the log descriptor is not a frame');
      const end = HEADER_BYTES + this.#rest.readUInt32BE(4);
      if (this.#rest.length < end) return;
      this.#emit(this.#rest.toString('utf8', HEADER_BYTES, end));
      this.#rest = this.#rest.subarray(end);
    }
  }
}
