/** The one reducer: events in, state out. Pure; a state is never changed in place. */
import { type EventOf, type EventType, noTests, type TraceEvent } from './events.ts';
import { nothingStands, standingAfter } from './standing.ts';
import type {
  AgentState,
  BodyOf,
  CallTotals,
  CandidateState,
  CandidateTest,
  PlanState,
  Repeated,
  RunState,
  StepState,
  TriedPlace,
} from './state.ts';

export const initialState: RunState = {
  events: 0,
  recalled: [],
  rounds: [],
  plans: [],
  steps: [],
  agents: {},
  stepTotals: {},
  callsInFlight: [],
  candidates: [],
  refused: [],
  notes: [],
  selections: [],
  merges: [],
  toldApart: [],
  draws: [],
  votes: [],
  debates: [],
  replacements: [],
  partsAsked: [],
  replans: [],
  loops: [],
  repairs: [],
  blockedWrites: [],
  refusedRights: [],
  looseRights: [],
  failedServers: [],
  questions: [],
  spend: { calls: 0, inputTokens: 0, outputTokens: 0, usd: 0, seconds: 0 },
  paused: false,
  controls: [],
  continuedAs: [],
  hunks: [],
  standing: nothingStands,
  applied: [],
  undone: [],
  partTests: [],
  survival: [],
};

type Reducers = { readonly [T in EventType]: (state: RunState, event: EventOf<T>) => Partial<RunState> };

