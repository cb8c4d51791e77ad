/**
 * Many runs with all their texts, written straight to the disk: what exports and the index are tested on where hundreds of runs are needed. What
 * a run is about follows from its number, so that every test knows what must come out.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { soloTeam } from '../../src/design/index.ts';
import { teamFor } from '../../src/design/teams.ts';
import { gamingKinds } from '../../src/feedback/types.ts';
import { type Plan, planHash, printPlan } from '../../src/plan/index.ts';
import { eventVersion, type NewEvent } from '../../src/trace/events.ts';
import { chainedLines, hashOf } from './trace-events.ts';

export interface ToldRun {
  readonly runId: string;
  readonly request?: string;
  readonly workspace?: string;
  /** Stands for the files of the workspace: runs with the same tree and request are about the same problem. */
  readonly tree?: string;
  readonly at?: number;
  readonly plan?: Plan;
  readonly model?: string;
  /** Of its tests, the first of which fails at the start. Default: two. */
  readonly tests?: readonly string[];
  /** What the failing one says. */
  readonly message?: string;
  /** The change that was handed over. */
  readonly patch?: string;
  readonly generation?: { readonly prompts: number; readonly library: number; readonly weights: string };
  /** Replies in order; the one that says `right` passes the tests. Each stands for one candidate. */
  readonly replies?: readonly string[];
  /** Of its source file; default 60. */
  readonly bytes?: number;
  readonly more?: readonly NewEvent[];
  readonly designRounds?: readonly { readonly reply: string; readonly reasoning?: string; readonly valid: boolean }[];
  /** What the tests of the change that passes them give away: a hand on them, or code made for them. */
  readonly inDoubt?: 'tampering' | 'breach' | 'made-for-tests';
  /** No `run.finished`. */
  readonly unfinished?: boolean;
}

const test = { runner: 'node-test', display: 'npm test', argv: ['npm', 'test'], cwd: '', source: 'package.json' } as const;
const report = (passes: boolean, names: readonly string[], message: string | undefined) => ({
  ending: 'finished',
  exitCode: passes ? 0 : 1,
  cases: names.map((name, index) => ({
    ...{ id: name, name, file: 'sum.test.js' },
    ...(passes || index > 0 ? { outcome: 'passed' } : { outcome: 'failed', message }),
  })),
  passed: passes ? 2 : 1,
  failed: passes ? 0 : 1,
  skipped: 0,
  green: passes,
  output: '',
  ms: 5,
});
const counts = (passes: boolean) => ({ passed: passes ? 2 : 1, failed: passes ? 0 : 1, skipped: 0, green: passes });
const usage = { inputTokens: 900, outputTokens: 100, cachedInputTokens: 0, estimated: false };
const signsOf = ({ inDoubt }: ToldRun) => ({
  tampering:
    inDoubt === 'tampering'
      ? [{ kind: 'weakened-assertion' as const, path: 'sum.test.js', detail: 'an assertion is gone' }]
      : inDoubt === 'made-for-tests'
        ? [{ kind: gamingKinds[0], path: 'sum.js', detail: 'if (a === 1) return 2;', line: 1 }]
        : [],
  breaches: inDoubt === 'breach' ? [{ kind: 'forged-record' as const, detail: 'a record that no test wrote' }] : [],
});
const firstDay = Date.UTC(2026, 9, 1, 9);

