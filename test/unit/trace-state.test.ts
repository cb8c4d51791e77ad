import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventBodies, type NewEvent, type TraceEvent } from '../../src/trace/events.ts';
import { describeDamage, fold, initialState, reduce, renderRun, status } from '../../src/trace/index.ts';
import { approval, attempt, closing, enveloped, hashOf, longRun, opening, wholeRun } from '../support/trace-events.ts';
import { renderTranscript } from '../support/transcript.ts';

const stateOf = (...events: NewEvent[]) => fold(enveloped(events));
const finished = (outcome: Extract<NewEvent, { type: 'run.finished' }>['outcome']): NewEvent => ({
  ...(closing.at(-1) as Extract<NewEvent, { type: 'run.finished' }>),
  outcome,
});

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) freeze(item);
  }
  return value;
};

describe('folding', () => {
  it('is the same at once and one by one, and changes nothing in place', () => {
    const events = enveloped(wholeRun);
    let state = freeze(initialState);
    for (const event of freeze(events)) state = freeze(reduce(state, event));
    expect(state).toEqual(fold(events));
    expect(state.events).toBe(events.length);
  });

  it('knows the test events it is fed with are real ones', () => {
    for (const { v, seq, at, type, ...body } of enveloped(wholeRun)) expect(eventBodies[type].safeParse(body).error, type).toBeUndefined();
  });

  it('shows steps to come, then as they go, and those that were never reached', () => {
    const states = (...events: NewEvent[]) => stateOf(...events).steps.map((step) => `${step.path} ${step.state}`);
    expect(states(...opening, approval[0] as NewEvent)).toEqual(['make pending', 'choose pending', 'mend pending']);
    expect(states(...opening, ...approval)).toEqual(['make running', 'choose pending', 'mend pending']);
    expect(states(...wholeRun)).toEqual(['make done', 'choose done', 'mend skipped']);
    expect(stateOf(...wholeRun).steps[2]?.reason).toBe('not reached');
  });

  it('keeps skipped and failed apart, and adds steps that no outline named', () => {
    const failure = { code: 'model-timeout', message: 'Too slow.', next: '' };
    const { steps } = stateOf(
      { type: 'step.started', step: 'a', path: 'loop[1]/a', kind: 'test' },
      { type: 'step.done', step: 'a', path: 'loop[1]/a', ms: 5, failure },
      { type: 'step.done', step: 'b', path: 'b', ms: 0, skipped: 'tests pass already' },
      { type: 'step.started', step: 'c', path: 'c', kind: 'test' },
      { type: 'step.started', step: 'c', path: 'c', kind: 'test' },
      finished('stopped'),
    );
    expect(steps.map((step) => [step.path, step.state])).toEqual([
      ['loop[1]/a', 'failed'],
      ['b', 'skipped'],
      ['c', 'failed'],
    ]);
    expect(steps[0]?.failure).toEqual(failure);
  });

  it('adds up each agent and each step, live', () => {
    const [started, done] = attempt(1, false) as [NewEvent, NewEvent];
    const during = stateOf(started);
    expect(during.agents.coder).toMatchObject({ active: 1, calls: 0 });
    expect(during.callsInFlight).toMatchObject([{ call: 'make/1/1', agent: 'coder', step: 'make' }]);
    const failed: NewEvent = {
      type: 'call.failed',
      call: 'make/2/1',
      attempt: 1,
      agent: 'coder',
      failure: { code: 'model-half-stream', message: 'Cut off.', next: '' },
      usage: { inputTokens: 10, outputTokens: 5, cachedInputTokens: 0, estimated: true },
      willRetry: true,
      ms: 20,
      spend: { calls: 2, inputTokens: 910, outputTokens: 105, usd: 0.001, seconds: 2 },
    };
    const after = stateOf(started, done, { ...started, call: 'make/2/1' } as NewEvent, failed);
    const totals = {
      calls: 2,
      failedCalls: 1,
      inputTokens: 910,
      outputTokens: 105,
      cachedInputTokens: 300,
      usd: 0.001,
      ms: 820,
      estimated: true,
    };
    expect(after.agents.coder).toMatchObject({ ...totals, active: 0, servedModels: ['coder-1.5b-q4'] });
    expect(after.stepTotals['make/make']).toEqual(totals);
    expect(after.spend).toEqual((failed as Extract<NewEvent, { type: 'call.failed' }>).spend);
    expect(after.callsInFlight).toEqual([]);
  });

  it('survives agents named like parts of the language', () => {
    const [started, done] = attempt(1, false) as [NewEvent, NewEvent];
    for (const agent of ['constructor', 'toString', 'hasOwnProperty']) {
      const { agents } = stateOf({ ...started, agent } as NewEvent, { ...done, agent } as NewEvent);
      expect(agents[agent]).toMatchObject({ name: agent, calls: 1, inputTokens: 900 });
    }
  });

  it('marks a result stale when it is about another tree', () => {
    const [, , made, tested] = attempt(1, true) as [NewEvent, NewEvent, Extract<NewEvent, { type: 'candidate.made' }>, NewEvent];
    expect(stateOf(made, tested).candidates[0]?.test?.stale).toBe(false);
    expect(stateOf(made, { ...tested, tree: 'other' } as NewEvent).candidates[0]?.test?.stale).toBe(true);
    const changed = { ...made, snapshot: { commit: 'x', tree: 'y' } };
    expect(stateOf(made, tested, changed).candidates).toMatchObject([{ id: 'c1', test: { stale: true } }]);
  });

  it('follows selections, loops and blocked writes', () => {
    const blocked: NewEvent = { type: 'write.blocked', agent: 'coder', path: 'sum.test.js', reason: 'outside-scope' };
    const loop: NewEvent = { type: 'loop.found', agent: 'coder', detail: 'read sum.js', action: 'warned' };
    const state = stateOf(...attempt(1, false), ...attempt(2, true), ...closing, blocked, blocked, loop, { ...loop, action: 'stopped' });
    expect(state.candidates.map((candidate) => [candidate.id, candidate.kept])).toEqual([
      ['c1', false],
      ['c2', true],
    ]);
    expect(state.blockedWrites).toEqual([{ agent: 'coder', path: 'sum.test.js', reason: 'outside-scope', times: 2 }]);
    expect(state.loops.map((one) => one.times)).toEqual([1, 1]);
  });

  it('binds approval to the plan that was seen', () => {
    const other = { ...(opening[4] as Extract<NewEvent, { type: 'plan.proposed' }>), hash: 'other', outline: undefined };
    const state = stateOf(...opening, other, { type: 'plan.approved', hash: hashOf('plan'), by: 'user' });
    expect(state.plans.map((plan) => plan.approval)).toEqual(['approved', 'open']);
    expect(stateOf(...opening, { type: 'plan.approved', hash: 'never seen', by: 'user' }).plans[0]?.approval).toBe('open');
    expect(stateOf(...opening, { type: 'plan.declined', hash: hashOf('plan'), comment: 'too dear' }).plans[0]).toMatchObject({
      approval: 'declined',
      comment: 'too dear',
    });
  });

  it('never fails on any order of real events', () => {
    const pool = enveloped([
      ...wholeRun,
      { type: 'run.replanned', round: 2, failure: 'adds' },
      { type: 'diff.applied', applied: ['a'], conflicts: [], undo: { commit: '', tree: '' } },
    ]);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pool), { maxLength: 60 }), fc.boolean(), (events: TraceEvent[], ownerAlive) => {
        const state = fold(events);
        expect(state.events).toBe(events.length);
        expect(Object.values(state.agents).every((agent) => agent.active >= 0)).toBe(true);
        expect(renderRun(state, { ownerAlive })).toMatch(/\n$/);
        expect(renderTranscript(events)).toMatch(/\n$/);
      }),
      { numRuns: 100 },
    );
  });

  it('folds a long run', () => {
    const events = enveloped(longRun(10_000));
    const state = fold(events);
    expect(state.events).toBe(10_000);
    expect(state.result?.outcome).toBe('solved');
  });
});