/** What each event changes. A new event type does not compile until it has its line here. */
const reducers: Reducers = {
  'run.started': (_, event) => ({ startedAt: event.at, start: body(event) }),
  'snapshot.taken': (_, event) => ({ snapshot: body(event) }),
  'briefing.done': (_, event) => ({ briefing: body(event) }),
  'memory.recalled': (_, event) => ({ recalled: event.lessons }),
  'design.round': (state, event) => ({ rounds: [...state.rounds, body(event)] }),
  'plan.proposed': (state, event) => ({ plans: [...state.plans, { ...body(event), approval: 'open' }] }),
  'plan.approved': (state, event) => {
    const plans = lastWhere(
      state.plans,
      (plan) => plan.hash === event.hash,
      (plan): PlanState => ({ ...plan, approval: 'approved', approvedBy: event.by, approvedBelow: event.below }),
    );
    const outline = plans === state.plans ? [] : (plans.findLast((plan) => plan.hash === event.hash)?.outline ?? []);
    return {
      plans,
      steps: [...unreached(state.steps), ...outline.map((step): StepState => ({ ...step, planHash: event.hash, state: 'pending' }))],
    };
  },
  'plan.declined': (state, event) => ({
    plans: lastWhere(
      state.plans,
      (plan) => plan.hash === event.hash,
      (plan): PlanState => ({ ...plan, approval: 'declined', comment: event.comment, redesign: event.redesign }),
    ),
  }),
  'step.started': (state, event) => {
    const started: StepState = {
      planHash: event.planHash,
      step: event.step,
      path: event.path,
      kind: event.kind,
      agent: event.agent,
      state: 'running',
      startedAt: event.at,
    };
    return { steps: withStep(state.steps, started) };
  },
  'step.done': (state, event) => {
    const ended = {
      state:
        event.failure !== undefined ? 'failed' : event.skipped === undefined ? 'done' : event.skipped === noTests ? 'no-tests' : 'skipped',
      ms: event.ms,
      reason: event.skipped,
      failure: event.failure,
    } as const;
    const begun = state.steps[openStep(state.steps, event.path)] ?? { step: event.step, path: event.path, kind: '' };
    return { steps: withStep(state.steps, { ...begun, ...ended }) };
  },
  'call.started': (state, event) => ({
    callsInFlight: [...landed(state, event), { call: event.call, agent: event.agent, step: event.step, model: event.model, at: event.at }],
    agents: withAgent(state, event.agent, (agent) => ({ ...agent, active: agent.active + 1 })),
  }),
  'call.done': (state, event) =>
    callEnded(state, event, (agent) => ({
      ...agent,
      servedModels: agent.servedModels.includes(event.servedModel) ? agent.servedModels : [...agent.servedModels, event.servedModel],
    })),
  'call.failed': (state, event) => callEnded(state, event, (agent) => agent),
  'tool.used': (state, event) => ({
    agents: withAgent(state, event.agent, (agent) => ({
      ...agent,
      tools: { ...agent.tools, [event.tool]: (agent.tools[event.tool] ?? 0) + 1 },
    })),
  }),
  'loop.found': (state, event) => {
    const { agent, detail, action } = event;
    return {
      loops: again(
        state.loops,
        { agent, detail, action },
        (loop) => loop.agent === agent && loop.detail === detail && loop.action === action,
      ),
    };
  },
  'places.ranked': (state, { step, path, places }) => ({ repairs: [...state.repairs, { step, path, places, tried: [] }] }),
  'place.tried': (state, event) => {
    const at = state.repairs.findLastIndex(({ step, path }) => step === event.step && event.call.startsWith(path));
    return { repairs: state.repairs.map((repair, index) => (index === at ? { ...repair, tried: withTry(repair.tried, event) } : repair)) };
  },
  'candidate.made': (state, event) => {
    const { candidate: id, from, step, agent, call, snapshot, unlikely, changed, levels, problems } = event;
    const made: CandidateState = { id, from, step, agent, call, snapshot, unlikely, changed, levels, problems, checks: [], kept: true };
    if (!state.candidates.some((candidate) => candidate.id === id)) return { candidates: [...state.candidates, made] };
    // The same candidate with another tree: what was tested before is stale now.
    const stale = (test: CandidateTest): CandidateTest => ({ ...test, stale: test.tree !== snapshot.tree });
    return { candidates: withCandidate(state, id, ({ checks, test }) => ({ ...made, checks, test: test && stale(test) })) };
  },
  'candidate.refused': (state, event) => {
    const { step, agent, reason, sameAs } = event;
    const same = (other: BodyOf<'candidate.refused'> | { step: string; agent: string; reason: string; sameAs?: string }) =>
      other.step === step && other.agent === agent && other.reason === reason && other.sameAs === sameAs;
    return { refused: again(state.refused, { step, agent, reason, sameAs }, same) };
  },
  'write.blocked': (state, event) => {
    const { agent, path, reason } = event;
    return {
      blockedWrites: again(
        state.blockedWrites,
        { agent, path, reason },
        (write) => write.agent === agent && write.path === path && write.reason === reason,
      ),
    };
  },
  // What came of its use stands in the tools that were used.
  'server.started': () => ({}),
  'server.failed': (state, event) => ({ failedServers: [...state.failedServers, body(event)] }),
  'question.asked': (state, event) => ({ questions: [...state.questions, { ...body(event), open: true }] }),
  'question.answered': (state, event) => ({
    questions: lastWhere(
      state.questions,
      (one) => one.open && one.call === event.call && one.question === event.question,
      () => ({ ...body(event), open: false }),
    ),
  }),
  'right.loose': (state, event) => ({ looseRights: [...state.looseRights, body(event)] }),
  'right.refused': (state, event) => {
    const { agent, right, what } = event;
    const same = (other: { agent: string; right: string; what: string }) =>
      other.agent === agent && other.right === right && other.what === what;
    return { refusedRights: again(state.refusedRights, { agent, right, what }, same) };
  },
  'candidate.tested': (state, event) => {
    const { candidate: id, counts, ending, delta, tampering, judgement, report, tree, ms } = event;
    const test = { counts, ending, delta, tampering, judgement, report, tree, ms };
    const vouches = judgement === undefined ? counts.green : judgement.state === 'solved';
    return {
      candidates: withCandidate(state, id, (candidate) => ({ ...candidate, test: { ...test, stale: tree !== candidate.snapshot.tree } })),
      steps: lastWhere(
        state.steps,
        (step) => step.state === 'running' && step.kind === 'test',
        (step) => ({ ...step, vouched: vouches || step.vouched === true }),
      ),
    };
  },
  'candidate.checked': (state, event) => ({
    candidates: withCandidate(state, event.candidate, (candidate) => ({
      ...candidate,
      checks: [...candidate.checks.filter((check) => check.name !== event.report.name), event.report],
    })),
  }),
  'note.written': (state, event) => ({ notes: [...state.notes, body(event)] }),
  'candidates.selected': (state, event) => ({
    selections: [...state.selections, body(event)],
    candidates: state.candidates.map((candidate) => ({ ...candidate, kept: event.kept.includes(candidate.id) })),
  }),
  'candidates.merged': (state, event) => ({ merges: [...state.merges, body(event)] }),
  'candidates.told-apart': (state, event) => ({ toldApart: [...state.toldApart, body(event)] }),
  'candidate.drawn': (state, event) => ({ draws: [...state.draws, body(event)] }),
  'part.asked': (state, event) => ({ partsAsked: [...state.partsAsked, body(event)] }),
  // What each reply said stands in the event log; what came of it follows.
  'vote.cast': () => ({}),
  'debate.round': () => ({}),
  'debate.held': (state, event) => ({ debates: [...state.debates, body(event)] }),
  'vote.held': (state, event) => ({ votes: [...state.votes, body(event)] }),
  'agent.replaced': (state, event) => ({ replacements: [...state.replacements, body(event)] }),
  'run.replanned': (state, event) => ({ replans: [...state.replans, body(event)] }),
  'run.finished': (state, event) => {
    const { spend, ...result } = body(event);
    return {
      finishedAt: event.at,
      result,
      spend,
      callsInFlight: [],
      agents: idle(state.agents),
      steps: unreached(state.steps),
      questions: state.questions.map((one) => ({ ...one, open: false })),
    };
  },
  'control.used': (state, event) => ({
    controls: [...state.controls, body(event)],
    paused: event.action === 'pause' || (event.action === 'continue' ? false : state.paused),
  }),
  'run.continued': (state, event) => ({ continuedAs: [...state.continuedAs, body(event)] }),
  'hunk.decided': (state, event) => {
    const word = body(event);
    const same = (other: BodyOf<'hunk.decided'>) => other.candidate === word.candidate && other.hunk === word.hunk;
    const hunks = lastWhere(state.hunks, same, () => word);
    return { hunks: hunks === state.hunks ? [...state.hunks, word] : hunks };
  },
  'diff.applied': (state, event) => ({ applied: [...state.applied, body(event)], standing: standingAfter(state.standing, event) }),
  'diff.undone': (state, event) => ({ undone: [...state.undone, body(event)], standing: standingAfter(state.standing, event) }),
  'part.tested': (state, event) => ({ partTests: [...state.partTests, body(event)] }),
  'verdict.given': (_, event) => ({ verdict: body(event) }),
  'survival.measured': (state, event) => ({ survival: [...state.survival, body(event)] }),
};

