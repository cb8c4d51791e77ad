/** Test feedback: finds and runs the tests of a workspace and says, as facts, what they show. */
export { type BreachQuestion, breachesOf } from './breaches.ts';
export { type Check, detectChecks, type RunChecksOptions, runChecks } from './checks.ts';
export { testCommandFromText } from './command-line.ts';
export { behaviourKey, compareReports, failureSignature, score } from './compare.ts';
export { type FileRole, isTestPath, refusals, roleOf } from './file-roles.ts';
export { type JudgementQuestion, judgementOf } from './judgement.ts';
export { reasonText } from './reasons.ts';
export { type RunTestsOptions, runTests } from './run-tests.ts';
export type { ChangedFile } from './steering-changes.ts';
export { covers, findSuites, type SuiteHints, suiteFor, suitesOf, type TestSettings, unjudgedFiles } from './suites.ts';
export { findTampering, type TamperingQuestion } from './tampering.ts';
export { noTestSources, type TestSources, testSourcesOf } from './test-sources.ts';
export { bodyOfTest, speaksOf, touchedNames } from './touched-names.ts';
export type {
  Breach,
  CheckName,
  CheckReport,
  Doubt,
  RunLimits,
  RunnerName,
  Tampering,
  TestCase,
  TestCommand,
  TestDelta,
  TestReport,
} from './types.ts';
