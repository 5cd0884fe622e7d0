import { parseArgs } from 'node:util';

export const HELP = `Runs three real functions (Node.js, Python, Go) with the LambdaWatch layer in a Lambda sandbox on this machine
and shows their lines as they arrive in Loki.

  npm run demo                            with a small Loki stand-in that enforces what Loki enforces
  npm run demo -- --loki real             with a real Loki, built from source on first use (about five minutes)
  npm run demo -- --endpoint URL          with your own Loki: the push URL, http(s)://[user:password@]host/loki/api/v1/push

  --invocations N                         invocations of each function (1 to 100, default 4)
  --lines N                               lines in each invocation (1 to 10000, default 20)
  --quiet                                 the summary alone
  --help
`;

export interface DemoOptions {
  readonly loki: 'fake' | 'real' | { readonly endpoint: string };
  readonly invocations: number;
  readonly lines: number;
  readonly quiet: boolean;
}

/** @throws Error with one clear line when an option can't be used. */
export function readOptions(args: string[]): DemoOptions | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      loki: { type: 'string' },
      endpoint: { type: 'string' },
      invocations: { type: 'string', default: '4' },
      lines: { type: 'string', default: '20' },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  if (values.loki !== undefined && values.loki !== 'fake' && values.loki !== 'real') {
    throw new Error(`--loki ${JSON.stringify(values.loki)} is neither fake nor real`);
  }
  if (values.endpoint !== undefined) {
    if (values.loki !== undefined) throw new Error('--loki and --endpoint exclude each other');
    if (!URL.canParse(values.endpoint) || !/^https?:/.test(values.endpoint)) {
      throw new Error(`--endpoint ${JSON.stringify(values.endpoint)} is not an http: or https: URL`);
    }
  }
  return {
    loki: values.endpoint !== undefined ? { endpoint: values.endpoint } : values.loki === 'real' ? 'real' : 'fake',
    invocations: count('--invocations', values.invocations, 100),
    lines: count('--lines', values.lines, 10_000),
    quiet: values.quiet,
  };
}

function count(option: string, text: string, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= 1 && value <= max) return value;
  throw new Error(`${option} ${JSON.stringify(text)} is not a whole number from 1 to ${max}`);
}
