import assert from 'node:assert/strict';
import { it } from 'node:test';
import { BatchSize } from '../../../extension/buffer/batch-size';

/** As many pushes pass. */
function pass(size: BatchSize, pushes: number): void {
  for (let i = 0; i < pushes; i++) size.passed();
}

it('batches are as large as is allowed, however many pass', () => {
  const size = new BatchSize(1000);
  pass(size, 100);
  assert.equal(size.current, 1000);
});

it('after a batch that was too large they have the size of its larger half', () => {
  const size = new BatchSize(1000);
  size.shrink(300, 400);
  assert.equal(size.current, 400);
  size.shrink(600, 500);
  assert.equal(size.current, 400, 'a larger one that was still in flight changes nothing');
});

it('after each 20 pushes that pass they are twice as large, up to what is allowed', () => {
  const size = new BatchSize(1000);
  size.shrink(300, 400);
  pass(size, 19);
  assert.equal(size.current, 400);
  pass(size, 1);
  assert.equal(size.current, 800);
  pass(size, 19);
  assert.equal(size.current, 800);
  pass(size, 1);
  assert.equal(size.current, 1000);
});

it('another batch that is too large begins the count again', () => {
  const size = new BatchSize(1000);
  size.shrink(400, 400);
  pass(size, 19);
  size.shrink(400, 400);
  pass(size, 19);
  assert.equal(size.current, 400);
});

it('a size is never 0', () => {
  const size = new BatchSize(1000);
  size.shrink(0, 0);
  assert.equal(size.current, 1);
});
