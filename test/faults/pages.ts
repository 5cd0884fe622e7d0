import { type Fault, faults } from './fault';

const PAGES: readonly (readonly [name: string, body: string])[] = [
  ['16 000 <', `<html>${'<'.repeat(16_000)}`],
  ['2 700 <style', '<style'.repeat(2700)],
  ['2 300 <script', `<html>${'<script'.repeat(2300)}`],
  ['deep comment', `<html>${'<!--'.repeat(4000)}`],
  ['blanks', `<html>${' '.repeat(16_000)}x`],
];

/** Processor time that reading an answer may take, in milliseconds. */
const MOST_CPU_MS = 60;

export const pages = faults(
  PAGES.map(
    ([name, body]): Fault => ({
      name: `503, page of ${name}`,
      story: 'a broken or hostile error page for three invocations of 1 s that may take 3 s each',
      always: ['0.04 s'],
      async run(trial) {
        await trial.environmentOf({ timeoutMs: 6000 });
        await trial.succeed();
        const [cpu, pushes] = [trial.cpuMs(), trial.loki.pushes.length];
        await trial.away({ kind: 'answer', status: 503, body, headers: { 'content-type': 'text/html' } });
        for (let i = 0; i < 3; i++) await trial.succeed({ ms: 1000 }, { timeoutMs: 3000 });
        const each = (trial.cpuMs() - cpu) / Math.max(1, trial.loki.pushes.length - pushes);
        trial.expect(each <= MOST_CPU_MS, `${Math.round(each)} ms of processor time for each answer`);
        await trial.recover();
        await trial.shutdown();
      },
    }),
  ),
);
