import type * as http from 'node:http';
import type * as net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorAnswer, NO_CONTENT, rawAnswer, send, type Answer } from './answer';
import { decodeBody, requireJson } from './body';
import type { Connection, Connections } from './connections';
import type { FakeLokiLimits } from './limits';
import { parsePush, type PushedStream } from './push-json';
import type { PushRecord } from './push-record';
import { Refusal } from './refusal';
import type { Fault, Rule, Script } from './script';
import type { Store } from './store';
import { checkCredentials, tenantOf, type Credentials } from './tenancy';
import { texts } from './texts';
import { validate } from './validate';

export interface HandlerContext {
  readonly limits: FakeLokiLimits;
  readonly authEnabled: boolean;
  readonly credentials: Credentials | undefined;
  readonly keepBodies: boolean;
  readonly connections: Connections;
  readonly script: Script;
  readonly store: Store;
  /** Milliseconds from a complete request to its answer; half of it passes before the lines are stored. */
  latencyMs(): number;
  /** Milliseconds since 1970. */
  now(): number;
  /** The record has changed. */
  changed(record: PushRecord): void;
}

const NO_FAULT: Fault = { kind: 'pass' };

/** Handles one push from its head to its end. */
export async function handlePush(
  context: HandlerContext,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  record: PushRecord,
) {
  const connection = context.connections.of(request.socket);
  connection.busy++;
  request.once('error', () => undefined);
  response.once('close', () => {
    connection.busy--;
    if (record.state === 'receiving' || record.state === 'received') {
      settle(context, record, 'aborted');
    }
  });

  const early = context.script.takeByHead(record);
  if (early !== 'later' && early?.fault.kind === 'reset' && early.fault.at === 'head') {
    record.fault = describe(early.fault);
    cut(context, connection, record, 'reset');
    return;
  }
  const received = await readBody(request, context.limits.maxBodyBytes);
  if (!received) {
    return;
  }
  const push = new Push(context, record, received.body, received.bytes);
  record.state = 'received';
  context.changed(record);
  const rule = early === 'later' ? context.script.takeByContent(record, push.sent()) : early;
  await carryOut(context, connection, request.socket, response, push, rule);
}

async function carryOut(
  context: HandlerContext,
  connection: Connection,
  socket: net.Socket,
  response: http.ServerResponse,
  push: Push,
  rule: Rule | undefined,
): Promise<void> {
  const { record } = push;
  const fault = rule?.fault ?? NO_FAULT;
  if (fault.kind !== 'pass' || rule?.delayMs) {
    record.fault = describe(fault);
  }
  const wait = async (milliseconds: number) => (milliseconds > 0 ? sleep(milliseconds) : undefined);
  await wait((rule?.delayMs ?? 0) + context.latencyMs() / 2);

  switch (fault.kind) {
    case 'black-hole':
      push.sent();
      return;
    case 'reset':
      if (fault.at === 'response') {
        const half = rawAnswer(push.process());
        await new Promise((resolve) => socket.write(half.subarray(0, 20), resolve));
      } else {
        push.sent();
      }
      cut(context, connection, record, 'reset');
      return;
    case 'store-then-cut':
      push.process();
      cut(context, connection, record, fault.how ?? 'close');
      return;
    case 'drip': {
      const bytes = rawAnswer(push.process());
      await wait(context.latencyMs() / 2);
      const step = fault.chunkBytes ?? 1;
      for (let start = 0; start < bytes.length && !socket.destroyed; start += step) {
        socket.write(bytes.subarray(start, start + step));
        await sleep(fault.everyMs);
      }
      if (socket.destroyed) {
        return;
      }
      settle(context, record, 'answered');
      socket.end();
      return;
    }
    case 'answer': {
      const { status, body = '', headers = {}, store, close } = fault;
      if (store) {
        push.process();
      } else {
        push.sent();
      }
      await wait(context.latencyMs() / 2);
      await answer(context, response, record, { status, body, headers }, close);
      return;
    }
    case 'pass': {
      const result = push.process();
      await wait(context.latencyMs() / 2);
      await answer(context, response, record, result);
      return;
    }
  }
}

/** A complete request, and what Loki makes of it. */
class Push {
  #sent: readonly PushedStream[] | undefined;

  constructor(
    readonly context: HandlerContext,
    readonly record: PushRecord,
    readonly body: Buffer,
    bytes: number,
  ) {
    record.wireBytes = bytes;
    if (context.keepBodies) {
      record.body = body;
    }
  }

  /** What was sent; nothing when it can't be read. */
  sent(): readonly PushedStream[] {
    try {
      return this.#read();
    } catch (error) {
      if (error instanceof Refusal) {
        return [];
      }
      throw error;
    }
  }

  /** Does with the push what Loki does, and returns its answer. */
  process(): Answer {
    const { context, record } = this;
    try {
      if (record.wireBytes > context.limits.maxBodyBytes) {
        throw new Refusal(413, 'Request Entity Too Large');
      }
      checkCredentials(record.headers, context.credentials);
      record.tenant = tenantOf(record.headers, context.authEnabled);
      const streams = this.#read();
      if (streams.length === 0) {
        throw new Refusal(422, texts.noStreams);
      }
      const now = context.now();
      const outcome = context.store.add(record.tenant, validate(streams, context.limits, now), now);
      record.stored = outcome.lines;
      record.duplicates = outcome.duplicates;
      record.silentlyLost = outcome.silentlyLost;
      if (outcome.refusal) {
        throw outcome.refusal;
      }
      record.status = 204;
      return NO_CONTENT;
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error;
      }
      record.status = error.status;
      return errorAnswer(error.status, error.message);
    } finally {
      context.changed(record);
    }
  }

  #read(): readonly PushedStream[] {
    if (this.#sent) {
      return this.#sent;
    }
    const { record } = this;
    const decoded = decodeBody(this.body, record.headers['content-encoding']);
    record.uncompressedBytes = decoded.length;
    requireJson(record.headers['content-type']);
    this.#sent = parsePush(decoded.toString('utf8'));
    record.streams = this.#sent.length;
    record.lines = this.#sent.reduce((sum, { entries }) => sum + entries.length, 0);
    if (this.context.keepBodies) {
      record.content = this.#sent;
    }
    return this.#sent;
  }
}

async function answer(
  context: HandlerContext,
  response: http.ServerResponse,
  record: PushRecord,
  what: Answer,
  close?: boolean,
): Promise<void> {
  if (response.destroyed) {
    return;
  }
  record.status = what.status;
  record.answer = what.body;
  const sent = send(response, what, close);
  settle(context, record, 'answered');
  await sent;
}

function cut(context: HandlerContext, connection: Connection, record: PushRecord, how: 'close' | 'reset'): void {
  settle(context, record, 'cut');
  context.connections.end(connection, how);
}

function settle(context: HandlerContext, record: PushRecord, state: PushRecord['state']): void {
  record.state = state;
  record.settledAt = context.now();
  context.changed(record);
}

/** The body up to `limit` bytes and how many there were; nothing when the client went away in the middle. */
async function readBody(
  request: http.IncomingMessage,
  limit: number,
): Promise<{ body: Buffer; bytes: number } | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes <= limit) {
        chunks.push(chunk);
      }
    }
  } catch {
    return undefined;
  }
  return { body: Buffer.concat(chunks), bytes };
}

function describe(fault: Fault): string {
  switch (fault.kind) {
    case 'answer':
      return `answer ${fault.status}`;
    case 'reset':
      return `reset at ${fault.at}`;
    default:
      return fault.kind;
  }
}
