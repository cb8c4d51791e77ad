/**
 * The verdict record: all that one run teaches, as one value. It is made from the trace alone and can be made again at any time; exports and
 * sharing read it, and nothing else of a trace. Tests in it are those the agents could see; hidden tests of a benchmark never reach a trace.
 */
import * as z from 'zod';
import { briefingSchema } from '../briefing/types.ts';
import { checkReportSchema, tamperingSchema, testDeltaSchema } from '../feedback/types.ts';
import { budgetSchema, difficulties } from '../plan/schema.ts';
import { requestSchema } from '../request/types.ts';
import { outcomes, planOrigins, spendSchema } from '../trace/events.ts';

export const recordVersion = 2;

export const toolCallSchema = z.object({ id: z.string(), name: z.string(), arguments: z.string() });

/** One message of a transcript, in the form of `ChatMessage`. */
export const messageSchema = z.object({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string(),
  toolCalls: z.array(toolCallSchema).optional(),
  toolCallId: z.string().optional(),
});
export type RecordedMessage = z.infer<typeof messageSchema>;

const counts = z.object({ passed: z.number(), failed: z.number(), skipped: z.number(), green: z.boolean() });
const failure = z.object({ code: z.string(), message: z.string() });

/** Raw terms of a reward; a term nothing could measure is absent. Weights are applied by whoever reads them. */
const terms = z.object({
  performance: z.number().optional(),
  complexity: z.number().optional(),
  efficiency: z.number().optional(),
  accepted: z.number().optional(),
});

const designRound = z.object({
  round: z.number(),
  designer: z.string(),
  /** What was asked, and what came back; absent for designers that ask no model. */
  messages: z.array(messageSchema).optional(),
  reply: z.string().optional(),
  reasoning: z.string(),
  valid: z.boolean(),
  problems: z.array(z.string()),
  /** What failed before, when this round answers a failure. */
  failure: z.string().optional(),
  /** Hash of the plan that was proposed after this round. */
  plan: z.string().optional(),
});
export type DesignRecord = z.infer<typeof designRound>;

const plan = z.object({
  round: z.number(),
  hash: z.string(),
  name: z.string(),
  origin: z.enum(planOrigins),
  reason: z.string(),
  difficulty: z.enum(difficulties),
  budget: budgetSchema,
  /** As YAML. */
  text: z.string(),
  approval: z.enum(['open', 'approved', 'declined']),
  approvedBy: z.string().optional(),
  comment: z.string().optional(),
  /** Against the proposal of the same round, when the user changed it: one sentence a change, and the changes as data (`PlanDiff`). */
  edits: z.object({ from: z.string(), sentences: z.array(z.string()), changes: z.array(z.record(z.string(), z.unknown())) }).optional(),
  /** What came of it; absent for a plan that was never executed. */
  outcome: z
    .object({
      /** Of its best candidate, 0 to 1; absent when no test could judge one. */
      score: z.number().optional(),
      solved: z.boolean(),
      calls: z.number(),
      tokens: z.number(),
      usd: z.number(),
      terms,
    })
    .optional(),
});
export type PlanRecord = z.infer<typeof plan>;

