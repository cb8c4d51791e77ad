/** The part "What was learned" of the dashboard, over real runs with scripted replies: what it shows, changes and forgets, and when it reads. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { lessonsIn, updateTaught, writeRetention } from '../../src/lessons/index.ts';
import { memoryFile } from '../../src/lessons/memory/store.ts';
import { retentionFile } from '../../src/lessons/retention.ts';
import type { DashboardModel, LearnedModel } from '../../src/webviews/dashboard-types.ts';
import type { FakeWebviewPanel } from '../support/fake-vscode/webviews.ts';
import { messages, type OpenedPanels, openPanels, say, until } from '../support/panels.ts';
import { sumReply } from '../support/workspaces.ts';

const opened: OpenedPanels[] = [];
afterEach(async () => {
  for (const panels of opened.splice(0)) await panels[Symbol.asyncDispose]();
});

const signal = new AbortController().signal;

/** One run that needed three calls, so that it leaves a lesson; then the dashboard. */
async function afterOneRun(): Promise<OpenedPanels & { tab: FakeWebviewPanel; runId: string }> {
  const panels = await openPanels({ script: [sumReply('a * 2'), sumReply('a * 3'), sumReply('a + b')] });
  opened.push(panels);
  panels.editor.approveAll();
  const handle = await panels.start('sum is wrong, make its failing test pass.');
  expect((await handle.result)?.outcome).toBe('solved');
  await panels.panels.openDashboard();
  const tab = panels.panel('dashboard');
  say(tab, { type: 'ready' });
  return { ...panels, tab, runId: handle.runId };
}

const shown = (tab: FakeWebviewPanel, fits: (model: DashboardModel) => boolean): Promise<DashboardModel> =>
  until(() => {
    const last = messages(tab).at(-1);
    return last?.type === 'model' && last.model.page === 'dashboard' && fits(last.model) && last.model;
  });

const learned = async (tab: FakeWebviewPanel, fits: (model: LearnedModel) => boolean = () => true): Promise<LearnedModel> =>
  (await shown(tab, (model) => model.learned !== undefined && fits(model.learned))).learned as LearnedModel;

const says = (model: LearnedModel): string => model.notices.map(({ text }) => text).join(' ');

