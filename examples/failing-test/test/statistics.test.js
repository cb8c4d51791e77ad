import assert from 'node:assert/strict';
import { test } from 'node:test';
import { average, largest } from '../src/statistics.js';

test('the average of several numbers', () => {
  assert.equal(average([2, 4, 6]), 4);
  assert.equal(average([10]), 10);
});

test('the average of nothing is 0', () => {
  assert.equal(average([]), 0);
});

test('the largest number', () => {
  assert.equal(largest([3, 9, 4]), 9);
  assert.equal(largest([]), undefined);
});
