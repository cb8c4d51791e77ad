/**
 * Searches a team by running it, within a budget of tokens (FlowReasoner's rounds, arXiv 2504.15257; AFlow, arXiv 2410.10762): a parent from the ten best
 * accepted ones, one modification that was never tried, runs of the benchmark on the problems that are searched on, and only where it is better there on
 * those held back, which decide. Everything is in the journal as soon as it is known, and a search that was cut off goes on from it.
 */
import { createHash } from 'node:crypto';
import { fileDesigner, teamIdOf } from '../design/index.ts';
import { throwIfStopped } from '../errors.ts';
import { redIn } from '../feedback/index.ts';
import { testReportSchema } from '../feedback/types.ts';
import { costTerms, rewardOf, seededRandom } from '../learning/index.ts';
import { estimateTokens } from '../models/index.ts';
import type { Plan } from '../plan/index.ts';
import { openKnownRun } from '../trace/index.ts';
import { cachedClient } from './cached-client.ts';
import { type LiveJournal, type LiveLog, type LiveRun, type LiveTry, openLiveLog, readLiveJournal } from './live-journal.ts';
import { type Conditions, measureRuns } from './measure.ts';
import { isSolved, type Result } from './results.ts';
import { drawnFrom } from './search.ts';
import { mean } from './statistics.ts';
import { problemOf, type Task } from './tasks.ts';
import { type Asking, type Experience, rewritten, stepChanges, type TeamChange } from './team-changes.ts';

export interface LiveTerms {
  readonly seed: number;
  /** Tries at most, those of the journal among them. */
  readonly tries: number;
  /** Tokens at most, those of the journal among them. */
  readonly tokens: number;
}

export interface LiveSearch {
  readonly tasks: readonly Task[];
  /** The search begins with it. */
  readonly start: Plan;
  readonly terms: LiveTerms;
  readonly journal: string;
  /** `budgetTokens`: of one run. */
  readonly conditions: Conditions;
  readonly onTry?: (one: LiveTry, tokens: number) => void;
}

/** Why it ended. `nothing-new`: everything that is one modification away was tried. */
export type LiveEnd = { readonly why: 'budget' | 'tries' | 'nothing-new' } | { readonly why: 'run-failed'; readonly detail: string };

const parents = 10;
/** Half of the tries ask the model, where something failed that it could read. */
const byModel = 0.5;
const thirds = 3;
const designTokens = 800;

/** One problem in three is held back; at least one on each side, so it takes two. */
export function splitOfTasks(tasks: readonly Task[]): { readonly searched: readonly Task[]; readonly heldBack: readonly Task[] } {
  const problems = [...new Set(tasks.map(({ id }) => problemOf(id)))].sort();
  const isHeld = ({ id }: Task): boolean => problems.indexOf(problemOf(id)) % thirds === 0;
  return { searched: tasks.filter((task) => !isHeld(task)), heldBack: tasks.filter(isHeld) };
}

/** What must be the same for figures to be comparable. */
export const measuredOn = (
  tasks: readonly Task[],
  { models, budgetTokens }: Pick<Conditions, 'models' | 'budgetTokens'>,
  start: Plan,
): string =>
  createHash('sha256')
    .update(JSON.stringify([tasks, models.worker.model, models.strong.model, budgetTokens, teamIdOf({ plan: start })]))
    .digest('hex')
    .slice(0, 16);

class OutOfBudget extends Error {}
class RunFailed extends Error {}

