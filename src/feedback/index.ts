/** Test feedback: finds and runs the tests of a workspace and says, as facts, what they show. */
export { breachesOf } from './breaches.ts';
export { runChecks } from './checks.ts';
export { testCommandFromText } from './command-line.ts';
export { behaviourKey, compareReports, failureSignature, score } from './compare.ts';
export { coverageOf } from './coverage.ts';
export { isTestPath, refusals, roleOf } from './file-roles.ts';
export { changedTheirMind, redIn, seenIn, withoutTests } from './flaky.ts';
export { type JudgementQuestion, judgementOf } from './judgement.ts';
export { baselineIn, type Narrowed, narrowed, narrowedTo, saysAnything } from './narrow.ts';
export { flakyText, reasonText, tamperingText } from './reasons.ts';
export { runTests } from './run-tests.ts';
export { secondLook } from './second-look/index.ts';
export { type Answers, answersIn, answersKey, madeForInputs, type Trial, trialOf } from './second-look/trial.ts';
export type { ChangedFile } from './steering-changes.ts';
export { findSuites, type SuiteHints, suiteFor, suitesOf, unjudgedFiles } from './suites.ts';
export { findTampering } from './tampering.ts';
export { noTestSources, type TestSources, testSourcesOf } from './test-sources.ts';
export { bodyOfTest, speaksOf, touchedNames } from './touched-names.ts';
