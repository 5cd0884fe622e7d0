import assert from 'node:assert/strict';
import { test } from 'node:test';
import { executedIn, patternOf, usedOf } from '../../bench/order/used';

test('a function is used where one of its instructions was executed, under all of its names', () => {
  const functions = [
    { name: 'first', address: 0x1000, bytes: 0x10 },
    { name: 'second', address: 0x1010, bytes: 0x10 },
    { name: 'alias of second', address: 0x1010, bytes: 0x10 },
    { name: 'inside of second', address: 0x1018, bytes: 4 },
    { name: 'third', address: 0x1020, bytes: 0x10 },
    { name: 'last', address: 0x2000, bytes: 0x10 },
  ];
  const profile =
    'fn=(1) second\n0x101f 0 5\ncalls=1 0x2000 0\n0x1014 0 100\nfn=(2) last\n0x200f 0 7\n0xffffffff600000 0 1\n';
  const used = usedOf(functions, executedIn(profile)).map(({ name }) => name);
  assert.deepEqual(used, ['second', 'alias of second', 'last']);
  assert.deepEqual(usedOf(functions, executedIn('summary: 0\n')), []);
});

test('names of Rust are told without what another compiler would change in them', () => {
  const name = '_RNvMs_NtNtNtCsaz6eC2DG7lh_3std12backtrace_rs9symbolize5gimliNtB4_7Context3new';
  assert.equal(patternOf(name), '_RNvMs_NtNtNtCs*_3std12backtrace_rs9symbolize5gimliNtB*_7Context3new');
  assert.equal(patternOf('_ZN4host4main17h803d8d6f7ee1256aE'), '_ZN4host4main17h*E');
  assert.equal(patternOf('JS_CallInternal'), 'JS_CallInternal');
});
