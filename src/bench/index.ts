/** The bench: tasks, scoring, statistics and reports. */

export { type Arm, arms } from './arms.ts';
export {
  type ArmComparison,
  type ArmReport,
  aggregate,
  type BenchReport,
  comparisonLine,
  everySuite,
  renderMarkdown,
  renderText,
} from './report.ts';
export { openResults, type Result, type ResultsFile, type ResultsReading, readResults, resultSchema } from './results.ts';
export { type BenchOptions, runBench } from './run-bench.ts';
export { parseShard, type Shard, takeShard } from './shard.ts';
export {
  type Description,
  describe,
  type Interval,
  type PairedComparison,
  pairedBootstrap,
  quantile,
  seededRandom,
  wilson,
} from './statistics.ts';
export { layHidden, layReference, materialise, pathProblem, readTasks, suiteOf, type Task, taskSchema } from './tasks.ts';
