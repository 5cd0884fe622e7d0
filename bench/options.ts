import * as path from 'node:path';
import { parseArgs } from 'node:util';

/** The groups of figures, in the order in which they are measured. */
export const GROUPS = ['size', 'start', 'memory', 'burst', 'flush', 'wire'] as const;

export type Group = (typeof GROUPS)[number];

/** A variable that an extension gets, in one group of figures or, without `group`, in all. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly group?: Group;
}

export interface Options {
  readonly help: boolean;
  /** Executable of ours; without it, the one of the layer is built. */
  readonly ours?: string;
  readonly oursEnv: readonly Variable[];
  readonly peer?: string;
  readonly peerName: string;
  readonly peerEnv: readonly Variable[];
  /** How often each extension is started; the slower figures take a share of it. */
  readonly runs: number;
  readonly only: readonly Group[];
  readonly json?: string;
  readonly check: boolean;
}

export const HELP = `Measures the extension's size, start, memory, throughput and the time that it holds an invocation,
beside another Lambda logs extension if one is given: both in the same run, one after the other in turn.

  npm run bench -- [options]

  --peer PATH          executable of another extension to measure beside ours
  --peer-name NAME     what to call it (default: its file name; it is always run under its own file name)
  --peer-env K=V       a variable for it, may be given repeatedly; {endpoint} stands for Loki's push URL and
                       must be given to the variable it is read from (default: LOKI_URL and LOKI_ENDPOINT);
                       GROUP:K=V sets it in one group of figures only
  --ours PATH          an executable to measure in place of the one of the layer built from this source
  --ours-env K=V       a variable for it, as --peer-env
  --runs N             starts of each kind (default 30); other figures take a share of it
  --only GROUP,…       ${GROUPS.join(', ')}
  --json FILE          write all samples there
  --check              exit with 1 when a figure misses what it must be
  --help

Example, with a peer whose buffer is made large enough to hold the burst:

  npm run bench -- --peer ./other --peer-env 'LOKI_URL={endpoint}' --peer-env burst:BUFFER_SIZE=200000
`;

/** The command line can't be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parse(args);
  const runs = Number(values.runs ?? 30);
  if (!Number.isInteger(runs) || runs < 1) throw new UsageError(`--runs ${values.runs}: not a whole number above 0`);
  if (values.peer === undefined && (values['peer-env'] || values['peer-name']))
    throw new UsageError('--peer-env and --peer-name need --peer');
  const peerEnv = (values['peer-env'] ?? []).map((text) => variable('--peer-env', text));
  if (!peerEnv.some(({ value }) => value.includes('{endpoint}'))) {
    peerEnv.push({ name: 'LOKI_URL', value: '{endpoint}' }, { name: 'LOKI_ENDPOINT', value: '{endpoint}' });
  }
  return {
    help: values.help ?? false,
    ours: values.ours && path.resolve(values.ours),
    oursEnv: (values['ours-env'] ?? []).map((text) => variable('--ours-env', text)),
    peer: values.peer && path.resolve(values.peer),
    peerName: values['peer-name'] ?? path.basename(values.peer ?? ''),
    peerEnv,
    runs,
    only: values.only === undefined ? GROUPS : values.only.split(',').map((name) => group('--only', name)),
    json: values.json && path.resolve(values.json),
    check: values.check ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean' },
        ours: { type: 'string' },
        'ours-env': { type: 'string', multiple: true },
        peer: { type: 'string' },
        'peer-name': { type: 'string' },
        'peer-env': { type: 'string', multiple: true },
        runs: { type: 'string' },
        only: { type: 'string' },
        json: { type: 'string' },
        check: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
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

/** The variables of one group of figures; later ones win. */
export function variablesOf(variables: readonly Variable[], of: Group): Record<string, string> {
  const chosen = variables.filter((one) => one.group === undefined || one.group === of);
  return Object.fromEntries(chosen.map(({ name, value }) => [name, value]));
}
