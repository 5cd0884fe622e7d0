/**
 * JSON of the user's.
 * @throws Error in one line that quotes nothing of the text, in which secrets may stand
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8 quotes what stands around the place, over several lines if need be.
    throw new Error(
      (error as Error).message.replace(/,? (\.\.\.)?"[^]*"(\.\.\.)? is not valid JSON$/, '').replace(/\s+/g, ' '),
    );
  }
}