describe('status', () => {
  it.each([
    ['solved', 'done'],
    ['tests-fail', 'done'],
    ['no-tests', 'done'],
    ['answered', 'done'],
    ['declined', 'done'],
    ['budget', 'failed'],
    ['stopped', 'failed'],
    ['failed', 'failed'],
  ] as const)('outcome %s is %s', (outcome, expected) => {
    expect(status(stateOf(finished(outcome)), true)).toBe(expected);
    expect(status(stateOf(finished(outcome)), false)).toBe(expected);
  });

  it('depends on the owner while the run has no outcome', () => {
    expect(status(stateOf(...opening), true)).toBe('waiting-for-review');
    expect(status(stateOf(...opening, ...approval), true)).toBe('running');
    expect(status(stateOf(...opening, ...approval), false)).toBe('interrupted');
    expect(status(initialState, true)).toBe('running');
  });
});

describe('a run as text', () => {
  it('tells request, plan, steps, agents, candidates and the end', () => {
    expect(renderRun(stateOf(...wholeRun), { ownerAlive: false })).toMatchInlineSnapshot(`
      "Run r1   tests pass
      Started    2026-11-22 10:00:00 UTC
      Workspace  /home/ann/my project
      Models     worker: coder-1.5b at embedded
      Request
        Fix the failing test.
        Do not change it.

      Briefing   javascript; 2 relevant files; 340 ms
      Tests      npm test (from package.json)
      Before     1 passed, 1 failed
      Left out   .env (secret)

      Plan solo   solo, easy, approved by flag   64879f7d6b96
        One coder is enough to begin with.
        estimate: 1–4 calls, 1,000–4,000 tokens, $0, 10 sec–1 min

      Steps
        ✓  make    generate  coder  2.5 sec
        ✓  choose  select              1 ms
        –  mend    revise    coder           not reached

      Agents
        agent  model that answered  calls  tokens in  cached  out    cost     time  tools
        coder  coder-1.5b-q4            2      1,800     600  200  $0.002  1.6 sec

      Candidates
        candidate  from   agent  files  passed/failed  fixed/broken
        c1         start  coder      1  1/1 → 1/1      +0 −0
        c2 *       start  coder      1  1/1 → 2/0      +1 −0

      Outcome    solved: the tests pass
      Tests      1 passed, 1 failed → 2 passed, 0 failed
      Candidate  c2
      Spent      2 calls, 1,800 in, 200 out tokens, $0.002, 2 sec
      Reward     performance 1, complexity 0
      Applied    no: the workspace is unchanged
      "
    `);
  });

  it('says what is estimated, unknown, stale, damaged or interrupted', () => {
    const plan = opening[4] as Extract<NewEvent, { type: 'plan.proposed' }>;
    const [started, done, made, tested] = attempt(1, false) as [NewEvent, Extract<NewEvent, { type: 'call.done' }>, NewEvent, NewEvent];
    const events: NewEvent[] = [
      ...opening.slice(0, 4),
      { ...plan, estimate: { ...plan.estimate, usd: { least: 0, most: 0, known: false } } },
      ...approval,
      started,
      { ...done, usage: { ...done.usage, estimated: true } },
      made,
      { ...tested, tree: 'other', tampering: [{ kind: 'skipped-test', path: 'sum.test.js', detail: 'adds' }] } as NewEvent,
      { type: 'write.blocked', agent: 'coder', path: 'x\u001b[2J.js', reason: 'outside-scope' },
    ];
    const text = renderRun(stateOf(...events), { ownerAlive: false, damage: ['the last line is incomplete'] });
    for (const part of [
      'not whole',
      'interrupted',
      '~900',
      'our estimate',
      'price unknown',
      'result is stale',
      'touches its own tests: 1',
      'skipped-test in sum.test.js',
      'x<U+001B>[2J.js',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('tells where it goes on from, how it was steered, and what became of its change', () => {
    const [started, ...rest] = wholeRun as [Extract<NewEvent, { type: 'run.started' }>, ...NewEvent[]];
    const undo = { commit: 'a', tree: 'b' };
    const hunk = { type: 'hunk.decided', candidate: 'c2', path: 'sum.js', reason: '' } as const;
    const text = renderRun(
      stateOf(
        { ...started, continues: { runId: 'r0', how: 'follow-up' } },
        ...rest,
        { type: 'control.used', action: 'pause' },
        { type: 'control.used', action: 'continue' },
        { type: 'control.used', action: 'skip', step: 'r0/mend' },
        { type: 'control.used', action: 'hint', agent: 'coder', text: 'Keep it short.' },
        { type: 'control.used', action: 'raise-budget', budget: { calls: 30, usd: 2 } },
        { ...hunk, hunk: 'h1', decision: 'accepted' },
        { ...hunk, hunk: 'h2', decision: 'rejected', reason: 'not asked for' },
        { type: 'diff.applied', applied: ['sum.js'], conflicts: [], undo, candidate: 'c2', hunks: { accepted: 1, rejected: 1 } },
        { type: 'diff.undone', restored: ['sum.js'], conflicts: ['b.js'] },
        { type: 'verdict.given', candidate: 'c2', decision: 'partly-accepted', reason: 'half of it' },
        { type: 'survival.measured', when: 'minutes', minutes: 10, fourGram: 0.756, noRevert: 1, files: [] },
        { type: 'run.continued', as: 'r2', how: 'resume' },
      ),
      { ownerAlive: false },
    );
    for (const line of [
      'Goes on    follows up r0',
      '           resumed as r2',
      'Steered\n  paused\n  went on\n  skipped r0/mend\n  hint to coder: Keep it short.\n  budget raised: calls 30, usd 2',
      'Hunks      1 of 2 accepted',
      'Applied    1 file(s)',
      'Undone     1 file(s) as before; not those changed since: b.js',
      'Verdict    accepted in part: half of it',
      'Survival   76% of the accepted text after 10 min, 100% not turned back',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('has something to say about an empty trace', () => {
    expect(renderRun(initialState, { ownerAlive: false })).toContain('Run without a beginning');
    expect(
      describeDamage({
        garbage: 0,
        unknownTypes: 0,
        newerVersions: 0,
        badBodies: 0,
        repeatedSeqs: 0,
        brokenLinks: [],
        openEnded: false,
        gaps: [],
        tornTail: false,
        oddities: [],
      }),
    ).toEqual([]);
  });
});

describe('the transcript', () => {
  it('is the same for the same run at another time, in another place, with other hashes', () => {
    const move = (text: string) =>
      text
        .replaceAll(/[0-9a-f]{40,64}/g, (hash) => hashOf(hash).slice(0, hash.length))
        .replaceAll('/home/ann/my project', '/tmp/elsewhere')
        .replaceAll('"ms":', '"ms":1');
    const events = enveloped(wholeRun);
    const moved = JSON.parse(move(JSON.stringify(events.map((event) => ({ ...event, at: event.at + 1e6 }))))) as TraceEvent[];
    expect(renderTranscript(moved)).toBe(renderTranscript(events));
    expect(renderTranscript(events)).toContain('workspace: <workspace>');
    expect(renderTranscript(events.filter((event) => event.type !== 'note.written').slice(1))).not.toBe(renderTranscript(events));
  });

  it('shows each text once, where it is first named', () => {
    const texts = new Map([
      [hashOf('prompt 1'), 'Fix /home/ann/my project/sum.js\nnow'],
      [hashOf('reply 1'), '{"text":"ok","ms":812}'],
    ]);
    const text = renderTranscript(enveloped([...opening, ...attempt(1, true), ...attempt(1, true)]), { text: (hash) => texts.get(hash) });
    expect(text).toContain('    | Fix <workspace>/sum.js\n    | now');
    expect(text).toContain('    |   "text": "ok"\n    | }');
    expect(text.match(/\| now/g)).toHaveLength(1);
  });
});
