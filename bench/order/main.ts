import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { cacheDir } from '../../build/cache';
import { HOST_CRATE } from '../../build/host';
import { ensureExecutable, layerBundle } from '../../build/layer';
import { makeCertificate } from '../certificate';
import { nativeArchitecture } from '../figures/size';
import { Callgrind, type CountOptions } from '../guard/callgrind';
import { Harness } from '../harness';
import type { Workload } from '../telemetry';
import { type Named, namedIn } from './symbols';
import { executedIn, patternOf, usedOf } from './used';

const FILE = path.join(HOST_CRATE, 'order.txt');

const HEAD = `# Functions, and at the end constants, that the linker places side by side in this order (build.rs). Written by \`npm run bench -- --order\`.
# A name that has gone is no error, and one that is missing only stands among those that are rarely used.
`;

interface Stage {
  readonly title: string;
  readonly workload?: Workload;
  readonly tls?: boolean;
}

/**
 * What a later stage needs beyond those before it stands behind them, so that what happens first or most is closest
 * together.
 */
const STAGES: readonly Stage[] = [
  { title: 'A start, and an end', workload: undefined },
  { title: 'Invocations of ten lines', workload: { invocations: 50, lines: 10 } },
  { title: 'Loki behind TLS', workload: { invocations: 10, lines: 10 }, tls: true },
  { title: 'Lines in JSON', workload: { invocations: 10, lines: 10, kind: 'json' } },
  { title: 'A burst', workload: { invocations: 1, lines: 10_000 } },
];

/** `npm run bench -- --order`: writes anew which functions and constants stand side by side in the executable. */
export async function order(progress: (line: string) => void): Promise<number> {
  const harness = await Harness.ensure(progress);
  const executable = await ensureExecutable(nativeArchitecture(), await layerBundle(), { progress, symbols: true });
  const elf = await fs.readFile(executable);
  const folder = await fs.mkdtemp(path.join(cacheDir(), '.bench-order-'));
  try {
    const callgrind = await Callgrind.ensure(harness, folder);
    const { authority, ...tls } = makeCertificate(folder);
    const listed = new Set<string>();
    let text = HEAD;
    const list = (title: string, used: readonly Named[]) => {
      const fresh = [...new Set(used.map(({ name }) => patternOf(name)))].filter((name) => !listed.has(name)).sort();
      for (const name of fresh) listed.add(name);
      text += `\n# ${title}\n${fresh.join('\n')}\n`;
    };
    const functions = namedIn(elf, 'functions');
    for (const { title, workload, tls: behindTls } of STAGES) {
      progress(`functions in use: ${title}`);
      const options: CountOptions = { addresses: true, ...(behindTls && { tls, env: { LOKI_CA_CERT: authority } }) };
      const { profile } = await callgrind.count(executable, workload, options);
      list(title, usedOf(functions, executedIn(profile)));
    }
    progress('constants in use');
    list('Constants', usedOf(namedIn(elf, 'data'), await callgrind.reads(executable, { invocations: 2, lines: 10 })));
    await fs.writeFile(FILE, text);
    progress(`${path.relative(process.cwd(), FILE)} has ${listed.size} names`);
    return 0;
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}
