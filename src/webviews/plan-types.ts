/** The page "Briefing and plan review": everything it shows, and everything it can ask for. */
import * as z from 'zod';
import { graphSchema } from './graph-types.ts';

const severity = z.enum(['error', 'warning']);

/** A place in the plan, in parts: `['agents', 'coder', 'role']`. */
const place = z.array(z.union([z.string().max(200), z.number().int().nonnegative()])).max(40);
const fieldValue = z.union([z.string().max(20_000), z.number(), z.null(), z.array(z.string().max(2000)).max(64)]);
export type FieldValue = z.infer<typeof fieldValue>;

export const fieldSchema = z.strictObject({
  /** Unique on the page. */
  id: z.string(),
  place,
  label: z.string(),
  control: z.enum(['text', 'area', 'number', 'select', 'set', 'lines']),
  /** What a change of this field asks for: another value, or another name together with everything that refers to it. */
  edit: z.enum(['set', 'rename-step', 'rename-agent']),
  value: fieldValue,
  options: z.array(z.strictObject({ value: z.string(), label: z.string() })),
  help: z.string(),
  min: z.number().optional(),
  max: z.number().optional(),
  step: z.number().optional(),
  problems: z.array(z.strictObject({ severity, message: z.string() })),
});
export type FieldModel = z.infer<typeof fieldSchema>;

export const sectionSchema = z.strictObject({ title: z.string(), note: z.string(), fields: z.array(fieldSchema) });
export type SectionModel = z.infer<typeof sectionSchema>;

/** One number of the estimate, against its limit. */
export const estimateSchema = z.strictObject({
  name: z.string(),
  value: z.string(),
  limit: z.string(),
  /** Most against limit, 0 to 1 and beyond. */
  share: z.number(),
});
export type EstimateModel = z.infer<typeof estimateSchema>;

export const noticeSchema = z.strictObject({ kind: z.enum(['info', 'warning', 'error']), text: z.string() });
export type NoticeModel = z.infer<typeof noticeSchema>;

export const planModelSchema = z.strictObject({
  page: z.literal('plan'),
  runId: z.string(),
  /**
   * waiting: for the user's answer; designing: a new plan is being made; answered: nothing to decide any more; ended: the run was over before
   * there was an answer; past: the window that asked is gone.
   */
  phase: z.enum(['waiting', 'designing', 'answered', 'ended', 'past']),
  request: z.strictObject({ text: z.string(), about: z.array(z.string()) }),
  notice: noticeSchema.optional(),
  /** The workspace has no tests, so nothing can judge the change. `canWriteTests`: the plan can be one that writes them first. */
  unjudged: z.strictObject({ why: z.string(), canWriteTests: z.boolean() }).optional(),
  /** The first screen: what is about to happen, for someone who has never seen a plan. Absent before there is one. */
  explanation: z
    .strictObject({
      /** Who does what, where, until which tests pass, and which files may change. */
      sentence: z.string(),
      /** All tests that fail now. */
      tests: z.array(z.string()),
      /** Money, tokens, time, and where it stops. */
      cost: z.string(),
      /** What earlier attempts say will come of it; line by line each step, what decided, other orders, and what was chosen by chance. Absent where nobody knows. */
      expected: z.strictObject({ sentence: z.string(), lines: z.array(z.string()) }).optional(),
      /** What happens when tests stay red; '' where no test is asked. */
      ifRed: z.string(),
      /** It is a change: *Just answer* makes it an answer. */
      changesFiles: z.boolean(),
      chips: z.array(
        z.strictObject({
          label: z.string(),
          text: z.string(),
          /** All of it, where the text is shortened. */
          title: z.string(),
          tone: z.enum(['plain', 'good', 'bad', 'caution']),
          /** Files that stand before the text; each can be opened. */
          paths: z.array(z.string()),
        }),
      ),
    })
    .optional(),
  /** Why it is asked about although the user lets cheap plans run. */
  whyAsked: z.string().optional(),
  /** Rights that are not kept here as the plan writes them. */
  looseRights: z.array(z.string()),
  /** Of pictures of the request that a model is not shown. */
  notShown: z.array(z.string()),
  /** What the plan before this one left behind. */
  before: z
    .strictObject({
      sentence: z.string(),
      /** Tests that fail still, and how; the first few. */
      tests: z.array(z.strictObject({ name: z.string(), message: z.string() })),
      spent: z.string(),
      /** There is a change to keep. */
      canKeep: z.boolean(),
    })
    .optional(),
  title: z.string(),
  facts: z.array(z.string()),
  /** The plan is the one that *Make it solo* would put here. */
  isSolo: z.boolean(),
  /** '' before there is a plan. */
  hash: z.string(),
  shortHash: z.string(),
  canApprove: z.boolean(),
  edited: z.boolean(),
  estimate: z.array(estimateSchema),
  graph: graphSchema,
  /** By node; '' is the plan itself. */
  forms: z.record(z.string(), z.array(sectionSchema)),
  /** Steps as they are written, for the list beside the graph. */
  outline: z.array(
    z.strictObject({
      node: z.string(),
      place,
      label: z.string(),
      depth: z.number().int(),
      up: z.boolean(),
      down: z.boolean(),
      problem: z.enum(['none', 'warning', 'error']),
    }),
  ),
  agents: z.array(z.strictObject({ name: z.string(), detail: z.string(), node: z.string().optional() })),
  stepKinds: z.array(z.strictObject({ value: z.string(), label: z.string() })),
  problems: z.array(z.strictObject({ severity, message: z.string(), node: z.string(), field: z.string().optional() })),
  reason: z.string(),
  alternatives: z.array(
    z.strictObject({
      hash: z.string(),
      name: z.string(),
      origin: z.string(),
      reason: z.string(),
      estimate: z.string(),
      taken: z.boolean(),
    }),
  ),
  changes: z.array(z.string()),
  /** Of a plan that came in the place of another one: the name of that one, and what was added, removed and changed. */
  since: z.strictObject({ name: z.string(), changes: z.array(z.string()) }).optional(),
  /** Teams saved with the workspace. One that cannot be read says why, and cannot be taken. */
  saved: z.array(z.strictObject({ name: z.string(), estimate: z.string(), problem: z.string(), taken: z.boolean() })),
  briefing: z.array(
    z.strictObject({ label: z.string(), items: z.array(z.strictObject({ text: z.string(), path: z.string().optional() })) }),
  ),
});
export type PlanModel = z.infer<typeof planModelSchema>;

