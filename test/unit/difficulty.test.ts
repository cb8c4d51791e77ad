/** How hard requests of a kind prove in a workspace, and what that does to the team. */
import { expect, test } from 'vitest';
import { type RelevanceReason, relevanceReasons } from '../../src/briefing/types.ts';
import { teamFor } from '../../src/design/index.ts';
import { difficultyOf, provedOtherwise } from '../../src/design/kind.ts';
import { afterRun, type Experience, hardshipIn, hardshipsIn, nothingExperienced, shippedPrior } from '../../src/learning/index.ts';
import { nMax } from '../../src/plan/index.ts';
import { parseRequest } from '../../src/request/index.ts';
import { emptyBriefing } from '../support/empty-briefing.ts';

const after = (solved: readonly boolean[], before: Experience = nothingExperienced, kind = 'bug-fix', workspace = 'mine'): Experience =>
  solved.reduce(
    (experience, is) => afterRun(experience, shippedPrior.learned, { workspace, model: 'm', lessons: [], request: { kind, solved: is } }),
    before,
  );
const times = (count: number, solved: boolean): boolean[] => Array.from({ length: count }, () => solved);
const hardness = (experience: Experience, kind = 'bug-fix', workspace = 'mine'): number =>
  hardshipIn(experience, workspace, kind)?.harder ?? 0;
const judged = (experience: Experience) => ({
  request: parseRequest('Fix the bug in sum.js.'),
  briefing: emptyBriefing,
  harder: hardshipIn(experience, 'mine', 'bug-fix'),
});

test('failures of a kind of request raise its difficulty by a tenth each, successes lower it, of that kind in that workspace alone', () => {
  const failed = after(times(3, false));
  expect(hardness(failed)).toBeCloseTo(0.3);
  expect(hardness(failed, 'feature')).toBe(0);
  expect(hardness(failed, 'bug-fix', 'another')).toBe(0);
  expect(hardness(after(times(2, true), failed))).toBeCloseTo(0.1);
  expect(hardshipsIn(failed, 'mine')).toEqual([{ kind: 'bug-fix', runs: 3, harder: expect.closeTo(0.3) }]);
  // As many of each leave it where it was, and neither goes further than can be taken back.
  expect(hardness(after(times(3, true), failed))).toBeCloseTo(0);
  expect(hardness(after(times(100, false)))).toBe(0.6);
  expect(hardness(after(times(100, true)))).toBe(-0.2);
});

test('the team grows with what was learned, shrinks again, and its reason says why', () => {
  expect(difficultyOf(judged(nothingExperienced))).toBe('easy');
  expect(provedOtherwise(judged(nothingExperienced))).toBeUndefined();
  const [medium, hard] = [after(times(3, false)), after(times(6, false))];
  expect(difficultyOf(judged(medium))).toBe('medium');
  expect(difficultyOf(judged(hard))).toBe('hard');
  expect(provedOtherwise(judged(medium))).toBe('It looks easy; by 3 runs here of the kind bug-fix it is medium.');
  const usual = [nothingExperienced, medium, hard].map((experience) => difficultyOf(judged(experience)));
  expect(usual.map((difficulty) => teamFor('bug-fix', difficulty).difficulty)).toEqual(['easy', 'medium', 'hard']);
  expect(usual.map((difficulty) => nMax[difficulty])).toEqual([4, 7, 10]);
  expect(difficultyOf(judged(after(times(4, true), hard)))).toBe('easy');
});

test('what is shown beside the files in play, because the workspace is small or they have words in common, does not make a request harder', () => {
  const file = (path: string, reason: RelevanceReason) => ({
    ...{ path, reasons: [reason], score: 1, bytes: 10, text: '', truncated: false, isTest: false },
  });
  const withFiles = (reason: RelevanceReason) => ({
    request: parseRequest('Fix the bug.'),
    briefing: { ...emptyBriefing, files: ['a.js', 'b.js', 'c.js', 'd.js', 'e.js', 'f.js'].map((path) => file(path, reason)) },
  });
  const looks = Object.fromEntries(relevanceReasons.map((reason) => [reason, difficultyOf(withFiles(reason))]));
  expect(looks).toEqual({
    ...{ selected: 'medium', diagnostic: 'medium', 'stack-frame': 'medium', 'failing-test': 'medium', 'named-in-request': 'medium' },
    ...{ lexical: 'easy', imported: 'easy', importer: 'easy', 'small-workspace': 'easy' },
  });
});
