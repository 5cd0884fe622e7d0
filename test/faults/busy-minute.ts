import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Trial } from './trial';

/**
 * 2 000 lines a second for a minute, and Loki away for 15 s in the middle of it, with default settings. Prints what
 * became of the lines.
 */
export async function busyMinute(): Promise<void> {
  const trial = await Trial.start({ keepBodies: false });
  try {
    await trial.environmentOf({ timeoutMs: 90_000 });
    const invoked = trial.succeed({ lines: 120_000, bytes: 120, ms: 60_000, pieces: 600 });
    await sleep(20_000);
    await trial.away('refused');
    await sleep(15_000);
    await trial.well();
    await invoked;
    await trial.succeed({ lines: 1 });
    await trial.shutdown();
    const { written, stored, lost, reported, duplicated, peakKib } = trial.figures();
    console.log(
      `a busy minute with an outage of 15 s: ${written} lines written, ${stored} stored, ${lost} lost for want of room, ` +
        `${reported} reported as dropped, ${duplicated} duplicated, peak memory ${(peakKib / 1024).toFixed(1)} MiB`,
    );
    assert.equal(duplicated, 0);
    assert.ok(lost <= reported && reported <= lost + 5, 'what is lost is what was reported, platform lines aside');
    // 30 000 lines come in 15 s, of which 10 000 fit; Lambda keeps back what was not answered yet, and the way back
    // takes a moment.
    assert.ok(lost <= 15 * 2000 - 10_000 + 8000, `${lost} lost`);
    assert.match(trial.said, /dropped \d+ of the oldest lines/);
  } finally {
    await trial.stop();
  }
}
