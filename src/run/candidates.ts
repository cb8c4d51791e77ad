/** From a reply to a candidate: parse the edits, apply them in a fresh worktree inside the agent's scope, freeze. */
import type { RelevantFile } from '../briefing/types.ts';
import { estimateTokens } from '../models/index.ts';
import type { ChatMessage } from '../models/types.ts';
import type { Agent } from '../plan/schema.ts';
import type { EditFormat, FileEdit } from '../workspace/edit-types.ts';
import { parseEdits } from '../workspace/index.ts';
import type { EditProblem, EditReport, Snapshot, WorkspaceCopy } from '../workspace/types.ts';
import type { Answer } from './ask.ts';
import { type StepContext, scopeOf } from './context.ts';
import { comparePlaces, placeInPlan } from './plan-order.ts';
import type { Candidate } from './pool.ts';

export interface Origin {
  readonly step: string;
  readonly agentName: string;
  readonly agent: Agent;
  /** Place of the call whose reply this is; while an agent works with tools, what the places of its calls begin with. */
  readonly call: string;
  readonly from: { readonly name: string; readonly snapshot: Snapshot };
  /** See `Candidate`. */
  readonly foundation?: boolean;
}

/** Weak models answer with whole files, unless a file is too long for that, or for the limit of a reply (with so much room). */
const wholeFileBytes = 12_000;
const roomInReply = 1.2;

export function editFormatFor(agent: Agent, context: StepContext): EditFormat {
  if (context.ports.models[agent.tier].capabilities.strength === 'strong') return 'search-replace';
  const fits = ({ truncated, bytes, text }: RelevantFile): boolean =>
    !truncated && bytes <= wholeFileBytes && estimateTokens(text) * roomInReply <= context.settings.replyTokens;
  return context.facts.briefing.files.every((file) => file.isTest || fits(file)) ? 'whole-file' : 'search-replace';
}

/** A candidate from a reply in one of the edit formats; undefined when the reply gave none (the trace says why). */
export async function candidateFromReply(
  reply: Answer,
  messages: readonly ChatMessage[],
  format: EditFormat,
  origin: Origin,
  context: StepContext,
  signal: AbortSignal,
): Promise<Candidate | undefined> {
  // A block without a path can only mean a file this agent may write.
  const knownPaths = context.facts.briefing.files
    .filter((file) => origin.agent.output === 'tests' || !file.isTest)
    .map((file) => file.path);
  const parsed = parseEdits(reply.text, format, knownPaths);
  // A file whose end was cut off must not replace the whole one.
  const edits = parsed.edits.filter((edit) => reply.finish !== 'length' || !parsed.unclosed.includes(edit.path));
  tellBlocked(parsed.problems, origin, context);
  if (edits.length === 0) {
    const reason =
      reply.finish === 'length' ? 'The reply was cut off at the length limit.' : 'The reply holds no edit in the format asked for.';
    refuse(context, origin, [reason, ...parsed.problems.map(describeProblem)].join(' '));
    return undefined;
  }
  const id = context.pool.nextId();
  const copy = await context.ports.copies.create(id, origin.from.snapshot, signal);
  const scope = scopeOf(origin.agent, context.facts.testSources);
  const report = await copy.edit(editsOnce(edits), scope, reply.hidden).catch(async (error: unknown) => {
    await copy.remove();
    throw error;
  });
  tellBlocked(report.problems, origin, context);
  const conversation: readonly ChatMessage[] = [...messages, { role: 'assistant', content: reply.text }];
  return candidateFromCopy(copy, { ...report, problems: [...parsed.problems, ...report.problems] }, conversation, origin, context);
}

/** Puts attempts to write outside the scope on record, as they happen. */
export function tellBlocked(problems: readonly EditProblem[], origin: Origin, context: StepContext): void {
  for (const problem of problems) {
    if (problem.kind === 'outside-scope' || problem.kind === 'escapes') {
      context.ports.trace.emit({ type: 'write.blocked', agent: origin.agentName, path: problem.path, reason: problem.message });
    }
  }
}

/** Freezes a worktree that was edited; refuses it when nothing changed or an earlier candidate is the same. Without a candidate the copy goes. */
export async function candidateFromCopy(
  copy: WorkspaceCopy,
  report: EditReport,
  conversation: readonly ChatMessage[] | undefined,
  origin: Origin,
  context: StepContext,
): Promise<Candidate | undefined> {
  let candidate: Candidate | undefined;
  try {
    candidate = await freeze(copy, report, conversation, origin, context);
    return candidate;
  } finally {
    if (!candidate) await copy.remove();
  }
}

async function freeze(
  copy: WorkspaceCopy,
  report: EditReport,
  conversation: readonly ChatMessage[] | undefined,
  origin: Origin,
  context: StepContext,
): Promise<Candidate | undefined> {
  const { pool, ports, facts } = context;
  const snapshot = await copy.freeze(`teamwright ${copy.id} by ${origin.agentName}`);
  if (snapshot.tree === origin.from.snapshot.tree || snapshot.tree === facts.base.tree) {
    refuse(context, origin, ['Nothing changed.', ...report.problems.map(describeProblem)].join(' '));
    return undefined;
  }
  const changed = (await ports.copies.diff(facts.base, snapshot)).files.map((file) => file.path);
  const order = placeInPlan(context.plan, origin.call);
  // From here to `add` nothing waits: two samples that end together cannot both be the first with this change.
  const same = pool.sameAs(snapshot.tree);
  if (same) {
    same.votes += 1;
    if (comparePlaces(order, same.order) < 0) Object.assign(same, { order, conversation });
    refuse(context, origin, `The same change as ${same.id}.`, same.id);
    return undefined;
  }
  const candidate: Candidate = {
    id: copy.id,
    from: origin.from.name,
    step: origin.step,
    agent: origin.agentName,
    order,
    foundation: origin.foundation,
    snapshot,
    changed,
    conversation,
    votes: 1,
    checks: [],
    copy,
  };
  pool.add(candidate);
  ports.trace.emit({
    type: 'candidate.made',
    candidate: candidate.id,
    from: candidate.from,
    step: candidate.step,
    agent: candidate.agent,
    call: origin.call,
    snapshot,
    changed,
    levels: { ...report.levels },
    problems: [...report.problems],
  });
  return candidate;
}

function refuse(context: StepContext, origin: Origin, reason: string, sameAs?: string): void {
  context.ports.trace.emit({ type: 'candidate.refused', step: origin.step, agent: origin.agentName, call: origin.call, reason, sameAs });
}

function describeProblem(problem: EditProblem): string {
  return `${problem.path}: ${problem.message}`;
}

/** A weak model may give the same whole file twice; the last one counts. */
function editsOnce(edits: readonly FileEdit[]): readonly FileEdit[] {
  const lastWhole = new Map<string, FileEdit>();
  for (const edit of edits) if (edit.kind === 'whole-file') lastWhole.set(edit.path, edit);
  return edits.filter((edit) => edit.kind !== 'whole-file' || lastWhole.get(edit.path) === edit);
}
