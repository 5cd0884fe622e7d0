let loaded = 0;
loaded++;

/** Loaded when a case asks for it, as parts of the extension are. */
export function add(a: number, b: number): number {
  return a + b;
}

export function timesLoaded(): number {
  return loaded;
}

export function loadNested(): Promise<{ readonly greeting: string }> {
  return import('./nested-part');
}
