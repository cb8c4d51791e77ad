/**
 * The one vocabulary of events. The runtime emits them, the trace stores them, every screen and the command line fold them.
 *
 * Envelope: `v` is the version of the event's shape, `seq` counts from 0 in the run, `at` is milliseconds since the epoch, `type` names
 * the event. Long texts (prompts, replies, reports, patches) are blobs, named by their sha256.
 *
 * What an event belongs to stands in it, never in its place among others: the beginning of a step and of a call names the plan, what comes of a
 * call names the call, and an end names its beginning (`path`; `call` and `attempt`). Fields that say so are absent only where a trace of
 * version 1 did not tell (`upgrade.ts`).
 */
import * as z from 'zod';
import { gitStateSchema } from '../briefing/types.ts';
import {
  breachSchema,
  checkReportSchema,
  judgementSchema,
  tamperingSchema,
  testCommandSchema,
  testDeltaSchema,
  wantedSchema,
} from '../feedback/types.ts';
import { estimateSchema, expectationSchema } from '../plan/estimate.ts';
import { budgetSchema, difficulties, troubles } from '../plan/schema.ts';
import { requestSchema } from '../request/types.ts';

export const eventVersion = 2;

/** sha256 of a blob, hexadecimal. */
const blob = z.string().regex(/^[0-9a-f]{64}$/);
const snapshot = z.strictObject({ commit: z.string(), tree: z.string() });
const counts = z.strictObject({
  passed: z.number().int(),
  failed: z.number().int(),
  skipped: z.number().int(),
  green: z.boolean(),
  /** What these tests wanted beyond their fence. */
  wanted: z.array(wantedSchema).optional(),
});
export type TestCounts = z.infer<typeof counts>;

/** Tests of other projects of the workspace. */
const otherSuites = z.array(z.strictObject({ display: z.string(), cwd: z.string(), counts, broken: z.array(z.string()) })).optional();

const usage = z.strictObject({
  inputTokens: z.number(),
  outputTokens: z.number(),
  cachedInputTokens: z.number(),
  estimated: z.boolean(),
});

const storedOtherwiseSchema = z.strictObject({ path: z.string(), how: z.enum(['lfs', 'filter', 'encoding']), by: z.string() });

