import * as z from 'zod';

/** Runners whose machine-readable reports are understood; `command` is any other command, judged by its exit code. */
export const runnerNames = ['node-test', 'vitest', 'jest', 'mocha', 'pytest', 'unittest', 'go-test', 'cargo-test', 'command'] as const;
export type RunnerName = (typeof runnerNames)[number];

/** How the tests of a workspace are run. `argv` runs without a shell; `shell` is for a command the user wrote as one line. */
export const testCommandSchema = z.strictObject({
  runner: z.enum(runnerNames),
  /** What a person would type, shown on screen. */
  display: z.string(),
  argv: z.array(z.string()).optional(),
  shell: z.string().optional(),
  /** Variables set in front of the command (`TZ=UTC vitest run`). */
  env: z.record(z.string(), z.string()).optional(),
  /** Run first, through a shell, when the tests need something built (`tsc && node --test`); its failure is the run's failure. */
  before: z.string().optional(),
  /** File of variables for it, relative to `cwd`; read when it runs, where it is there. */
  envFile: z.string().optional(),
  /** Why it cannot be started, and what to do about it, in a sentence. */
  unready: z.string().optional(),
  /** What else the project's own test script runs: checks and what comes after the tests. It is not run. */
  leftOut: z.array(z.string()).optional(),
  /** Folder it runs in, relative to the workspace; '' is its top. */
  cwd: z.string().default(''),
  /** Where the command came from: settings, `package.json`, `pyproject.toml`, … */
  source: z.string(),
});
export type TestCommand = z.infer<typeof testCommandSchema>;

export const testOutcomes = ['passed', 'failed', 'skipped'] as const;

export const testCaseSchema = z.strictObject({
  /** Stable identity across runs: file and full name, as far as the runner tells them. */
  id: z.string(),
  name: z.string(),
  file: z.string().optional(),
  outcome: z.enum(testOutcomes),
  /**
   * The failure is of a file, suite, build or of the whole run (syntax error, failed import, hook, compile error), not of one test.
   * Such a case has no passing counterpart: once it is absent from a finished run, it is fixed.
   */
  whole: z.boolean().optional(),
  /** It was under way when we ended the run at a limit. */
  cut: z.boolean().optional(),
  /** Failure message with the relevant stack, bounded to about 2 kB, paths relative to the workspace, no timings. */
  message: z.string().optional(),
  ms: z.number().optional(),
});
export type TestCase = z.infer<typeof testCaseSchema>;

/** Why a run ended. Anything but `finished` says the cases may be incomplete. */
export const testEndings = ['finished', 'time-limit', 'silence-limit', 'not-started', 'no-report', 'stopped', 'output-limit'] as const;

/** How a run ended, in words for a screen. */
export const endingText: Readonly<Record<string, string>> = {
  finished: 'finished',
  'time-limit': 'ended at the time limit',
  'silence-limit': 'ended after too long a silence',
  'not-started': 'could not be started',
  'no-report': 'ended without a report',
  stopped: 'stopped',
  'output-limit': 'printed too much',
} satisfies Record<(typeof testEndings)[number], string>;

/**
 * Signs that the code under test took a hand in its own judging.
 * `forged-record`: the guard's record was written to, cut or replaced by somebody else. `contradiction`: the runner called a test passed that was
 * seen to fail. `canary`: a check that must fail passed, one that must pass failed, or neither came. `patched`: functions of the assertion
 * library or the runner were replaced. `foreign-test`: a test was registered by a file that is no test file. `reached-in`: a debugger or the
 * like was used on the tests' own process. `early-exit`: it was ended from inside. `unguarded`: the guard saw the tests before the change, and no longer.
 */
export const breachKinds = [
  'forged-record',
  'contradiction',
  'canary',
  'patched',
  'foreign-test',
  'early-exit',
  'reached-in',
  'unguarded',
] as const;
export const breachSchema = z.strictObject({ kind: z.enum(breachKinds), detail: z.string() });
export type Breach = z.infer<typeof breachSchema>;