/** Writes the run's folder as the trace room would. */
export function writeLessonRun(dataDir: string, told: ToldRun): void {
  const blobs = new Map<string, string>();
  const blob = (value: unknown): string => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    blobs.set(hashOf(text), text);
    return hashOf(text);
  };
  const tree = (name: string) => ({ commit: hashOf(`commit ${name}`).slice(0, 40), tree: hashOf(name).slice(0, 40) });
  const request = told.request ?? `Repair the sum of ${told.runId}.`;
  const plan = told.plan ?? soloTeam(3, 'easy');
  const replies = told.replies ?? ['This is right.'];
  const model = told.model ?? 'coder-1.5b';
  const names = told.tests ?? ['adds', 'subtracts'];
  const [failing = ''] = names;
  const briefing = {
    version: 1,
    languages: [{ name: 'javascript', files: 2, bytes: 200 }],
    test,
    baseline: report(false, names, told.message),
    files: [
      {
        path: 'sum.js',
        reasons: ['failing-test'],
        score: 1,
        bytes: told.bytes ?? 60,
        text: 'exports.sum = (a, b) => a - b;\n',
        truncated: false,
        isTest: false,
      },
    ],
    git: { kind: 'repository', branch: 'main', detached: false, changed: 0, untracked: 0, submodules: [] },
    fileCount: 2,
    leftOut: [],
    ms: 12,
  };
  const prompt = [
    { role: 'system', content: 'You are a careful software engineer.' },
    { role: 'user', content: `# Files\nexports.sum = (a, b) => a - b;\n\n# Request\n${request}` },
  ];
  const spend = (calls: number) => ({ calls, inputTokens: 900 * calls, outputTokens: 100 * calls, usd: 0.001 * calls, seconds: calls });
  const rightAt = replies.findIndex((text) => text.includes('right'));
  const events: NewEvent[] = [
    {
      type: 'run.started',
      runId: told.runId,
      request: { text: request, files: [] },
      workspace: told.workspace ?? '/home/ann/work/sum',
      program: 'teamwright 0.1.0',
      models: { worker: { endpoint: 'embedded', model }, strong: { endpoint: 'embedded', model } },
      designer: 'auto',
      seed: 1,
      ...(told.generation && { generations: told.generation }),
    },
    { type: 'snapshot.taken', snapshot: tree(told.tree ?? 'start'), leftOut: [], ms: 3 },
    {
      type: 'briefing.done',
      briefing: blob(briefing),
      test: { ...test, argv: [...test.argv] },
      baseline: counts(false),
      languages: ['javascript'],
      files: ['sum.js'],
      git: { kind: 'repository', branch: 'main', detached: false, changed: 0, untracked: 0, submodules: [] },
      ms: 20,
    },
    ...(told.designRounds ?? []).map(
      ({ reply, reasoning = '', valid }, round): NewEvent => ({
        type: 'design.round',
        round,
        designer: 'model',
        prompt: blob([{ role: 'user', content: 'Design a team.' }]),
        reply: blob(reply),
        reasoning,
        valid,
        problems: valid ? [] : ['it is no plan'],
      }),
    ),
    {
      type: 'plan.proposed',
      round: 0,
      hash: planHash(plan),
      plan: blob(printPlan(plan)),
      name: plan.name,
      origin: told.designRounds ? 'model' : plan.name === 'solo' ? 'solo' : 'library',
      reason: plan.reason,
      rounds: told.designRounds?.map((_, round) => round),
      difficulty: plan.difficulty,
      budget: plan.budget,
      estimate: {
        calls: { least: 1, most: 4 },
        tokens: { least: 1000, most: 4000 },
        usd: { least: 0, most: 0, known: true },
        seconds: { least: 10, most: 60 },
      },
    },
    { type: 'plan.approved', hash: planHash(plan), by: 'flag' },
    { type: 'step.started', planHash: planHash(plan), step: 'draft', path: 'r0/draft', kind: 'generate', agent: 'coder' },
    ...replies.flatMap((text, index): NewEvent[] => {
      const call = `r0/draft/${index + 1}`;
      const passes = index === rightAt;
      const candidate = `c${index + 1}`;
      const reply = {
        text,
        reasoning: '',
        toolCalls: [],
        finish: 'stop',
        usage,
        servedModel: model,
        ms: 10,
      };
      return [
        {
          type: 'call.started',
          planHash: planHash(plan),
          call,
          attempt: 1,
          agent: 'coder',
          step: 'draft',
          model,
          endpoint: 'embedded',
          prompt: blob(prompt),
          promptHash: 'p',
          estimatedInputTokens: 900,
        },
        {
          type: 'call.done',
          call,
          attempt: 1,
          agent: 'coder',
          servedModel: model,
          reply: blob(reply),
          finish: 'stop',
          usage,
          usd: 0.001,
          ms: 10,
          spend: spend(index + 1),
        },
        {
          type: 'candidate.made',
          candidate,
          from: 'start',
          step: 'draft',
          agent: 'coder',
          call,
          snapshot: tree(`${told.runId} ${candidate}`),
          changed: ['sum.js'],
          levels: {},
          problems: [],
        },
        {
          type: 'candidate.tested',
          candidate,
          report: blob(report(passes, names, told.message)),
          counts: counts(passes),
          ending: 'finished',
          delta: {
            fixed: passes ? [failing] : [],
            broken: [],
            stillFailing: passes ? [] : [failing],
            added: [],
            missing: [],
            newlySkipped: [],
          },
          ...(passes ? signsOf(told) : { tampering: [], breaches: [] }),
          tree: tree(`${told.runId} ${candidate}`).tree,
          ms: 5,
        },
      ];
    }),
    { type: 'step.done', step: 'draft', path: 'r0/draft', ms: 30 },
    ...(told.unfinished
      ? []
      : [
          {
            type: 'run.finished',
            outcome: rightAt === -1 ? 'tests-fail' : 'solved',
            candidate: rightAt === -1 ? 'c1' : `c${rightAt + 1}`,
            patch: blob(told.patch ?? '--- a/sum.js\n+++ b/sum.js\n'),
            before: counts(false),
            after: counts(rightAt !== -1),
            tampering: signsOf(told).tampering,
            spend: spend(replies.length),
            reward: { performance: rightAt === -1 ? 0 : 1, complexity: 0, efficiency: (1000 * replies.length) / plan.budget.tokens },
          } as NewEvent,
        ]),
    ...(told.more ?? []),
  ];
  const dir = join(dataDir, 'runs', told.runId);
  mkdirSync(dir, { recursive: true });
  const at = told.at ?? firstDay;
  writeFileSync(join(dir, 'events.jsonl'), chainedLines(events.map((event, seq) => ({ v: eventVersion, seq, at: at + seq, ...event }))));
  writeFileSync(join(dir, 'blobs.jsonl'), [...blobs].map(([sha256, text]) => `${JSON.stringify({ sha256, text })}\n`).join(''));
}

/** `count` runs, two a problem: one solves it with its second sample, the other (a bigger team) stays red on every third problem. */
export function writeManyRuns(dataDir: string, count: number): void {
  for (let number = 0; number < count; number += 1) {
    const problem = Math.floor(number / 2);
    const second = number % 2 === 1;
    writeLessonRun(dataDir, {
      runId: `run-${String(number).padStart(5, '0')}`,
      request: `Repair sum number ${problem} and mail ann.${problem}@corp.net.`,
      tree: `tree ${problem}`,
      workspace: `/home/ann/work/project-${problem % 5}`,
      at: firstDay + number * 3_600_000,
      plan: second ? teamFor('small-function', 'easy') : undefined,
      replies: second && problem % 3 === 0 ? [`Wrong ${problem}.`] : [`Wrong ${problem}.`, `This is right ${problem}.`],
    });
  }
}
