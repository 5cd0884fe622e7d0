import * as path from 'node:path';
import { parseArgs } from 'node:util';

/** The groups of figures, in the order in which they are measured. */
export const GROUPS = [
  'size',
  'start',
  'memory',
  'lifetime',
  'invocations',
  'burst',
  'flush',
  'strategies',
  'ages',
  'wire',
] as const;

export type Group = (typeof GROUPS)[number];

/** A variable that an extension gets, in one group of figures or, without `group`, in all. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly group?: Group;
}

/** Another extension. */
export interface Peer {
  readonly path: string;
  readonly name: string;
  /** As the command line has it; without one, the executable's fingerprint says which build it is. */
  readonly version?: string;
  readonly env: readonly Variable[];
}

export interface Options {
  readonly help: boolean;
  /** Executable of ours; without it, the one of the layer is built. */
  readonly ours?: string;
  readonly oursEnv: readonly Variable[];
  readonly peers: readonly Peer[];
  /** How often each extension is started; the slower figures take a share of it. */
  readonly runs: number;
  readonly only: readonly Group[];
  readonly json?: string;
  /** Results of an earlier run, written with `--json`, in place of a new one. */
  readonly from?: string;
  /** Whether README.md, docs/performance.md and its plots are written. */
  readonly readme: boolean;
  readonly check: boolean;
  /** Measure what the guard of `npm test` measures, and nothing else; `renew` keeps it. */
  readonly guard: boolean;
  readonly renew: boolean;
  /** Write anew which functions stand side by side in the executable, and nothing else. */
  readonly order: boolean;
}

export const HELP = `Measures the extension's size, start, memory, throughput and the time that it holds an invocation,
beside other Lambda logs extensions if any are given: all in the same run, one after the other in turn.

  npm run bench -- [options]

  --peer [NAME@VERSION=]PATH  executable of another extension to measure beside ours; may be given repeatedly, and ratios
                       are to the first. Without a name it is its file name (it is always run under its own file name),
                       and without a version its SHA-256 says which build it is
  --peer-env K=V       a variable for the --peer before it, may be given repeatedly; {endpoint} stands for Loki's push URL
                       and must be given to the variable it is read from (default: LOKI_URL and LOKI_ENDPOINT);
                       GROUP:K=V sets it in one group of figures only
  --ours PATH          an executable to measure in place of the one of the layer built from this source
  --ours-env K=V       a variable for it, as --peer-env
  --runs N             starts of each kind (default 30); other figures take a share of it
  --only GROUP,…       ${GROUPS.join(', ')}
  --json FILE          write all samples there
  --readme             write the tables of README.md and docs/performance.md, and the plots (whole run: under 20 minutes)
  --from FILE          take the samples of an earlier run from there (written with --json) and measure nothing
  --check              exit with 1 when a figure misses what it must be
  --help

  --guard              count what the guard of npm test counts, beside the figures kept in bench/guard/kept.json
  --guard --renew      and keep the new ones
  --order              write extension/host/order.txt: the functions that stand side by side in the executable

Example, with a peer whose buffer is made large enough to hold the burst:

  npm run bench -- --peer Other@1.2=./other --peer-env 'LOKI_URL={endpoint}' --peer-env burst:BUFFER_SIZE=200000
`;

/** The command line can't be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError */
export function parseOptions(args: readonly string[]): Options {
  const { values, tokens } = parse(args);
  const runs = Number(values.runs ?? 30);
  if (!Number.isInteger(runs) || runs < 1) throw new UsageError(`--runs ${values.runs}: not a whole number above 0`);
  const { only } = values;
  if (values.readme && only !== undefined) {
    throw new UsageError('--readme writes all tables, so it needs all groups: leave --only out');
  }
  if (values.renew && !values.guard) throw new UsageError('--renew is of --guard: give both');
  return {
    help: values.help ?? false,
    ours: values.ours && path.resolve(values.ours),
    oursEnv: (values['ours-env'] ?? []).map((text) => variable('--ours-env', text)),
    peers: peersOf(tokens.flatMap((token) => (token.kind === 'option' ? [token] : []))),
    runs,
    only: only === undefined ? GROUPS : only.split(',').map((name) => group('--only', name)),
    json: values.json && path.resolve(values.json),
    from: values.from && path.resolve(values.from),
    readme: values.readme ?? false,
    check: values.check ?? false,
    guard: values.guard ?? false,
    renew: values.renew ?? false,
    order: values.order ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      tokens: true,
      options: {
        help: { type: 'boolean' },
        ours: { type: 'string' },
        'ours-env': { type: 'string', multiple: true },
        peer: { type: 'string', multiple: true },
        'peer-env': { type: 'string', multiple: true },
        runs: { type: 'string' },
        only: { type: 'string' },
        json: { type: 'string' },
        from: { type: 'string' },
        readme: { type: 'boolean' },
        check: { type: 'boolean' },
        guard: { type: 'boolean' },
        renew: { type: 'boolean' },
        order: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Each `--peer` with the `--peer-env` that follow it. */
function peersOf(tokens: readonly { readonly name: string; readonly value?: string }[]): Peer[] {
  const peers: (Peer & { readonly env: Variable[] })[] = [];
  for (const { name, value = '' } of tokens) {
    if (name === 'peer') peers.push({ ...peer(value), env: [] });
    if (name !== 'peer-env') continue;
    const last = peers[peers.length - 1];
    if (last === undefined) throw new UsageError(`--peer-env ${value}: comes after the --peer that it is for`);
    last.env.push(variable('--peer-env', value));
  }
  for (const { env } of peers) {
    if (env.some(({ value }) => value.includes('{endpoint}'))) continue;
    env.push({ name: 'LOKI_URL', value: '{endpoint}' }, { name: 'LOKI_ENDPOINT', value: '{endpoint}' });
  }
  return peers;
}

function peer(text: string): Omit<Peer, 'env'> {
  const [, name, version, file] = /^(?:([^=@/]+)(?:@([^=/]+))?=)?(.*)$/s.exec(text) ?? [];
  if (!file) throw new UsageError(`--peer ${text}: neither PATH nor NAME@VERSION=PATH`);
  return { path: path.resolve(file), name: name ?? path.basename(file), version };
}

function variable(option: string, text: string): Variable {
  const match = /^(?:([a-z]+):)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text);
  if (match === null) throw new UsageError(`${option} ${text}: not NAME=value`);
  const [, scope, name, value] = match;
  return { name, value, group: scope === undefined ? undefined : group(option, scope) };
}

function group(option: string, name: string): Group {
  const found = GROUPS.find((known) => known === name);
  if (found === undefined) throw new UsageError(`${option} ${name}: there is ${GROUPS.join(', ')}`);
  return found;
}

/** The variables of one group of figures; later ones take precedence. */
export function variablesOf(variables: readonly Variable[], of: Group): Record<string, string> {
  const chosen = variables.filter((one) => one.group === undefined || one.group === of);
  return Object.fromEntries(chosen.map(({ name, value }) => [name, value]));
}
