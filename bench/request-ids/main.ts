import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { scriptedRuntime } from '../../sandbox';
import { type RealLoki, startRealLoki } from '../../test/loki/real';
import { environmentWithLayer } from '../../test/support/e2e';

/**
 * Prints what request ids cost a real Loki, as a label and as structured metadata: `npx tsx bench/request-ids/main.ts
 * [invocations]`. Both modes have the same lines, by the layer and with its defaults.
 */

const INVOCATIONS = Number(process.argv[2] ?? 2000);
const LINES = 10;
const TICKS_PER_SECOND = 100;

const LINE = 'order accepted, cart=7 items=3 shard=1234 customer=8842 region=eu-west-1 took 17 ms, retries=0';

interface Cost {
  readonly streams: number;
  readonly chunks: number;
  readonly heapMb: number;
  readonly cpuMs: number;
  readonly files: number;
  readonly storedKb: number;
  readonly queryMs: number;
}

function cpuMs({ pid }: RealLoki): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

/** The sum of a metric over all of its labels. */
async function metric(loki: RealLoki, name: string): Promise<number> {
  const text = await (await fetch(`${loki.baseUrl}/metrics`)).text();
  const values = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

function filesUnder(directory: string): number[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [statSync(path).size];
  });
}

async function costOf(mode: 'label' | 'metadata'): Promise<Cost> {
  const limits = {
    max_global_streams_per_user: 10 * INVOCATIONS,
    ingestion_rate_mb: 100,
    ingestion_burst_size_mb: 200,
  };
  const loki = await startRealLoki({ limits });
  try {
    const runtime = scriptedRuntime((_, io) => {
      for (let i = 0; i < LINES; i++) io.line(`[INFO]\t${LINE} line ${i}`);
    });
    const environment = await environmentWithLayer(loki, { runtime, environment: { LOKI_REQUEST_ID_AS: mode } });
    let id = '';
    // What Loki does by itself, beside the first push, is not counted.
    await environment.invoke();
    const before = cpuMs(loki);
    for (let i = 1; i < INVOCATIONS; i++) ({ requestId: id } = await environment.invoke());
    await environment.shutdown();
    const ingest = cpuMs(loki) - before;
    if (environment.extensionStderr !== '') throw new Error(environment.extensionStderr);
    await environment.close();
    const streams = await metric(loki, 'loki_ingester_memory_streams');
    const chunks = await metric(loki, 'loki_ingester_memory_chunks');
    const heapMb = (await metric(loki, 'go_memstats_heap_inuse_bytes')) / 2 ** 20;
    const began = performance.now();
    const found = await loki.query({ selector: `{function_name="orders"} | request_id="${id}"` });
    const queryMs = performance.now() - began;
    if (found.length < LINES) throw new Error(`${found.length} lines of the last invocation`);
    await fetch(`${loki.baseUrl}/flush`, { method: 'POST' });
    for (let left = 1; left > 0; ) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      left = await metric(loki, 'loki_ingester_flush_queue_length');
    }
    const files = filesUnder(loki.chunksDirectory);
    const storedKb = files.reduce((sum, size) => sum + size, 0) / 1024;
    return { streams, chunks, heapMb, cpuMs: ingest, files: files.length, storedKb, queryMs };
  } finally {
    await loki.stop();
  }
}

async function main(): Promise<void> {
  const label = await costOf('label');
  const metadata = await costOf('metadata');
  const rows: [name: string, of: (cost: Cost) => string][] = [
    ['streams', ({ streams }) => String(streams)],
    ['chunks in memory', ({ chunks }) => String(chunks)],
    ["Loki's heap", ({ heapMb }) => `${heapMb.toFixed(0)} MiB`],
    ["Loki's processor time for the pushes", ({ cpuMs: ms }) => `${(ms / 1000).toFixed(1)} s`],
    ['files of chunks after a flush', ({ files }) => String(files)],
    ['their size', ({ storedKb }) => `${storedKb.toFixed(0)} KiB`],
    ['time to find the lines of one invocation', ({ queryMs }) => `${queryMs.toFixed(0)} ms`],
  ];
  console.log(`${INVOCATIONS} invocations of ${LINES} lines\n`);
  console.log('| | `label` | `metadata` |\n|---|---:|---:|');
  for (const [name, of] of rows) console.log(`| ${name} | ${of(label)} | ${of(metadata)} |`);
}

void main();
