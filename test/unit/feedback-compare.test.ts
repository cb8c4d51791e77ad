import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { behaviourKey, compareReports, failureSignature, score } from '../../src/feedback/index.ts';
import type { TestCase, TestReport } from '../../src/feedback/types.ts';

const one = (id: string, outcome: TestCase['outcome'], more: Partial<TestCase> = {}): TestCase => ({
  id,
  name: id,
  file: 'a.test.js',
  outcome,
  ...more,
});

function report(cases: TestCase[], more: Partial<TestReport> = {}): TestReport {
  const count = (outcome: string) => cases.filter((item) => item.outcome === outcome).length;
  const green = (more.ending ?? 'finished') === 'finished' && count('failed') === 0 && count('passed') > 0;
  const counts = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
  return {
    ending: 'finished',
    exitCode: green ? 0 : 1,
    cases,
    ...counts,
    green,
    guard: 'records',
    breaches: [],
    doubts: [],
    output: '',
    ms: 1,
    ...more,
  };
}

const P = (id: string) => one(id, 'passed');
const F = (id: string, message = `Error: ${id}`) => one(id, 'failed', { message });
const S = (id: string) => one(id, 'skipped');
const whole = (id: string) => one(id, 'failed', { whole: true, message: 'SyntaxError: x' });

describe('baseline to after', () => {
  it('names what became of every test', () => {
    const before = report([P('kept'), F('fixed'), P('broken'), F('still'), P('gone'), P('quiet')]);
    const after = report([P('kept'), P('fixed'), F('broken'), F('still'), S('quiet'), P('new')]);
    expect(compareReports(before, after)).toEqual({
      fixed: ['fixed'],
      broken: ['broken'],
      stillFailing: ['still'],
      added: ['new'],
      missing: ['gone'],
      newlySkipped: ['quiet'],
    });
  });

  it('a file that loads again is fixed; what it hid is added', () => {
    const delta = compareReports(report([whole('a.test.js')]), report([P('a'), F('b')]));
    expect(delta).toMatchObject({ fixed: ['a.test.js'], added: ['a', 'b'], missing: [] });
  });

  it('a file that was not reached is not fixed', () => {
    const delta = compareReports(report([whole('a.test.js')]), report([], { ending: 'time-limit' }));
    expect(delta).toMatchObject({ fixed: [], stillFailing: ['a.test.js'], missing: [] });
  });
});

describe('the score', () => {
  it('is the share of target tests that pass', () => {
    const before = report([P('a'), F('b'), F('c')]);
    expect(score(report([P('a'), P('b'), P('c')]), before)).toBe(1);
    expect(score(report([P('a'), P('b'), F('c')]), before)).toBe(0.5);
    expect(score(before, before)).toBe(0);
  });

  it('counts regressions, skipped and vanished tests against it', () => {
    const before = report([P('a'), F('b'), F('c')]);
    expect(score(report([F('a'), P('b'), P('c')]), before)).toBe(0.5);
    expect(score(report([S('a'), P('b'), P('c')]), before)).toBe(0.5);
    expect(score(report([P('b'), P('c')]), before)).toBe(0.5);
    expect(score(report([P('a'), S('b'), P('c')]), before)).toBe(0.5);
  });

  it('takes tests that the baseline could not reach as targets', () => {
    const before = report([whole('a.test.js')]);
    expect(score(report([P('a'), F('b')]), before)).toBe(0.5);
    expect(score(report([whole('a.test.js')]), before)).toBe(0);
    expect(score(report([P('a'), P('b')]), before)).toBe(1);
  });

  it('lets a failing test be replaced, not vanish', () => {
    const before = report([P('a'), F('cases after 0')]);
    expect(score(report([P('a'), P('case 1'), P('case 2')]), before)).toBe(1);
    expect(score(report([P('a'), P('case 1'), F('case 2')]), before)).toBe(0.5);
    expect(score(report([P('a')]), before)).toBe(0);
  });

  it('without a target is the share of tests that stayed green', () => {
    const before = report([P('a'), P('b')]);
    expect(score(before, before)).toBe(1);
    expect(score(report([P('a'), F('b')]), before)).toBe(0.5);
    expect(score(report([]), report([]))).toBe(0);
  });

  it('lies between 0 and 1, and is 1 for a green run that keeps every test', () => {
    const outcome = fc.constantFrom('passed', 'failed', 'skipped') as fc.Arbitrary<TestCase['outcome']>;
    const cases = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), outcome), { selector: ([id]) => id });
    fc.assert(
      fc.property(cases, cases, (before, after) => {
        const base = report(before.map(([id, how]) => one(id, how)));
        const value = score(report(after.map(([id, how]) => one(id, how))), base);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        if (base.passed + base.failed > 0) expect(score(report(base.cases.map((item) => P(item.id))), base)).toBe(1);
      }),
    );
  });
});

describe('the failure signature', () => {
  it('is the same for the same failure in another order, time and line', () => {
    const first = report([F('a', 'AssertionError: 1 != 2\n    at a.test.js:3:9'), F('b')], { ms: 10 });
    const second = report([F('b'), F('a', 'AssertionError: 1 != 2\n    at a.test.js:30:1')], { ms: 99 });
    expect(failureSignature(first)).toBe(failureSignature(second));
    expect(failureSignature(first)).toContain('a: AssertionError: 1 != 2');
  });

  it('differs with the failing tests and with their reason, and stays short', () => {
    expect(failureSignature(report([F('a', 'Error: x')]))).not.toBe(failureSignature(report([F('a', 'Error: y')])));
    const many = Array.from({ length: 500 }, (_, index) => F(`t${index}`, 'Error: '.repeat(1000)));
    expect(failureSignature(report(many)).length).toBeLessThan(1200);
    expect(failureSignature(report(many))).toContain('and 495 more');
    expect(failureSignature(report([P('a')]))).toBe('green');
    expect(failureSignature(report([], { ending: 'no-report' }))).toContain('[no-report]');
  });
});

describe('the behaviour key', () => {
  it('is equal for equal outcomes in any order, and differs by outcome and way of failing', () => {
    const base = report([P('a'), F('b', 'Error: 1')]);
    expect(behaviourKey(report([F('b', 'Error: 1'), P('a')], { ms: 5 }))).toBe(behaviourKey(base));
    expect(behaviourKey(report([P('a'), F('b', 'Error: 2')]))).not.toBe(behaviourKey(base));
    expect(behaviourKey(report([P('a'), P('b')]))).not.toBe(behaviourKey(base));
    expect(behaviourKey(base)).toMatch(/^[0-9a-f]{16}$/);
  });
});
