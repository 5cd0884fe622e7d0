import { type Batch, type Metadata, PLAIN_TAIL, rewriteValues, tailOf, withoutMetadata } from '../buffer/batch';
import type { RequestIdMode, Settings } from '../config/settings';

export interface FunctionIdentity {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly region: string;
}

/**
 * How many different metadata of single lines, such as a level, are kept as text for the next line that has the same.
 */
const KEPT_TAILS = 16;

/** One of the environment's streams, and what its lines have in their structured metadata. */
export class Stream {
  /** The end of the entry of a line without metadata of its own, see {@link tailOf}. */
  readonly tail: string;
  readonly #tails: Map<Metadata, string>;

  /**
   * @param key see {@link Batch.requestId}
   * @param metadata shared by all lines of an invocation
   * @param tails of lines with metadata of their own; streams without metadata may have them in common
   */
  constructor(
    readonly key: string,
    readonly metadata?: Metadata,
    tails = new Map<Metadata, string>(),
  ) {
    this.tail = metadata === undefined ? PLAIN_TAIL : tailOf(metadata);
    this.#tails = tails;
  }

  /** The {@link tail} of a line that has metadata of its own. Lines with the same metadata should share one object. */
  tailWith(own: Metadata): string {
    const known = this.#tails.get(own);
    if (known !== undefined) return known;
    const tail = tailOf(this.metadata === undefined ? own : { ...this.metadata, ...own });
    if (this.#tails.size === KEPT_TAILS) this.#tails.clear();
    this.#tails.set(own, tail);
    return tail;
  }
}

/**
 * Decides which stream a line goes to: the labels of the environment, and the request id as a label or as structured
 * metadata.
 */
export class Streams {
  readonly #labels: Readonly<Record<string, string>>;
  /** The labels as JSON, without the closing brace. */
  readonly #labelsText: string;
  #mode: RequestIdMode;
  #takesMetadata = true;
  /** Of the streams with a request id as a label, whose tails don't depend on it: made once, not in each invocation. */
  readonly #tails = new Map<Metadata, string>();
  #latestId: string | undefined;
  #latest = new Stream('');

  constructor(settings: Pick<Settings, 'labels' | 'serviceName' | 'requestIdAs'>, identity: FunctionIdentity) {
    this.#mode = settings.requestIdAs;
    this.#labels = {
      service_name: settings.serviceName ?? identity.functionName,
      ...settings.labels,
      function_name: identity.functionName,
      function_version: identity.functionVersion,
      region: identity.region,
      source: 'lambda',
    };
    this.#labelsText = JSON.stringify(this.#labels).slice(0, -1);
  }

  get mode(): RequestIdMode {
    return this.#mode;
  }

  /** Whether lines may have structured metadata, the parts of a long one for example. */
  get takesMetadata(): boolean {
    return this.#takesMetadata;
  }

  /** The stream of a line of this invocation. */
  of(requestId: string | undefined): Stream {
    // Lines of one invocation usually come one after the other.
    return requestId === this.#latestId ? this.#latest : this.#next(requestId);
  }

  #next(requestId: string | undefined): Stream {
    this.#latestId = requestId;
    if (this.#mode === 'label') return (this.#latest = new Stream(requestId ?? '', undefined, this.#tails));
    const metadata = requestId === undefined || !this.#takesMetadata ? undefined : { request_id: requestId };
    return (this.#latest = new Stream('', metadata));
  }

  /** The labels of a batch's stream, as JSON. */
  labelsOf({ requestId }: Pick<Batch, 'requestId'>): string {
    return requestId === '' ? `${this.#labelsText}}` : `${this.#labelsText},"request_id":${JSON.stringify(requestId)}}`;
  }

  /** From now on request ids are structured metadata: a stream per invocation is more than this tenant may have. */
  useMetadata(): void {
    this.#mode = 'metadata';
    this.#next(undefined);
  }

  /** From now on lines get no structured metadata, because this Loki refuses it. */
  useNoMetadata(): void {
    this.#takesMetadata = false;
    this.#next(undefined);
  }

  /**
   * Moves the request id of a batch from its label into the metadata of its lines. Timestamps and lines stay as they
   * are.
   */
  readonly moveToMetadata = (batch: Batch): void => {
    const { requestId } = batch;
    if (requestId === '') return;
    if (this.#takesMetadata) {
      rewriteValues(batch, ([timestamp, line, own]) => [timestamp, line, { ...own, request_id: requestId }]);
    }
    batch.requestId = '';
  };

  /**
   * Takes the structured metadata off the lines of a batch. Timestamps and lines stay as they are, but for fields that
   * lines get back (see `FROM_LINE`).
   */
  readonly dropMetadata = (batch: Batch): void => {
    if (batch.hasMetadata) rewriteValues(batch, withoutMetadata);
  };
}
