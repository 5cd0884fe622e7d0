import type { LokiValue } from '../buffer/batch';
import type { JsonList, TextPart } from '../platform/types';

/**
 * The body of a push of one stream (Loki HTTP API, "Ingest logs"). There is only one stream: with several, Loki's
 * ingester reports only the outcome of the last one, so lines of an earlier one may be lost despite a 204.
 * @param labels as JSON
 * @param values a {@link LokiValue} for each line
 */
export function pushBody(labels: string, values: JsonList | readonly LokiValue[]): TextPart[] {
  const list = 'text' in values ? values : JSON.stringify(values).slice(1, -1);
  return [`{"streams":[{"stream":${labels},"values":[`, list, ']}]}'];
}
