/** The verdict record: what a trace says of a run, as one value; and the terms of its reward as far as they are known. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { soloTeam } from '../../src/design/index.ts';
import { rewardOf } from '../../src/learning/index.ts';
import { verdictRecord } from '../../src/lessons/record.ts';
import { type VerdictRecord, verdictRecordSchema } from '../../src/lessons/record-schema.ts';
import { type Plan, planHash, printPlan } from '../../src/plan/index.ts';
import type { NewEvent, TraceEvent } from '../../src/trace/events.ts';
import { openRun } from '../../src/trace/index.ts';
import { type ToldRun, writeLessonRun } from '../support/lesson-runs.ts';
import { enveloped, hashOf, opening } from '../support/trace-events.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'teamwright-record-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const file = (name: string): string => join(dataDir, 'runs', 'one', name);

/** The record of a run, after its events were changed. */
async function recordOf(
  told: Omit<ToldRun, 'runId'>,
  change: (events: TraceEvent[]) => TraceEvent[] = (events) => events,
): Promise<VerdictRecord> {
  writeLessonRun(dataDir, { runId: 'one', ...told });
  const written = readFileSync(file('events.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TraceEvent);
  writeFileSync(
    file('events.jsonl'),
    change(written)
      .map((event, seq) => `${JSON.stringify({ ...event, seq })}\n`)
      .join(''),
  );
  const run = await openRun(dataDir, 'one');
  const record = await verdictRecord((await run.read()).events, run.readBlob);
  if (!record) throw new Error('no record');
  expect(verdictRecordSchema.parse(record)).toEqual(record);
  return record;
}

const more = (...events: NewEvent[]): Pick<ToldRun, 'more'> => ({ more: events });
const hunk = (id: string, decision: 'accepted' | 'rejected' | 'open', reason = ''): NewEvent => ({
  type: 'hunk.decided',
  candidate: 'c1',
  path: 'sum.js',
  hunk: id,
  decision,
  reason,
});
const applied: NewEvent = { type: 'diff.applied', applied: ['sum.js'], conflicts: [], undo: { commit: 'c', tree: 't' } };
const undone: NewEvent = { type: 'diff.undone', restored: ['sum.js'], conflicts: [] };

describe('what the user did', () => {
  test('the edits of a plan are the difference between what was proposed and what was approved', async () => {
    const approved: Plan = { ...soloTeam(5, 'easy'), name: 'my-solo' };
    const proposed = soloTeam(2, 'easy');
    const text = printPlan(proposed);
    const record = await recordOf({ plan: approved }, (events) => {
      const at = events.findIndex(({ type }) => type === 'plan.proposed');
      const edit = { ...events[at], origin: 'user-edit' } as TraceEvent;
      const proposal = {
        ...events[at],
        hash: planHash(proposed),
        plan: hashOf(text),
        name: proposed.name,
        origin: 'library',
      } as TraceEvent;
      return [...events.slice(0, at), proposal, edit, ...events.slice(at + 1)];
    });
    expect(record.plans.map(({ name, approval, edits }) => ({ name, approval, edits: edits?.sentences }))).toEqual([
      { name: 'solo', approval: 'open', edits: undefined },
      // The proposal's text was not stored in this trace: nothing is claimed about what is not known.
      { name: 'my-solo', approval: 'approved', edits: undefined },
    ]);
    writeFileSync(file('blobs.jsonl'), `${readFileSync(file('blobs.jsonl'), 'utf8')}${JSON.stringify({ sha256: hashOf(text), text })}\n`);
    const run = await openRun(dataDir, 'one');
    const whole = await verdictRecord((await run.read()).events, run.readBlob);
    expect(whole?.plans[1]?.edits).toMatchObject({
      from: planHash(proposed),
      sentences: ['The plan: name was solo, is my-solo.', 'Step "draft": samples was 2, is 5.'],
      changes: [{ part: 'plan' }, { part: 'step', name: 'draft' }],
    });
  });

  test('hunks keep the last word and its reason; the verdict and what survived stand beside them', async () => {
    const record = await recordOf(
      more(
        hunk('h1', 'rejected'),
        hunk('h1', 'accepted'),
        hunk('h2', 'rejected', 'not asked for'),
        applied,
        { type: 'verdict.given', decision: 'partly-accepted', reason: 'half of it' },
        {
          type: 'survival.measured',
          when: 'commit',
          minutes: 42,
          commit: 'abc',
          fourGram: 0.8,
          noRevert: 1,
          files: [{ path: 'sum.js', fourGram: 0.8, noRevert: 1 }],
        },
      ),
    );
    expect(record.hunks).toEqual([
      { candidate: 'c1', path: 'sum.js', hunk: 'h1', decision: 'accepted', reason: '' },
      { candidate: 'c1', path: 'sum.js', hunk: 'h2', decision: 'rejected', reason: 'not asked for' },
    ]);
    expect(record).toMatchObject({
      verdict: { decision: 'partly-accepted', reason: 'half of it' },
      standing: { kind: 'applied', files: ['sum.js'] },
      survival: [{ when: 'commit', minutes: 42, fourGram: 0.8, noRevert: 1 }],
      reward: { performance: 1, accepted: 0.5 },
    });
  });
});

describe('whether the change stands', () => {
  const standingAfter = async (...events: NewEvent[]) => (await recordOf(more(...events))).standing;

  test('a refused undo leaves the change standing, and its share of the reward', async () => {
    const part: NewEvent = { ...applied, candidate: 'c1', hunks: { accepted: 2, rejected: 1 } };
    const stands = { kind: 'partly-applied', candidate: 'c1', files: ['sum.js'], hunks: { accepted: 2, rejected: 1 } };
    expect(await standingAfter(part)).toEqual(stands);
    const refused = await recordOf(more(part, { ...undone, restored: [], conflicts: ['sum.js'] }));
    expect(refused.standing).toEqual(stands);
    expect(refused.reward.accepted).toBeCloseTo(2 / 3);
    expect(await standingAfter(part, undone)).toMatchObject({ kind: 'undone', files: [] });
    expect(await standingAfter()).toMatchObject({ kind: 'none', files: [] });
  });
});

describe('the terms of the reward', () => {
  test.each<[string, readonly NewEvent[], number | undefined]>([
    ['nobody said anything', [], undefined],
    ['open hunks are no word', [hunk('h1', 'open')], undefined],
    ['two of three hunks', [hunk('h1', 'accepted'), hunk('h2', 'accepted'), hunk('h3', 'rejected')], 2 / 3],
    ['the counts of what was written', [{ ...applied, hunks: { accepted: 3, rejected: 1 } }], 0.75],
    ['applied as a whole', [applied], 1],
    ['taken back', [applied, undone], 0],
    ['the undo was refused', [applied, { ...undone, restored: [], conflicts: ['sum.js'] }], 1],
    ['applied twice and taken back once', [{ ...applied, hunks: { accepted: 3, rejected: 1 } }, applied, undone], 0.75],
    ['the apply was refused', [{ ...applied, applied: [], conflicts: ['sum.js'] }], undefined],
    ['refused', [{ type: 'verdict.given', decision: 'rejected', reason: '' }], 0],
  ])('accepted, when %s', async (_when, events, accepted) => {
    const { reward } = await recordOf(more(...events));
    expect(reward.accepted).toEqual(accepted === undefined ? undefined : expect.closeTo(accepted));
  });

  test('a benchmark that lays its change onto the task is nobody’s word', async () => {
    const { reward } = await recordOf(more(applied), (events) =>
      events.map((event) => (event.type === 'plan.approved' ? { ...event, by: 'bench' } : event)),
    );
    expect(reward.accepted).toBeUndefined();
  });

  test('an invalid plan scores −1', async () => {
    const failed: NewEvent = {
      type: 'run.finished',
      outcome: 'failed',
      failure: { code: 'plan-invalid', message: 'The plan is not valid.', next: '' },
      tampering: [],
      spend: { calls: 1, inputTokens: 1, outputTokens: 1, usd: 0, seconds: 1 },
      reward: {},
    };
    const record = await recordOf({}, (events) => [...events.slice(0, 4), { ...(events.at(-1) as TraceEvent), ...failed } as TraceEvent]);
    expect(record.reward.performance).toBe(-1);
    expect(rewardOf(record.reward)).toBeLessThanOrEqual(-1);
  });

  test('is the weighted sum, with the weights of whoever asks', () => {
    const terms = { performance: 1, complexity: 0.5, efficiency: 0.4, accepted: 0.5 };
    expect(rewardOf(terms)).toBeCloseTo(1 - 0.05 * 0.5 - 0.1 * 0.4 + 0.2 * 0.5);
    expect(rewardOf({ performance: -1 })).toBe(-1);
  });
});

test.each(['unproven', 'red'] as const)('a candidate whose tests are green is not right when the run judged it %s', async (state) => {
  const judgement = { state, reasons: [], targets: [], unrelated: [], flaky: [], notRun: [] };
  const record = await recordOf({ replies: ['Wrong.', 'This is right.'] }, (events) =>
    events.map((event) => (event.type === 'candidate.tested' ? { ...event, judgement } : event)),
  );
  expect(record.candidates.map(({ right, score }) => [right, score])).toEqual([
    [false, 0],
    [false, 1],
  ]);
});

describe('a trace that is not whole', () => {
  test('texts that were lost are absent; the rest is true all the same', async () => {
    writeLessonRun(dataDir, { runId: 'one', replies: ['Wrong.', 'This is right.'] });
    writeFileSync(file('blobs.jsonl'), '');
    const run = await openRun(dataDir, 'one');
    const record = await verdictRecord((await run.read()).events, run.readBlob);
    expect(record).toMatchObject({
      briefing: undefined,
      plans: [{ name: 'solo', text: '', approval: 'approved', outcome: { score: 1, solved: true } }],
      candidates: [
        { id: 'c1', score: 0, right: false },
        { id: 'c2', score: 1, right: true },
      ],
      result: { outcome: 'solved', patch: undefined },
    });
    expect(record?.calls.every(({ reply, messages }) => reply === undefined && messages.length === 0)).toBe(true);
  });

  test('a trace that does not say what was asked gives no record', async () => {
    expect(await verdictRecord(enveloped([...opening.slice(1)]), async () => '')).toBeUndefined();
  });

  test('older traces do not name the call of a candidate: it is the last answer of that agent in that step', async () => {
    const record = await recordOf({ replies: ['Wrong.', 'This is right.'] }, (events) =>
      events.map((event) => ({ ...event, v: 1, ...(event.type === 'candidate.made' && { call: undefined }) })),
    );
    expect(record.candidates.map(({ id, call }) => [id, call])).toEqual([
      ['c1', 'r0/draft/1'],
      ['c2', 'r0/draft/2'],
    ]);
  });
});

test('runs that recorded generations keep them; older ones belong to the first', async () => {
  expect((await recordOf({})).generations).toEqual({ prompts: 0, library: 0, weights: 'base' });
  expect((await recordOf({ generation: { prompts: 4, library: 2, weights: 'tuned-7' } })).generations).toEqual({
    prompts: 4,
    library: 2,
    weights: 'tuned-7',
  });
});
