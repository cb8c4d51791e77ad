/** Test feedback: finds and runs the tests of a workspace and says, as facts, what they show. */
export { testCommandFromText } from './command-line.ts';
export { behaviourKey, compareReports, failureSignature, score } from './compare.ts';
export { type RunTestsOptions, runTests } from './run-tests.ts';
export type { CheckName, CheckReport, RunLimits, RunnerName, Tampering, TestCase, TestCommand, TestDelta, TestReport } from './types.ts';
