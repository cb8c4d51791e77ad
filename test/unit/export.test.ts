/** Exports from traces: what each format makes of them, which runs are taken, how they are split, and that nothing is lost or written twice. */
import { appendFileSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sketchOf, soloTeam } from '../../src/design/index.ts';
import { teamFor } from '../../src/design/teams.ts';
import type { ExportOptions } from '../../src/lessons/exports/export.ts';
import { type ExportReport, exportFormats, exportRuns, leftOutText, writeRetention } from '../../src/lessons/index.ts';
import { type Plan, parsePlan, planHash, printPlan } from '../../src/plan/index.ts';
import type { NewEvent } from '../../src/trace/events.ts';
import { type ToldRun, writeLessonRun, writeManyRuns } from '../support/lesson-runs.ts';
import { chainedLines, hashOf } from '../support/trace-events.ts';

let top: string;
let dataDir: string;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'teamwright-export-'));
  dataDir = join(top, 'data');
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

const formatNamed = (name: string) => {
  const format = exportFormats.find((one) => one.name === name);
  if (!format) throw new Error(`no format ${name}`);
  return format;
};

const never = (): AbortSignal => new AbortController().signal;

const options = (name: string, more: Partial<ExportOptions> = {}): ExportOptions => ({
  dataDir,
  format: formatNamed(name),
  out: join(top, name),
  filter: {},
  filterWords: [],
  split: 0,
  seed: 1,
  privacy: { known: ['hunter2-hunter2'], user: 'ann', host: 'anns-machine', home: '/home/ann' },
  program: 'teamwright 0.1.0',
  checkpointEvery: 4,
  ...more,
});

