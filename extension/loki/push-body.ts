import type { LokiValue } from '../buffer/batch';
import type { JsonList, TextPart } from '../platform/types';

/**
 * The body of a push of one stream (Loki HTTP API, "Ingest logs"). One stream only: of several, Loki's ingester reports
 * only what became of the last one, so behind a 204 the lines of an earlier one may be lost.
 * @param labels as JSON
 * @param values a {@link LokiValue} for each line
 */
export function pushBody(labels: string, values: JsonList | readonly LokiValue[]): TextPart[] {
  const list = 'text' in values ? values : JSON.stringify(values).slice(1, -1);
  return [`{"streams":[{"stream":${labels},"values":[`, list, ']}]}'];
}