/** Tokens, USD, seconds and calls spent so far. The meter never resets in a run. */
export const spendSchema = z.strictObject({
  calls: z.number().int(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  usd: z.number(),
  seconds: z.number(),
});
export type Spend = z.infer<typeof spendSchema>;

/** Which way a plan came to be. */
export const planOrigins = [
  'solo',
  'library',
  'model',
  'model-repaired',
  'model-reasked',
  'fallback-library',
  'file',
  'user-edit',
] as const;
export type PlanOrigin = (typeof planOrigins)[number];

/**
 * How a run ended. `unproven`: nothing is red that was not, and the tests do not show that the request is done; `no-tests`: a candidate exists but
 * nothing could judge it; `answered`: a question got its answer.
 */
export const outcomes = ['solved', 'unproven', 'tests-fail', 'no-tests', 'answered', 'budget', 'stopped', 'failed', 'declined'] as const;
export type Outcome = (typeof outcomes)[number];

/** Why a step that needs tests did not do its work (`skipped` of `step.done`): nothing was passed over, there is nothing to test with. */
export const noTests = 'the workspace has no tests';

/** Why a reply has no vote: longer than allowed, not exactly in the form asked for, or there was none. */
export const voteFlags = ['too-long', 'not-exact', 'failed'] as const;
export type VoteFlag = (typeof voteFlags)[number];

export type Trouble = (typeof troubles)[number];

/** Limits without a plan's defaults: only what the user raised. */
const raisedLimits = z.strictObject({
  tokens: z.number().optional(),
  usd: z.number().optional(),
  seconds: z.number().optional(),
  calls: z.number().optional(),
  agents: z.number().optional(),
  depth: z.number().optional(),
});

/** `RecordedFailure` of `errors.ts`. `facts` by the code (`error-facts.ts`); older programs kept a next step instead. */
const failure = z.strictObject({
  code: z.string(),
  message: z.string(),
  next: z.string().optional(),
  facts: z.record(z.string(), z.unknown()).optional(),
});

/** A lesson of an earlier run that agents of this one are shown, as it is shown. */
const recalledSchema = z.strictObject({
  /** The run it is of. */
  id: z.string(),
  /** `fix`: what solved a similar request. `warning`: what was tried and did not. */
  kind: z.enum(['fix', 'warning']),
  /** Who is shown it: agents of this role. */
  role: z.string(),
  text: z.string(),
  tokens: z.number().int(),
  /** How alike the states of the workspace and the requests are, 0 to 1, and in words what they have in common. */
  overlap: z.number(),
  similarity: z.number(),
  because: z.array(z.string()),
  /** Of the run it is of. */
  solved: z.boolean(),
  calls: z.number().int(),
});
export type Recalled = z.infer<typeof recalledSchema>;

export const eventBodies = {
  'run.started': z.strictObject({
    runId: z.string(),
    request: requestSchema,
    workspace: z.string(),
    program: z.string(),
    models: z.record(
      z.string(),
      z.strictObject({
        endpoint: z.string(),
        model: z.string(),
        /** As the adapter knows them (`Capabilities`, `Price` of `models/types.ts`): a replay needs the same. */
        capabilities: z.looseObject({}).optional(),
        price: z.looseObject({}).optional(),
      }),
    ),
    /** The run's settings (`RunSettings` of `run/types.ts`): a replay uses the same. */
    settings: z.looseObject({}).optional(),
    /** In which fence the code of the workspace and of candidates ran, or why in none. Older programs did not tell. */
    fence: z.strictObject({ by: z.enum(['unshare', 'bwrap', 'sandbox-exec', 'none']), reason: z.string().optional() }).optional(),
    designer: z.string(),
    /** The plan, as JSON, of a designer that has only this one: a run that is cut short before it proposes goes on with it. */
    team: blob.optional(),
    seed: z.number().int(),
    /**
     * The run this one goes on from. `resume`: the same request after an interruption, recorded replies first; `follow-up`: another request
     * that starts from the other run's candidate.
     */
    continues: z
      .strictObject({
        runId: z.string(),
        how: z.enum(['resume', 'follow-up']),
        /** The candidate that a follow-up starts from, when it is not the one that was handed over. */
        candidate: z.string().optional(),
        /**
         * What a follow-up keeps of the run before: what its prompts say of it, and the tests that must go on passing. A replay needs the same, also
         * when that run was deleted.
         */
        earlier: z.strictObject({ request: z.string(), done: z.string(), targets: z.array(z.string()).optional() }).optional(),
      })
      .optional(),
    /** Generations of what shaped the replies, so that training never mixes them: prompts and team library by number, weights by name. */
    generations: z.strictObject({ prompts: z.number().int(), library: z.number().int(), weights: z.string() }).optional(),
  }),
  'snapshot.taken': z.strictObject({
    snapshot,
    /** What candidates are made from, when it is not the workspace: the candidate that a follow-up goes on from. */
    start: snapshot.optional(),
    leftOut: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
    /** Files that copies have as git stores them, not as a checkout puts them on the disk. Absent: none. */
    storedOtherwise: z.array(storedOtherwiseSchema).optional(),
    /** Milliseconds. */
    ms: z.number(),
  }),
  'briefing.done': z.strictObject({
    briefing: blob,
    test: testCommandSchema.optional(),
    /** Test commands of other projects in the workspace. Absent in older traces. */
    otherSuites: z.array(testCommandSchema).optional(),
    baseline: counts.optional(),
    /** Reports: of the baseline, then of the further looks at what was red in it. Absent in older traces, and where the tests did not come to their end. */
    seen: z.array(blob).optional(),
    languages: z.array(z.string()),
    files: z.array(z.string()),
    git: gitStateSchema,
    ms: z.number(),
  }),
  /** What is remembered of earlier runs in this workspace and fits this one, the best first. Absent: nothing. */
  'memory.recalled': z.strictObject({ lessons: z.array(recalledSchema) }),
  /** One round of design: what was asked, what came back, whether it was valid, and what was done about it. */
  'design.round': z.strictObject({
    round: z.number().int(),
    designer: z.string(),
    call: z.string().optional(),
    prompt: blob.optional(),
    reply: blob.optional(),
    reasoning: z.string().default(''),
    valid: z.boolean(),
    problems: z.array(z.string()),
    /** What failed before, when this round answers a failure. */
    failure: z.string().optional(),
  }),
  'plan.proposed': z.strictObject({
    round: z.number().int(),
    hash: z.string(),
    plan: blob,
    name: z.string(),
    origin: z.enum(planOrigins),
    reason: z.string(),
    difficulty: z.enum(difficulties),
    /** How hard the request looked by its briefing and after what was tried, whatever the plan calls itself. */
    looks: z.enum(difficulties).optional(),
    budget: budgetSchema,
    estimate: estimateSchema,
    /** The plan's steps in order, `path` as in `step.started`, so that screens show what is still to come. */
    outline: z.array(z.strictObject({ step: z.string(), path: z.string(), kind: z.string(), agent: z.string().optional() })).optional(),
    expectation: expectationSchema.optional(),
    /** A team of earlier runs that did better than the usual one: what it is known by, and whether in the same situation or in one like it. */
    proven: z.strictObject({ team: z.string(), hit: z.enum(['exact', 'near']) }).optional(),
    /** Rounds of design that led to it. */
    rounds: z.array(z.number().int()).optional(),
    /** What the model thought when it designed this plan. */
    reasoning: z.string().optional(),
    /** Other teams that were considered, the best known first. */
    alternatives: z
      .array(
        z.strictObject({
          name: z.string(),
          hash: z.string(),
          plan: blob,
          origin: z.enum(planOrigins),
          reason: z.string(),
          estimate: estimateSchema,
        }),
      )
      .optional(),
  }),
  'plan.approved': z.strictObject({
    hash: z.string(),
    /** `setting`: nobody was asked, because the user lets cheap plans of one agent run. */
    by: z.enum(['user', 'flag', 'setting', 'escalation', 'replay', 'bench']),
    /** It runs without being asked about, and until somebody is asked the whole run costs at most this, USD. */
    below: z.number().nonnegative().optional(),
  }),
  /** `redesign`: the comment goes to the designer, and another proposal follows. */
  'plan.declined': z.strictObject({ hash: z.string(), comment: z.string().default(''), redesign: z.boolean().optional() }),
  'step.started': z.strictObject({
    /** Of the plan it is a step of. */
    planHash: z.string().optional(),
    step: z.string(),
    path: z.string(),
    kind: z.string(),
    agent: z.string().optional(),
  }),
  'step.done': z.strictObject({
    step: z.string(),
    path: z.string(),
    ms: z.number(),
    skipped: z.string().optional(),
    failure: failure.optional(),
  }),
  /** `call` is the place of the call in the plan (`path/sample/turn`), the same in a replay. */
  'call.started': z.strictObject({
    /** Of the plan it is a call of; absent when a designer asks. */
    planHash: z.string().optional(),
    call: z.string(),
    attempt: z.number().int(),
    agent: z.string(),
    step: z.string(),
    model: z.string(),
    endpoint: z.string(),
    prompt: blob,
    promptHash: z.string(),
    estimatedInputTokens: z.number(),
    /** The user's hints that stand in this prompt, so that a replay gives each call its own. */
    hints: z.array(z.string()).optional(),
  }),
  'call.done': z.strictObject({
    call: z.string(),
    attempt: z.number().int(),
    agent: z.string(),
    servedModel: z.string(),
    /** The whole `ChatReply` as JSON. */
    reply: blob,
    finish: z.string(),
    usage,
    usd: z.number(),
    ms: z.number(),
    spend: spendSchema,
  }),
  'call.failed': z.strictObject({
    call: z.string(),
    attempt: z.number().int(),
    agent: z.string(),
    failure,
    /** Tokens that were spent all the same (a half-streamed reply), as estimated. */
    usage: usage.optional(),
    willRetry: z.boolean(),
    ms: z.number(),
    spend: spendSchema,
  }),
  'tool.used': z.strictObject({
    call: z.string(),
    agent: z.string(),
    tool: z.string(),
    arguments: z.string(),
    ok: z.boolean(),
    result: blob,
    /** The answer came from the user, an editor or a server: a replay has it from here. */
    outside: z.boolean().optional(),
    ms: z.number(),
  }),
  /** The same call, or the same two in turn, again and again. */
  /** Where a repair looks for the mistake, the most suspicious first. */
  'places.ranked': z.strictObject({
    step: z.string(),
    path: z.string(),
    places: z.array(
      z.strictObject({
        path: z.string(),
        line: z.number().int(),
        endLine: z.number().int(),
        suspicion: z.number(),
        /** What speaks for it: `surprise`, `spectrum`, `frame`. */
        because: z.array(z.string()),
      }),
    ),
  }),
  /** Another text for one place, written by a model (`waysOfModels`) or a small change by its kind. Without counts: there was nothing new to try. */
  'place.tried': z.strictObject({
    step: z.string(),
    call: z.string(),
    file: z.string(),
    line: z.number().int(),
    how: z.string(),
    passed: z.number().int().optional(),
    failed: z.number().int().optional(),
    /** How long its tests took. */
    ms: z.number().optional(),
    /** The user pointed at it. */
    pointed: z.boolean().optional(),
  }),
  'loop.found': z.strictObject({ agent: z.string(), detail: z.string(), action: z.enum(['warned', 'stopped']) }),
  'candidate.made': z.strictObject({
    candidate: z.string(),
    from: z.string(),
    step: z.string(),
    agent: z.string(),
    /** Place of the call that gave it; of an agent with tools, the last one that was answered. */
    call: z.string().optional(),
    snapshot,
    /** A small change that the model finds less likely than what stood there. */
    unlikely: z.boolean().optional(),
    changed: z.array(z.string()),
    levels: z.record(z.string(), z.number()),
    problems: z.array(z.strictObject({ path: z.string(), kind: z.string(), message: z.string() })),
  }),
  /** A reply that gave no candidate: nothing parseable, nothing changed, or the same change as an earlier candidate. */
  'candidate.refused': z.strictObject({
    step: z.string(),
    agent: z.string(),
    call: z.string(),
    reason: z.string(),
    sameAs: z.string().optional(),
  }),
  'write.blocked': z.strictObject({ agent: z.string(), path: z.string(), reason: z.string() }),
  /** A server of the user that a plan grants was started, and what it offers. */
  'server.started': z.strictObject({
    server: z.string(),
    /** Definitions of its tools as JSON. */
    tools: blob,
    /** How many. */
    count: z.number().int(),
    /** It was started without the network: who uses it is not granted any. */
    offline: z.boolean().optional(),
    ms: z.number(),
  }),
  'server.failed': z.strictObject({ server: z.string(), failure }),
  /** An agent asks the user; the run waits without its clock. */
  'question.asked': z.strictObject({
    agent: z.string(),
    /** Place of the call that asked; one call may ask several questions, one after the other. */
    call: z.string(),
    question: z.string(),
    /** Answers to choose from. Absent: words alone. */
    options: z.array(z.string()).optional(),
  }),
  'question.answered': z.strictObject({
    agent: z.string(),
    call: z.string(),
    question: z.string(),
    /** Absent: the user gave none. */
    answer: z.string().optional(),
    /** `replay`: the answer of the run that this one repeats or goes on from. */
    by: z.enum(['user', 'nobody', 'replay']),
  }),
  /** An agent reached for what its plan does not grant it; nothing came of it. What it may not write is a `write.blocked`. */
  'right.refused': z.strictObject({
    agent: z.string(),
    /** Place of the call that asked for it; of a delegation, that of the step or the plan's round. */
    call: z.string(),
    /** `delegation`: a right that the agent it was to act for lacks, or that no plan before it gave. */
    right: z.enum(['tool', 'command', 'server', 'network', 'delegation']),
    what: z.string(),
  }),
  /** A right of an approved plan that is not kept here as the plan writes it. `open`: the agent has the network without a grant. `closed`: it has none in spite of one. */
  'right.loose': z.strictObject({ agent: z.string(), network: z.enum(['open', 'closed']) }),
  'candidate.tested': z.strictObject({
    candidate: z.string(),
    report: blob,
    counts,
    ending: z.string(),
    delta: testDeltaSchema,
    tampering: z.array(tamperingSchema),
    /** Absent in older traces. */
    breaches: z.array(breachSchema).default([]),
    /** Absent in older traces. */
    judgement: judgementSchema.optional(),
    /** Tests of other projects of the workspace that the change reaches into, and what of them it broke. */
    others: otherSuites,
    /** Tree the result belongs to; a candidate with another tree makes it stale. */
    tree: z.string(),
    /** Of a long suite: the files or packages that were run alone. Absent: all. */
    only: z.array(z.string()).optional(),
    /** How often tests in question were run again on the same bytes, without the change and with it. Absent: never. */
    again: z.strictObject({ without: z.number().int(), with: z.number().int() }).optional(),
    /** Share of the target tests that pass, and a key of how it acts: what else a resumed run takes over. Absent in older traces. */
    score: z.number().optional(),
    behaviour: z.string().optional(),
    ms: z.number(),
  }),
  'candidate.checked': z.strictObject({ candidate: z.string(), report: checkReportSchema }),
  'note.written': z.strictObject({
    step: z.string(),
    agent: z.string(),
    /** Place of the call that gave it. */
    call: z.string().optional(),
    /** The candidate that a review is about. */
    about: z.string().optional(),
    text: blob,
    verdict: z.enum(['approve', 'reject', 'none']),
  }),
  'candidates.selected': z.strictObject({
    step: z.string(),
    kept: z.array(z.string()),
    /** Behaviour classes: candidates with the same test results (and the same change) stand together. */
    classes: z.array(z.array(z.string())),
    by: z.string(),
  }),
  /** Two candidates that make different tests pass, put together. Without `candidate` nothing came of it: for conflicts, or as `sameAs` is it already. */
  'candidates.merged': z.strictObject({
    step: z.string(),
    of: z.array(z.string()),
    candidate: z.string().optional(),
    sameAs: z.string().optional(),
    conflicts: z.array(z.strictObject({ path: z.string(), detail: z.string() })),
  }),
  /**
   * Equally good candidates were run on inputs that an agent thought of (`run/steps/tell-apart.ts`): those of a class answer alike, the class with most votes
   * first. An answer is null where nothing came back that can be compared; `unread`: lines of the reply that are no input.
   */
  'candidates.told-apart': z.strictObject({
    step: z.string(),
    path: z.string(),
    inputs: z.array(z.string()),
    unread: z.number().int(),
    classes: z.array(z.strictObject({ candidates: z.array(z.string()), votes: z.number().int(), answers: z.array(z.string().nullable()) })),
  }),
  /** Which candidate a sample improves, and what was drawn for each, the highest first (`run/draw.ts`). */
  'candidate.drawn': z.strictObject({
    step: z.string(),
    call: z.string(),
    candidate: z.string(),
    arms: z.array(z.strictObject({ candidate: z.string(), share: z.number(), fails: z.number().int(), drawn: z.number() })),
  }),
  /** The function or class that a call asks for in place of whole files, and what points at it (`run/part.ts`). */
  'part.asked': z.strictObject({
    step: z.string(),
    call: z.string(),
    file: z.string(),
    part: z.string(),
    line: z.number().int(),
    because: z.array(z.string()),
  }),
  /** One reply of a vote: an answer, or why it is none (`run/ballot.ts`). Long answers go by the beginning of their hash. */
  'vote.cast': z.strictObject({
    step: z.string(),
    call: z.string(),
    answer: z.string().optional(),
    flag: z.enum(voteFlags).optional(),
  }),
  /** A vote is over. `lead`: k, from `accuracy`, 0 to 1; without it the agent was not good enough for a vote. The answer with most votes comes first. */
  'vote.held': z.strictObject({
    step: z.string(),
    path: z.string(),
    ended: z.enum(['agreed', 'undecided', 'refused']),
    accuracy: z.number(),
    /** By how much the first replies agreed; otherwise as the plan says. */
    measured: z.boolean(),
    lead: z.number().int().optional(),
    answers: z.array(z.strictObject({ answer: z.string(), votes: z.number().int() })),
    flagged: z.number().int(),
  }),
  /** A round of a debate: who answered with what, and how those who answered rate what they had seen of the round before (`run/importance.ts`). */
  'debate.round': z.strictObject({
    step: z.string(),
    path: z.string(),
    round: z.number().int(),
    answers: z.array(z.strictObject({ agent: z.string(), candidate: z.string().optional() })),
    ratings: z.array(z.strictObject({ by: z.string(), of: z.string(), peer: z.number().optional(), tests: z.number().optional() })),
    /** Who sits out the next round. */
    out: z.array(z.string()),
  }),
  /** A debate is over. `importance`: how much each agent contributed, as shares of one, the most important first; `rated`: by ratings alone. */
  'debate.held': z.strictObject({
    step: z.string(),
    path: z.string(),
    ended: z.enum(['passed', 'agreed', 'rounds']),
    rounds: z.number().int(),
    importance: z.array(z.strictObject({ agent: z.string(), role: z.string(), share: z.number(), rated: z.number().optional() })),
  }),
  /** An agent came to grief in a step: who does the step now, with which model; `drop`: nobody, it is out of the team (`run/rescue.ts`). */
  'agent.replaced': z.strictObject({
    step: z.string(),
    path: z.string(),
    agent: z.string(),
    trouble: z.enum(troubles),
    by: z.enum(['retry', 'model', 'agent', 'drop']),
    with: z.string().optional(),
    model: z.string().optional(),
  }),
  'run.replanned': z.strictObject({ round: z.number().int(), failure: z.string() }),
  'run.finished': z.strictObject({
    outcome: z.enum(outcomes),
    candidate: z.string().optional(),
    snapshot: snapshot.optional(),
    patch: blob.optional(),
    answer: blob.optional(),
    before: counts.optional(),
    after: counts.optional(),
    tampering: z.array(tamperingSchema),
    /** Absent in older traces, and where nothing was judged. */
    judgement: judgementSchema.optional(),
    failure: failure.optional(),
    spend: spendSchema,
    /** Raw terms of the reward (`docs/` names the formula). */
    reward: z.record(z.string(), z.number()),
  }),
  /** The user steered the running team. What is here besides `action` depends on it; a replay does the same at the same place. */
  'control.used': z.strictObject({
    action: z.enum(['pause', 'continue', 'skip', 'hint', 'raise-budget', 'point']),
    /** Path of the step to skip. */
    step: z.string().optional(),
    /** Agent the hint is for; absent: all. */
    agent: z.string().optional(),
    text: z.string().optional(),
    /** The limits from now on; only those that were raised. */
    budget: raisedLimits.optional(),
    /** Where the user thinks the mistake is: a repair looks there next. */
    file: z.string().optional(),
    line: z.number().int().positive().optional(),
  }),
  /** Another run went on from this one. */
  'run.continued': z.strictObject({ as: z.string(), how: z.enum(['resume', 'follow-up']) }),
  /** The user's word on one hunk of a candidate's diff; the last word counts. `hunk` is its id (`workspace/hunks`), stable for one candidate. */
  'hunk.decided': z.strictObject({
    candidate: z.string(),
    path: z.string(),
    hunk: z.string(),
    decision: z.enum(['accepted', 'rejected', 'open']),
    reason: z.string().default(''),
  }),
  /** `hunks`: how many of the diff's hunks were written and how many left out, when the user chose; all otherwise. */
  'diff.applied': z.strictObject({
    applied: z.array(z.string()),
    conflicts: z.array(z.string()),
    undo: snapshot,
    /** When it was not the run's own. */
    workspace: z.string().optional(),
    candidate: z.string().optional(),
    /** Of that candidate, as it was shown. */
    tree: z.string().optional(),
    hunks: z.strictObject({ accepted: z.number().int(), rejected: z.number().int() }).optional(),
    /** Where hunks were left out: the tree of those that were written on the state that the run began with, as `part.tested` names it. */
    part: z.string().optional(),
  }),
  /** What the tests say of some hunks of a candidate alone, on the state that the run began with. Judged like a candidate, in a copy. */
  'part.tested': z.strictObject({
    candidate: z.string(),
    /** Their ids, and how many the whole diff has. */
    hunks: z.array(z.string()),
    of: z.number().int(),
    /** Of the state with these hunks. */
    tree: z.string(),
    report: blob,
    counts,
    ending: z.string(),
    delta: testDeltaSchema,
    tampering: z.array(tamperingSchema),
    breaches: z.array(breachSchema),
    judgement: judgementSchema,
    others: otherSuites,
    /** As in `candidate.tested`. */
    only: z.array(z.string()).optional(),
    ms: z.number(),
  }),
  'diff.undone': z.strictObject({ restored: z.array(z.string()), conflicts: z.array(z.string()) }),
  /** The user's word on the whole run. */
  'verdict.given': z.strictObject({
    candidate: z.string().optional(),
    decision: z.enum(['accepted', 'partly-accepted', 'rejected', 'sent-back']),
    reason: z.string().default(''),
  }),
  /**
   * How much of the accepted text is still there. 0 to 1: `fourGram` is the share of its four-grams still in the file, `noRevert` says how far
   * the file stayed from going back to what it was before.
   */
  'survival.measured': z.strictObject({
    when: z.enum(['minutes', 'commit']),
    minutes: z.number(),
    commit: z.string().optional(),
    fourGram: z.number(),
    noRevert: z.number(),
    files: z.array(z.strictObject({ path: z.string(), fourGram: z.number(), noRevert: z.number() })),
  }),
} as const;

export type EventType = keyof typeof eventBodies;

export type EventOf<T extends EventType> = { v: number; seq: number; at: number; type: T } & z.infer<(typeof eventBodies)[T]>;

export type TraceEvent = { [T in EventType]: EventOf<T> }[EventType];

/** What the runtime hands to the trace, whole: the trace adds the envelope and nothing else. Defaults are for reading older events. */
export type NewEvent = { [T in EventType]: { type: T } & z.infer<(typeof eventBodies)[T]> }[EventType];

/** One attempt of a call: what its end names of its beginning. */
export const attemptKey = ({ call, attempt }: { readonly call: string; readonly attempt: number }): string => `${call}#${attempt}`;

/**
 * How a model makes another text for one place: a statement written anew, a line put in, all that a function does written anew, a body that was not
 * there yet, lines that it named itself.
 */
export const waysOfModels: readonly string[] = ['fill', 'new-line', 'anew', 'new-body', 'new-function', 'written'];

/**
 * A try for one place as a log tells it: whether a model wrote the text, and what the tests said. Undefined for what is not worth a line: one that came
 * to no result, and of small changes without a model, of which there are many, one that does not help.
 */
export function toldTry({
  how,
  passed,
  failed,
}: Pick<EventOf<'place.tried'>, 'how' | 'passed' | 'failed'>): { isByModel: boolean; passed: number; failed: number } | undefined {
  const isByModel = waysOfModels.includes(how);
  return passed === undefined || failed === undefined || (!isByModel && failed > 0) ? undefined : { isByModel, passed, failed };
}

/** Where events go. `emit` is synchronous and keeps order; `flush` makes what was emitted durable (called at step ends). */
export interface TraceWriter {
  readonly runId: string;
  emit(event: NewEvent): void;
  /** Stores a text and gives its sha256; the same text is stored once. */
  blob(text: string): string;
  flush(): Promise<void>;
  close(): Promise<void>;
}
