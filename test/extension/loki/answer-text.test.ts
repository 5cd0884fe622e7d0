import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstWords } from '../../../extension/loki/answer-text';

test('300 characters are shown, and more are cut', () => {
  assert.equal(firstWords('x'.repeat(300)), `: ${'x'.repeat(300)}`);
  assert.equal(firstWords('x'.repeat(301)), `: ${'x'.repeat(300)}…`);
});

test('no more than 4096 characters are looked at, and what lies behind them shows as cut', () => {
  assert.equal(firstWords(`a${' '.repeat(4095)}`), ': a');
  assert.equal(firstWords(`a${' '.repeat(4096)}`), ': a…');
  assert.equal(firstWords(`${' '.repeat(4096)}a`), '');
  const page = (blanks: number): string => `<html>${' '.repeat(blanks)}<b>x</b>`;
  assert.equal(firstWords(page(4096 - 6 - 8)), ': x');
});

test('of a page, the text between its tags', () => {
  for (const [page, text] of [
    ['<html>', ''],
    ['<html>a', ': a'],
    ['<html><b>a</b> b', ': a b'],
    ['<html>a<b', ': a'],
    ['<html><style>p { color: red }</style>a', ': a'],
    ['<html><SCRIPT>let a = 1 > 0;</SCRIPT>b<script>c', ': b'],
    ['<html>a<style>p { }</style', ': a'],
    ['<html><b/>', ''],
    [' \n<!DOCTYPE html>a', ': a'],
    ['no page: <html>', ': no page: <html>'],
  ]) {
    assert.equal(firstWords(page), text, page);
  }
});
