/**
 * Whether what the user accepted of a change passes the tests by itself: the accepted hunks, laid onto the state that the run began with, in a copy,
 * judged as the run judges its candidates. The workspace is not touched.
 */
import pLimit from 'p-limit';
import { notApplicable } from '../errors.ts';
import { knownSecrets } from '../redaction/index.ts';
import type { EventOf, NewEvent, TraceWriter } from '../trace/events.ts';
import { createTrace, openRun, sha256 } from '../trace/index.ts';
import { openWorkspaceCopies } from '../workspace/index.ts';
import type { Snapshot } from '../workspace/types.ts';
import { type CandidateDiff, candidateDiff, type RunReference, requireAsShown } from './candidate-diff.ts';
import type { JudgeContext, RunFacts } from './context.ts';
import { gather } from './gather.ts';
import { testCandidate } from './judge.ts';
import { type Candidate, Pool } from './pool.ts';
import { beganAs, pastOf, type RecordedRun, readRecorded } from './recorded.ts';
import { fenceOfRun, type RunFence, toolsBehind } from './run-fence.ts';
import type { WorkspaceRun } from './types.ts';

export interface PartTestOptions extends Omit<RunReference, 'workspace'>, Pick<WorkspaceRun, 'settings' | 'mayRunUnfenced'> {
  /** A candidate of the run; the chosen one when absent. */
  readonly candidate?: string;
  /** The tree that the user was shown; hunks of another one are not tested. */
  readonly shown?: string;
  /** Ids of the accepted hunks. */
  readonly hunks: readonly string[];
}

export type PartTest = Omit<EventOf<'part.tested'>, 'v' | 'seq' | 'at' | 'type'>;

/**
 * Puts the result on the run's record and gives it; undefined where the run found no tests. Rejects like `applyRun`, and with `fence-missing`,
 * `run-busy`, `stopped`.
 */
export async function testPart(options: PartTestOptions, signal: AbortSignal): Promise<PartTest | undefined> {
  const { dataDir, hunks } = options;
  const diff = await candidateDiff(options, signal);
  requireAsShown(diff, options);
  const { runId } = diff;
  const recorded = await readRecorded(await openRun(dataDir, runId));
  const briefed = recorded.event('briefing.done');
  const started = recorded.event('run.started');
  if (briefed?.test === undefined || started === undefined) return undefined;
  const part = await diff.open.partial(hunks, signal);
  const tested = await judged({ options, diff, recorded, part, workspace: started.workspace }, signal);
  if (tested === undefined) return undefined;
  const trace = await createTrace({ dataDir, runId, clock: Date.now, secrets: knownSecrets(process.env) });
  try {
    const { report, counts, ending, delta, tampering, breaches, judgement, others, only, ms } = tested.event;
    if (judgement === undefined) return undefined;
    const result: PartTest = {
      candidate: diff.candidate,
      hunks: [...hunks],
      of: diff.files.flatMap((file) => file.hunks).length,
      tree: part.tree,
      report: trace.blob(tested.textOf(report)),
      ...{ counts, ending, delta, tampering, breaches, judgement, others, only, ms },
    };
    trace.emit({ type: 'part.tested', ...result });
    return result;
  } finally {
    await trace.close();
  }
}

interface Question {
  readonly options: PartTestOptions;
  readonly diff: CandidateDiff;
  readonly recorded: RecordedRun;
  readonly part: Snapshot;
  readonly workspace: string;
}

interface Answer {
  readonly event: NewEvent & { readonly type: 'candidate.tested' };
  readonly textOf: (blob: string) => string;
}

async function judged(question: Question, signal: AbortSignal): Promise<Answer | undefined> {
  const { options, diff, workspace } = question;
  const { dataDir, settings } = options;
  const opened = await openWorkspaceCopies({
    workspace,
    runId: diff.runId,
    dataDir,
    settings: { secrets: settings.grants.secrets, beside: settings.grants.read },
  });
  try {
    const fence = await fenceOfRun(options, opened, dataDir, signal);
    const heard = hearing(diff.runId);
    const context = await contextOf(question, fence, heard.trace, signal);
    await testCandidate(candidateOf(question), context, signal);
    const event = heard.events.findLast((one): one is Answer['event'] => one.type === 'candidate.tested');
    return event && { event, textOf: heard.textOf };
  } finally {
    await opened.dispose();
  }
}

/** The run's own beginning, with its tests run anew on it: what they showed then is kept only in figures. */
async function contextOf(question: Question, fence: RunFence, trace: TraceWriter, signal: AbortSignal): Promise<JudgeContext> {
  const { options, diff, recorded } = question;
  const { settings } = options;
  const started = recorded.event('run.started');
  const approved = recorded.proposals.findLast(({ answer }) => answer?.kind === 'approve');
  if (started === undefined || approved === undefined) throw notApplicable({ why: 'no-snapshot', runId: diff.runId });
  const { copies } = fence;
  const steering = { ready: async () => undefined };
  const ports = { ...toolsBehind(fence), copies, trace, clock: Date.now, findSuites: async () => [], brief: async () => found() };
  const past = { ...pastOf(recorded), continues: started.continues };
  const found = () => {
    if (past.found === undefined) throw notApplicable({ why: 'no-snapshot', runId: diff.runId });
    return past.found.briefing;
  };
  const facts = await gather({ input: { request: beganAs(started).request, settings, past }, ports, steering }, signal);
  return {
    plan: approved.answer?.kind === 'approve' && approved.answer.edited ? approved.answer.edited : approved.plan,
    facts: { ...facts, ...restingOn(question, facts) },
    settings,
    pool: new Pool(),
    start: facts.start,
    sideBySide: pLimit(settings.parallel),
    otherBaselines: new Map(),
    ports,
    steering,
  };
}

/** The tests that the result of the whole candidate rested on: the part must pass them as well. */
function restingOn({ recorded, diff }: Question, { earlier }: RunFacts): Pick<RunFacts, 'earlier'> {
  const whole = recorded.events.findLast((event) => event.type === 'candidate.tested' && event.candidate === diff.candidate);
  const own = whole?.type === 'candidate.tested' ? (whole.judgement?.targets ?? []) : [];
  const targets = [...new Set([...(earlier?.targets ?? []), ...own])];
  return { earlier: { request: '', done: '', ...earlier, targets } };
}

function candidateOf({ options, diff, part }: Question): Candidate {
  const accepted = diff.files.flatMap((file) => file.hunks).filter(({ id }) => options.hunks.includes(id));
  return {
    id: `${diff.candidate}-part`,
    from: 'start',
    step: '',
    agent: '',
    order: [],
    snapshot: part,
    changed: [...new Set(accepted.flatMap(({ path, oldPath }) => [path, ...(oldPath === undefined ? [] : [oldPath])]))],
    votes: 1,
    checks: [],
    improvements: [],
  };
}

/** A trace that is listened to and not kept. */
function hearing(runId: string): { trace: TraceWriter; events: NewEvent[]; textOf: (blob: string) => string } {
  const events: NewEvent[] = [];
  const texts = new Map<string, string>();
  const blob = (text: string): string => {
    const hash = sha256(text);
    texts.set(hash, text);
    return hash;
  };
  const nothing = async (): Promise<void> => undefined;
  return {
    trace: { runId, emit: (event) => void events.push(event), blob, flush: nothing, close: nothing },
    events,
    textOf: (hash) => texts.get(hash) ?? '',
  };
}
