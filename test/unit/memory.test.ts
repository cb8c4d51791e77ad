/** Which lessons are recalled, and which are dropped because they do not help. */
import { describe, expect, test } from 'vitest';
import { type Episode, shortDiff } from '../../src/lessons/memory/episode.ts';
import { effectOf, recall } from '../../src/lessons/memory/recall.ts';
import { alike, type FailingState, overlap } from '../../src/lessons/memory/state.ts';

const state: FailingState = {
  ...{ language: 'javascript', runner: 'node-test' },
  ...{ errors: ['TypeError'], names: ['line', 'parse', 'parser'], fileKinds: ['.js'] },
};
const directive = 'The parser fails on empty lines, fix it.';
let next = 0;
const episode = (about: Partial<Episode> = {}): Episode => {
  next += 1;
  return {
    ...{ runId: `run-${next}`, startedAt: next, workspace: 'here', generation: 'p7-l6-m', state, directive },
    ...{ before: { passed: 1, failed: 1 }, solved: true, calls: 4, shown: [] },
    ...about,
  };
};
const fix = (about: Partial<Episode> = {}, text = `+  return ${next};`): Episode =>
  episode({ lesson: { kind: 'fix', role: 'coder', files: ['parser.js'], text }, ...about });
const warning = (about: Partial<Episode> = {}): Episode =>
  episode({ solved: false, lesson: { kind: 'warning', role: 'coder', files: ['parser.js'], text: `-  wrong ${next}` }, ...about });
const asked = { workspace: 'here', state, directive: 'parser: empty lines break it' };
const recalled = (episodes: readonly Episode[], question = asked) => recall(episodes, {}, question).map(({ id }) => id);

describe('recall', () => {
  test('looks at the state and at the request together, and at this workspace alone', () => {
    const known = fix();
    expect(recalled([known])).toEqual([known.runId]);
    expect(recalled([known], { ...asked, workspace: 'there' })).toEqual([]);
    expect(recalled([known], { ...asked, directive: 'Rename a variable of the server.' })).toEqual([]);
    const elsewhere = { ...state, names: ['cart', 'price'] };
    expect(overlap(state, elsewhere)).toBeLessThanOrEqual(5 / 8);
    expect(recalled([known], { ...asked, state: elsewhere })).toEqual([]);
    // Another error about the same names is near enough; the nearer one comes first.
    const near = fix({ state: { ...state, errors: ['difference'] } });
    expect(recalled([near, known])).toEqual([known.runId, near.runId]);
    expect(alike('', 'anything')).toBe(0);
  });

  test('shows few, within the room that the model has, and no text twice', () => {
    const many = Array.from({ length: 9 }, () => fix());
    expect(recalled(many)).toHaveLength(3);
    expect(recalled([fix({}, 'x '.repeat(900))])).toEqual([]);
    expect(recalled([fix({}, 'x '.repeat(200))], { ...asked, window: 1000 } as typeof asked)).toEqual([]);
    expect(recalled([fix({}, 'same'), fix({}, 'same')])).toHaveLength(1);
  });

  test('warns of what failed only where fewer than two in five succeed', () => {
    const failed = warning();
    expect(recalled([failed])).toEqual([failed.runId]);
    const mended = fix();
    expect(recalled([failed, mended])).toEqual([mended.runId]);
    expect(recalled([failed, warning(), mended])).toContain(failed.runId);
  });

  test('what the user said counts: another text, or none', () => {
    const known = fix();
    expect(recall([known], { [known.runId]: { text: 'mine' } }, asked)[0]?.text).toBe('mine');
    expect(recall([known], { [known.runId]: { deleted: true } }, asked)).toEqual([]);
  });
});

describe('a lesson that does not help', () => {
  const shownTo = (lesson: Episode, runs: number, about: Partial<Episode>) =>
    Array.from({ length: runs }, () => episode({ shown: [lesson.runId], ...about }));

  test('is dropped when runs that were shown it do not do better than those without', () => {
    const lesson = fix();
    const useless = [lesson, ...shownTo(lesson, 4, { calls: 4 })];
    expect(effectOf(useless, lesson)).toMatchObject({ shown: 4, solved: 4, calls: 4, without: { runs: 1, calls: 4 }, dropped: true });
    expect(recalled(useless)).not.toContain(lesson.runId);
    const misleading = [lesson, ...shownTo(lesson, 4, { solved: false, calls: 2 })];
    expect(effectOf(misleading, lesson).dropped).toBe(true);
  });

  test('stays while they do, by more successes or by fewer calls, and until enough were shown it', () => {
    const lesson = fix();
    expect(effectOf([lesson, ...shownTo(lesson, 4, { calls: 1 })], lesson).dropped).toBe(false);
    expect(effectOf([lesson, ...shownTo(lesson, 3, { calls: 9 })], lesson).dropped).toBe(false);
    const hard = warning();
    const helped = [hard, ...shownTo(hard, 4, { solved: true, calls: 6 })];
    expect(effectOf(helped, hard).dropped).toBe(false);
  });
});

test('a lesson holds what goes and what comes, by file, bounded', () => {
  const patch =
    'diff --git a/sum.js b/sum.js\nindex 1..2 100644\n--- a/sum.js\n+++ b/sum.js\n@@ -1,3 +1,3 @@\n function sum(a, b) {\n-  return a - b;\n+  return a + b;\n }\n';
  expect(shortDiff(patch)).toBe('sum.js:\n-  return a - b;\n+  return a + b;');
  expect(shortDiff(`+++ b/x\n${'+ much\n'.repeat(500)}`).length).toBeLessThanOrEqual(600);
  expect(shortDiff('')).toBe('');
});
