import type { Named } from './symbols';

/** The addresses of which a run under callgrind (with `--dump-instr=yes --compress-pos=no`) has executed something. */
export function executedIn(profile: string): number[] {
  const found = Array.from(profile.matchAll(/^0x([0-9a-f]+) /gm), ([, hex]) => Number.parseInt(hex, 16));
  return [...new Set(found)];
}

/** Those of `named`, which are in the order of their addresses, that one of the addresses belongs to. */
export function usedOf(named: readonly Named[], addresses: readonly number[]): Named[] {
  const sorted = [...addresses].sort((one, other) => one - other);
  let next = 0;
  return named.filter(({ address, bytes }) => {
    while (next < sorted.length && sorted[next] < address) next++;
    return next < sorted.length && sorted[next] < address + bytes;
  });
}

/**
 * A name for the linker: what differs from one compiler to the next stands as `*`. In names of Rust that is a hash at
 * the end or, in the newer form, the number of a crate, and references into the name itself, which depend on that
 * number's length.
 */
export function patternOf(name: string): string {
  const plain = name.replace(/\.llvm\.\d+$/, '*');
  if (plain.startsWith('_ZN')) return plain.replace(/17h[0-9a-f]{16}E/, '17h*E');
  if (!plain.startsWith('_R')) return plain;
  return plain.replace(/Cs[0-9A-Za-z]*_/g, 'Cs*_').replace(/B[0-9A-Za-z]{0,2}_/g, 'B*_');
}
