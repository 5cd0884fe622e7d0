import type { LokiValue } from '../buffer/batch';

/**
 * The body of a push of one stream (Loki HTTP API, "Ingest logs"). One stream only: of several, Loki's ingester reports
 * only what became of the last one, so behind a 204 the lines of an earlier one may be lost.
 */
export function pushBody(labels: Readonly<Record<string, string>>, values: readonly LokiValue[]): string {
  return `{"streams":[{"stream":${JSON.stringify(labels)},"values":${JSON.stringify(values)}}]}`;
}
