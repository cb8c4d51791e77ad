/** What a list of runs shows of one run. Rebuildable from the events; kept beside them as `summary.json` so that lists are fast. */
import * as z from 'zod';
import { bytesAt, readRecord, replaceFile } from '../process/index.ts';
import { eventBodies, outcomes, spendSchema, type TraceEvent } from './events.ts';
import { blobsFile, eventsFile, summaryFile } from './folder.ts';
import { nothingStands, standingAfter, standingSchema } from './standing.ts';
import { withTested } from './tested.ts';

const testedSchema = z.object({
  candidate: z.string(),
  tree: z.string(),
  part: z.boolean(),
  state: z.enum(['solved', 'unproven', 'red']),
  counts: eventBodies['candidate.tested'].shape.counts,
});

export const summarySchema = z.object({
  version: z.literal(4),
  /** Bytes of events.jsonl this summary was made from; another size makes it stale. */
  eventBytes: z.number().int(),
  /** Milliseconds since the epoch; absent when no event could be read. */
  startedAt: z.number().optional(),
  finishedAt: z.number().optional(),
  /** First line of the request, shortened. */
  title: z.string(),
  workspace: z.string(),
  outcome: z.enum(outcomes).optional(),
  /** What failed, of a run that ended by it; a summary kept by an earlier version has none. */
  failure: eventBodies['run.finished'].shape.failure,
  /** At least one candidate was made. */
  made: z.boolean(),
  /** The candidate it handed over. */
  candidate: z.string().optional(),
  /** A plan waits for the user's yes or no. */
  waiting: z.boolean(),
  standing: standingSchema,
  spend: spendSchema,
  /** By agent: how often it reached for what its plan does not grant, or wrote outside its scope. */
  breaches: z.record(z.string(), z.number().int()),
  /** Tests before and after, as the run ended. */
  before: eventBodies['run.finished'].shape.before,
  after: eventBodies['run.finished'].shape.after,
  /** What the tests said of its candidates, and of parts of them. */
  tested: z.array(testedSchema),
  /** The run handed over a change of files. */
  changed: z.boolean().optional(),
  /** The user's last word on the change. */
  verdict: eventBodies['verdict.given'].shape.decision.optional(),
  /** The run this one goes on from. */
  continues: z.object({ runId: z.string(), how: z.enum(['resume', 'follow-up']) }).optional(),
  /** The run that goes on from this one after an interruption. */
  resumedAs: z.string().optional(),
});
export type RunSummary = z.infer<typeof summarySchema>;

export const emptySummary: RunSummary = {
  version: 4,
  eventBytes: 0,
  title: '',
  workspace: '',
  waiting: false,
  made: false,
  standing: nothingStands,
  tested: [],
  spend: { calls: 0, inputTokens: 0, outputTokens: 0, usd: 0, seconds: 0 },
  breaches: {},
};

/** One line of at most 80 characters. */
export function titleOf(request: string): string {
  const line = request.trim().split(/\r?\n/, 1)[0] ?? '';
  const characters = [...line];
  return characters.length > 80 ? `${characters.slice(0, 79).join('')}…` : line;
}

/** The summary after one more event. Pure. */
export function summarise(summary: RunSummary, event: TraceEvent): RunSummary {
  switch (event.type) {
    case 'run.started':
      return {
        ...summary,
        startedAt: event.at,
        title: titleOf(event.request.text),
        workspace: event.workspace,
        ...(event.continues && { continues: { runId: event.continues.runId, how: event.continues.how } }),
      };
    case 'plan.proposed':
      return { ...summary, waiting: true };
    case 'plan.approved':
    case 'plan.declined':
      return { ...summary, waiting: false };
    case 'candidate.made':
      return { ...summary, made: true };
    case 'write.blocked':
    case 'right.refused':
      return { ...summary, breaches: { ...summary.breaches, [event.agent]: (summary.breaches[event.agent] ?? 0) + 1 } };
    case 'call.done':
    case 'call.failed':
      return { ...summary, spend: event.spend };
    case 'run.finished':
      return {
        ...summary,
        waiting: false,
        spend: event.spend,
        outcome: event.outcome,
        failure: event.failure,
        candidate: event.candidate,
        finishedAt: event.at,
        before: event.before,
        after: event.after,
        changed: event.patch !== undefined,
      };
    case 'candidate.tested':
    case 'part.tested':
      return { ...summary, tested: withTested(summary.tested, event) };
    case 'verdict.given':
      return { ...summary, verdict: event.decision };
    case 'run.continued':
      return event.how === 'resume' ? { ...summary, resumedAs: event.as } : summary;
    case 'diff.applied':
    case 'diff.undone':
      return { ...summary, standing: standingAfter(summary.standing, event) };
    default:
      return summary;
  }
}

/** The kept summary, when there is one and it belongs to the events as they are. */
export async function readSummary(dir: string, eventBytes: number): Promise<RunSummary | undefined> {
  const kept = await readRecord(summaryFile(dir), summarySchema);
  return kept?.eventBytes === eventBytes ? kept : undefined;
}

/** Replaces the kept summary in one step, so that a reader never sees half of one. */
export const writeSummary = (dir: string, summary: RunSummary): Promise<void> => replaceFile(summaryFile(dir), JSON.stringify(summary));

/** Bytes of a run on disk: events and blobs. */
export async function runBytes(dir: string): Promise<{ events: number; blobs: number }> {
  const [events, blobs] = await Promise.all([bytesAt(eventsFile(dir)), bytesAt(blobsFile(dir))]);
  return { events, blobs };
}
