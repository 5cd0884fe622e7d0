import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A call of AWS, as it goes by. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** Name of a function in the path, if any. */
  readonly function?: string;
  /** `UpdateFunctionConfiguration`, `GetFunction`, …; for IAM, the action of the body. */
  readonly action: string;
}

/** What the service answers in place of moto. */
export interface Answer {
  readonly status: number;
  /** `__type` of the error, or none. */
  readonly error?: string;
  readonly message?: string;
  readonly body?: unknown;
}

type Hook = (call: Call) => Answer | undefined | void | Promise<Answer | undefined | void>;
type Overlay = Record<string, unknown>;

/**
 * Stands before moto and adds what AWS does and moto doesn't: revisions, updates that take a while, states, log groups.
 * A test can also have it refuse a call, or do something in between.
 */
export class AwsInBetween {
  /** Asked before each call. */
  hook: Hook = () => undefined;
  /** Fields of a function's configuration that moto doesn't know. */
  readonly overlays = new Map<string, Overlay>();
  /** Status of the update that comes next, after this many answers of `InProgress`. */
  readonly nextUpdates = new Map<string, { polls: number; then: Overlay }>();
  /** All calls that were made, in order. */
  readonly calls: Call[] = [];
  /** What SimulatePrincipalPolicy answers. */
  allowed: (action: string, resource: string) => boolean = () => true;
  readonly #revisions = new Map<string, string>();
  readonly #updating = new Map<string, { polls: number; then: Overlay }>();
  #server!: Server;
  url = '';

  static async start(moto: string): Promise<AwsInBetween> {
    const between = new AwsInBetween();
    between.#server = createServer(
      (request, response) =>
        void between.#handle(moto, request, response).catch((error: unknown) => {
          response.writeHead(500).end(String(error));
        }),
    );
    await new Promise<void>((resolve) => between.#server.listen(0, '127.0.0.1', resolve));
    between.url = `http://127.0.0.1:${(between.#server.address() as AddressInfo).port}`;
    return between;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Somebody else has written: the function has a new revision. */
  revise(name: string): void {
    this.#revisions.set(name, randomUUID());
  }

  async #handle(moto: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await buffer(request)).toString();
    const path = request.url ?? '/';
    const call: Call = {
      method: request.method ?? 'GET',
      path,
      body,
      ...described(request.method ?? 'GET', path, body),
    };
    this.calls.push(call);
    const answer = (await this.hook(call)) ?? this.#own(call);
    if (answer) {
      const content = JSON.stringify(
        answer.body ?? { __type: answer.error, Type: 'User', message: answer.message, Message: answer.message },
      );
      response
        .writeHead(answer.status, {
          'content-type': 'application/json',
          ...(answer.error ? { 'x-amzn-errortype': answer.error } : {}),
        })
        .end(content);
      return;
    }
    if (call.action === 'SimulatePrincipalPolicy') return this.#simulate(body, response);
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => !['host', 'connection', 'content-length'].includes(name)),
    );
    const upstream = await fetch(moto + path, {
      method: call.method,
      headers: headers as Record<string, string>,
      ...(call.method === 'GET' || call.method === 'HEAD' ? {} : { body }),
    });
    let text = await upstream.text();
    if (upstream.ok && call.function !== undefined) text = this.#dress(call, text);
    response
      .writeHead(upstream.status, { 'content-type': upstream.headers.get('content-type') ?? 'application/json' })
      .end(text);
  }

  #own(call: Call): Answer | undefined {
    const name = call.function;
    if (name === undefined || call.action !== 'UpdateFunctionConfiguration') return undefined;
    const { RevisionId: revision } = JSON.parse(call.body) as { RevisionId?: string };
    if (revision !== undefined && revision !== this.#revision(name)) {
      return {
        status: 412,
        error: 'PreconditionFailedException',
        message: 'The Revision Id provided does not match the latest Revision Id.',
      };
    }
    if ((this.#updating.get(name)?.polls ?? 0) > 0) {
      return {
        status: 409,
        error: 'ResourceConflictException',
        message: 'The operation cannot be performed at this time. An update is in progress',
      };
    }
    this.revise(name);
    const update = this.nextUpdates.get(name);
    if (update) this.#updating.set(name, { ...update });
    else this.#updating.delete(name);
    return undefined;
  }

  #dress({ action, function: name = '' }: Call, text: string): string {
    if (!['GetFunction', 'GetFunctionConfiguration', 'UpdateFunctionConfiguration'].includes(action)) return text;
    const answer = JSON.parse(text) as Record<string, unknown>;
    const config = (action === 'GetFunction' ? answer.Configuration : answer) as Record<string, unknown>;
    const updating = this.#updating.get(name);
    Object.assign(config, this.overlays.get(name), { RevisionId: this.#revision(name) });
    if (updating && action === 'GetFunctionConfiguration' && updating.polls-- <= 0)
      Object.assign(config, updating.then);
    else if (updating && updating.polls >= 0) Object.assign(config, { LastUpdateStatus: 'InProgress' });
    else if (updating) Object.assign(config, updating.then);
    return JSON.stringify(answer);
  }

  #revision(name: string): string {
    if (!this.#revisions.has(name)) this.revise(name);
    return this.#revisions.get(name)!;
  }

  #simulate(body: string, response: ServerResponse): void {
    const parameters = new URLSearchParams(body);
    const action = parameters.get('ActionNames.member.1') ?? '';
    const decision = this.allowed(action, parameters.get('ResourceArns.member.1') ?? '') ? 'allowed' : 'implicitDeny';
    response
      .writeHead(200, { 'content-type': 'text/xml' })
      .end(
        '<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">' +
          `<SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated><EvaluationResults><member><EvalActionName>${action}</EvalActionName>` +
          `<EvalDecision>${decision}</EvalDecision></member></EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>`,
      );
  }
}

function described(method: string, path: string, body: string): { action: string; function?: string } {
  const [, name, rest = ''] = /^\/2015-03-31\/functions\/([^/?]+)(\/[^?]*)?/.exec(path) ?? [];
  if (name !== undefined) {
    const actions: Record<string, string> = {
      'GET ': 'GetFunction',
      'GET /configuration': 'GetFunctionConfiguration',
      'PUT /configuration': 'UpdateFunctionConfiguration',
      'POST /versions': 'PublishVersion',
    };
    return {
      action: actions[`${method} ${rest}`] ?? `${method} ${rest}`,
      function: decodeURIComponent(name).replace(/:\d+$/, ''),
    };
  }
  if (/^\/2017-03-31\/tags\//.test(path)) {
    return {
      action: method === 'POST' ? 'TagResource' : method === 'DELETE' ? 'UntagResource' : 'ListTags',
      function: decodeURIComponent(path).replace(/^.*:function:([^?]+).*$/, '$1'),
    };
  }
  return { action: new URLSearchParams(body).get('Action') ?? `${method} ${path.split('?')[0]}` };
}
