import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { FakeLoki } from '../../sandbox/loki';
import { type Environment, type EnvironmentOptions, scriptedRuntime, type ScriptedIo } from '../../sandbox';
import { environmentWithLayer, functionLines } from '../support/e2e';

/** A function that writes the lines that it is invoked with. */
export const writesItsPayload = scriptedRuntime((payload: unknown, io: ScriptedIo) =>
  (payload as string[]).forEach((line) => io.line(line)),
);

/** An environment whose function writes the lines that it is invoked with, with all that the extension has to say. */
export function startEnvironment(
  pushUrl: string,
  environment: Record<string, string>,
  options: Partial<EnvironmentOptions> = {},
): Promise<Environment> {
  return environmentWithLayer(
    { pushUrl },
    { runtime: writesItsPayload, ...options, environment: { LOKI_LOG_LEVEL: 'debug', ...environment } },
  );
}

export function stored(loki: FakeLoki): string[] {
  return functionLines(loki.stored).map(({ line }) => line);
}

/** The lines on stderr of this level or a graver one. */
export function warnings(environment: Environment): string[] {
  return environment.extensionStderr.split('\n').filter((line) => /^\[lambdawatch\] (warn|error): /.test(line));
}

/** Fails if one of the secrets stands in what the extension wrote or in what it pushed, in any usual form. */
export function assertNothingLeaked(environment: Environment, loki: FakeLoki, secrets: readonly string[]): void {
  const written: [string, string][] = [
    ['stderr', environment.extensionStderr],
    [
      'Loki',
      loki.pushes
        .map(
          (push) =>
            push.path +
            push.body.toString('latin1') +
            JSON.stringify(push.content ?? '', (_, value: unknown) =>
              typeof value === 'bigint' ? String(value) : value,
            ),
        )
        .join('\n'),
    ],
    ['a header', JSON.stringify(loki.pushes.map(({ headers: { authorization: _, ...headers } }) => headers))],
  ];
  for (const secret of secrets) {
    const forms = [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    ];
    for (const form of forms)
      for (const [where, text] of written)
        assert.ok(!text.includes(form), `${JSON.stringify(secret)} stands in ${where}: ${around(text, form)}`);
  }
}

function around(text: string, form: string): string {
  const at = text.indexOf(form);
  return text.slice(Math.max(0, at - 100), at + form.length + 40);
}

export interface AwsRequest {
  readonly target: string;
  readonly parameters: Record<string, unknown>;
  readonly headers: IncomingHttpHeaders;
}

export type AwsAnswer =
  | { readonly status: number; readonly body: string; readonly afterMs?: number }
  | 'hang'
  | 'reset';

/** An endpoint of AWS's JSON protocol that does what `answer` says, which may be changed at any time. */
export class AwsEndpoint {
  readonly requests: AwsRequest[] = [];
  url = '';
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const seen: AwsRequest = {
        target: String(request.headers['x-amz-target']),
        parameters: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>,
        headers: request.headers,
      };
      this.requests.push(seen);
      const answer = this.answer(seen);
      if (answer === 'hang') return;
      if (answer === 'reset') return void request.socket.destroy();
      setTimeout(
        () => response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' }).end(answer.body),
        answer.afterMs ?? 0,
      );
    });
  });

  constructor(public answer: (request: AwsRequest) => AwsAnswer) {}

  async start(host = '127.0.0.1'): Promise<this> {
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => this.#server.listen(0, host, resolve));
    this.url = `http://${host}:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** AWS's answer to GetSecretValue or GetParameter, whichever was asked. */
export function secretAnswer(request: AwsRequest, text: string): AwsAnswer {
  const body =
    request.target === 'AmazonSSM.GetParameter'
      ? { Parameter: { ARN: request.parameters.Name, Name: 'loki', Type: 'SecureString', Value: text, Version: 1 } }
      : {
          ARN: request.parameters.SecretId,
          Name: 'loki',
          SecretString: text,
          VersionId: '0000',
          VersionStages: ['AWSCURRENT'],
        };
  return { status: 200, body: JSON.stringify(body) };
}

export function awsError(type: string, message: string, status = 400): AwsAnswer {
  return { status, body: JSON.stringify({ __type: type, Message: message }) };
}

export const SECRET_ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:team/loki-AbCdEf';
export const PARAMETER_ARN = 'arn:aws:ssm:eu-west-1:111122223333:parameter/team/loki/password';
