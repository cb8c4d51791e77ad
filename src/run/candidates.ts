/** From a reply to a candidate: parse the edits, apply them in a fresh copy inside the agent's scope, freeze. */
import type { RelevantFile } from '../briefing/types.ts';
import { estimateTokens } from '../models/index.ts';
import type { ChatMessage } from '../models/types.ts';
import type { Agent } from '../plan/schema.ts';
import type { EditFormat, FileEdit } from '../workspace/edit-types.ts';
import { type KnownFile, type ParsedEdits, parseEdits, type ReplyForm, replyForm } from '../workspace/index.ts';
import type { EditProblem, EditReport, Snapshot, WorkspaceCopy } from '../workspace/types.ts';
import type { Answer } from './ask.ts';
import { type StepContext, scopeOf } from './context.ts';
import { comparePlaces, placeInPlan } from './plan-order.ts';
import { type Candidate, isInDoubt } from './pool.ts';

export interface Origin {
  readonly step: string;
  readonly agentName: string;
  readonly agent: Agent;
  /** Place of the call whose reply this is; while an agent works with tools, what the places of its calls begin with. */
  readonly call: string;
  readonly from: { readonly name: string; readonly snapshot: Snapshot };
  /** See `Candidate`. */
  readonly foundation?: boolean;
  /** See `Candidate`. */
  readonly unlikely?: boolean;
  /** Told the candidate that holds the same change already, when there is one. */
  readonly onSame?: (same: Candidate) => void;
}

/**
 * Weak models answer with whole files, unless a file is too long for that, or for the limit of a reply (with so much room), or has carriage returns
 * inside lines, which models lose.
 */
const wholeFileBytes = 12_000;
const roomInReply = 1.2;

function editFormatFor(agent: Agent, context: StepContext): EditFormat {
  if (context.ports.models[agent.tier].capabilities.strength === 'strong') return 'search-replace';
  const fits = ({ truncated, bytes, text }: RelevantFile): boolean =>
    !truncated && bytes <= wholeFileBytes && !/\r(?!\n)/.test(text) && estimateTokens(text) * roomInReply <= context.settings.replyTokens;
  return context.facts.briefing.files.every((file) => file.isTest || fits(file)) ? 'whole-file' : 'search-replace';
}

/** The files that an agent's reply may be about, as they are where it starts, and the form it is asked for. */
export interface Asked {
  readonly files: readonly KnownFile[];
  readonly form: ReplyForm;
}

/** Texts of the files in the briefing, by snapshot: samples share them, and so go on in the order in which they were begun. */
const texts = new WeakMap<Snapshot, Promise<readonly KnownFile[]>>();

function textsIn(snapshot: Snapshot, { facts, ports }: StepContext): Promise<readonly KnownFile[]> {
  const known = texts.get(snapshot);
  if (known !== undefined) return known;
  const reading = Promise.all(
    facts.briefing.files.map(async ({ path }) => ({
      path,
      text: await ports.copies.read(snapshot, path),
    })),
  );
  texts.set(snapshot, reading);
  return reading;
}

export async function askedOf({ agent, from }: Origin, context: StepContext): Promise<Asked> {
  const all = await textsIn(from.snapshot, context);
  // A block without a path can only mean a file this agent may write.
  const tests = new Set(context.facts.briefing.files.filter((file) => file.isTest).map((file) => file.path));
  const files = all.filter(({ path }) => agent.output === 'tests' || !tests.has(path));
  const form = replyForm(editFormatFor(agent, context), files);
  // A weak model told of one file writes that one and no other.
  const [only, ...others] = context.facts.briefing.files.filter(isInPlay);
  const isOne = form.format === 'whole-file' && agent.output === 'edits' && only !== undefined && others.length === 0;
  return { files, form: isOne ? { ...form, only: only.path } : form };
}

/** A file that something points at; others are only shown because the workspace is small. */
function isInPlay(file: RelevantFile): boolean {
  return !file.isTest && file.reasons.some((reason) => reason !== 'small-workspace');
}