/**
 * What makes a result worth less, or is a breach when the change did it. `unguarded`: no record but the runner's word or an exit code, and why.
 * The others as above, done by a file of the workspace that may well do it honestly (`file`, relative to the workspace).
 */
export const doubtKinds = ['unguarded', 'patched', 'foreign-test', 'early-exit', 'reached-in'] as const;
export const doubtSchema = z.strictObject({ kind: z.enum(doubtKinds), detail: z.string(), file: z.string().optional() });
export type Doubt = z.infer<typeof doubtSchema>;

/** What fenced tests wanted beyond their fence, as far as their failures tell: a host, or an absolute path. The user may allow it. */
export const wantedSchema = z.strictObject({ kind: z.enum(['network', 'read', 'write']), what: z.string() });
export type Wanted = z.infer<typeof wantedSchema>;

export const testReportSchema = z.strictObject({
  ending: z.enum(testEndings),
  exitCode: z.number().nullable(),
  cases: z.array(testCaseSchema),
  passed: z.number().int(),
  failed: z.number().int(),
  skipped: z.number().int(),
  /** True when the run finished, nothing failed, at least one test passed (runner `command`: exit code 0) and there is no breach. */
  green: z.boolean(),
  /** What the cases rest on: records of our own guard beside the tests, or an exit code and the runner's word. Older reports have neither. */
  guard: z.enum(['records', 'exit-code']).default('exit-code'),
  breaches: z.array(breachSchema).default([]),
  doubts: z.array(doubtSchema).default([]),
  /** Absent: nothing, or they had no fence. */
  wanted: z.array(wantedSchema).optional(),
  /** Ids of tests that changed their mind when the same bytes were tested again. Absent: none did, or nobody looked. */
  flaky: z.array(z.string()).optional(),
  /** Head and tail of what the process printed, bounded, workspace paths made relative. */
  output: z.string(),
  ms: z.number(),
});
export type TestReport = z.infer<typeof testReportSchema>;

/** Baseline → after, by test id. */
export const testDeltaSchema = z.strictObject({
  fixed: z.array(z.string()),
  broken: z.array(z.string()),
  stillFailing: z.array(z.string()),
  added: z.array(z.string()),
  /** In the baseline, absent now: deleted, renamed, or not reached because the run ended early. */
  missing: z.array(z.string()),
  newlySkipped: z.array(z.string()),
});
export type TestDelta = z.infer<typeof testDeltaSchema>;

/**
 * deleted-test, skipped-test, weakened-assertion, deleted-file: tests made easier to pass. changed-config: which tests run, or how.
 * changed-expectation: what tests compare with. runs-later: a file that something runs or obeys by itself some time.
 */
export const tamperingKinds = [
  'deleted-test',
  'skipped-test',
  'weakened-assertion',
  'deleted-file',
  'changed-config',
  'changed-expectation',
  'runs-later',
] as const;

/**
 * Code that looks made for its tests rather than for what was asked. equal-to-anything: a comparison answers without looking. asks-if-tested: it asks
 * whether, or by what, it is tested. hard-coded: what tests put in is answered by literals. counts-calls: the answer depends on how often it was
 * asked for. ends-process, before-main, raw-output, patches-builtins: it reaches past its caller. swallows-failure: what fails gives what a test
 * expects. only-visible-inputs: tried on other inputs than those of the tests, it has one answer to all of them. shrinks, whatever it is made for: a
 * file loses most of its text, or all, which nobody asked for.
 */
export const gamingKinds = [
  'equal-to-anything',
  'asks-if-tested',
  'hard-coded',
  'counts-calls',
  'ends-process',
  'before-main',
  'raw-output',
  'patches-builtins',
  'swallows-failure',
  'only-visible-inputs',
  'shrinks',
] as const;
export type GamingKind = (typeof gamingKinds)[number];

/** What a change does to its own exam or plants for later, and what of it looks made for the tests. */
export const tamperingSchema = z.strictObject({
  kind: z.enum([...tamperingKinds, ...gamingKinds]),
  path: z.string(),
  /** In words; of code that looks made for the tests the line itself. */
  detail: z.string(),
  /** From 1. */
  line: z.number().int().optional(),
});
export type Tampering = z.infer<typeof tamperingSchema>;

