/** What the index keeps of one run, from its events. */
import { parsePlan } from '../plan/index.ts';
import { attemptKey, type EventOf, type TraceEvent } from '../trace/events.ts';
import { fold, type RunState, stateBadge } from '../trace/index.ts';
import { firstGeneration, generationName, problemId, requestHash } from './identity.ts';
import { termsOf } from './terms.ts';

export interface IndexedSpend {
  readonly model: string;
  readonly role: string;
  calls: number;
  failed: number;
  input: number;
  output: number;
  cached: number;
  usd: number;
  ms: number;
}

export interface IndexedPlan {
  readonly team: string;
  readonly approval: string;
  readonly edited: boolean;
}

/** Values for the columns of the table `runs`, in its order. */
export type RunValues = Readonly<Record<string, string | number | null>>;

export interface IndexedRow {
  readonly run: RunValues;
  readonly spend: readonly IndexedSpend[];
  readonly plans: readonly IndexedPlan[];
}

/** From the text of a plan to the role of each of its agents. */
export type RolesOfPlan = (plan: string) => Promise<Readonly<Record<string, string>>>;

/** Undefined when the trace does not even say what was asked. */
export async function rowOf(
  runId: string,
  events: readonly TraceEvent[],
  facts: {
    readonly onDisk: { readonly bytes: number; readonly changedAt: number };
    /** After it was written: what it says is nobody's word. */
    readonly recordChanged: boolean;
    readonly rolesOfPlan: RolesOfPlan;
    /** Whether there is a run of this id. */
    readonly isThere: (runId: string) => boolean;
  },
): Promise<IndexedRow | undefined> {
  const state = fold(events);
  const { start, result } = state;
  if (start === undefined || state.startedAt === undefined) return undefined;
  const plan = state.plans.findLast(({ approval }) => approval === 'approved');
  const final = state.candidates.find(({ id }) => id === result?.candidate);
  const terms = termsOf(state);
  const hunks = hunkCounts(state);
  const survival = state.survival.at(-1);
  // A resumed run takes over what this one had used and proposed: figures over all runs count it there.
  const isTakenOver = state.continuedAs.some(({ as, how }) => how === 'resume' && facts.isThere(as));
  const spend = isTakenOver ? [] : await spendOf(events, state, facts.rolesOfPlan);
  const { calls, inputTokens, outputTokens, usd, seconds } = isTakenOver ? nothing : state.spend;
  return {
    run: {
      run_id: runId,
      event_bytes: facts.onDisk.bytes,
      event_changed_at: facts.onDisk.changedAt,
      record_changed: facts.recordChanged ? 1 : 0,
      started_at: state.startedAt,
      workspace: start.workspace,
      request_hash: requestHash(start.request.text),
      problem: problemId(start.request, (state.snapshot?.start ?? state.snapshot?.snapshot)?.tree ?? ''),
      outcome: result?.outcome ?? null,
      solved: isSolved(state) ? 1 : 0,
      judged: !isTakenOver && result !== undefined && judgedOutcomes.includes(result.outcome) ? 1 : 0,
      generation: generationName(start.generations ?? firstGeneration),
      team: plan?.name ?? '',
      calls,
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      usd,
      seconds,
      tests_fixed: final?.test?.delta.fixed.length ?? 0,
      tests_broken: final?.test?.delta.broken.length ?? 0,
      applied: state.standing.kind === 'applied' || state.standing.kind === 'partly-applied' ? 1 : 0,
      hunks_accepted: hunks.accepted,
      hunks_rejected: hunks.rejected,
      four_gram: survival?.fourGram ?? null,
      no_revert: survival?.noRevert ?? null,
      performance: terms.performance ?? null,
      complexity: terms.complexity ?? null,
      efficiency: terms.efficiency ?? null,
      accepted: terms.accepted ?? null,
    },
    spend,
    plans: isTakenOver ? [] : state.plans.map(({ name, approval, origin }) => ({ team: name, approval, edited: origin === 'user-edit' })),
  };
}

const nothing = { calls: 0, inputTokens: 0, outputTokens: 0, usd: 0, seconds: 0 };

/** Outcomes of runs that were to change something and were not cut short by the user. */
const judgedOutcomes: readonly string[] = ['solved', 'unproven', 'tests-fail', 'budget', 'failed'];

/** Solved, and neither taken back nor applied in a part that its own tests do not vouch for. */
function isSolved(state: RunState): boolean {
  const { kind } = stateBadge(state, 'done');
  return state.result?.outcome === 'solved' && kind !== 'undone' && kind !== 'part-red' && kind !== 'part-unproven';
}

function hunkCounts(state: RunState): { accepted: number; rejected: number } {
  const candidate = state.verdict?.candidate ?? state.result?.candidate;
  const decided = state.hunks.filter((hunk) => hunk.candidate === candidate);
  const count = (decision: string) => decided.filter((hunk) => hunk.decision === decision).length;
  const written = state.standing.apply?.hunks;
  if (decided.length === 0 && written !== undefined) return written;
  return { accepted: count('accepted'), rejected: count('rejected') };
}

/** Calls by model and role. The designer is a role of its own; an agent without a plan goes by its name. */
async function spendOf(events: readonly TraceEvent[], { plans }: RunState, rolesOfPlan: RolesOfPlan): Promise<IndexedSpend[]> {
  const lines = new Map<string, IndexedSpend>();
  const begun = new Map<string, EventOf<'call.started'>>();
  for (const event of events) {
    if (event.type === 'call.started') begun.set(attemptKey(event), event);
    if (event.type !== 'call.done' && event.type !== 'call.failed') continue;
    const started = begun.get(attemptKey(event));
    const model = (event.type === 'call.done' && event.servedModel) || (started?.model ?? '');
    const plan = plans.find(({ hash }) => hash === started?.planHash)?.plan;
    const role = (plan && (await rolesOfPlan(plan))[event.agent]) ?? event.agent;
    const key = `${model}\0${role}`;
    const line = lines.get(key) ?? { model, role, calls: 0, failed: 0, input: 0, output: 0, cached: 0, usd: 0, ms: 0 };
    lines.set(key, line);
    add(line, event);
  }
  return [...lines.values()];
}

function add(line: IndexedSpend, event: EventOf<'call.done'> | EventOf<'call.failed'>): void {
  line.calls += 1;
  line.failed += event.type === 'call.failed' ? 1 : 0;
  line.input += event.usage?.inputTokens ?? 0;
  line.output += event.usage?.outputTokens ?? 0;
  line.cached += event.usage?.cachedInputTokens ?? 0;
  line.usd += event.type === 'call.done' ? event.usd : 0;
  line.ms += event.ms;
}

/** Reads roles out of a plan's text; a plan that cannot be read names none. */
export function rolesIn(text: string): Readonly<Record<string, string>> {
  const { plan } = parsePlan(text);
  return plan ? Object.fromEntries(Object.entries(plan.agents).map(([name, agent]) => [name, agent.role])) : {};
}
