/** What callgrind has counted: instructions of each function, and of what it calls. */
export interface Profile {
  /** Its own instructions. */
  readonly self: Map<string, number>;
  /** Caller → called → instructions, with all that the called function calls in turn. */
  readonly calls: Map<string, Map<string, number>>;
}

/** Reads callgrind's file. Names stand there once, with a number that stands for them afterwards. */
export function readProfile(text: string): Profile {
  const names = new Map<string, string>();
  const self = new Map<string, number>();
  const calls = new Map<string, Map<string, number>>();
  const nameOf = (reference: string) => {
    const [, number, name] = /^(\(\d+\))(?: (.*))?$/.exec(reference) ?? [];
    if (number === undefined) return shortened(reference);
    if (name !== undefined) names.set(number, shortened(name));
    return names.get(number) ?? number;
  };
  let [current, called, ofCall] = ['', '', false];
  for (const line of text.split('\n')) {
    if (line.startsWith('fn=')) {
      current = nameOf(line.slice(3));
    } else if (line.startsWith('cfn=')) {
      called = nameOf(line.slice(4));
    } else if (line.startsWith('calls=')) {
      ofCall = true;
    } else if (/^[+\-*\d]/.test(line)) {
      const cost = Number(line.split(' ')[1] ?? 0);
      if (ofCall) {
        const own = calls.get(current) ?? new Map<string, number>();
        calls.set(current, own.set(called, (own.get(called) ?? 0) + cost));
      } else {
        self.set(current, (self.get(current) ?? 0) + cost);
      }
      ofCall = false;
    }
  }
  return { self, calls };
}

/** Without what tells one copy of a Rust function from another, and without where it comes from. */
function shortened(name: string): string {
  return name.replace(/::h[0-9a-f]{16}$/, '').replace(/'\d+$/, '');
}

/** What one run has more than the other. */
export function difference(more: Profile, less: Profile): Profile {
  const minus = (one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number> = new Map()) =>
    new Map([...one].map(([name, cost]) => [name, Math.max(0, cost - (other.get(name) ?? 0))] as const));
  return {
    self: minus(more.self, less.self),
    calls: new Map([...more.calls].map(([caller, called]) => [caller, minus(called, less.calls.get(caller))])),
  };
}