/** It looks made for the tests: shown beside the verdict, which it does not change. */
export const looksMadeForTests = ({ kind }: Pick<Tampering, 'kind'>): boolean => (gamingKinds as readonly string[]).includes(kind);

/**
 * Why a change does not count as solved. target-fails: a test that the request is about is red. broke: a test that passed is red. ended-early: the tests did
 * not come to their end by themselves. target-missing, lost: such tests were not seen. nothing-was-red: no test failed before, so none shows that the
 * request is done. perhaps-meant: nothing was mended, and tests that may be what was asked for fail as before. only-flaky: those that did changed their mind when nothing changed. unsteady: with the change, and only with it, a test passes at times and
 * fails at times. not-all-run: of a long suite only the failing tests were run so far. not-seen: the tests met their limit of time, as they did before
 * the change. breach: the code under test took a hand in its own judging. touches-tests: the change touches its own exam.
 */
export const judgementReasonSchema = z.strictObject({
  kind: z.enum([
    'target-fails',
    'broke',
    'ended-early',
    'target-missing',
    'lost',
    'nothing-was-red',
    'perhaps-meant',
    'only-flaky',
    'unsteady',
    'breach',
    'touches-tests',
    'not-all-run',
    'not-seen',
  ]),
  /** Ids, the first of them. */
  tests: z.array(z.string()).optional(),
  /** How many there are in all. */
  count: z.number().int().optional(),
  detail: z.string().optional(),
  tampering: tamperingSchema.shape.kind.optional(),
});
export type JudgementReason = z.infer<typeof judgementReasonSchema>;

/** Why no guard of ours saw the tests of a report; undefined when one did. */
export const unguardedBecause = ({ doubts }: Pick<TestReport, 'doubts'>): string | undefined =>
  doubts.find(({ kind }) => kind === 'unguarded')?.detail;

export const judgementSchema = z.strictObject({
  /** unproven: nothing is red that was not, and still the tests do not show that the request is done. */
  state: z.enum(['solved', 'unproven', 'red']),
  reasons: z.array(judgementReasonSchema),
  /** Tests that the request is about and that were seen to pass, the first of them. */
  targets: z.array(z.string()),
  /** Tests that fail as they did before and were not asked about: something else was mended, or speaks against the change by itself. */
  unrelated: z.array(z.string()),
  /** Tests that fail as they did before because the machine, or the fence, does not let them reach what they want: they decided nothing. */
  outOfReach: z.array(z.string()).optional(),
  /** Tests that changed their mind when nothing changed: they decided nothing. */
  flaky: z.array(z.string()).default([]),
  /** Changed files of code that no test command of the workspace is about. */
  notRun: z.array(z.string()).default([]),
  /** Why no guard of ours saw the tests: the runner's word, or an exit code, is all that is known. */
  unguarded: z.string().optional(),
});
export type Judgement = z.infer<typeof judgementSchema>;

export const checkNames = ['types', 'lint'] as const;
export type CheckName = (typeof checkNames)[number];

export const checkReportSchema = z.strictObject({
  name: z.enum(checkNames),
  /** What ran; absent when the workspace has no such check. */
  display: z.string().optional(),
  ok: z.boolean(),
  available: z.boolean(),
  output: z.string(),
  ms: z.number(),
});
export type CheckReport = z.infer<typeof checkReportSchema>;

/** Tests that ran over a line. */
export interface LineRuns {
  readonly failing: number;
  readonly passing: number;
}

/** Which lines the tests ran over. */
export interface Coverage {
  /** Tests that were seen. */
  readonly failing: number;
  readonly passing: number;
  /** Path relative to the workspace → number of a line, from 1 → tests. */
  readonly files: ReadonlyMap<string, ReadonlyMap<number, LineRuns>>;
}

export interface RunLimits {
  /** Wall clock, ms. */
  readonly wallMs: number;
  /** Longest silence, ms. */
  readonly idleMs: number;
  /** Bytes of output kept in memory (head and tail); a process may print any amount more. */
  readonly outputBytes: number;
}
