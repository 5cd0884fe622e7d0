import pLimit from 'p-limit';
import type { Context } from './context';
import { failureText } from './aws/failure';

/** The result for one function or one region. */
export type Outcome<T> = { readonly value: T } | { readonly failure: string } | { readonly notBegun: true };

/**
 * Does the same for each item, several at a time. A failure of one doesn't stop the others; after an interrupt, those
 * that have begun still finish.
 */
export async function each<I, T>(
  context: Context,
  title: string,
  items: readonly I[],
  work: (item: I) => Promise<T>,
): Promise<Outcome<T>[]> {
  const limit = pLimit(context.concurrency);
  const progress = context.ui.progress(title);
  let done = 0;
  const outcomes = await Promise.all(
    items.map((item) =>
      limit(async (): Promise<Outcome<T>> => {
        if (context.interrupt.requested) return { notBegun: true };
        try {
          return { value: await work(item) };
        } catch (error) {
          return { failure: failureText(error) };
        } finally {
          progress.update(`${title} ${++done}/${items.length}`);
        }
      }),
    ),
  );
  progress.done();
  return outcomes;
}
