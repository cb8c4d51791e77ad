/** A realistic run as events, for tests and benchmarks of whatever reads a trace. */
import { createHash } from 'node:crypto';
import { chainStart, linkOf } from '../../src/trace/chain.ts';
import { eventVersion, type NewEvent, type TraceEvent } from '../../src/trace/events.ts';

/** Events as the lines of a trace file, each naming the one before it. */
export function chainedLines(events: readonly object[]): string {
  let prev = chainStart;
  const lines = events.map((event) => {
    const line = JSON.stringify({ ...event, prev });
    prev = linkOf(line);
    return `${line}\n`;
  });
  return lines.join('');
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const tree = (name: string) => ({ commit: hashOf(`commit ${name}`).slice(0, 40), tree: hashOf(`tree ${name}`).slice(0, 40) });
const red = { passed: 1, failed: 1, skipped: 0, green: false };
const green = { passed: 2, failed: 0, skipped: 0, green: true };
const usage = { inputTokens: 900, outputTokens: 100, cachedInputTokens: 300, estimated: false };
const spend = (calls: number) => ({ calls, inputTokens: 900 * calls, outputTokens: 100 * calls, usd: 0.001 * calls, seconds: calls });
const delta = { fixed: [] as string[], broken: [], stillFailing: ['adds'], added: [], missing: [], newlySkipped: [] };

export const opening: readonly NewEvent[] = [
  {
    type: 'run.started',
    runId: 'r1',
    request: { text: 'Fix the failing test.\nDo not change it.', files: ['sum.js'] },
    workspace: '/home/ann/my project',
    program: 'teamwright 0.1.0',
    models: { worker: { endpoint: 'embedded', model: 'coder-1.5b' } },
    designer: 'auto',
    seed: 7,
  },
  { type: 'snapshot.taken', snapshot: tree('start'), leftOut: [{ path: '.env', reason: 'secret' }], ms: 12 },
  {
    type: 'briefing.done',
    briefing: hashOf('briefing'),
    test: { runner: 'node-test', display: 'npm test', argv: ['npm', 'test'], cwd: '', source: 'package.json' },
    baseline: red,
    languages: ['javascript'],
    files: ['sum.js', 'sum.test.js'],
    git: { kind: 'repository', branch: 'main', detached: false, changed: 0, untracked: 0, submodules: [] },
    ms: 340,
  },
  { type: 'design.round', round: 1, designer: 'solo', reasoning: '', valid: true, problems: [] },
  {
    type: 'plan.proposed',
    round: 1,
    hash: hashOf('plan'),
    plan: hashOf('plan text'),
    name: 'solo',
    origin: 'solo',
    reason: 'One coder is enough to begin with.',
    difficulty: 'easy',
    budget: { tokens: 60_000, usd: 1, seconds: 900, calls: 20, agents: 6, depth: 4 },
    estimate: {
      calls: { least: 1, most: 4 },
      tokens: { least: 1000, most: 4000 },
      usd: { least: 0, most: 0, known: true },
      seconds: { least: 10, most: 60 },
    },
    outline: [
      { step: 'make', path: 'make', kind: 'generate', agent: 'coder' },
      { step: 'choose', path: 'choose', kind: 'select' },
      { step: 'mend', path: 'mend', kind: 'revise', agent: 'coder' },
    ],
  },
];

/** One call, one candidate, tested. `n` counts from 1. */
export function attempt(n: number, passes: boolean): NewEvent[] {
  const call = `make/${n}/1`;
  const candidate = `c${n}`;
  return [
    {
      type: 'call.started',
      planHash: hashOf('plan'),
      call,
      attempt: 1,
      agent: 'coder',
      step: 'make',
      model: 'coder-1.5b',
      endpoint: 'embedded',
      prompt: hashOf(`prompt ${n}`),
      promptHash: hashOf(`hash ${n}`),
      estimatedInputTokens: 950,
    },
    {
      type: 'call.done',
      call,
      attempt: 1,
      agent: 'coder',
      servedModel: 'coder-1.5b-q4',
      reply: hashOf(`reply ${n}`),
      finish: 'stop',
      usage,
      usd: 0.001,
      ms: 800,
      spend: spend(n),
    },
    {
      type: 'candidate.made',
      candidate,
      from: 'start',
      step: 'make',
      agent: 'coder',
      call,
      snapshot: tree(candidate),
      changed: ['sum.js'],
      levels: { exact: 1 },
      problems: [],
    },
    {
      type: 'candidate.tested',
      candidate,
      report: hashOf(`report ${n}`),
      counts: passes ? green : red,
      ending: 'finished',
      delta: passes ? { ...delta, fixed: ['adds'], stillFailing: [] } : delta,
      tampering: [],
      breaches: [],
      tree: tree(candidate).tree,
      ms: 400,
    },
  ];
}

export const approval: readonly NewEvent[] = [
  { type: 'plan.approved', hash: hashOf('plan'), by: 'flag' },
  { type: 'step.started', planHash: hashOf('plan'), step: 'make', path: 'make', kind: 'generate', agent: 'coder' },
];

export const closing: readonly NewEvent[] = [
  { type: 'step.done', step: 'make', path: 'make', ms: 2500 },
  { type: 'step.started', planHash: hashOf('plan'), step: 'choose', path: 'choose', kind: 'select' },
  { type: 'candidates.selected', step: 'choose', kept: ['c2'], classes: [['c2'], ['c1']], by: 'tests' },
  { type: 'step.done', step: 'choose', path: 'choose', ms: 1 },
  {
    type: 'run.finished',
    outcome: 'solved',
    candidate: 'c2',
    snapshot: tree('c2'),
    patch: hashOf('patch'),
    before: red,
    after: green,
    tampering: [],
    spend: spend(2),
    reward: { performance: 1, complexity: 0 },
  },
];

/** A whole run: two attempts, the second passes. */
export const wholeRun: readonly NewEvent[] = [...opening, ...approval, ...attempt(1, false), ...attempt(2, true), ...closing];

/** What the trace would hold: envelopes from `firstSeq` on, one second apart. */
export function enveloped(events: readonly NewEvent[], firstSeq = 0): TraceEvent[] {
  return events.map((event, index) => {
    const seq = firstSeq + index;
    return { v: eventVersion, seq, at: Date.UTC(2026, 10, 22, 10, 0, seq), ...event };
  });
}

/** `count` events of a long run in the mix a real one has. */
export function longRun(count: number): NewEvent[] {
  const events: NewEvent[] = [...opening, ...approval];
  for (let n = 1; events.length < count - closing.length; n += 1) {
    const path = `work[${n}]`;
    events.push(
      { type: 'step.started', planHash: hashOf('plan'), step: 'work', path, kind: 'generate', agent: 'coder' },
      ...attempt(n, n % 7 === 0),
    );
    for (let turn = 1; turn <= 4; turn += 1) {
      events.push({
        type: 'tool.used',
        call: `make/${n}/${turn}`,
        agent: 'coder',
        tool: turn % 2 ? 'read' : 'search',
        arguments: '{"path":"src/sum.js"}',
        ok: true,
        result: hashOf(`tool ${n}`),
        ms: 3,
      });
    }
    events.push({
      type: 'note.written',
      step: 'work',
      agent: 'reviewer',
      call: `make/${n}/1`,
      text: hashOf(`note ${n}`),
      verdict: 'reject',
    });
    events.push({ type: 'step.done', step: 'work', path, ms: 1300 });
  }
  return [...events.slice(0, count - closing.length), ...closing];
}