const call = z.object({
  /** Place in the plan, unique in the run with `attempt`. */
  call: z.string(),
  attempt: z.number(),
  agent: z.string(),
  role: z.string(),
  step: z.string(),
  /** Kind of the step, or `design`. */
  kind: z.string(),
  /** Index of the executed plan in `plans`; absent for design calls. */
  plan: z.number().optional(),
  model: z.string(),
  servedModel: z.string(),
  /** Milliseconds since the epoch. */
  startedAt: z.number(),
  endedAt: z.number().optional(),
  messages: z.array(messageSchema),
  /** Absent when the call failed or was under way when the run ended. */
  reply: z.object({ text: z.string(), reasoning: z.string(), toolCalls: z.array(toolCallSchema), finish: z.string() }).optional(),
  failure: failure.optional(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  cachedInputTokens: z.number(),
  usd: z.number(),
  tools: z.array(z.object({ tool: z.string(), arguments: z.string(), ok: z.boolean(), result: z.string(), ms: z.number() })),
});
export type CallRecord = z.infer<typeof call>;

const candidate = z.object({
  id: z.string(),
  from: z.string(),
  step: z.string(),
  kind: z.string(),
  agent: z.string(),
  role: z.string(),
  plan: z.number().optional(),
  /** Place of the (last) call that gave it. */
  call: z.string().optional(),
  changed: z.array(z.string()),
  tests: z
    .object({ before: counts.optional(), after: counts, ending: z.string(), delta: testDeltaSchema, tampering: z.array(tamperingSchema) })
    .optional(),
  /** 0 to 1, as in `feedback/compare.ts`; absent when it was not tested. */
  score: z.number().optional(),
  /** The run judged it solved (in a trace without judgements: its tests are green, or the solved run ended with it), and no test was made easier. */
  right: z.boolean(),
  checks: z.array(checkReportSchema),
});
export type CandidateRecord = z.infer<typeof candidate>;

export const verdictRecordSchema = z.object({
  version: z.literal(recordVersion),
  runId: z.string(),
  /** Milliseconds since the epoch. */
  startedAt: z.number(),
  finishedAt: z.number().optional(),
  program: z.string(),
  workspace: z.string(),
  designer: z.string(),
  seed: z.number(),
  models: z.record(z.string(), z.object({ endpoint: z.string(), model: z.string() })),
  generations: z.object({ prompts: z.number(), library: z.number(), weights: z.string() }),
  continues: z.object({ runId: z.string(), how: z.enum(['resume', 'follow-up']) }).optional(),
  /** See `identity.ts`. */
  requestHash: z.string(),
  problem: z.string(),
  request: requestSchema,
  briefing: briefingSchema.optional(),
  design: z.array(designRound),
  plans: z.array(plan),
  calls: z.array(call),
  candidates: z.array(candidate),
  refused: z.array(z.object({ step: z.string(), agent: z.string(), call: z.string(), reason: z.string(), sameAs: z.string().optional() })),
  notes: z.array(
    z.object({
      step: z.string(),
      agent: z.string(),
      role: z.string(),
      plan: z.number().optional(),
      call: z.string().optional(),
      text: z.string(),
      verdict: z.enum(['approve', 'reject', 'none']),
      /** The candidate that a review was about. */
      about: z.string().optional(),
    }),
  ),
  /** The user's last word on each hunk. */
  hunks: z.array(
    z.object({
      candidate: z.string(),
      path: z.string(),
      hunk: z.string(),
      decision: z.enum(['accepted', 'rejected', 'open']),
      reason: z.string(),
    }),
  ),
  verdict: z
    .object({
      candidate: z.string().optional(),
      decision: z.enum(['accepted', 'partly-accepted', 'rejected', 'sent-back']),
      reason: z.string(),
    })
    .optional(),
  /** Whether the change stands in the workspace; of which candidate, in which files, and how many hunks were written and left out. */
  standing: z.object({
    kind: z.enum(['none', 'applied', 'partly-applied', 'undone']),
    candidate: z.string().optional(),
    files: z.array(z.string()),
    hunks: z.object({ accepted: z.number(), rejected: z.number() }).optional(),
  }),
  survival: z.array(
    z.object({
      when: z.enum(['minutes', 'commit']),
      minutes: z.number(),
      fourGram: z.number(),
      noRevert: z.number(),
      files: z.array(z.object({ path: z.string(), fourGram: z.number(), noRevert: z.number() })),
    }),
  ),
  result: z
    .object({
      outcome: z.enum(outcomes),
      candidate: z.string().optional(),
      patch: z.string().optional(),
      answer: z.string().optional(),
      before: counts.optional(),
      after: counts.optional(),
      tampering: z.array(tamperingSchema),
      failure: failure.optional(),
    })
    .optional(),
  spend: spendSchema,
  reward: terms,
});
export type VerdictRecord = z.infer<typeof verdictRecordSchema>;
