/** When a candidate counts as a solution, by what its tests show; and the order that a replay must keep. */
import { describe, expect, test } from 'vitest';
import type { Briefing } from '../../src/briefing/types.ts';
import { soloTeam } from '../../src/design/index.ts';
import { compareReports } from '../../src/feedback/index.ts';
import type { TestCase, TestReport } from '../../src/feedback/types.ts';
import { parseRequest } from '../../src/request/index.ts';
import { comparePlaces, placeInPlan } from '../../src/run/plan-order.ts';
import { isSolved } from '../../src/run/solved.ts';

const one = (file: string, outcome: TestCase['outcome'], message = 'Error: no'): TestCase => ({
  id: `${file} works`,
  name: `${file} works`,
  file,
  outcome,
  ...(outcome === 'failed' ? { message } : {}),
});
const report = (...cases: TestCase[]): TestReport => {
  const count = (outcome: TestCase['outcome']) => cases.filter((test) => test.outcome === outcome).length;
  const green = count('failed') === 0;
  return {
    ending: 'finished',
    exitCode: green ? 0 : 1,
    cases,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    green,
    guard: 'records',
    breaches: [],
    doubts: [],
    output: '',
    ms: 1,
  };
};

interface Situation {
  readonly before: TestReport;
  readonly after: TestReport;
  readonly pointsAt?: string;
  readonly failingTest?: string;
  readonly text?: string;
}
function solved({ before, after, pointsAt, failingTest, text = "require('./db.js')" }: Situation): boolean {
  const files = pointsAt
    ? [{ path: pointsAt, reasons: ['named-in-request'], score: 1, bytes: 1, text: '', truncated: false, isTest: false }]
    : [];
  return isSolved({
    report: after,
    baseline: before,
    delta: compareReports(before, after),
    facts: {
      request: parseRequest({ text: 'Fix it', ...(failingTest ? { failingTest: { name: failingTest } } : {}) }),
      briefing: { files } as unknown as Briefing,
    },
    changed: ['sum.js'],
    testTexts: new Map([['db.test.js', text]]),
  });
}

describe('a project with another failing test', () => {
  const before = report(one('sum.test.js', 'failed'), one('db.test.js', 'failed'), one('old.test.js', 'passed'));
  const half = report(one('sum.test.js', 'passed'), one('db.test.js', 'failed'), one('old.test.js', 'passed'));

  test('is solved when what the request points at is repaired', () => {
    expect(solved({ before, after: half, pointsAt: 'sum.js' })).toBe(true);
  });
  test('is not when the request points at nothing: then every failure is asked about', () => {
    expect(solved({ before, after: half })).toBe(false);
  });
  test('is not when nothing was repaired', () => {
    expect(solved({ before, after: before, pointsAt: 'sum.js' })).toBe(false);
  });
  test('is not when something broke, or the run was cut short', () => {
    const broken = report(one('sum.test.js', 'passed'), one('db.test.js', 'failed'), one('old.test.js', 'failed'));
    expect(solved({ before, after: broken, pointsAt: 'sum.js' })).toBe(false);
    expect(solved({ before, after: { ...half, ending: 'time-limit' }, pointsAt: 'sum.js' })).toBe(false);
  });
  test('is not when the other test fails in another way, or is about the same files', () => {
    const otherwise = report(one('sum.test.js', 'passed'), one('db.test.js', 'failed', 'Error: else'), one('old.test.js', 'passed'));
    expect(solved({ before, after: otherwise, pointsAt: 'sum.js' })).toBe(false);
    expect(solved({ before, after: half, pointsAt: 'sum.js', text: "import { sum } from '../lib/sum.js'" })).toBe(false);
  });
  test('follows the test that the request names, and only that', () => {
    expect(solved({ before, after: half, failingTest: 'sum.test.js works' })).toBe(true);
    expect(solved({ before, after: half, failingTest: 'db.test.js works' })).toBe(false);
  });
});

test('a baseline that ran out of time is repaired by a green run', () => {
  const hung: TestReport = { ...report(), ending: 'time-limit', green: false, exitCode: null };
  expect(solved({ before: hung, after: report(one('sum.test.js', 'passed')) })).toBe(true);
});

test('places compare as the plan reads, numbers as numbers', () => {
  const plan = soloTeam(12, 'easy');
  const places = ['r0/draft/2', 'r0/draft/10', 'r0/test', 'r1/draft/1', 'r1/draft/1/3'].map((call) => placeInPlan(plan, call));
  expect([...places].reverse().sort(comparePlaces)).toEqual(places);
});
