/** "Export for Training…" over a fake host: the quick picks, a real export of real traces, and what is shown at the end. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exportForTraining } from '../../src/editor/export.ts';
import { createHost } from '../../src/editor/host.ts';
import { exportFormats } from '../../src/lessons/index.ts';
import { FakeUri } from '../support/fake-vscode/values.ts';
import { type FakeVscode, fakeVscode } from '../support/fake-vscode.ts';
import { writeLessonRun, writeManyRuns } from '../support/lesson-runs.ts';

let top: string;
let fake: FakeVscode;
beforeEach(() => {
  top = mkdtempSync(path.join(tmpdir(), 'teamwright-export-'));
  fake = fakeVscode({ folders: [path.join(top, 'project')] });
  Object.assign(fake.vscode.window, { showOpenDialog: async () => [FakeUri.file(top)] });
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

const dataDir = (): string => path.join(top, 'data');
const run = (): Promise<void> =>
  exportForTraining({ host: createHost(fake.vscode, fake.context), dataDir: dataDir(), env: {}, program: 'teamwright 0.1.0' });

test('asks for format and runs, exports them redacted with a data card, and offers to open it', async () => {
  writeManyRuns(dataDir(), 24);
  const done = run();
  const formats = await fake.prompts.picks.next();
  expect(formats.labels).toEqual([...exportFormats.map(({ name }) => name), 'otlp']);
  formats.choose('kto');
  const narrowed = await fake.prompts.picks.next();
  expect(narrowed.labels).toEqual([
    'Only runs of the open folders',
    'Only runs whose change was kept, at least in part',
    'Hold back a tenth of the requests for validation',
  ]);
  narrowed.choose('Hold back a tenth of the requests for validation');
  const message = await fake.prompts.messages.next();
  const out = path.join(top, 'teamwright-kto');
  expect(message.text).toBe(`48 rows of 24 runs are in ${out}.`);
  message.press('Open Data Card');
  await done;
  expect(readdirSync(out).sort()).toEqual(['README.md', 'train.jsonl', 'validation.jsonl']);
  expect(readFileSync(path.join(out, 'train.jsonl'), 'utf8')).not.toContain('@corp.net');
});

test('goes on with an export that was cut short, and replaces a whole one only when told', async () => {
  writeLessonRun(dataDir(), { runId: 'one' });
  const choose = async (): Promise<void> => {
    (await fake.prompts.picks.next()).choose('atif');
    (await fake.prompts.picks.next()).choose();
  };
  const first = run();
  await choose();
  (await fake.prompts.messages.next()).dismiss();
  await first;
  const card = path.join(top, 'teamwright-atif', 'README.md');
  writeFileSync(card, 'mine');
  const second = run();
  await choose();
  const question = await fake.prompts.messages.next();
  expect(question).toMatchObject({ modal: true, buttons: ['Replace'] });
  question.dismiss();
  await second;
  expect(readFileSync(card, 'utf8')).toBe('mine');
});

test('runs of other folders are left out when asked, and with none left it says so', async () => {
  writeLessonRun(dataDir(), { runId: 'one', workspace: '/somewhere/else' });
  const done = run();
  (await fake.prompts.picks.next()).choose('atif');
  (await fake.prompts.picks.next()).choose('Only runs of the open folders');
  await expect(done).rejects.toMatchObject({ code: 'nothing-to-export', message: expect.stringContaining('None of the 1 run') });
  expect(existsSync(path.join(top, 'teamwright-atif'))).toBe(false);
});

test('runs of the open folders are found when the folder was opened through a link', async () => {
  const real = realpathSync(top);
  mkdirSync(path.join(real, 'real'));
  symlinkSync(path.join(real, 'real'), path.join(real, 'project'));
  writeLessonRun(dataDir(), { runId: 'one', workspace: path.join(real, 'real') });
  const done = run();
  (await fake.prompts.picks.next()).choose('atif');
  (await fake.prompts.picks.next()).choose('Only runs of the open folders');
  const message = await fake.prompts.messages.next();
  expect(message.text).toContain('rows of 1 runs');
  message.dismiss();
  await done;
});

test('a pick that is closed ends it without a word', async () => {
  writeLessonRun(dataDir(), { runId: 'one' });
  const done = run();
  (await fake.prompts.picks.next()).dismiss();
  await done;
});
