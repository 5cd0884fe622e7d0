import type { Socket } from 'node:net';
import { platformError } from '../errors';
import type { HttpRequest, HttpResponse, PendingRequest } from '../types';
import { open } from './connect';
import { LONGEST_MS, type Moment, momentOf, Pool } from './pool';
import { send } from './send';
import { targetOf, type Target } from './target';
import { createTlsContexts, type TlsContext } from './tls';

/** See `Platform.request`. */
export function createClient(): (request: HttpRequest) => PendingRequest {
  const pools = new Map<string, Pool>();
  const tlsContextOf = createTlsContexts();

  function poolOf({ url, proxy }: Target, tls: TlsContext | undefined): Pool {
    const key = JSON.stringify([url.protocol, url.host, proxy?.url.host, proxy?.authorization, tls?.id]);
    let pool = pools.get(key);
    if (pool === undefined) pools.set(key, (pool = new Pool()));
    return pool;
  }

  return (request) => {
    let cancel!: () => void;
    const canceled = new Promise<never>((_, reject) => (cancel = () => reject(platformError('ECANCELED', 'canceled'))));
    canceled.catch(() => undefined);
    const run = async (): Promise<HttpResponse> => {
      const target = targetOf(request);
      const tls = target.url.protocol === 'https:' ? tlsContextOf(request.tls) : undefined;
      return exchange(request, target, tls, poolOf(target, tls), canceled);
    };
    const response = run();
    // The caller may attach a handler later.
    response.catch(() => undefined);
    return { response, cancel };
  };
}

async function exchange(
  request: HttpRequest,
  target: Target,
  tls: TlsContext | undefined,
  pool: Pool,
  canceled: Promise<never>,
): Promise<HttpResponse> {
  const maxIdleMs = request.maxIdleMs ?? Infinity;
  let socket = pool.take(maxIdleMs);
  const reused = socket !== undefined;
  const limit = limitOf(request, reused);
  const whole = async (): Promise<HttpResponse> => {
    const connection = socket ?? (await open(target, tls, (early) => (socket = early)));
    let arrived: Moment | undefined;
    const { response, reusable } = await send(request, target, connection, reused, () => (arrived = momentOf()));
    if (reusable && !connection.destroyed) pool.put(connection, maxIdleMs, arrived);
    else connection.destroy();
    return response;
  };
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    if (limit !== undefined)
      timer = setTimeout(
        () => reject(platformError('ETIMEDOUT', `no answer within ${Math.round(limit)} ms`, { reused })),
        limit,
      );
  });
  try {
    return await Promise.race([whole(), timeout, canceled]);
  } catch (error) {
    (socket as Socket | undefined)?.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** In milliseconds; `undefined` for none. A `reusedTimeoutMs` of 0 is none. */
function limitOf({ timeoutMs, reusedTimeoutMs }: HttpRequest, reused: boolean): number | undefined {
  const limit = Math.min(timeoutMs ?? Infinity, reused && reusedTimeoutMs ? reusedTimeoutMs : Infinity);
  return limit > LONGEST_MS ? undefined : Math.max(0, limit);
}
