/** The view of runs, the status item and the notifications: what the user sees of runs outside of their tabs. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type * as vscode from 'vscode';
import { createDiffReview } from '../../src/editor/diff-review/index.ts';
import type { RunHandle } from '../../src/editor/flow-types.ts';
import { createHost } from '../../src/editor/host.ts';
import { lazy } from '../../src/editor/lazy.ts';
import { statusOf } from '../../src/editor/status/status-item.ts';
import { registerRunsTree } from '../../src/editor/tree/runs-view.ts';
import { whenText } from '../../src/editor/words.ts';
import { applyRun, giveVerdict } from '../../src/run/index.ts';
import { type EditorSetup, type OpenedEditor, openEditorCore } from '../support/editor.ts';
import { sumReply } from '../support/workspaces.ts';

const opened: OpenedEditor[] = [];
const open = async (setup: EditorSetup = {}): Promise<OpenedEditor> => {
  const editor = await openEditorCore({ script: [sumReply('a + b')], ...setup });
  registerRunsTree(
    createHost(editor.fake.vscode, editor.fake.context),
    lazy(async () => editor.core),
  );
  opened.push(editor);
  return editor;
};
afterEach(async () => {
  for (const editor of opened.splice(0)) await editor[Symbol.asyncDispose]();
});

const start = (editor: OpenedEditor, text = 'Make it pass.'): Promise<RunHandle> =>
  editor.core.runs.start({ request: { text, files: [] }, workspace: editor.workspace.root });
const slow = { timeout: 30_000 };
const planWaits = (handle: RunHandle) => expect.poll(() => handle.proposal() !== undefined, slow).toBe(true);
const tree = async (editor: OpenedEditor): Promise<string> => {
  editor.core.tree.refresh();
  return (await editor.fake.tree('teamwright.runs')).replaceAll(/\d+ tokens/g, 'N tokens').replaceAll(/ · \d+:\d\d\s[AP]M$/gm, ' · TIME');
};
const flagsOf = async (editor: OpenedEditor, runId: string): Promise<string | undefined> =>
  (await editor.fake.treeNodes('teamwright.runs')).find(({ item }) => item.id === runId)?.item.contextValue;

describe('the view', () => {
  test('goes with a run from its plan to the change that was applied', async () => {
    const editor = await open();
    expect(await tree(editor)).toBe('');
    const handle = await start(editor);
    await planWaits(handle);
    expect(await tree(editor)).toBe('Plan waits for your review\n  [bell-dot] Make it pass. — plan waits for your review · TIME\n');
    expect(await flagsOf(editor, handle.runId)).toBe('run canStop');

    handle.approve(handle.proposal()?.hash ?? '');
    await handle.result;
    expect(await tree(editor)).toBe('Change to review\n  [pass] Make it pass. — tests pass · 1/2 → 2/2 tests · N tokens · TIME\n');
    expect(await flagsOf(editor, handle.runId)).toBe('run hasDiff canFollow canDelete');

    await applyRun({ dataDir: editor.workspace.dataDir, runId: handle.runId }, new AbortController().signal);
    expect(await tree(editor)).toBe('Done\n  [pass-filled] Make it pass. — applied · 1/2 → 2/2 tests · N tokens · TIME\n');
    expect(await flagsOf(editor, handle.runId)).toBe('run hasDiff canUndo canFollow canDelete');
  });

  test('says of a run whose model has not said a word what it waits for, where the server tells', async () => {
    const editor = await open({ script: [{ text: sumReply('a + b'), read: [0, 0.5], stallAfterChunks: 2 }] });
    const handle = await start(editor);
    await planWaits(handle);
    handle.approve(handle.proposal()?.hash ?? '');
    await expect.poll(() => tree(editor), slow).toContain('Make it pass. — running · reads the prompt');
    handle.stop();
    await handle.result;
    expect(await tree(editor)).not.toContain('reads the prompt');
  });

  test('names hidden characters of a request, in its line, its tooltip and the status', async () => {
    const editor = await open();
    const handle = await start(editor, 'Make\u202e it\u001b[8m pass.');
    await planWaits(handle);
    expect(await tree(editor)).toContain('Make<U+202E> it<U+001B>[8m pass. — plan waits');
    expect(JSON.stringify((await editor.fake.treeNodes('teamwright.runs')).map(({ item }) => item))).not.toContain('\u202e');
  });

  test('shows what failed, what was rejected, and what can be resumed', async () => {
    const editor = await open({ script: [{ status: 401, body: 'no' }, sumReply('a + b')] });
    editor.approveAll();
    const failed = await start(editor, 'First.');
    await failed.result;
    const rejected = await start(editor, 'Second.');
    await rejected.result;
    await giveVerdict({ dataDir: editor.workspace.dataDir, runId: rejected.runId }, { decision: 'rejected' });
    expect(await tree(editor)).toBe(
      [
        'Failed\n  [report] First. — failed · 1/2 tests before · TIME\n',
        'Closed\n  [thumbsdown] Second. — rejected · 1/2 → 2/2 tests · N tokens · TIME\n',
      ].join(''),
    );
    expect(await flagsOf(editor, failed.runId)).toBe('run canResume canFollow canDelete');
    // Wherever it is pointed at, it says why, and what can be done.
    const why = 'The model server scripted refused access: no. Check the key and whether the account has credit.';
    const node = (await editor.core.tree.children(undefined)).find(({ group }) => group === 'failed');
    const [row] = await editor.core.tree.children(node);
    const item = row && editor.core.tree.resolve(editor.core.tree.item(row), row);
    expect((item?.tooltip as vscode.MarkdownString | undefined)?.value.replaceAll('\\', '')).toContain(`**Why:** ${why}`);
    expect(statusOf(editor.fake.vscode, [], 0, [failed])?.tooltip).toBe(`“First”: failed\n${why}`);
  });

  test('a paused run says so, and can be let go on', async () => {
    const editor = await open({ script: [{ text: sumReply('a + b'), stallMs: 400 }] });
    const handle = await start(editor);
    await planWaits(handle);
    handle.approve(handle.proposal()?.hash ?? '');
    await expect.poll(() => editor.server.requests.length, slow).toBe(1);
    await editor.command('teamwright.pauseRun', handle.runId);
    await expect.poll(() => handle.state().paused, slow).toBe(true);
    expect(await tree(editor)).toMatch(/^Running\n {2}\[debug-pause\] Make it pass\. — paused/);
    expect(await flagsOf(editor, handle.runId)).toBe('run canContinue canStop');
    await editor.command('teamwright.continueRun', handle.runId);
    expect((await handle.result)?.outcome).toBe('solved');
  });

  test('a run of another window is shown as such, and offers nothing that only that window can do', async () => {
    const first = await open();
    const handle = await start(first);
    await planWaits(handle);
    const second = await open({ at: first.workspace });
    expect(await tree(second)).toBe(
      'Plan waits for your review\n  [bell-dot] Make it pass. — plan waits for your review, in another window · TIME\n',
    );
    expect(await flagsOf(second, handle.runId)).toBe('run');
  });

  test('looks at the disk only while it is visible, and then sees what other processes do', async () => {
    const first = await open();
    const second = await open({ at: first.workspace });
    let drawn = 0;
    second.core.tree.onDidChange(() => {
      drawn += 1;
    });
    await second.fake.tree('teamwright.runs');
    const handle = await start(first);
    await planWaits(handle);
    await wait(2000);
    expect(drawn).toBe(0);
    second.fake.showView('teamwright.runs', true);
    await expect.poll(() => second.fake.tree('teamwright.runs'), slow).toContain('in another window');
    handle.decline();
    await handle.result;
    await expect.poll(() => second.fake.tree('teamwright.runs'), slow).toContain('plan declined');
    second.fake.showView('teamwright.runs', false);
    const quiet = drawn;
    await (await start(first)).stop();
    await wait(2000);
    expect(drawn).toBe(quiet);
  });

  test('deletes a run after asking, with everything recorded of it', async () => {
    const editor = await open();
    const handle = await start(editor);
    await planWaits(handle);
    handle.decline();
    await handle.result;
    const kept = editor.command('teamwright.deleteRun', handle.runId);
    const question = await editor.fake.prompts.messages.next();
    expect(question).toMatchObject({ text: 'Delete the run “Make it pass.”?', modal: true, buttons: ['Delete'] });
    question.dismiss();
    await kept;
    expect(await editor.core.runs.list()).toHaveLength(1);
    const deleted = editor.command('teamwright.deleteRun', handle.runId);
    (await editor.fake.prompts.messages.next()).press('Delete');
    await deleted;
    expect(await editor.core.runs.list()).toEqual([]);
  });
});

describe('a change that was applied', () => {
  const applied = async (editor: OpenedEditor, title: string): Promise<RunHandle> => {
    const handle = await start(editor, title);
    await handle.result;
    await applyRun({ dataDir: editor.workspace.dataDir, runId: handle.runId }, new AbortController().signal);
    editor.core.tree.refresh();
    return handle;
  };
  const withReview = async (): Promise<OpenedEditor> => {
    const editor = await open();
    editor.approveAll();
    const { fake, core } = editor;
    const review = createDiffReview(createHost(fake.vscode, fake.context), { runs: core.runs, show: async () => {} });
    fake.vscode.commands.registerCommand('teamwright.diff.undo', review.commands['teamwright.diff.undo'] as () => unknown);
    return editor;
  };

  test('is taken back from the menu of its run, without a question', async () => {
    const editor = await withReview();
    const before = editor.workspace.read('sum.js');
    const handle = await applied(editor, 'Make it pass.');
    expect(editor.workspace.read('sum.js')).not.toBe(before);
    const undone = editor.command('teamwright.undoRun', handle.runId);
    const told = await editor.fake.prompts.messages.next();
    expect(told.text).toBe('Taken back: sum.js is as it was before.');
    told.dismiss();
    await undone;
    expect(editor.workspace.read('sum.js')).toBe(before);
    expect(await tree(editor)).toContain('[discard] Make it pass. — taken back');
    expect(await flagsOf(editor, handle.runId)).toBe('run hasDiff canFollow canDelete');
  });

  test('is taken back by the key, after a question that names it; what was never applied is left alone', async () => {
    const editor = await withReview();
    const before = editor.workspace.read('sum.js');
    await applied(editor, 'Make it pass.');
    await editor.fake.mark('teamwright.runs', []);
    await editor.command('teamwright.undoRun', 'selected');
    expect(editor.fake.prompts.messages.waiting).toBe(0);

    await editor.fake.mark('teamwright.runs', ['Make it pass.']);
    const kept = editor.command('teamwright.undoRun', 'selected');
    const question = await editor.fake.prompts.messages.next();
    expect(question).toMatchObject({ text: 'Take back the change of “Make it pass.”?', modal: true, buttons: ['Take Back'] });
    question.dismiss();
    await kept;
    expect(editor.workspace.read('sum.js')).not.toBe(before);

    const undone = editor.command('teamwright.undoRun', 'selected');
    (await editor.fake.prompts.messages.next()).press('Take Back');
    (await editor.fake.prompts.messages.next()).dismiss();
    await undone;
    expect(editor.workspace.read('sum.js')).toBe(before);
  });
});

test('when a run began: the time of today, the day of this year, else the date, by the clock of this machine', () => {
  const now = new Date(2026, 10, 29, 9).getTime();
  const said = (...at: [number, number, number, number, number]): string => whenText(new Date(...at).getTime(), now, 'de');
  expect(said(2026, 10, 29, 0, 5)).toBe('00:05');
  expect(said(2026, 10, 28, 23, 59)).toBe('28. Nov.');
  expect(said(2025, 10, 29, 9, 0)).toBe('29. Nov. 2025');
});

describe('several runs at once', () => {
  const declined = async (editor: OpenedEditor, ...titles: string[]): Promise<void> => {
    for (const title of titles) {
      const handle = await start(editor, title);
      await planWaits(handle);
      handle.decline();
      await handle.result;
    }
  };

  test('what is marked goes with the Delete key, after one question; a run that goes on stays', async () => {
    const editor = await open({ script: [] });
    await declined(editor, 'One.', 'Two.', 'Three.');
    const live = await start(editor, 'Four.');
    await planWaits(live);
    editor.core.tree.refresh();
    await editor.fake.mark('teamwright.runs', ['One.', 'Two.', 'Four.']);
    const deleted = editor.command('teamwright.deleteRun', 'selected');
    const question = await editor.fake.prompts.messages.next();
    expect(question).toMatchObject({ text: 'Delete 2 runs?', modal: true });
    question.press('Delete');
    await deleted;
    expect((await editor.core.runs.list()).map(({ summary }) => summary.title).sort()).toEqual(['Four.', 'Three.']);
    await editor.fake.mark('teamwright.runs', []);
    await editor.command('teamwright.deleteRun', 'selected');
    expect(editor.fake.prompts.messages.waiting).toBe(0);
  });

  test('those that were interrupted are told in one notification', async () => {
    const first = await open({ script: [] });
    const handles = [await start(first, 'One.'), await start(first, 'Two.')];
    for (const handle of handles) await planWaits(handle);
    await first.core.runs.close(new Error('the window closes'));
    const second = await open({ at: first.workspace });
    const told = second.core.tellOfInterrupted(handles.map(({ runId }) => runId));
    const message = await second.fake.prompts.messages.next();
    expect(message.text).toMatch(/^2 runs were interrupted: “(One|Two)\.”, “(One|Two)\.”\. Nothing of them is lost\.$/);
    expect(message.buttons).toEqual(['Resume All', 'Show']);
    message.press('Resume All');
    await told;
    expect(second.shown.runs).toHaveLength(2);
    expect(second.fake.prompts.messages.waiting).toBe(0);
  });
});

describe('the status item', () => {
  test('is absent without runs, tells what goes on, and asks for the review', async () => {
    const editor = await open();
    expect(editor.fake.statusBar()).toEqual([]);
    const handle = await start(editor);
    await planWaits(handle);
    await expect.poll(() => editor.fake.statusBar(), slow).toEqual(['$(bell-dot) Plan to review']);
    handle.approve(handle.proposal()?.hash ?? '');
    await handle.result;
    await expect.poll(() => editor.fake.statusBar(), slow).toEqual(['$(pass) Tests pass: change to review']);
    await editor.command('teamwright.showActive', handle.runId);
    expect(editor.shown.diffs).toEqual([handle]);
    await expect.poll(() => editor.fake.statusBar(), slow).toEqual([]);
  });

  test('counts what waits: plans, questions and changes, each by its name, and several kinds as one number', async () => {
    const editor = await open({ script: [sumReply('a + b'), sumReply('a + b')] });
    const ended = [await start(editor, 'One.'), await start(editor, 'Two.')];
    const plan = await start(editor, 'Three.');
    for (const handle of [...ended, plan]) await planWaits(handle);
    for (const handle of ended) {
      handle.approve(handle.proposal()?.hash ?? '');
      await handle.result;
    }
    const asked = { question: 'Which one?', open: true } as unknown as ReturnType<RunHandle['state']>['questions'][number];
    const questions = (count: number) => ({
      runId: 'asks',
      proposal: () => undefined,
      state: () => ({ ...plan.state(), questions: Array.from({ length: count }, () => asked) }),
    });
    const said = (live: Parameters<typeof statusOf>[1], over: readonly RunHandle[]) => statusOf(editor.fake.vscode, live, 0, over)?.text;
    expect(said([], ended)).toBe('$(bell-dot) 2 changes to review');
    expect(said([questions(1)], [])).toBe('$(bell-dot) Question to answer');
    expect(said([questions(3)], [])).toBe('$(bell-dot) 3 questions to answer');
    expect(said([plan, questions(2)], ended)).toBe('$(bell-dot) 5 wait for you');
    expect(statusOf(editor.fake.vscode, [plan, questions(2)], 0, ended)?.tooltip.split('\n')).toEqual([
      'The plan for “Three” waits for your review.',
      '“Three” asks you: Which one?',
      '“Three” asks you: Which one?',
      '“One” has a change for you to review: tests pass.',
      '“Two” has a change for you to review: tests pass.',
    ]);
    // The item itself, from the runs of this window; nothing that waited is forgotten when another run ends.
    await expect.poll(() => editor.fake.statusBar(), slow).toEqual(['$(bell-dot) 3 wait for you']);
    plan.decline();
    await plan.result;
    await expect.poll(() => editor.fake.statusBar(), slow).toEqual(['$(bell-dot) 2 changes to review']);
    await giveVerdict({ dataDir: editor.workspace.dataDir, runId: ended[0]?.runId ?? '' }, { decision: 'rejected' });
    editor.core.runs.touched(ended[0]?.runId ?? '');
    await expect.poll(() => editor.fake.statusBar(), slow).toEqual(['$(pass) Tests pass: change to review']);
  });

  test('counts several runs, and a click lets the user pick one', async () => {
    const editor = await open({ script: [] });
    const handles = [await start(editor, 'One.'), await start(editor, 'Two.')];
    for (const handle of handles) await planWaits(handle);
    await expect.poll(() => editor.fake.statusBar(), slow).toEqual(['$(bell-dot) 2 plans to review']);
    const done = editor.command('teamwright.showActive');
    const pick = await editor.fake.prompts.picks.next();
    expect(pick.labels).toEqual(['Two.', 'One.']);
    pick.choose('One.');
    await done;
    expect(editor.shown.runs.at(-1)?.runId).toBe(handles[0]?.runId);
  });
});

describe('notifications', () => {
  test('come when the user must act and nothing of the run is on screen', async () => {
    const editor = await open();
    editor.shown.visible = false;
    const handle = await start(editor);
    const plan = await editor.fake.prompts.messages.next();
    expect(plan.text).toMatch(/^The plan for “Make it pass” waits: solo, one agent, free, at most [\d.,K]+ tokens\.$/);
    expect(plan.buttons).toEqual(['Approve', 'Show']);
    plan.press('Show');
    await expect.poll(() => editor.shown.runs, slow).toEqual([handle]);
    handle.approve(handle.proposal()?.hash ?? '');
    await handle.result;
    const change = await editor.fake.prompts.messages.next();
    expect(change).toMatchObject({ text: '“Make it pass” is done and the tests pass.', buttons: ['Review Change', 'Later'] });
    change.press('Review Change');
    await expect.poll(() => editor.shown.diffs, slow).toEqual([handle]);
  });

  test('approve the very plan that they told of: it was shown nowhere else', async () => {
    const editor = await open();
    editor.shown.visible = false;
    const handle = await start(editor);
    const plan = await editor.fake.prompts.messages.next();
    const hash = handle.proposal()?.hash;
    plan.press('Approve');
    expect((await handle.result)?.outcome).toBe('solved');
    expect(handle.state().plans[0]).toMatchObject({ hash, approvedBy: 'user' });
  });

  test.each(['edited in its tab', 'answered already'])('approve nothing when the plan was %s since', async (how) => {
    const editor = await open();
    editor.shown.visible = false;
    const handle = await start(editor);
    const plan = await editor.fake.prompts.messages.next();
    if (how === 'edited in its tab') editor.shown.hash = 'another';
    else handle.decline();
    plan.press('Approve');
    const told = await editor.fake.prompts.messages.next();
    expect(told).toMatchObject({ kind: 'error', text: expect.stringContaining('plan') });
    expect(handle.state().plans[0]?.approval).not.toBe('approved');
  });

  test('offer no yes for a plan of which something has to be said first', async () => {
    const editor = await open({ files: { 'sum.js': 'export const sum = (a, b) => a - b;\n' } });
    editor.shown.visible = false;
    await start(editor);
    const plan = await editor.fake.prompts.messages.next();
    expect(plan).toMatchObject({ text: 'The plan for “Make it pass” waits for your review.', buttons: ['Show'] });
  });

  test('do not come while a tab of the run is on screen, nor for what needs no answer', async () => {
    const editor = await open({ script: [{ status: 401, body: 'no' }] });
    const handle = await start(editor);
    await planWaits(handle);
    await wait(1300);
    editor.shown.visible = false;
    handle.approve(handle.proposal()?.hash ?? '');
    expect((await handle.result)?.outcome).toBe('failed');
    await wait(1300);
    expect(editor.fake.prompts.messages.all).toEqual([]);
    expect(editor.fake.statusBar()).toEqual(['$(report) Failed']);
  });
});

describe('diagnostics', () => {
  test('tell versions, settings, models and failures; never a key, and no code', async () => {
    const editor = await open({
      script: [{ status: 401, body: 'no' }],
      settings: { 'teamwright.parallel': 3, 'teamwright.designer': 'solo' },
    });
    editor.approveAll();
    const handle = await start(editor);
    await handle.result;
    await editor.command('teamwright.copyDiagnostics', handle.runId);
    const { text } = editor.fake.clipboard;
    expect(text).toContain('teamwright.parallel: 3');
    expect(text).toContain('worker: scripted');
    expect(text).toContain(`Run ${handle.runId}: failed, failed`);
    expect(text).toContain('model-unauthorized');
    expect(text).not.toContain('function sum');
    expect(editor.fake.prompts.messages.all.at(-1)?.text).toContain('No key and no code is in it.');
  });
});
