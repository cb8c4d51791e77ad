/** What a change did to its own judging, told from what the project does anyway. */
import { describe, expect, it } from 'vitest';
import { breachesOf } from '../../src/feedback/index.ts';
import type { Doubt, TestReport } from '../../src/feedback/types.ts';

function report(more: Partial<TestReport> = {}): TestReport {
  return {
    ...{ ending: 'finished', exitCode: 0, cases: [], passed: 1, failed: 0, skipped: 0, green: true, guard: 'records' },
    ...{ breaches: [], doubts: [], output: '', ms: 1 },
    ...more,
  };
}

const canary = { kind: 'canary', detail: 'assert.equal(1, 2) passed' } as const;
const foreign = (file?: string): Doubt => ({ kind: 'foreign-test', detail: 'A test was registered', ...(file ? { file } : {}) });
const changed = ['src/sum.js'];

describe('breaches of a change', () => {
  it('are those of its report', () => {
    expect(breachesOf({ report: report({ breaches: [canary] }), baseline: report(), changed })).toEqual([canary]);
    expect(breachesOf({ report: report({ breaches: [canary] }), changed })).toEqual([canary]);
  });

  it('are not what the project itself does', () => {
    const own = { breaches: [canary], doubts: [foreign('src/sum.js')] };
    expect(breachesOf({ report: report(own), baseline: report(own), changed })).toEqual([]);
  });

  it('are doubts that a changed file, or one nobody knows, gave cause for', () => {
    const asked = (doubt: Doubt) => breachesOf({ report: report({ doubts: [doubt] }), baseline: report(), changed }).map((one) => one.kind);
    expect(asked(foreign('src/sum.js'))).toEqual(['foreign-test']);
    expect(asked(foreign())).toEqual(['foreign-test']);
    expect(asked(foreign('checks/helper.js'))).toEqual([]);
    expect(asked({ kind: 'unguarded', detail: 'browser mode' })).toEqual([]);
  });

  it('are a guard that no longer sees the tests, where some passed', () => {
    const blind = report({ guard: 'exit-code' });
    expect(breachesOf({ report: blind, baseline: report(), changed })).toMatchObject([{ kind: 'unguarded' }]);
    expect(breachesOf({ report: { ...blind, passed: 0 }, baseline: report(), changed })).toEqual([]);
    expect(breachesOf({ report: { ...blind, ending: 'time-limit' }, baseline: report(), changed })).toEqual([]);
    expect(breachesOf({ report: blind, baseline: report({ guard: 'exit-code' }), changed })).toEqual([]);
    expect(breachesOf({ report: blind, changed })).toEqual([]);
  });
});
