import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { deferred, type Deferred } from './deferred';
import type { EventRecorder } from './events';
import { header, HttpError, readBody, sendJson, type ApiServer } from './http';
import type { InitializationType } from './types';

export type ExtensionEventType = 'INVOKE' | 'SHUTDOWN';
export type ExtensionState =
  | 'Started'
  | 'Registered'
  | 'Ready'
  | 'Running'
  | 'InitError'
  | 'ExitError'
  | 'LaunchError'
  | 'Exited'
  | 'ShutdownFailed';

export interface ExtensionEvent {
  readonly eventType: ExtensionEventType;
  readonly deadlineMs: number;
  readonly requestId?: string;
  readonly [field: string]: unknown;
}

/** What the environment knows of one extension. */
export interface Agent {
  readonly id: string;
  readonly name: string;
  /** Started from `/opt/extensions`, as opposed to registered from inside the runtime. */
  readonly external: boolean;
  state: ExtensionState;
  subscribed: readonly ExtensionEventType[];
  errorType?: string;
}

interface Entry extends Agent {
  poll?: ServerResponse;
  pending?: ExtensionEvent;
}

export interface ExtensionsApiOptions {
  readonly mode: InitializationType;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly handler: string;
  /** Given to extensions that ask for the feature; `undefined` when the feature is not known. */
  readonly accountId?: string;
  /** An extension has reported an error; the phase it happens in has failed. */
  readonly onError: (name: string, errorType: string) => void;
}

const MAX_EXTENSIONS = 10;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const fail = (errorType: string, message: string): never => {
  throw new HttpError(403, errorType, message);
};

/** The Extensions API, 2020-01-01, with its state machine. */
export class ExtensionsApi {
  readonly #options: ExtensionsApiOptions;
  readonly #events: EventRecorder;
  #agents: Entry[] = [];
  #registrationOpen = true;
  #conditions: { readonly test: () => boolean; readonly met: Deferred<void> }[] = [];

  constructor(server: ApiServer, events: EventRecorder, options: ExtensionsApiOptions) {
    this.#options = options;
    this.#events = events;
    server.route(/^POST \/2020-01-01\/extension\/register$/, (request, response) => this.#register(request, response));
    server.route(/^GET \/2020-01-01\/extension\/event\/next$/, (request, response) => this.#next(request, response));
    server.route(/^POST \/2020-01-01\/extension\/init\/error$/, (request, response) =>
      this.#error('init', request, response),
    );
    server.route(/^POST \/2020-01-01\/extension\/exit\/error$/, (request, response) =>
      this.#error('exit', request, response),
    );
  }

  get agents(): readonly Agent[] {
    return this.#agents;
  }

  /** Starts over with these external extensions, none of them registered. */
  reset(externalNames: readonly string[]): void {
    for (const agent of this.#agents) agent.poll?.destroy();
    this.#agents = externalNames.map((name) => ({
      id: randomUUID(),
      name,
      external: true,
      state: 'Started',
      subscribed: [],
    }));
    this.#registrationOpen = true;
    this.#conditions = [];
  }

  closeRegistration(): void {
    this.#registrationOpen = false;
  }

  /** The extension behind a request's identifier header. Throws the API's own errors. */
  identify(request: IncomingMessage): Agent {
    const id = header(request, 'Lambda-Extension-Identifier');
    if (!id) return fail('Extension.MissingExtensionIdentifier', 'missing Lambda-Extension-Identifier header');
    if (!UUID.test(id)) fail('Extension.InvalidExtensionIdentifier', 'the extension identifier is not a UUID');
    const agent = this.#agents.find((candidate) => candidate.id === id && candidate.state !== 'Started');
    return agent ?? fail('Extension.UnknownExtensionIdentifier', 'no extension has this identifier');
  }

  /** Resolves when every external extension has registered. */
  allRegistered(): Promise<void> {
    return this.#until(() => this.#agents.every((agent) => !agent.external || agent.state !== 'Started'));
  }

  /** Resolves when every registered extension has called `/next`. */
  allReady(): Promise<void> {
    return this.#until(() => this.#agents.every((agent) => agent.state === 'Ready' || agent.state === 'Started'));
  }

