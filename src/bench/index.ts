/** The bench: tasks, scoring, statistics and reports. */

export { armNamed, arms, isArmFile } from './arms.ts';
export { readBank } from './bank.ts';
export type { BankLine } from './bank-line.ts';
export { askedOf, bestAnswers, type DesignRow, heldBackOf } from './design-data.ts';
export { drawnTasks } from './draws.ts';
export { appendMeasured, readJournal, undoLast } from './journal.ts';
export { evaluateBank, renderLearnReports } from './learn-report.ts';
export { bestOfTries, openLiveLog, readLiveJournal } from './live-journal.ts';
export { type LiveEnd, liveSearch, measuredOn, splitOfTasks } from './live-search.ts';
export { type Measurer, measureHere } from './measure.ts';
export { replayPlan } from './plan-replay.ts';
export { parseQueueAddress, type QueueAddress } from './queue/address.ts';
export { measureByWorkers } from './queue/hand-out.ts';
export { readSuite } from './queue/job.ts';
export { workForQueue } from './queue/take.ts';
export { aggregate, renderText } from './report.ts';
export { isSolved, type Result } from './results.ts';
export { runBench } from './run-bench.ts';
export { bestMeasured, computeCurve, curveLines, edgesOn, type Measured, search } from './search.ts';
export { parseShard } from './shard.ts';
export { mean } from './statistics.ts';
export { readTasks, type Task } from './tasks.ts';