export const planEditSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('set'), place, value: fieldValue }),
  /** The place is that of the name: `['steps', 0, 'id']`, `['agents', 'coder']`. */
  z.strictObject({ kind: z.literal('rename-step'), place, name: z.string().max(200) }),
  z.strictObject({ kind: z.literal('rename-agent'), place, name: z.string().max(200) }),
  /** Behind the step at this place; at the end of the plan without one. */
  z.strictObject({ kind: z.literal('add-step'), after: place.optional(), step: z.string().max(40) }),
  z.strictObject({ kind: z.literal('remove-step'), place }),
  z.strictObject({ kind: z.literal('move-step'), place, by: z.union([z.literal(-1), z.literal(1)]) }),
  z.strictObject({ kind: z.literal('add-agent') }),
  z.strictObject({ kind: z.literal('remove-agent'), name: z.string().max(200) }),
]);
export type PlanEdit = z.infer<typeof planEditSchema>;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
export const planCommands = [
  z.strictObject({ type: z.literal('edit'), edit: planEditSchema }),
  z.strictObject({ type: z.literal('take-alternative'), hash }),
  z.strictObject({ type: z.literal('take-saved'), name: z.string().max(200) }),
  z.strictObject({ type: z.literal('make-solo') }),
  z.strictObject({ type: z.literal('write-tests-first') }),
  z.strictObject({ type: z.literal('just-answer') }),
  /** Ends the run with what the plans before this one made. */
  z.strictObject({ type: z.literal('keep-what-there-is') }),
  z.strictObject({ type: z.literal('reset-plan') }),
  /** `hash` is that of the plan on screen. */
  z.strictObject({ type: z.literal('approve'), hash }),
  z.strictObject({ type: z.literal('decline'), comment: z.string().max(2000) }),
  z.strictObject({ type: z.literal('redesign'), comment: z.string().min(1).max(2000) }),
  z.strictObject({ type: z.literal('edit-as-yaml') }),
  z.strictObject({ type: z.literal('save-team') }),
  z.strictObject({ type: z.literal('open-run') }),
  z.strictObject({ type: z.literal('open-file'), path: z.string().max(1000) }),
] as const;
