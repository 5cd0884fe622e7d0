/**
 * Parses JSON that the user has written.
 * @throws Error in one line that doesn't quote the text, which may contain secrets
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8 quotes the text around the position, on several lines if it has any.
    throw new Error(
      (error as Error).message.replace(/,? (\.\.\.)?"[^]*"(\.\.\.)? is not valid JSON$/, '').replace(/\s+/g, ' '),
    );
  }
}
