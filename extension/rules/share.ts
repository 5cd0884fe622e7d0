/**
 * A number x with 0 ≤ x < 1 that follows from the text, always the same and evenly spread: FNV-1a, and the last steps
 * of MurmurHash3, without which ids that are nearly equal would lie close together.
 */
export function shareOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
