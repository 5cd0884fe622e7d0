import type { Batch } from '../buffer/line-buffer';
import type { RequestIdMode, Settings } from '../config/settings';
import type { Metadata } from './push-body';

export interface FunctionIdentity {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly region: string;
}

/** Decides which stream a line goes to: the labels of the environment, and the request id as a label or as structured metadata. */
export class Streams {
  readonly #labels: Readonly<Record<string, string>>;
  #mode: RequestIdMode;
  /** The last request id's metadata, shared by its lines. */
  #metadata: Metadata = {};

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

  /** Which of the environment's streams the lines of this invocation go to (see {@link Batch.requestId}). */
  keyOf(requestId: string | undefined): string {
    return this.#mode === 'label' ? requestId ?? '' : '';
  }

  /** What goes into the structured metadata of a line of this invocation; `undefined` for nothing. */
  metadataOf(requestId: string | undefined): Metadata | undefined {
    if (this.#mode === 'label' || requestId === undefined) return undefined;
    if (this.#metadata.request_id !== requestId) this.#metadata = { request_id: requestId };
    return this.#metadata;
  }

  labelsOf(batch: Batch): Readonly<Record<string, string>> {
    return batch.requestId === '' ? this.#labels : { ...this.#labels, request_id: batch.requestId };
  }

  /** From now on request ids are structured metadata: a stream per invocation is more than this tenant may have. */
  useMetadata(): void {
    this.#mode = 'metadata';
  }

  /** Moves the request id of a batch from its label into the metadata of its lines. Timestamps and lines stay as they are. */
  readonly moveToMetadata = (batch: Batch): void => {
    const { requestId } = batch;
    if (requestId === '') return;
    const shared: Metadata = { request_id: requestId };
    for (const value of batch.values) value[2] = value[2] ? { ...value[2], request_id: requestId } : shared;
    batch.requestId = '';
  };
}