/** The state after one more event. Pure. */
export function reduce(state: RunState, event: TraceEvent): RunState {
  const change = (reducers[event.type] as (state: RunState, event: TraceEvent) => Partial<RunState>)(state, event);
  return { ...state, ...change, events: state.events + 1, updatedAt: event.at };
}

/** The state after all events. Pure. */
export function fold(events: Iterable<TraceEvent>): RunState {
  let state = initialState;
  for (const event of events) state = reduce(state, event);
  return state;
}

/** `done`: the flow came to its end, whatever the tests say; `failed`: it was cut short (budget, stop, failure). */
export type RunStatus = 'running' | 'waiting-for-review' | 'done' | 'failed' | 'interrupted';

/** `ownerAlive`: whether the process that writes the trace still lives (`OpenRun.ownerAlive` tells). Pure. */
export function status(state: RunState, ownerAlive: boolean): RunStatus {
  if (state.result !== undefined) return statusOfOutcome(state.result.outcome);
  if (!ownerAlive) return 'interrupted';
  return state.plans.at(-1)?.approval === 'open' ? 'waiting-for-review' : 'running';
}

export function statusOfOutcome(outcome: EventOf<'run.finished'>['outcome']): 'done' | 'failed' {
  return outcome === 'budget' || outcome === 'stopped' || outcome === 'failed' ? 'failed' : 'done';
}

// ---- pieces ---------------------------------------------------------------------------------------------------------------------

function body<T extends { v: number; seq: number; at: number; type: string }>(event: T): Omit<T, 'v' | 'seq' | 'at' | 'type'> {
  const { v: _v, seq: _seq, at: _at, type: _type, ...rest } = event;
  return rest;
}

/** Place of the step at this path that is not over yet; -1 when there is none. */
function openStep(steps: readonly StepState[], path: string): number {
  const place = steps.findLastIndex((step) => step.path === path);
  const state = steps[place]?.state;
  return state === 'pending' || state === 'running' ? place : -1;
}

/** The steps with this one in the place of the open one at its path, else at the end. */
function withStep(steps: readonly StepState[], step: StepState): readonly StepState[] {
  const place = openStep(steps, step.path);
  return place === -1 ? [...steps, step] : steps.with(place, step);
}

