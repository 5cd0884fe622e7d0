import { readSettings } from '../extension/config/read-settings';
import { Diagnostics, DIAGNOSTICS_PREFIX } from '../extension/diagnostics';
import { Latency } from '../extension/loki/latency';
import { LokiClient } from '../extension/loki/loki-client';
import { pushBody } from '../extension/loki/push-body';
import { createNodePlatform } from '../extension/platform/node';
import type { HttpRequest, Platform } from '../extension/platform/types';
import { createOutbound } from '../extension/loki/way';
import { streamFindings } from './doctor-streams';
import { type Finding, finding } from './plan/findings';

const LIMIT_MS = 10_000;

/** The variables with which the extension reads secrets, here with the user's own values. */
export type OwnCredentials = Readonly<Record<string, string>>;

/**
 * Checks whether Loki can be reached from here and accepts the credentials, with the extension's own client and the
 * function's settings.
 * @param push send a line; otherwise an empty push, which Loki refuses only after it has accepted the sender
 */
export async function lokiFindings(
  variables: Readonly<Record<string, string>>,
  credentials: OwnCredentials,
  push: boolean,
): Promise<Finding[]> {
  const said: string[] = [];
  const node = createNodePlatform();
  let sent: HttpRequest | undefined;
  const platform: Platform = {
    ...node,
    env: { ...variables, ...credentials },
    stderr: (line) => void said.push(line),
    request: (one) => {
      // Secrets are read by requests, too.
      if (one.url === endpointUrl) sent = one;
      return node.request(one);
    },
  };
  const diagnostics = new Diagnostics(platform, 'warn');
  const { settings } = readSettings(platform.env, (text) => platform.utf8Length(text));
  const { endpoint } = settings;
  const endpointUrl = endpoint?.url;
  if (!endpoint) return [finding('problem', 'Loki', 'no endpoint that could be asked', 'attach again with --endpoint')];
  const load = settings.outbound
    ? async (): Promise<ReturnType<typeof createOutbound>> => createOutbound(platform, diagnostics, settings)
    : undefined;
  const client = new LokiClient(
    platform,
    { ...settings, requestTimeoutMs: LIMIT_MS, url: endpoint.url, loadOutbound: load },
    new Latency(),
  );
  const labels = {
    ...settings.labels,
    source: 'lambdawatch-doctor',
    service_name: settings.serviceName ?? 'lambdawatch-doctor',
  };
  const body = push
    ? pushBody(JSON.stringify(labels), [[`${Date.now()}000000`, 'lambdawatch doctor: this line came through']])
    : ['{"streams":[]}'];
  const started = performance.now();
  const outcome = await client.push(client.encode(body), LIMIT_MS);
  const took = `${Math.round(performance.now() - started)} ms`;
  const host = new URL(endpoint.url).host;
  const told = said.map((line) =>
    finding('warning', 'Loki', line.replace(DIAGNOSTICS_PREFIX, '').replace(/^\w+: /, '')),
  );
  const streams = async (): Promise<Finding[]> =>
    sent ? streamFindings(node, sent, settings.requestIdAs === 'label') : [];
  switch (outcome.kind) {
    case 'stored':
      return [
        ...told,
        finding(
          'ok',
          'Loki',
          push
            ? `${host} has stored a line with {source="lambdawatch-doctor"}, in ${took}`
            : `${host} answers and lets us in, in ${took}`,
        ),
        ...(await streams()),
      ];
    case 'refused':
      // An empty push stores nothing.
      return [
        ...told,
        push
          ? finding(
              'problem',
              'Loki',
              `${host} refuses the line: ${outcome.reason}`,
              'what Loki says names the limit or the label',
            )
          : finding('ok', 'Loki', `${host} answers and lets us in, in ${took}`),
        ...(await streams()),
      ];
    case 'stream-limit':
      return [
        ...told,
        finding('problem', 'Loki', `${host} takes no further stream of this tenant: ${outcome.reason}`),
        ...(await streams()),
      ];
    case 'denied':
      return [
        ...told,
        finding('problem', 'Loki', `${host} does not let us in: ${outcome.reason}`, wayIn(outcome.reason)),
      ];
    case 'failed':
      return [
        ...told,
        finding(
          'problem',
          'Loki',
          `${host} does not answer as it should: ${outcome.reason}`,
          'a private Loki may be reached from the function and not from here',
        ),
      ];
    default:
      return [
        ...told,
        finding('warning', 'Loki', `${host}: ${outcome.kind}${'reason' in outcome ? `, ${outcome.reason}` : ''}`),
      ];
  }
}

function wayIn(reason: string): string {
  if (/status 40[13]/.test(reason)) return 'check user, password or token, and the tenant';
  if (/status 404/.test(reason)) return 'the endpoint has to be the full push URL, which ends in /loki/api/v1/push';
  return 'check the endpoint, and what stands before Loki';
}