// biome-ignore lint/suspicious/noExplicitAny: rows of different formats, looked into field by field
type Row = any;
const rowsIn = (file: string): Row[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

async function rowsOf(name: string, more: Partial<ExportOptions> = {}): Promise<Row[]> {
  await exportRuns(options(name, { force: true, ...more }), never());
  return rowsIn(join(top, name, 'train.jsonl'));
}

const run = (told: ToldRun): void => writeLessonRun(dataDir, told);
/** Two runs on one problem: solo finds it with its second sample, a bigger team does not. */
function twoTeams(): void {
  run({ runId: 'good', request: 'Repair the sum.', replies: ['Wrong.', 'This is right.'], at: Date.UTC(2026, 8, 1) });
  run({
    runId: 'bad',
    request: 'Repair the sum.',
    at: Date.UTC(2026, 8, 2),
    plan: teamFor('small-function', 'easy'),
    replies: ['Also wrong.'],
  });
}
const teamOf = (message: { content: string }): { agents: { name: string }[] } =>
  JSON.parse(message.content.replace(/^<think>[\s\S]*<\/think>/, ''));

describe('designs-sft', () => {
  test('gives the best team of a problem as the answer to the question the designer is asked', async () => {
    twoTeams();
    const rows = await rowsOf('designs-sft');
    expect(rows).toHaveLength(1);
    const [{ messages, ...facts }] = rows;
    expect(messages.map(({ role }: { role: string }) => role)).toEqual(['system', 'user', 'assistant']);
    expect(messages[0].content).toContain('You design a team of agents');
    expect(messages[1].content).toContain('Request: Repair the sum.');
    expect(teamOf(messages[2])).toEqual(sketchOf(soloTeam(3, 'easy')));
    expect(facts).toEqual({
      origin: 'solo',
      score: expect.closeTo(1 - 0.1 * (2000 / 60_000)),
      rounds: 0,
      request_id: expect.stringMatching(/^[0-9a-f]{16}$/),
      run_id: 'good',
      generation: 'p0-l0-base',
    });
  });

  test('reasoning of the model stands before the team, as the reader of replies takes it out again', async () => {
    run({ runId: 'one', designRounds: [{ reply: '{}', reasoning: 'One line is wrong.', valid: true }] });
    const [{ messages }] = await rowsOf('designs-sft');
    expect(messages[2].content).toMatch(/^<think>\nOne line is wrong\.\n<\/think>\n\n\{/);
  });

  test('a team that solved nothing teaches nothing', async () => {
    run({ runId: 'bad', replies: ['Wrong.'] });
    const report = await exportRuns(options('designs-sft'), never());
    expect(report).toMatchObject({ rows: 0, runs: 1 });
  });

  test('runs of different generations are not compared', async () => {
    run({ runId: 'old', request: 'Same.', replies: ['This is right.'] });
    run({ runId: 'new', request: 'Same.', replies: ['This is right.'], generation: { prompts: 2, library: 1, weights: 'tuned' } });
    const rows = await rowsOf('designs-sft', { filter: { generation: ['p2-l1-tuned'] } });
    expect(rows).toMatchObject([{ run_id: 'new', generation: 'p2-l1-tuned' }]);
  });
});

describe('plans-dpo', () => {
  test('weighs a pair by the third power of the gap between the teams (ScoreFlow)', async () => {
    twoTeams();
    const [pair, ...others] = await rowsOf('plans-dpo');
    expect(others).toEqual([]);
    expect(teamOf(pair.chosen[0]).agents).toHaveLength(1);
    expect(teamOf(pair.rejected[0]).agents).toHaveLength(2);
    const better = 1 - 0.1 * (2000 / 60_000);
    expect(pair).toMatchObject({
      score_chosen: expect.closeTo(better),
      score_rejected: 0,
      weight: expect.closeTo(better ** 3),
      source: 'tests',
      run_id: 'good',
    });
  });

  test('a team’s score is the mean of its executions', async () => {
    run({ runId: 'a', request: 'Repair the sum.', replies: ['This is right.'], at: Date.UTC(2026, 9, 1) });
    run({ runId: 'b', request: 'Repair the sum.', replies: ['Wrong.'], at: Date.UTC(2026, 9, 2) });
    run({ runId: 'c', request: 'Repair the sum.', replies: ['Wrong.'], plan: teamFor('small-function', 'easy') });
    const [pair] = await rowsOf('plans-dpo');
    expect(pair.score_chosen).toBeCloseTo(0.5 - 0.1 * (1000 / 60_000));
  });

  test('the same words on other files are another problem: no pair', async () => {
    run({ runId: 'good', request: 'Repair the sum.', tree: 'one' });
    run({ runId: 'bad', request: 'Repair the sum.', tree: 'two', plan: teamFor('small-function', 'easy'), replies: ['Wrong.'] });
    expect(await rowsOf('plans-dpo')).toEqual([]);
  });

  test('an answer that was no plan loses against the team that was executed', async () => {
    run({
      runId: 'one',
      designRounds: [
        { reply: 'I would rather write the code.', valid: false },
        { reply: '{}', valid: true },
      ],
    });
    const [pair] = await rowsOf('plans-dpo');
    expect(pair).toMatchObject({
      rejected: [{ role: 'assistant', content: 'I would rather write the code.' }],
      score_rejected: 0,
      source: 'invalid',
    });
  });

  test('the plan the user made out of the proposal is preferred to it', async () => {
    const own = soloTeam(3, 'easy');
    const proposed: Plan = { ...teamFor('feature', 'hard') };
    // The proposal stood first; the user's edit was approved in the same round.
    run({ runId: 'edited', plan: own, replies: ['This is right.'] });
    const dir = join(dataDir, 'runs', 'edited');
    const events = readFileSync(join(dir, 'events.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const at = events.findIndex(({ type }) => type === 'plan.proposed');
    const text = printPlan(proposed);
    const first = { ...events[at], hash: planHash(proposed), plan: hashOf(text), name: proposed.name, origin: 'library' };
    const all = [...events.slice(0, at), first, { ...events[at], origin: 'user-edit' }, ...events.slice(at + 1)];
    writeFileSync(join(dir, 'events.jsonl'), chainedLines(all.map((event, seq) => ({ ...event, seq }))));
    appendFileSync(join(dir, 'blobs.jsonl'), `${JSON.stringify({ sha256: hashOf(text), text })}\n`);
    const [pair] = await rowsOf('plans-dpo');
    expect(teamOf(pair.chosen[0])).toEqual(sketchOf(own));
    expect(teamOf(pair.rejected[0])).toEqual(sketchOf(proposed));
    expect(pair).toMatchObject({ source: 'user', weight: 0.125 });
  });
});

describe('diffs-dpo and kto', () => {
  test('answers to the same prompt are paired by their tests', async () => {
    twoTeams();
    const pairs = await rowsOf('diffs-dpo');
    expect(pairs.map(({ chosen, rejected }) => [chosen[0].content, rejected[0].content])).toEqual([
      ['This is right.', 'Wrong.'],
      ['This is right.', 'Also wrong.'],
    ]);
    expect(pairs[0]).toMatchObject({ role: 'coder', score_chosen: 1, score_rejected: 0, weight: 1, source: 'tests' });
    expect(pairs[0].prompt[1].content).toContain('# Request\nRepair the sum.');
  });

  const verdict = (decision: 'accepted' | 'rejected'): NewEvent => ({ type: 'verdict.given', decision, reason: '' });

  test('a green change that the user refused is no good example', async () => {
    run({ runId: 'refused', replies: ['This is right.'], more: [verdict('rejected')] });
    const rows = await rowsOf('kto');
    expect(rows.filter(({ part }) => part === 'change')).toMatchObject([{ label: false, source: 'user' }]);
    expect(rows.filter(({ part }) => part === 'design')).toMatchObject([{ label: false }]);
    expect(await rowsOf('roles-sft')).toEqual([]);
  });

  test('the user does not overrule a red test', async () => {
    run({ runId: 'kept', replies: ['Wrong.'], more: [verdict('accepted')] });
    expect((await rowsOf('kto')).filter(({ part }) => part === 'change')).toMatchObject([{ label: false }]);
  });

  test('labels designs and changes', async () => {
    twoTeams();
    const rows = await rowsOf('kto');
    expect(rows.map(({ part, label, completion }) => [part, label, completion[0].content.slice(0, 12)])).toEqual([
      ['design', true, '{"difficulty'],
      ['design', false, '{"difficulty'],
      ['change', false, 'Wrong.'],
      ['change', true, 'This is righ'],
      ['change', false, 'Also wrong.'],
    ]);
  });
});

describe('roles-sft', () => {
  test('keeps first answers that match the outcome, with the role that gave them', async () => {
    twoTeams();
    const rows = await rowsOf('roles-sft');
    expect(rows).toMatchObject([{ role: 'coder', agent: 'coder', label: 'kept', weight: 1, score: 1, run_id: 'good' }]);
    expect(rows[0].messages.at(-1)).toEqual({ role: 'assistant', content: 'This is right.' });
  });
});

describe('grpo and openai-rft', () => {
  test('questions come with the rewards known so far, an answer that was no plan with −1', async () => {
    twoTeams();
    run({ runId: 'third', request: 'Repair the sum.', designRounds: [{ reply: 'no plan', valid: false }], replies: ['Wrong.'] });
    const [row, ...others] = await rowsOf('grpo');
    expect(others).toEqual([]);
    expect(row.known_completions).toHaveLength(3);
    expect(row.known_rewards).toEqual([
      expect.closeTo((1 - 2000 / 600_000 + (0 - 1000 / 600_000)) / 2),
      expect.closeTo(-1000 / 600_000),
      -1,
    ]);
    expect(row.best_reward).toBe(row.known_rewards[0]);
    expect(readFileSync(join(top, 'grpo', 'grader.py'), 'utf8')).toContain('teamwright');
  });

  test('items for the hosted grader have developer and user messages and the best team as reference', async () => {
    twoTeams();
    const [row] = await rowsOf('openai-rft');
    expect(row.messages.map(({ role }: { role: string }) => role)).toEqual(['developer', 'user']);
    expect(JSON.parse(row.reference)).toEqual(sketchOf(soloTeam(3, 'easy')));
    expect(JSON.parse(readFileSync(join(top, 'openai-rft', 'grader.json'), 'utf8'))).toMatchObject({
      type: 'python',
      source: expect.stringContaining('def grade(sample, item)'),
    });
  });
});

test('atif: one trajectory a run, request first, then every answered call', async () => {
  twoTeams();
  const [trajectory] = await rowsOf('atif');
  expect(trajectory).toMatchObject({
    schema_version: 'ATIF-v1.4',
    session_id: 'good',
    agent: { name: 'teamwright', version: '0.1.0', model_name: 'coder-1.5b' },
    final_metrics: { total_prompt_tokens: 1800, total_completion_tokens: 200, total_steps: 3 },
  });
  expect(trajectory.steps.map(({ step_id, source, message }: Row) => [step_id, source, message])).toEqual([
    [1, 'user', 'Repair the sum.'],
    [2, 'agent', 'Wrong.'],
    [3, 'agent', 'This is right.'],
  ]);
  expect(trajectory.steps[2].observation.results[0].content).toContain('2 passed, 0 failed');
});

describe('which runs', () => {
  test('filters by date, workspace, model, generation and what was kept', async () => {
    const day = 24 * 3600 * 1000;
    const start = Date.UTC(2026, 9, 1);
    run({ runId: 'a', request: 'A', at: start, workspace: '/home/ann/a' });
    run({
      runId: 'b',
      request: 'B',
      at: start + day,
      model: 'other-model',
      more: [{ type: 'verdict.given', decision: 'accepted', reason: '' }],
    });
    run({ runId: 'c', request: 'C', at: start + 2 * day, unfinished: true });
    const ids = async (filter: ExportOptions['filter']): Promise<string[]> =>
      (await rowsOf('atif', { filter })).map(({ session_id }) => session_id);
    expect(await ids({})).toEqual(['a', 'b']);
    expect(await ids({ since: start + 1 })).toEqual(['b']);
    expect(await ids({ until: start + day })).toEqual(['a']);
    expect(await ids({ workspace: ['/home/ann/a'] })).toEqual(['a']);
    expect(await ids({ model: ['other-model'] })).toEqual(['b']);
    expect(await ids({ acceptedOnly: true })).toEqual(['b']);
  });

  test('runs of an excluded workspace never leave', async () => {
    run({ runId: 'a', request: 'A', workspace: '/home/ann/secret' });
    run({ runId: 'b', request: 'B', workspace: '/home/ann/open' });
    await writeRetention(dataDir, '/home/ann/secret', { never: true });
    expect((await rowsOf('atif')).map(({ session_id }) => session_id)).toEqual(['b']);
    await expect(exportRuns(options('atif', { force: true, filter: { workspace: ['/home/ann/secret'] } }), never())).rejects.toMatchObject({
      code: 'nothing-to-export',
    });
  });

  test('no run, or none that fits: a sentence and nothing on the disk', async () => {
    await expect(exportRuns(options('kto'), never())).rejects.toMatchObject({
      code: 'nothing-to-export',
      message: 'There are no runs to export yet.',
    });
    run({ runId: 'a' });
    await expect(
      exportRuns(options('kto', { filter: { outcome: ['answered'] }, filterWords: ['that ended as answered'] }), never()),
    ).rejects.toMatchObject({ message: expect.stringContaining('None of the 1 run') });
    expect(existsSync(join(top, 'kto'))).toBe(false);
  });

  test('the same row is written once', async () => {
    for (const name of ['a', 'b', 'c']) run({ runId: name, request: 'Repair the sum.', tree: `tree of ${name}` });
    const report = await exportRuns(options('roles-sft'), never());
    expect(report).toMatchObject({ rows: 1, duplicates: 2, runs: 3 });
  });
});

describe('a run whose record was changed after it was written', () => {
  const eventsOf = (runId: string): string => join(dataDir, 'runs', runId, 'events.jsonl');
  const rewrite = (runId: string, change: (text: string) => string): void =>
    writeFileSync(eventsOf(runId), change(readFileSync(eventsOf(runId), 'utf8')));
  const unchained = (text: string): string => text.replaceAll(/,"prev":"[0-9a-f]*"/g, '');

  test('is left out, and counted in the data card; older ones, whose programs did not chain, are not', async () => {
    for (const runId of ['whole', 'changed', 'unchained', 'older']) run({ runId });
    rewrite('changed', (text) => text.replace('Repair the sum of changed.', 'Repair the sum of others.'));
    rewrite('unchained', (text) => unchained(text).replace('Repair the sum of unchained.', 'Repair the sum of others.'));
    rewrite('older', (text) =>
      unchained(text)
        .replaceAll('{"v":2,', '{"v":1,')
        .replaceAll(/"planHash":"[0-9a-f]*",/g, ''),
    );
    const report = await exportRuns(options('atif'), never());
    expect(report).toMatchObject({ runs: 2, changed: 2 });
    expect(readFileSync(report.files[0]?.path ?? '', 'utf8')).not.toContain('the sum of others');
    expect(readFileSync(report.card, 'utf8')).toContain('2 runs were left out: the record was changed after it was written.');
    expect(leftOutText(2)).toBe('2 runs were left out: the record was changed after it was written.');
  });

  test('a whole export does not speak of it', async () => {
    run({ runId: 'whole' });
    const report = await exportRuns(options('atif'), never());
    expect(report).toMatchObject({ runs: 1, changed: 0 });
    expect(readFileSync(report.card, 'utf8')).not.toContain('left out: the record');
  });
});

describe('split', () => {
  test('a request never stands on both sides, whatever the files it was asked on, and later runs change nothing', async () => {
    for (let number = 0; number < 60; number += 1) run({ runId: `r${number}`, request: `Request ${number % 20}`, tree: `tree ${number}` });
    const split = async (): Promise<Record<'train' | 'validation', string[]>> => {
      await exportRuns(options('designs-sft', { split: 0.3, force: true }), never());
      const requests = (side: string): string[] => [
        ...new Set(
          rowsIn(join(top, 'designs-sft', `${side}.jsonl`)).map(({ messages }) => /Request: (.*)/.exec(messages[1].content)?.[1] ?? ''),
        ),
      ];
      return { train: requests('train'), validation: requests('validation') };
    };
    const first = await split();
    expect(first.train.filter((request) => first.validation.includes(request))).toEqual([]);
    expect(first.train.length + first.validation.length).toBe(20);
    expect(first.validation.length).toBeGreaterThan(1);
    expect(first.validation.length).toBeLessThan(12);
    for (let number = 0; number < 10; number += 1) run({ runId: `later${number}`, request: `Later ${number}` });
    const second = await split();
    expect(second.validation).toEqual(expect.arrayContaining(first.validation));
    expect(second.train).toEqual(expect.arrayContaining(first.train));
  });

  test('of two requests one is held back, of one none', async () => {
    run({ runId: 'a', request: 'A' });
    expect(await exportRuns(options('designs-sft', { split: 0.01 }), never())).toMatchObject({ files: [{ rows: 1 }] });
    run({ runId: 'b', request: 'B' });
    const report = await exportRuns(options('designs-sft', { split: 0.01, force: true }), never());
    expect(report.files.map(({ rows }) => rows)).toEqual([1, 1]);
  });
});

describe('redaction', () => {
  const planted = ['ghp', 'Zk3vQ9sW1xT7yR5pL2mN8bC4dF6gH0jK1lM2'].join('_');
  const texts = `Mail ann@corp.example, key ${planted}, known hunter2-hunter2, see /home/ann/work/sum/sum.js on anns-machine.`;

  test.each(exportFormats.map(({ name }) => name))('%s: secrets planted in every text are in no file', async (name) => {
    const plan = soloTeam(2, 'easy');
    run({
      runId: 'leaky',
      request: texts,
      replies: [`Wrong. ${texts}`, `This is right. ${texts}`],
      plan: { ...plan, reason: `One coder. ${texts}` },
      designRounds: [
        { reply: `No plan. ${texts}`, reasoning: texts, valid: false },
        { reply: '{}', reasoning: `Thought. ${texts}`, valid: true },
      ],
    });
    run({ runId: 'other', request: texts, plan: teamFor('small-function', 'easy'), replies: [`Wrong again. ${texts}`] });
    const report = await exportRuns(options(name), never());
    expect(report.rows).toBeGreaterThan(0);
    for (const file of readdirSync(join(top, name))) {
      const text = readFileSync(join(top, name, file), 'utf8');
      for (const secret of [planted, 'ann@corp.example', 'hunter2-hunter2', '/home/ann', 'anns-machine'])
        expect(text).not.toContain(secret);
    }
    expect(Object.values(report.replaced).reduce((sum, times) => sum + times, 0)).toBeGreaterThan(0);
  });

  test('a login name that is a word of ours breaks no row', async () => {
    run({ runId: 'one' });
    const privacy = { known: [], user: 'user', host: 'assistant', home: '/home/user' };
    const [{ messages }] = await rowsOf('designs-sft', { privacy });
    expect(messages.map(({ role }: { role: string }) => role)).toEqual(['system', 'user', 'assistant']);
  });
});

describe('the files', () => {
  test('a column of numbers has one type, also where they happen to be whole', async () => {
    twoTeams();
    await exportRuns(options('diffs-dpo'), never());
    const text = readFileSync(join(top, 'diffs-dpo', 'train.jsonl'), 'utf8');
    expect(text).toContain('"score_chosen":1.0,"score_rejected":0.0,"weight":1.0');
  });

  test('the data card tells what is in them and how to load them', async () => {
    writeManyRuns(dataDir, 24);
    await exportRuns(options('kto', { split: 0.2, filterWords: ['begun before 2027'] }), never());
    const card = readFileSync(join(top, 'kto', 'README.md'), 'utf8');
    expect(card).toContain('# kto: ');
    expect(card).toContain('from the traces of 24 runs about 12 requests');
    expect(card).toMatch(/\| train\.jsonl \| \d+ \|/);
    expect(card).toMatch(/\| validation\.jsonl \| \d+ \|/);
    expect(card).toMatch(/\| label true \| \d+ \|/);
    expect(card).toContain('| p0-l0-base |');
    expect(card).toContain('- begun before 2027');
    expect(card).toContain('load_dataset("json"');
    expect(card).toMatch(/\| email \| \d+ \|/);
    expect(card).toContain('## Licence');
  });

  test('a single file has everything named after it', async () => {
    writeManyRuns(dataDir, 24);
    const report = await exportRuns(options('grpo', { out: join(top, 'my.jsonl'), split: 0.2 }), never());
    expect(report.files.map(({ path }) => path)).toEqual([join(top, 'my.jsonl'), join(top, 'my.validation.jsonl')]);
    expect(
      readdirSync(top)
        .filter((name) => name.startsWith('my'))
        .sort(),
    ).toEqual(['my.README.md', 'my.grader.py', 'my.jsonl', 'my.validation.jsonl']);
  });

  test('what is there is replaced only when asked', async () => {
    run({ runId: 'one' });
    await exportRuns(options('kto'), never());
    await expect(exportRuns(options('kto'), never())).rejects.toMatchObject({
      code: 'export-unusable',
      facts: { why: 'there-already' },
    });
    await exportRuns(options('kto', { force: true }), never());
  });
});

describe('cut short', () => {
  /** Every file of an export with its text. */
  const contents = (folder: string): Record<string, string> =>
    Object.fromEntries(
      readdirSync(folder)
        .sort()
        .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
    );

  /** Stops after so many checkpoints, as often as it takes. */
  async function inPieces(
    each: number,
    damage: (folder: string) => void = () => undefined,
  ): Promise<{ report: ExportReport; pieces: number }> {
    const out = join(top, 'pieces');
    for (let pieces = 1; ; pieces += 1) {
      const stop = new AbortController();
      let checkpoints = 0;
      const onProgress = (): void => {
        checkpoints += 1;
        if (checkpoints >= each) stop.abort();
      };
      const began = existsSync(join(out, 'progress.jsonl'));
      try {
        const report = await exportRuns(options('kto', { out, split: 0.2, resume: began, onProgress }), stop.signal);
        return { report, pieces };
      } catch (error) {
        if (!stop.signal.aborted || pieces > 50) throw error;
        damage(out);
      }
    }
  }

  test('and resumed as often as it takes, it ends with the same bytes', async () => {
    writeManyRuns(dataDir, 40);
    const whole = await exportRuns(options('kto', { out: join(top, 'whole'), split: 0.2 }), never());
    const { report, pieces } = await inPieces(1);
    expect(pieces).toBeGreaterThan(2);
    expect({ ...report, files: [], card: '' }).toEqual({ ...whole, files: [], card: '' });
    expect(contents(join(top, 'pieces'))).toEqual(contents(join(top, 'whole')));
  });

  test('half lines at the end of any file are cut off and made again', async () => {
    writeManyRuns(dataDir, 24);
    await exportRuns(options('kto', { out: join(top, 'whole'), split: 0.2 }), never());
    await inPieces(1, (folder) => {
      for (const name of readdirSync(folder)) appendFileSync(join(folder, name), '{"prompt":[{"role":"sys');
    });
    expect(contents(join(top, 'pieces'))).toEqual(contents(join(top, 'whole')));
  });

  test('after the last row and before the files have their names, it only has to be brought to an end', async () => {
    writeManyRuns(dataDir, 24);
    const whole = join(top, 'whole');
    const cut = join(top, 'cut');
    const onProgress = (done: number, total: number): void => {
      if (done === total) cpSync(whole, cut, { recursive: true });
    };
    await exportRuns(options('grpo', { out: whole, onProgress }), never());
    expect(readdirSync(cut).sort()).toEqual(['progress.jsonl', 'train.jsonl.partial', 'validation.jsonl.partial']);
    await exportRuns(options('grpo', { out: cut, resume: true }), never());
    expect(contents(cut)).toEqual(contents(whole));
  });

  test('it is not begun anew by accident, nor gone on with as something else', async () => {
    writeManyRuns(dataDir, 24);
    const out = join(top, 'cut');
    const stop = new AbortController();
    await expect(exportRuns(options('kto', { out, onProgress: () => stop.abort() }), stop.signal)).rejects.toMatchObject({
      code: 'stopped',
    });
    await expect(exportRuns(options('kto', { out }), never())).rejects.toMatchObject({
      code: 'export-unusable',
      facts: { why: 'cut-short' },
    });
    await expect(exportRuns(options('atif', { out, resume: true }), never())).rejects.toMatchObject({
      message: expect.stringContaining('other settings'),
    });
    expect(existsSync(join(out, 'train.jsonl'))).toBe(false);
    await exportRuns(options('kto', { out, resume: true }), never());
    expect(readdirSync(out).sort()).toEqual(['README.md', 'train.jsonl']);
  });

  test('runs that came since are left for the next export, runs that are gone are passed over', async () => {
    writeManyRuns(dataDir, 24);
    const out = join(top, 'cut');
    const stop = new AbortController();
    await expect(exportRuns(options('atif', { out, onProgress: () => stop.abort() }), stop.signal)).rejects.toMatchObject({
      code: 'stopped',
    });
    run({ runId: 'later', request: 'Later' });
    rmSync(join(dataDir, 'runs', 'run-00023'), { recursive: true });
    await exportRuns(options('atif', { out, resume: true }), never());
    const ids = rowsIn(join(out, 'train.jsonl')).map(({ session_id }) => session_id);
    expect(ids).toHaveLength(23);
    expect(new Set(ids).size).toBe(23);
    expect(ids).not.toContain('later');
  });
});

test('every plan of the library has a form that a designer could have answered', () => {
  for (const kind of ['bug-fix', 'small-function', 'feature', 'tests-only', 'refactoring', 'question'] as const) {
    const plan = teamFor(kind, 'medium');
    const sketch = sketchOf(plan);
    expect(sketch?.steps.map((step) => step.do)).toEqual(expect.arrayContaining(kind === 'question' ? ['analyse'] : ['test']));
    expect(parsePlan(printPlan(plan)).plan && sketchOf(plan)).toEqual(sketch);
  }
});
