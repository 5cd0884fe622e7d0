import { Refusal } from './refusal';
import { texts } from './texts';

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** The labels in which Loki looks for a service name when there is none, in this order. */
const SERVICE_NAME_SOURCES = [
  'service',
  'app',
  'application',
  'app_name',
  'name',
  'app_kubernetes_io_name',
  'container',
  'container_name',
  'k8s_container_name',
  'component',
  'workload',
  'job',
  'k8s_job_name',
];

/**
 * A stream's labels as Loki stores them: sorted, without empty ones, with `service_name`.
 * @throws Refusal for a name that isn't one.
 */
export function streamLabels(sent: ReadonlyMap<string, string>): Map<string, string> {
  for (const name of [...sent.keys()].sort()) {
    if (!LABEL_NAME.test(name)) {
      throw new Refusal(400, texts.labelSyntax(syntaxProblem(name)));
    }
  }
  const labels = new Map([...sent].filter(([, value]) => value !== ''));
  if (!labels.has('service_name')) {
    const source = SERVICE_NAME_SOURCES.find((name) => labels.has(name));
    labels.set('service_name', source === undefined ? 'unknown_service' : labels.get(source)!);
  }
  return new Map([...labels].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
}

/** `{a="b", c="d"}`, as Loki prints labels and as the key of a stream. */
export function printLabels(labels: ReadonlyMap<string, string>): string {
  return `{${[...labels].map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
}

function syntaxProblem(name: string): string {
  const character = /[^a-zA-Z0-9_]/u.exec(name)?.[0];
  return character === undefined
    ? `unexpected ${name === '' ? '"="' : `number ${JSON.stringify(name)}`} in label matching, expected identifier or "}"`
    : `unexpected character inside braces: '${character}'`;
}