/** What a reply asks for. A file whose end was cut off must not replace the whole one. */
export function readReply(reply: Answer, { files, form }: Asked): ParsedEdits {
  const parsed = parseEdits(reply.text, form, files);
  return { ...parsed, edits: parsed.edits.filter((edit) => reply.finish !== 'length' || !parsed.unclosed.includes(edit.path)) };
}

/** A candidate from a reply in one of the edit formats; undefined when the reply gave none (the trace says why). */
export async function candidateFromReply(
  reply: Answer,
  parsed: ParsedEdits,
  messages: readonly ChatMessage[],
  origin: Origin,
  context: StepContext,
  signal: AbortSignal,
): Promise<Candidate | undefined> {
  const { edits } = parsed;
  tellBlocked(parsed.problems, origin, context);
  if (edits.length === 0) {
    refuseReply(reply, parsed, origin, context);
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

/** A candidate that differs from where it starts by the text of one file. */
export async function candidateFromText(
  path: string,
  text: string,
  origin: Origin,
  context: StepContext,
  signal: AbortSignal,
  hidden?: Answer['hidden'],
): Promise<Candidate | undefined> {
  const copy = await context.ports.copies.create(context.pool.nextId(), origin.from.snapshot, signal);
  const scope = scopeOf(origin.agent, context.facts.testSources);
  const report = await copy.edit([{ kind: 'whole-file', path, text, exact: true }], scope, hidden).catch(async (error: unknown) => {
    await copy.remove();
    throw error;
  });
  return candidateFromCopy(copy, report, undefined, origin, context);
}

/** Puts on record that a reply gave no candidate, and why. */
export function refuseReply(reply: Answer, { problems }: ParsedEdits, origin: Origin, context: StepContext): void {
  const reason =
    reply.finish === 'length'
      ? 'The reply was cut off at the length limit.'
      : problems.length > 0
        ? 'The reply is not clear, so nothing of it was taken.'
        : 'The reply holds no edit in the format asked for.';
  refuse(context, origin, [reason, ...problems.map(describeProblem)].join(' '));
  context.troubles.note(origin.step, 'format');
}

/** Puts attempts to write outside the scope on record, as they happen. */
export function tellBlocked(problems: readonly EditProblem[], origin: Origin, context: StepContext): void {
  for (const problem of problems) {
    if (problem.kind === 'outside-scope' || problem.kind === 'escapes') {
      context.ports.trace.emit({ type: 'write.blocked', agent: origin.agentName, path: problem.path, reason: problem.message });
    }
  }
}

/** Where a candidate comes from; no agent need have made it. */
export type Source = Omit<Origin, 'agent'>;

/** Freezes a copy that was edited; refuses it when nothing changed or an earlier candidate is the same. Without a candidate the copy goes. */
export async function candidateFromCopy(
  copy: WorkspaceCopy,
  report: EditReport,
  conversation: readonly ChatMessage[] | undefined,
  origin: Source,
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
  origin: Source,
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
    // Somebody wrote it after all.
    if (!origin.unlikely) same.unlikely = undefined;
    // It was read, whatever was wrong with the reply before.
    context.troubles.take(origin.step);
    origin.onSame?.(same);
    if (isInDoubt(same)) pool.noteDoubtStays();
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
    unlikely: origin.unlikely,
    snapshot,
    changed,
    conversation,
    votes: 1,
    checks: [],
    improvements: [],
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
    unlikely: candidate.unlikely,
    changed,
    levels: { ...report.levels },
    problems: [...report.problems],
  });
  return candidate;
}

function refuse(context: StepContext, origin: Source, reason: string, sameAs?: string): void {
  context.ports.trace.emit({ type: 'candidate.refused', step: origin.step, agent: origin.agentName, call: origin.call, reason, sameAs });
}

function describeProblem(problem: EditProblem): string {
  return problem.path === '' ? problem.message : `${problem.path}: ${problem.message}`;
}

/** A weak model may give the same whole file twice; the last one counts. */
function editsOnce(edits: readonly FileEdit[]): readonly FileEdit[] {
  const lastWhole = new Map<string, FileEdit>();
  for (const edit of edits) if (edit.kind === 'whole-file') lastWhole.set(edit.path, edit);
  return edits.filter((edit) => edit.kind !== 'whole-file' || lastWhole.get(edit.path) === edit);
}