/** The candidates with one changed; the same list when it is unknown. */
const withCandidate = (state: RunState, id: string, change: (candidate: CandidateState) => CandidateState): readonly CandidateState[] =>
  lastWhere(state.candidates, (candidate) => candidate.id === id, change);

/** The list with its last matching item replaced; the same list when none matches. */
function lastWhere<T>(list: readonly T[], matches: (item: T) => boolean, replace: (item: T) => T): readonly T[] {
  const index = list.findLastIndex(matches);
  return index === -1 ? list : list.with(index, replace(list[index] as T));
}

/** The list with one more of the item: its count raised, or the item added. */
function again<T extends object>(list: readonly Repeated<T>[], item: T, same: (other: T) => boolean): readonly Repeated<T>[] {
  const counted = lastWhere(list, same, (other) => ({ ...other, times: other.times + 1 }));
  return counted === list ? [...list, { ...item, times: 1 }] : counted;
}

const noCalls: CallTotals = {
  calls: 0,
  failedCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
  usd: 0,
  ms: 0,
  estimated: false,
};

function withTry(tried: readonly TriedPlace[], { file, line, failed, pointed = false }: EventOf<'place.tried'>): readonly TriedPlace[] {
  const known = tried.find((place) => place.file === file && place.line === line) ?? { file, line, tries: 0, pointed };
  const best = [known.failed, failed].filter((count) => count !== undefined);
  const place: TriedPlace = {
    ...known,
    tries: known.tries + (failed === undefined ? 0 : 1),
    ...(best.length > 0 && { failed: Math.min(...best) }),
    pointed: known.pointed || pointed,
  };
  return tried.includes(known) ? tried.map((other) => (other === known ? place : other)) : [...tried, place];
}

function withCall<T extends CallTotals>(totals: T, event: EventOf<'call.done'> | EventOf<'call.failed'>): T {
  const { usage } = event;
  return {
    ...totals,
    calls: totals.calls + 1,
    failedCalls: totals.failedCalls + (event.type === 'call.failed' ? 1 : 0),
    inputTokens: totals.inputTokens + (usage?.inputTokens ?? 0),
    outputTokens: totals.outputTokens + (usage?.outputTokens ?? 0),
    cachedInputTokens: totals.cachedInputTokens + (usage?.cachedInputTokens ?? 0),
    usd: totals.usd + (event.type === 'call.done' ? event.usd : 0),
    ms: totals.ms + event.ms,
    estimated: totals.estimated || (usage?.estimated ?? false),
  };
}

function withAgent(state: RunState, name: string, change: (agent: AgentState) => AgentState): RunState['agents'] {
  const agent = Object.hasOwn(state.agents, name) ? state.agents[name] : undefined;
  return { ...state.agents, [name]: change(agent ?? { ...noCalls, name, active: 0, servedModels: [], tools: {} }) };
}

function callEnded(
  state: RunState,
  event: EventOf<'call.done'> | EventOf<'call.failed'>,
  change: (agent: AgentState) => AgentState,
): Partial<RunState> {
  const flight = state.callsInFlight.find(({ call }) => call === event.call);
  const agents = withAgent(state, event.agent, (agent) =>
    change(withCall({ ...agent, active: Math.max(0, agent.active - (flight ? 1 : 0)) }, event)),
  );
  // The same step may come again in a later round: a call's place begins with its round.
  const step = flight && `${event.call.split('/', 1)[0]}/${flight.step}`;
  const stepTotals =
    step === undefined ? state.stepTotals : { ...state.stepTotals, [step]: withCall(state.stepTotals[step] ?? noCalls, event) };
  return { callsInFlight: landed(state, event), agents, stepTotals, spend: event.spend };
}

const landed = ({ callsInFlight }: RunState, event: { readonly call: string }): RunState['callsInFlight'] =>
  callsInFlight.filter(({ call }) => call !== event.call);

const idle = (agents: RunState['agents']): RunState['agents'] =>
  Object.fromEntries(Object.entries(agents).map(([name, agent]) => [name, { ...agent, active: 0 }]));

/** What a plan left behind when it ended: steps it did not come to are skipped, steps it was in are failed. */
function unreached(steps: readonly StepState[]): readonly StepState[] {
  return steps.map((step) => {
    if (step.state === 'pending') return { ...step, state: 'skipped', reason: 'not reached' };
    if (step.state === 'running')
      return { ...step, state: 'failed', failure: { code: 'stopped', message: 'The run ended during this step.' } };
    return step;
  });
}