test('read only once it is opened: beliefs beside what ships, team and lesson; a lesson is edited and deleted, and all is forgotten once the user says so', {
  timeout: 240_000,
}, async () => {
  const { tab, editor, runId } = await afterOneRun();
  const { dataDir, root } = editor.workspace;
  const { messages: prompts } = editor.fake.prompts;
  const before = await shown(tab, () => true);
  expect(before.learned).toBeUndefined();

  say(tab, { type: 'show-learned', shown: true });
  const model = await learned(tab);
  expect(model).toMatchObject({ canForget: true, notices: [], summary: expect.stringContaining('that taught something: 1;') });
  const [folder] = model.folders;
  const belief = folder?.charts.find(({ id }) => id.startsWith('belief '));
  expect(belief?.title).toBe('What mends a usual bug, with scripted');
  const draft = belief?.rows.find(([work]) => work?.text === 'A draft');
  expect(draft?.[3]?.text).toBe('3');
  expect(draft?.[1]?.text).not.toBe(draft?.[2]?.text);
  expect(folder?.charts.find(({ id }) => id.startsWith('proved '))?.rows.map((row) => row.map(({ text }) => text))).toEqual([
    ['solo', 'bug-fix', '1', '1', expect.any(String), 'kept'],
  ]);
  expect(folder?.lessons).toMatchObject([
    { id: runId, title: 'What mended it, for coder', standing: expect.stringContaining('Not shown to any run yet.') },
  ]);
  expect(folder?.facts.join(' ')).toContain('Memory. Lessons here: 1');
  expect(folder?.facts.join(' ')).toContain(
    'Library. Teams that solved something here: 1; dropped as clearly worse: 0; taken from it in 0 of 1 runs.',
  );
  expect(existsSync(memoryFile(dataDir))).toBe(true);

  say(tab, { type: 'edit-lesson', id: runId, text: ' Add, never subtract. ' });
  const edited = await learned(tab, (model) => says(model).includes('your words'));
  expect(edited.folders[0]?.lessons).toMatchObject([{ title: 'What mended it, for coder (edited by you)', text: 'Add, never subtract.' }]);
  expect(lessonsIn((await updateTaught(dataDir, Date.now, signal)).memory, root)[0]?.text).toBe('Add, never subtract.');

  for (const [id, text] of [
    [runId, ' '],
    [runId, 'x'.repeat(1001)],
    ['nobody', 'x'],
  ] as const) {
    say(tab, { type: 'show-learned', shown: true });
    await learned(tab, (model) => says(model) === '');
    say(tab, { type: 'edit-lesson', id, text });
    await learned(tab, (model) => says(model).startsWith('Nothing was changed'));
  }

  say(tab, { type: 'delete-lesson', id: runId });
  (await prompts.next()).dismiss();
  say(tab, { type: 'delete-lesson', id: runId });
  const asked = await prompts.next();
  expect(asked.text).toBe('Delete this lesson?');
  asked.press('Delete');
  const without = await learned(tab, (model) => model.folders[0]?.lessons.length === 0);
  expect(says(without)).toContain('Deleted');
  expect(readFileSync(memoryFile(dataDir), 'utf8')).not.toContain('never subtract');

  say(tab, { type: 'forget-learned' });
  const first = await prompts.next();
  expect(first.detail).toContain('what is believed (runs: 1), the lessons in memory (0) and the teams of the library (1)');
  first.dismiss();
  expect((await updateTaught(dataDir, Date.now, signal)).experience.experience.runs).toBe(1);

  say(tab, { type: 'forget-learned' });
  (await prompts.next()).press('Forget What Was Learned');
  const forgotten = await learned(tab, ({ canForget }) => !canForget);
  expect(says(forgotten)).toMatch(/Forgotten is what runs taught \(runs: 1\)\..*Forgotten: all that was learned before /);
  expect(forgotten.folders[0]).toMatchObject({ charts: [], lessons: [] });
  expect((await updateTaught(dataDir, Date.now, signal)).experience.experience.runs).toBe(0);

  say(tab, { type: 'show-learned', shown: false });
  await shown(tab, (next) => next.learned === undefined);
});

test('what teaches nothing is said with why: a changed record, rules nobody can read, a folder that is never recorded; so is a torn file, as long as the page is open', {
  timeout: 240_000,
}, async () => {
  const { tab, editor, runId } = await afterOneRun();
  const { dataDir, root } = editor.workspace;
  const events = path.join(dataDir, 'runs', runId, 'events.jsonl');
  writeFileSync(events, readFileSync(events, 'utf8').replace('"workspace"', '"workspace" '));
  say(tab, { type: 'show-learned', shown: true });
  const model = await learned(tab);
  expect(model.folders[0]?.charts.map(({ title, rows }) => [title, rows.map((row) => row.map(({ text }) => text))])).toEqual([
    ['What taught nothing', [['Its record was changed after it was written: it teaches nothing', '1']]],
  ]);

  await writeRetention(dataDir, root, { never: true });
  say(tab, { type: 'refresh' });
  await learned(tab, ({ folders }) => folders[0]?.facts[0] === 'Runs in this folder are never kept, so they teach nothing.');
  writeFileSync(retentionFile(dataDir), '{');
  say(tab, { type: 'refresh' });
  await learned(tab, (next) => says(next).includes('rules for keeping runs cannot be read'));

  rmSync(retentionFile(dataDir));
  for (const name of ['memory.json', 'teams.json', 'learned.json']) {
    const file = path.join(dataDir, name);
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, -20));
  }
  const torn = ['What was learned', 'What was remembered', 'The library of teams'];
  const allSaid = (next: LearnedModel): boolean =>
    torn.every((what) => says(next).includes(`${what} could not be read, so it is forgotten`));
  say(tab, { type: 'refresh' });
  await learned(tab, (next) => allSaid(next) && says(next).includes('Forgotten: all that was learned before'));
  const count = messages(tab).length;
  say(tab, { type: 'refresh' });
  await until(() => messages(tab).length > count);
  expect(allSaid(await learned(tab))).toBe(true);
});