/** Rejects with `stopped` when the signal fires; what was measured until then is in the journal. */
export async function liveSearch(
  search: LiveSearch,
  signal: AbortSignal,
): Promise<{ readonly end: LiveEnd; readonly journal: LiveJournal }> {
  const { tasks, start, terms, conditions } = search;
  const on = measuredOn(tasks, conditions, start);
  const known = await readLiveJournal(search.journal, on);
  const log = openLiveLog(search.journal, on);
  try {
    const end = await searched(search, known, log, signal);
    return { end, journal: await readLiveJournal(search.journal, on) };
  } finally {
    log.close();
  }

  async function searched(
    { onTry }: LiveSearch,
    { runs, tries: before, tokens }: LiveJournal,
    to: LiveLog,
    until: AbortSignal,
  ): Promise<LiveEnd> {
    const tries: LiveTry[] = [...before];
    const spend = { tokens };
    const bench = benchOf(search, new Map(runs.map((run) => [keyOf(run), run])), spend, to, until);
    const keep = async (one: LiveTry): Promise<void> => {
      spend.tokens += one.designTokens;
      await to.try(one);
      tries.push(one);
      onTry?.(one, spend.tokens);
    };
    try {
      if (tries.length === 0) {
        const figures = {
          searched: await bench.reward(start, bench.split.searched),
          heldBack: await bench.reward(start, bench.split.heldBack),
        };
        await keep({ id: 0, change: 'what the search began with', plan: start, ...figures, accepted: true, designTokens: 0 });
      }
      while (tries.length < terms.tries) {
        throwIfStopped(until);
        const next = await nextTry(search, tries, bench, until);
        if (next === undefined) return { why: 'nothing-new' };
        await keep(next);
      }
      return { why: 'tries' };
    } catch (error) {
      if (error instanceof OutOfBudget) return { why: 'budget' };
      if (error instanceof RunFailed) return { why: 'run-failed', detail: error.message };
      throw error;
    }
  }
}

interface Bench {
  readonly split: ReturnType<typeof splitOfTasks>;
  reward(plan: Plan, tasks: readonly Task[]): Promise<number>;
  /** What failed of a team where it was searched. */
  failures(plan: Plan): readonly string[];
  /** Throws `OutOfBudget` where less than this is left. */
  mayPay(tokens: number): void;
}

const keyOf = ({ team, task }: Pick<LiveRun, 'team' | 'task'>): string => `${team} ${task}`;

function benchOf(
  { tasks, terms, conditions }: LiveSearch,
  known: Map<string, LiveRun>,
  spend: { tokens: number },
  log: LiveLog,
  signal: AbortSignal,
): Bench {
  const measure = measureRuns(conditions);
  const split = splitOfTasks(tasks);
  const mayPay = (tokens: number): void => {
    if (spend.tokens + tokens > terms.tokens) throw new OutOfBudget();
  };
  const runOf = async (plan: Plan, task: Task): Promise<LiveRun> => {
    const team = teamIdOf({ plan });
    const before = known.get(keyOf({ team, task: task.id }));
    if (before !== undefined) return before;
    throwIfStopped(signal);
    mayPay(conditions.budgetTokens);
    const arm = { name: 'searched', does: '', designer: () => fileDesigner(plan) };
    const { result } = await measure({ task, arm, seed: terms.seed }, undefined, signal);
    if (result.error !== undefined) throw new RunFailed(`${task.id}: ${result.error}`);
    const solved = isSolved(result);
    const failure = solved ? undefined : await failureOf(result, task, conditions.dataDir);
    const run: LiveRun = {
      ...{ team, task: task.id, solved, tokens: result.inputTokens + result.outputTokens },
      reward: rewardOf({
        performance: solved ? 1 : 0,
        ...costTerms(result, { difficulty: plan.difficulty, budget: { tokens: conditions.budgetTokens } }),
      }),
      ...(failure !== undefined && { failure }),
    };
    spend.tokens += run.tokens;
    await log.run(run);
    known.set(keyOf(run), run);
    return run;
  };
  return {
    split,
    mayPay,
    reward: async (plan, some) => {
      const rewards: number[] = [];
      for (const task of some) rewards.push((await runOf(plan, task)).reward);
      return mean(rewards);
    },
    // Never of what is held back: it would be searched on then.
    failures: (plan) => split.searched.flatMap(({ id }) => known.get(keyOf({ team: teamIdOf({ plan }), task: id }))?.failure ?? []),
  };
}

type Parent = LiveTry & { readonly plan: Plan; readonly searched: number };
const mayBeParent = (one: LiveTry): one is Parent => one.accepted && one.plan !== undefined && one.searched !== undefined;

