import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { cases } from './cases';
import { endings, type Ending } from './cases/endings';
import type { Result } from './inside/runner';
import { startPeers, type Peers } from './peers';

/** A way to start a process in which the cases run. */
export interface Driver {
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  /** Skips the cases that Node.js can't pass. */
  readonly isNode: boolean;
}

/** Longest time that a process may take, in milliseconds. */
const LIMIT_MS = 120_000;

interface Outcome {
  readonly code: number | null;
  readonly stderr: readonly string[];
}

/**
 * Declares one test for each thing that the port promises. The cases run inside the platform under test, one after
 * another in one process, those about the end of a process in one each.
 */
export function platformContract(name: string, makeDriver: () => Promise<Driver>): void {
  describe(`platform contract: ${name}`, () => {
    let peers: Peers;
    let driver: Driver;
    let outcome: Promise<Outcome>;
    const results = new Map<string, Result>();
    const waiting = new Map<string, () => void>();

    before(async () => {
      // First what may fail: peers that were never closed would keep this process alive.
      driver = await makeDriver();
      peers = await startPeers();
      const wanted = cases.filter(({ notOnNode }) => !(driver.isNode && notOnNode)).map((each) => each.name);
      outcome = run(
        driver,
        { CONTRACT_PEERS: JSON.stringify(peers.addresses), CONTRACT_CASES: JSON.stringify(wanted) },
        (line) => {
          const result = parse(line);
          if (result === undefined) return;
          results.set(result.case, result);
          waiting.get(result.case)?.();
        },
      );
    });
    after(() => peers?.close());

    for (const { name: caseName, notOnNode } of cases) {
      it(caseName, async (test) => {
        if (driver.isNode && notOnNode) return test.skip(notOnNode);
        const done = new Promise<void>((resolve) => waiting.set(caseName, resolve));
        if (!results.has(caseName)) await Promise.race([done, outcome]);
        const result = results.get(caseName);
        if (result === undefined) {
          const { code, stderr } = await outcome;
          assert.fail(`the process ended with ${code} before this case was finished:\n${stderr.slice(-20).join('\n')}`);
        }
        assert.equal(result.error, undefined);
      });
    }

    it('the process ends as told', async () => assert.equal((await outcome).code, 0));

    for (const ending of endings) {
      it(ending.name, async (test) => {
        if (driver.isNode && ending.notOnNode) return test.skip(ending.notOnNode);
        checkEnding(
          ending,
          await run(driver, { CONTRACT_PEERS: JSON.stringify(peers.addresses), CONTRACT_ENDING: ending.name }),
        );
      });
    }
  });
}

function checkEnding({ code, stderr }: Ending, outcome: Outcome): void {
  const written = outcome.stderr.join('\n');
  for (const { text, times } of stderr)
    assert.equal(
      written.split(text).length - 1,
      times,
      `${JSON.stringify(text.slice(0, 60))} in:\n${written.slice(0, 2000)}`,
    );
  assert.equal(outcome.code, code, written.slice(0, 2000));
}

function run(
  { command: [program, ...args] }: Driver,
  variables: Record<string, string>,
  onLine: (line: string) => void = () => undefined,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH, CONTRACT_GREETING: 'grüß = dich', CONTRACT_EMPTY: '', ...variables };
    const child = spawn(program, args, {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    const stderr: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      stderr.push(line);
      onLine(line);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stderr }));
  });
}

function parse(line: string): Result | undefined {
  try {
    const value = JSON.parse(line) as Partial<Result>;
    return typeof value.case === 'string' ? (value as Result) : undefined;
  } catch {
    return undefined;
  }
}
