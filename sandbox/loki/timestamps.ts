/** Orders positive whole numbers written in decimal. */
export function compareTimestamps(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}
