import type { Batch, Metadata } from '../buffer/batch';
import type { RequestIdMode, Settings } from '../config/settings';

export interface FunctionIdentity {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly region: string;
}

/** Metadata of single lines, such as a level, that is kept for the next line that has the same. */
const KEPT = 16;

/** One of the environment's streams, and what its lines have in their structured metadata. */
export class Stream {
  readonly #kept = new Map<Metadata, Metadata>();

  /**
   * @param key see {@link Batch.requestId}
   * @param metadata shared by all lines of an invocation
   */
  constructor(
    readonly key: string,
    readonly metadata?: Metadata,
  ) {}

  /** {@link metadata} of a line that has some of its own; where many lines have the same, best in one object. */
  with(own: Metadata): Metadata {
    if (this.metadata === undefined) return own;
    const known = this.#kept.get(own);
    if (known !== undefined) return known;
    const all = { ...this.metadata, ...own };
    if (this.#kept.size === KEPT) this.#kept.clear();
    this.#kept.set(own, all);
    return all;
  }
}

/**
 * Decides which stream a line goes to: the labels of the environment, and the request id as a label or as structured
 * metadata.
 */
export class Streams {
  readonly #labels: Readonly<Record<string, string>>;
  #mode: RequestIdMode;
  #takesMetadata = true;
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
  }

  get mode(): RequestIdMode {
    return this.#mode;
  }

  /** Whether lines may have structured metadata, the parts of a long one for example. */
  get takesMetadata(): boolean {
    return this.#takesMetadata;
  }

  /** Where a line of this invocation goes. */
  of(requestId: string | undefined): Stream {
    // Lines of one invocation mostly come one after the other.
    return requestId === this.#latestId ? this.#latest : this.#next(requestId);
  }

  #next(requestId: string | undefined): Stream {
    this.#latestId = requestId;
    const metadata = requestId === undefined || !this.#takesMetadata ? undefined : { request_id: requestId };
    return (this.#latest = this.#mode === 'label' ? new Stream(requestId ?? '') : new Stream('', metadata));
  }

  labelsOf(batch: Batch): Readonly<Record<string, string>> {
    return batch.requestId === '' ? this.#labels : { ...this.#labels, request_id: batch.requestId };
  }

  /** From now on request ids are structured metadata: a stream per invocation is more than this tenant may have. */
  useMetadata(): void {
    this.#mode = 'metadata';
    this.#next(undefined);
  }

  /** From now on lines have no structured metadata, because this Loki refuses it. */
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
      const shared: Metadata = { request_id: requestId };
      for (const value of batch.values) value[2] = value[2] ? { ...value[2], request_id: requestId } : shared;
    }
    batch.requestId = '';
  };

  /** Takes the structured metadata off the lines of a batch. Timestamps and lines stay as they are. */
  readonly dropMetadata = (batch: Batch): void => {
    for (const value of batch.values) value.length = 2;
  };
}
