import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageCount, pageItems } from '../src/paginate.js';

test('a full last page is counted once', () => {
  assert.equal(pageCount(20, 10), 2);
});

test('a started last page is a page of its own', () => {
  assert.equal(pageCount(21, 10), 3);
  assert.equal(pageCount(1, 10), 1);
});

test('no items need no page', () => {
  assert.equal(pageCount(0, 10), 0);
});

test('a page holds its items, the last one what is left', () => {
  const items = [1, 2, 3, 4, 5];
  assert.deepEqual(pageItems(items, 1, 2), [1, 2]);
  assert.deepEqual(pageItems(items, 3, 2), [5]);
});
