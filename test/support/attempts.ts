/** Lines of an outcome bank as tests need them. */
import type { BankLine } from '../../src/bench/bank-line.ts';
import type { Known } from '../../src/lessons/attempt.ts';

const before: Known = {
  language: 'python',
  files: 1,
  bytes: 1,
  lines: 1,
  weighs: true,
  attempts: 0,
  tries: 0,
  replans: 0,
  tokens: 0,
  freshTokens: 0,
  modelSeconds: 0,
  testSeconds: 0,
};

/** A line of the run `runId`, which is of a task of its own. */
export const attempt = (runId: string, order: number, operator: string, more: Partial<BankLine> = {}): BankLine => ({
  v: 1,
  ...{ task: `suite/${runId}`, suite: 'suite', problem: runId, arm: 'team', seed: 1, runId, worker: 'm', strong: 'm' },
  ...{ order, of: 4, operator, draw: 1, plan: 'p', step: 's', call: `c${order}`, ended: 'tried', chosen: false, calls: 1 },
  ...{ inputTokens: 100, cachedInputTokens: 0, outputTokens: 20, estimated: false, modelSeconds: 2, testSeconds: 1 },
  before,
  ...more,
});