/** The same for the same journal, so that a try that was cut off is taken up again. Undefined: there is nothing new to try. */
async function nextTry(search: LiveSearch, tries: readonly LiveTry[], bench: Bench, signal: AbortSignal): Promise<LiveTry | undefined> {
  const id = tries.length;
  const random = seededRandom(search.terms.seed * 10_007 + id);
  const requests = search.tasks.map(({ request }) => request);
  const seen = new Set(tries.flatMap(({ plan }) => (plan === undefined ? [] : [teamIdOf({ plan })])));
  const isNew = ({ plan }: TeamChange): boolean => !seen.has(teamIdOf({ plan }));
  const open = tries
    .filter(mayBeParent)
    .toSorted((a, b) => b.searched - a.searched)
    .slice(0, parents)
    .map((one) => ({ ...one, byRule: stepChanges(one.plan, requests).filter(isNew), failures: bench.failures(one.plan) }))
    .filter(({ byRule, failures }) => byRule.length + failures.length > 0);
  if (open.length === 0) return undefined;
  const parent = drawnFrom(open, random);
  const asksModel = parent.failures.length > 0 && (random() < byModel || parent.byRule.length === 0);
  const common = { id, parent: parent.id };
  if (!asksModel) {
    const change = parent.byRule[Math.floor(random() * parent.byRule.length)] as TeamChange;
    return { ...common, ...(await measured(change, parent, bench)), designTokens: 0 };
  }
  const agents = Object.keys(parent.plan.agents);
  const agent = agents[Math.floor(random() * agents.length)] ?? '';
  const experience = tries.filter((other) => other.parent === parent.id).map(experienceOf);
  const answer = await rewritten(parent.plan, agent, { failures: parent.failures, experience, requests }, askingOf(search, bench, signal));
  const { change, tokens: designTokens, problem = 'this team was measured before' } = answer;
  if (change === undefined || !isNew(change))
    return { ...common, change: `instructions of ${agent}`, problem, accepted: false, designTokens };
  return { ...common, ...(await measured(change, parent, bench)), designTokens };
}

/** Those held back are only asked where it is better than its parent, and they decide. */
async function measured(
  one: TeamChange,
  parent: Parent,
  bench: Bench,
): Promise<Pick<LiveTry, 'change' | 'plan' | 'searched' | 'heldBack' | 'accepted'>> {
  const searched = await bench.reward(one.plan, bench.split.searched);
  if (searched <= parent.searched + 1e-9) return { ...one, searched, accepted: false };
  const heldBack = await bench.reward(one.plan, bench.split.heldBack);
  return { ...one, searched, heldBack, accepted: heldBack > (parent.heldBack ?? 0) + 1e-9 };
}

const experienceOf = ({ change, problem, accepted, heldBack }: LiveTry): Experience => ({
  change,
  result: problem ?? (accepted ? 'better' : heldBack === undefined ? 'not better' : 'better there, not on other requests'),
});

/** Through the replies that are kept: a try that is taken up again asks nothing twice. */
function askingOf({ conditions: { models, replies }, terms }: LiveSearch, bench: Bench, signal: AbortSignal): Asking {
  const { strong } = models;
  const client = cachedClient(strong.client, replies);
  return {
    capabilities: strong.capabilities,
    ask: async (messages, format) => {
      bench.mayPay(messages.reduce((sum, { content }) => sum + estimateTokens(content), designTokens));
      const request = { model: strong.model, messages, temperature: 0.7, maxTokens: designTokens, seed: terms.seed };
      return client.chat({ ...request, ...(format && { format }) }, undefined, signal);
    },
  };
}

const longest = { request: 200, message: 300 };

/** What its tests said at the end, and never what the hidden ones say. */
async function failureOf({ runId, passVisible }: Result, task: Task, dataDir: string): Promise<string> {
  const asked = `"${task.request.slice(0, longest.request)}"`;
  if (passVisible) return `${asked}: its tests passed, and further ones did not.`;
  const run = openKnownRun(dataDir, runId ?? '');
  const { events } = await run.read();
  const tested = events.findLast((event) => event.type === 'candidate.tested');
  if (tested === undefined) return `${asked}: no change came of it.`;
  const report = testReportSchema.safeParse(JSON.parse(await run.readBlob(tested.report))).data;
  const [red] = report === undefined ? [] : redIn(report);
  return `${asked}: ${red === undefined ? 'its tests fail' : `${red.name} fails: ${(red.message ?? '').slice(0, longest.message)}`}`;
}