  /** Resolves when every extension that gets INVOKE events is in `/next` again. The others are never waited for. */
  invokeSubscribersReady(): Promise<void> {
    return this.#until(() =>
      this.#agents.every(
        (agent) => !agent.subscribed.includes('INVOKE') || (agent.state === 'Ready' && !agent.pending),
      ),
    );
  }

  /** Sends the event to the extensions that subscribed to its type. One that is busy gets it at its next `/next`. */
  dispatch(event: ExtensionEvent): void {
    for (const agent of this.#agents) {
      if (!agent.subscribed.includes(event.eventType)) continue;
      agent.pending = event;
      this.#deliver(agent);
    }
  }

  /** Records how the process of an extension ended. */
  exited(name: string, state: 'Exited' | 'ShutdownFailed' | 'LaunchError'): void {
    const agent = this.#agents.find((candidate) => candidate.name === name && candidate.external);
    if (!agent) return;
    agent.poll?.destroy();
    agent.poll = undefined;
    this.#change(agent, state);
  }

  async #register(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = header(request, 'Lambda-Extension-Name') ?? '';
    const features = (header(request, 'Lambda-Extension-Accept-Feature') ?? '')
      .split(',')
      .map((feature) => feature.trim())
      .filter(Boolean);
    const body = (await readBody(request)).toString('utf8');
    let subscribed: readonly ExtensionEventType[] = [];
    try {
      subscribed = this.#requestedEvents(body);
      const agent = this.#admit(name, subscribed);
      agent.subscribed = subscribed;
      this.#events.record('extension.register', { name, status: 200, events: subscribed, features });
      const { functionName, functionVersion, handler, accountId } = this.#options;
      const reply = {
        functionName,
        functionVersion,
        handler,
        ...(features.includes('accountId') && accountId ? { accountId } : {}),
      };
      sendJson(response, 200, reply, { 'Lambda-Extension-Identifier': agent.id });
      this.#change(agent, 'Registered');
    } catch (error) {
      const { status, errorType } = error instanceof HttpError ? error : { status: 500, errorType: 'Sandbox.Internal' };
      this.#events.record('extension.register', { name, status, events: subscribed, errorType, features });
      throw error;
    }
  }

  #requestedEvents(body: string): readonly ExtensionEventType[] {
    let parsed: { events?: unknown; configurationKeys?: unknown };
    try {
      parsed = JSON.parse(body === '' ? '{}' : body);
    } catch {
      return fail('InvalidRequestFormat', 'the body is not JSON');
    }
    const events = parsed?.events ?? [];
    if (!Array.isArray(events)) return fail('InvalidRequestFormat', 'events is not an array');
    if (Array.isArray(parsed.configurationKeys) && parsed.configurationKeys.length > 0) {
      return fail('InvalidRequestFormat', 'configurationKeys is not supported');
    }
    for (const event of events) {
      if (event !== 'INVOKE' && event !== 'SHUTDOWN')
        fail('Extension.InvalidEventType', `${String(event)}: Event type is not supported`);
      if (event === 'INVOKE' && this.#options.mode === 'lambda-managed-instances') {
        fail('Extension.InvalidEventType', 'INVOKE is not supported on Lambda Managed Instances');
      }
    }
    return events as ExtensionEventType[];
  }

  /** Finds the started extension of that name; any other name is taken for an extension inside the runtime. */
  #admit(name: string, subscribed: readonly ExtensionEventType[]): Entry {
    if (name === '') fail('Extension.InvalidExtensionName', 'empty extension name');
    const known = this.#agents.find((agent) => agent.name === name);
    if (known) {
      if (known.state !== 'Started')
        fail('Extension.InvalidExtensionState', `an extension in state ${known.state} can't register`);
      return known;
    }
    if (!this.#registrationOpen) fail('Extension.RegistrationClosed', 'registration is closed');
    if (this.#agents.length >= MAX_EXTENSIONS)
      fail('Extension.TooManyExtensions', `there may be ${MAX_EXTENSIONS} extensions`);
    if (subscribed.includes('SHUTDOWN')) {
      fail('Extension.InvalidEventType', 'ShutdownEventNotSupportedForInternalExtension');
    }
    const internal: Entry = { id: randomUUID(), name, external: false, state: 'Started', subscribed: [] };
    this.#agents.push(internal);
    return internal;
  }

  #next(request: IncomingMessage, response: ServerResponse): void {
    let name = '';
    try {
      const agent = this.identify(request) as Entry;
      name = agent.name;
      if (agent.state !== 'Registered' && agent.state !== 'Running') {
        fail('Extension.InvalidExtensionState', `/next is not allowed in state ${agent.state}`);
      }
      this.#events.record('extension.next', { name, status: 200 });
      agent.poll = response;
      response.on('close', () => {
        if (agent.poll === response) agent.poll = undefined;
      });
      this.#change(agent, 'Ready');
      this.#deliver(agent);
    } catch (error) {
      if (error instanceof HttpError)
        this.#events.record('extension.next', { name, status: error.status, errorType: error.errorType });
      throw error;
    }
  }

  async #error(kind: 'init' | 'exit', request: IncomingMessage, response: ServerResponse): Promise<void> {
    const agent = this.identify(request);
    const errorType = header(request, 'Lambda-Extension-Function-Error-Type');
    await readBody(request);
    if (!errorType) return fail('Extension.MissingHeader', 'missing Lambda-Extension-Function-Error-Type header');
    const allowed: readonly ExtensionState[] = kind === 'init' ? ['Registered'] : ['Registered', 'Ready', 'Running'];
    if (!allowed.includes(agent.state))
      fail('Extension.InvalidExtensionState', `${kind}/error is not allowed in state ${agent.state}`);
    agent.errorType = errorType;
    this.#events.record('extension.error', { name: agent.name, kind, errorType, status: 202 });
    sendJson(response, 202, { status: 'OK' });
    this.#change(agent, kind === 'init' ? 'InitError' : 'ExitError');
    this.#options.onError(agent.name, kind === 'init' ? 'Extension.InitError' : 'Extension.ExitError');
  }

  #deliver(agent: Entry): void {
    const { poll, pending } = agent;
    if (!poll || !pending || poll.destroyed) return;
    agent.poll = undefined;
    agent.pending = undefined;
    agent.state = 'Running';
    this.#events.record('extension.event', {
      name: agent.name,
      eventType: pending.eventType,
      requestId: pending.requestId,
      deadlineMs: pending.deadlineMs,
    });
    sendJson(poll, 200, pending, { 'Lambda-Extension-Event-Identifier': randomUUID() });
  }

  #change(agent: Entry, state: ExtensionState): void {
    agent.state = state;
    this.#conditions = this.#conditions.filter(({ test, met }) => {
      if (!test()) return true;
      met.resolve();
      return false;
    });
  }

  #until(test: () => boolean): Promise<void> {
    const met = deferred();
    if (test()) met.resolve();
    else this.#conditions.push({ test, met });
    return met.promise;
  }
}
