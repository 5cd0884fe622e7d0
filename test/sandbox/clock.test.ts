import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nowMs } from '../../sandbox';

test("the sandbox's time keeps to the system's clock while that is being set, and never goes back", (t) => {
  const begin = nowMs();
  assert.equal(Math.abs(begin - Date.now()) <= 2, true);
  const system = Date.now;
  let aheadMs = 3000;
  t.mock.method(Date, 'now', () => system() + aheadMs);
  const ahead = nowMs();
  assert.equal(Math.abs(ahead - begin - 3000) < 500, true, `${ahead - begin} ms later`);
  const next = nowMs();
  assert.equal(next >= ahead && next - ahead < 500, true, 'it goes on from there');
  aheadMs = 2000;
  const held = nowMs();
  assert.equal(held >= next && held - next < 500, true, 'it stands until the clock has come up with it');
  aheadMs = 3500;
  assert.equal(nowMs() > held, true);
});
