import type { Context } from '../inside/case';
import type { Conversation, Script } from '../peers/raw-client';

/** Has the peer hold these conversations over bare sockets, all at once, and gives what came of them. */
export function raw(context: Context, ...scripts: readonly Script[]): Promise<Conversation[]> {
  return context.fetchJson<Conversation[]>(`${context.peers.http}/raw`, {
    method: 'POST',
    body: JSON.stringify(scripts),
    timeoutMs: 30_000,
  });
}
