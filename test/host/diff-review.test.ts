/** The diff review over a real run's snapshots, real git and a real trace: what is on screen, what each command does, what is kept of it. */
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type * as vscode from 'vscode';
import { createDiffReview } from '../../src/editor/diff-review/index.ts';
import type { Review } from '../../src/editor/diff-review/review.ts';
import { remarksText } from '../../src/editor/diff-review/send-back.ts';
import { createReviewTabs } from '../../src/editor/diff-review/tabs.ts';
import type { DiffReview, RunHandle } from '../../src/editor/flow-types.ts';
import { createHost } from '../../src/editor/host.ts';
import { candidateDiff } from '../../src/run/index.ts';
import { badge, createTrace, fold, openRun, type RunState } from '../../src/trace/index.ts';
import { type OpenedEditor, openEditorCore } from '../support/editor.ts';
import { type FakeDiffs, withDiffEditors } from '../support/fake-diffs.ts';
import { type Files, type FinishedRun, type FinishedRunOptions, finishedRun } from '../support/finished-run.ts';

const lines = (...texts: string[]): string => texts.map((text) => `${text}\n`).join('');
const base = { 'a.js': lines('one', 'two', 'three', 'four', 'five', 'six'), 'gone.js': 'gone\n', 'kept.js': 'kept\n' };
const chosen: Files = { 'a.js': lines('ONE', 'two', 'three', 'four', 'FIVE', 'six'), 'gone.js': undefined, 'new.js': 'new\n' };

interface Scene {
  readonly run: FinishedRun;
  readonly editor: OpenedEditor;
  readonly diffs: FakeDiffs;
  readonly review: DiffReview;
  readonly shownRuns: RunHandle[];
  readonly root: string;
  command(name: string, argument?: unknown): Promise<void>;
  document(path: string): Promise<vscode.TextDocument>;
  /** Titles above a document, by line from 0. */
  lenses(path: string): Promise<string[]>;
  press(path: string, title: string, nth?: number): Promise<void>;
  state(): Promise<RunState>;
}

const scenes: Scene[] = [];
afterEach(async () => {
  for (const { editor, review, run } of scenes.splice(0)) {
    review.dispose();
    await editor[Symbol.asyncDispose]();
    run.workspace.dispose();
  }
});

async function scene(
  candidates: Readonly<Record<string, Files>> = { c1: chosen },
  options: FinishedRunOptions = {},
  from: Readonly<Record<string, string>> = base,
): Promise<Scene> {
  const run = await finishedRun(from, candidates, options);
  const editor = await openEditorCore({ at: run.workspace });
  const { fake } = editor;
  const diffs = withDiffEditors(fake);
  const shownRuns: RunHandle[] = [];
  const review = createDiffReview(createHost(fake.vscode, fake.context), {
    runs: editor.core.runs,
    show: async (handle) => void shownRuns.push(handle),
  });
  fake.vscode.workspace.registerTextDocumentContentProvider('teamwright-candidate', { provideTextDocumentContent: review.textOf });
  const uriOf = (path: string): vscode.Uri => {
    const right = diffs.shown
      .findLast(({ rows }) => rows.some(([, , uri]) => uri.path === join(made.root, path)))
      ?.rows.find(([, , uri]) => uri.path === join(made.root, path))?.[2];
    if (right === undefined) throw new Error(`${path} is not on screen.`);
    return right;
  };
  const document = async (path: string) => fake.vscode.workspace.openTextDocument(uriOf(path));
  const lensesOf = async (path: string) => fake.codeLenses((await document(path)) as never);
  const made: Scene = {
    run,
    editor,
    diffs,
    review,
    shownRuns,
    root: run.workspace.root,
    command: async (name, argument) => {
      const command = review.commands[`teamwright.diff.${name}`];
      if (command === undefined) throw new Error(`There is no command ${name}.`);
      await command(argument as never);
    },
    document,
    lenses: async (path) => (await lensesOf(path)).map(({ range, command }) => `${range.start.line} ${command?.title}`),
    press: async (path, title, nth = 0) => {
      const found = (await lensesOf(path)).filter(({ command }) => command?.title.endsWith(title))[nth]?.command;
      if (found === undefined) throw new Error(`There is no lens ${title}.`);
      await made.command(found.command.replace('teamwright.diff.', ''), found.arguments?.[0]);
    },
    state: async () => fold((await (await openRun(run.workspace.dataDir, run.runId)).read()).events),
  };
  scenes.push(made);
  return made;
}

const openReview = async (made: Scene): Promise<void> => made.review.open(await made.editor.core.runs.open(made.run.runId));

describe('what the lines on screen do not tell is said above them', () => {
  const bytesIn = ({ root }: Scene, path: string): string => readFileSync(join(root, path), 'latin1');
  const apply = (made: Scene) =>
    Promise.all([made.command('apply'), made.editor.fake.prompts.messages.next().then((message) => message.dismiss())]);
  const ten = Array.from({ length: 10 }, (_, index) => `line ${index} of a text`);

  test('a renamed file: beside the old one, decided as a whole, and nothing of the old one is left', async () => {
    const renamed = lines(...ten.map((line, index) => (index === 4 ? 'another line' : line)));
    const made = await scene({ c1: { 'old name.txt': undefined, 'größe.txt': renamed } }, {}, { 'old name.txt': lines(...ten) });
    await openReview(made);
    const [label, left] = made.diffs.shown.at(-1)?.rows[0] ?? [];
    expect([label?.path, left?.path]).toEqual([join(made.root, 'größe.txt'), join(made.root, 'old name.txt')]);
    expect(await made.lenses('größe.txt')).toEqual([
      '0 $(diff-renamed) Renamed from old name.txt, decided as a whole',
      '0 $(check) Accept',
      '0 $(close) Reject',
      '0 Reject with Reason…',
    ]);
    await made.press('größe.txt', 'Accept');
    await apply(made);
    expect(made.run.workspace.contents()).toMatchObject({ 'größe.txt': renamed });
    expect(Object.keys(made.run.workspace.contents())).not.toContain('old name.txt');
  });

  test('a file that is no text: a sentence on each side, decided as a whole, written byte for byte', async () => {
    const after = Buffer.from([0, 255, 1, 13, 10, 0, 128]);
    const made = await scene({ c1: { 'logo.bin': after } }, {}, { 'logo.bin': '\0before\0' });
    await openReview(made);
    expect((await made.document('logo.bin')).getText()).toBe('This file is no text. It changes as a whole.');
    expect((await made.lenses('logo.bin'))[0]).toBe('0 $(file-binary) File that is no text, decided as a whole');
    await made.press('logo.bin', 'Accept');
    await apply(made);
    expect(bytesIn(made, 'logo.bin')).toBe(after.toString('latin1'));
  });

  test('lines that end in CRLF: one hunk of two is taken, and every line ends as before', async () => {
    const dos = (texts: readonly string[]): string => texts.map((text) => `${text}\r\n`).join('');
    const changed = ten.map((line, index) => (index === 1 || index === 8 ? line.toUpperCase() : line));
    const made = await scene({ c1: { 'dos.txt': dos(changed) } }, {}, { 'dos.txt': dos(ten) });
    await openReview(made);
    expect((await made.lenses('dos.txt')).filter((lens) => lens.endsWith(' Accept'))).toEqual(['1 $(check) Accept', '8 $(check) Accept']);
    await made.press('dos.txt', ' Accept', 1);
    await made.press('dos.txt', ' Reject', 0);
    await apply(made);
    expect(bytesIn(made, 'dos.txt')).toBe(dos(ten.map((line, index) => (index === 8 ? line.toUpperCase() : line))));
  });

  test('line ends alone: a diff does not draw them, so the hunk is named', async () => {
    const made = await scene({ c1: { 'dos.txt': lines(...ten) } }, {}, { 'dos.txt': ten.map((line) => `${line}\r\n`).join('') });
    await openReview(made);
    expect((await made.lenses('dos.txt'))[0]).toBe('0 $(newline) Only how the lines end changes, 1 to 10');
  });
});

describe('opening the review', () => {
  test('shows the workspace against the chosen candidate in VS Code‘s own diff, file by file', async () => {
    const made = await scene();
    await openReview(made);
    const [diff] = made.diffs.shown;
    expect(diff?.command).toBe('vscode.changes');
    expect(diff?.title).toBe('Review c1: Fix the failing test');
    expect(diff?.rows.map(([label, left, right]) => [label.path, left?.toString(), right.scheme])).toEqual([
      [join(made.root, 'a.js'), `file://${made.root}/a.js`, 'teamwright-candidate'],
      [join(made.root, 'gone.js'), `file://${made.root}/gone.js`, 'teamwright-candidate'],
      [join(made.root, 'new.js'), undefined, 'teamwright-candidate'],
    ]);
    expect((await made.document('a.js')).getText()).toBe(chosen['a.js']);
    expect((await made.document('gone.js')).getText()).toBe('');
    expect((await made.document('new.js')).getText()).toBe('new\n');
    expect(made.review.isVisible(made.run.runId)).toBe(true);
    expect(made.review.isVisible('another')).toBe(false);
    expect(made.diffs.contexts.get('teamwright.diff.active')).toBe(true);
  });

  test.each([
    {
      what: 'tests fail',
      outcome: 'tests-fail',
      tests: { broken: ['adds'], stillFailing: ['rounds'] },
      word: 'tests still fail',
      icon: 'error',
      key: 'fail',
      named: ': adds, rounds',
    },
    {
      what: 'no test was run',
      outcome: 'no-tests',
      tests: undefined,
      word: 'no test could judge it',
      icon: 'beaker-stop',
      key: 'unknown',
      named: '',
    },
    {
      what: 'no test shows it',
      outcome: 'unproven',
      tests: {},
      word: 'not shown by any test',
      icon: 'question',
      key: 'unknown',
      named: '',
    },
  ] as const)(
    'says in the tab, the lenses, the hover, the button and after the apply that $what',
    async ({ outcome, tests, word, icon, key, named }) => {
      const made = await scene(
        { c1: chosen },
        { outcome, ...(tests && { tests: { c1: { broken: [...(tests.broken ?? [])], stillFailing: [...(tests.stillFailing ?? [])] } } }) },
      );
      await openReview(made);
      expect(made.diffs.shown[0]?.title).toBe(`Review c1, ${word}: Fix the failing test`);
      const said = `${word.charAt(0).toUpperCase()}${word.slice(1)}${named}`;
      expect((await made.lenses('a.js')).filter((lens) => lens.includes(said))).toEqual([`0 $(${icon}) ${said}`]);
      expect((await made.lenses('new.js'))[0]).toBe(`0 $(${icon}) ${said}`);
      const [hover] = made.diffs.hovers((await made.document('a.js')).uri);
      expect(hover?.value).toMatch(new RegExp(`^\\$\\(${icon}\\) ${said}\n`));
      expect(made.diffs.contexts.get('teamwright.diff.tests')).toBe(key);
      await made.command('acceptAll');
      const applying = made.command(key === 'fail' ? 'applyRed' : 'applyUnproven');
      const told = await made.editor.fake.prompts.messages.next();
      expect(told.text).toBe(`Applied 4 of 4 hunks to 3 files. ${said}.`);
      told.dismiss();
      await applying;
    },
  );

  test('says of a part that was applied that the tests have not run on it, and of a candidate that they pass nothing more', async () => {
    const made = await scene();
    await openReview(made);
    expect(made.diffs.contexts.get('teamwright.diff.tests')).toBe('pass');
    await made.command('acceptFile', { runId: made.run.runId, candidate: 'c1', path: 'a.js' });
    const applying = made.command('apply');
    (await made.editor.fake.prompts.messages.next()).press('Apply Accepted Only');
    const told = await made.editor.fake.prompts.messages.next();
    expect(told.text).toBe('Applied 2 of 4 hunks to a.js. The tests have not run on this part alone.');
    told.dismiss();
    await applying;
  });

  test('offers what can be said at each hunk and on the whole file, in the lens, the hover and the gutter', async () => {
    const made = await scene();
    await openReview(made);
    expect(await made.lenses('a.js')).toEqual([
      '0 $(check) Accept',
      '0 $(close) Reject',
      '0 Reject with Reason…',
      '4 $(check) Accept',
      '4 $(close) Reject',
      '4 Reject with Reason…',
      '0 $(check-all) Accept File',
      '0 $(close-all) Reject File',
    ]);
    expect(await made.lenses('gone.js')).toEqual(['0 $(check) Accept', '0 $(close) Reject', '0 Reject with Reason…']);
    const { uri } = await made.document('a.js');
    expect(made.diffs.signs(uri)).toEqual(['open 0-0', 'open 4-4']);
    const [hover] = made.diffs.hovers(uri);
    expect(hover?.value).toMatch(/^Line 1: undecided\n\n\[\$\(check\) Accept\]\(command:teamwright\.diff\.accept\?%5B%7B/);
    expect(hover?.isTrusted).toEqual({
      enabledCommands: ['teamwright.diff.accept', 'teamwright.diff.reject', 'teamwright.diff.rejectWithReason'],
    });
  });

  test('keeps a reason from becoming markup where it is shown', async () => {
    const made = await scene();
    await openReview(made);
    const rejecting = made.press('new.js', 'Reject with Reason…');
    (await made.editor.fake.prompts.inputs.next()).enter('see [here](command:evil) <b>');
    await rejecting;
    const [hover] = made.diffs.hovers((await made.document('new.js')).uri);
    expect(hover?.value).toContain('\\[here\\](command:evil) \\<b\\>');
    expect(hover?.value).not.toMatch(/[^\\]\[here/);
  });

  test('shows the files as the window has them open when its folder is a link to the workspace', async () => {
    const run = await finishedRun(base, { c1: chosen });
    const link = `${run.workspace.root}-link`;
    symlinkSync(run.workspace.root, link);
    const editor = await openEditorCore({ at: run.workspace, folders: [link] });
    const diffs = withDiffEditors(editor.fake);
    const host = createHost(editor.fake.vscode, editor.fake.context);
    const review = createDiffReview(host, { runs: editor.core.runs, show: async () => {} });
    editor.fake.vscode.workspace.registerTextDocumentContentProvider('teamwright-candidate', { provideTextDocumentContent: review.textOf });
    await review.open(await editor.core.runs.open(run.runId));
    expect(diffs.shown[0]?.rows[0]?.map((uri) => uri?.path)).toEqual(Array(3).fill(join(link, 'a.js')));
    review.dispose();
    await editor[Symbol.asyncDispose]();
    run.workspace.dispose();
  });

  test('asks for a candidate when the run handed none over', async () => {
    const made = await scene({ c1: chosen }, { withoutChange: true });
    const opening = openReview(made);
    const pick = await made.editor.fake.prompts.picks.next();
    expect(pick.labels).toEqual(['$(circle-outline) c1']);
    pick.choose('$(circle-outline) c1');
    await opening;
    expect(made.diffs.shown[0]?.title).toBe('Review c1, not tested: Fix the failing test');
  });

  test('gives its documents again after a reload of the window, and in Restricted Mode starts nothing for them', async () => {
    const made = await scene();
    await openReview(made);
    const { uri } = await made.document('a.js');
    const host = createHost(made.editor.fake.vscode, made.editor.fake.context);
    const next = createDiffReview(host, { runs: made.editor.core.runs, show: async () => {} });
    expect(await next.textOf(uri)).toBe(chosen['a.js']);
    Object.defineProperty(made.editor.fake.vscode.workspace, 'isTrusted', { value: false });
    expect(await next.textOf(uri)).toContain('Restricted Mode');
    next.dispose();
  });

  test('knows every command that the manifest names for it, and no other', async () => {
    const made = await scene();
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
    const named = (manifest.contributes.commands as { command: string }[])
      .map(({ command }) => command)
      .filter((id) => id.startsWith('teamwright.diff.'));
    expect(Object.keys(made.review.commands).sort()).toEqual(named.sort());
  });
});

describe('deciding', () => {
  test('by the lens is shown at once and goes to the trace, with the reason', async () => {
    const made = await scene();
    await openReview(made);
    await made.press('a.js', 'Accept');
    const rejecting = made.press('a.js', 'Reject with Reason…', 1);
    (await made.editor.fake.prompts.inputs.next()).enter(' five is a name ');
    await rejecting;
    expect(await made.lenses('a.js')).toEqual([
      '0 $(pass-filled) Accepted',
      '0 $(close) Reject',
      '0 Reject with Reason…',
      '4 $(circle-slash) Rejected: five is a name',
      '4 $(check) Accept',
      '4 Reject with Reason…',
      '0 $(check-all) Accept File',
      '0 $(close-all) Reject File',
    ]);
    const { uri } = await made.document('a.js');
    expect(made.diffs.signs(uri).sort()).toEqual(['accepted 0-0', 'rejected 4-4']);
    expect((await made.state()).hunks.map(({ path, decision, reason }) => [path, decision, reason])).toEqual([
      ['a.js', 'accepted', ''],
      ['a.js', 'rejected', 'five is a name'],
    ]);
    expect(made.run.workspace.contents()).toEqual(base);
    await made.press('a.js', 'Accepted');
    expect((await made.state()).hunks.map(({ decision }) => decision)).toEqual(['open', 'rejected']);
  });

  test('is kept for the next time the review is opened', async () => {
    const made = await scene();
    await openReview(made);
    await made.press('new.js', 'Accept');
    await openReview(made);
    expect(await made.lenses('new.js')).toContain('0 $(pass-filled) Accepted');
  });

  test('at the cursor, by the keyboard alone: on to the next hunk, over the files, and around', async () => {
    const made = await scene();
    await openReview(made);
    const { uri } = await made.document('a.js');
    await made.diffs.focus(uri, 0);
    await made.command('accept');
    await made.command('nextHunk');
    expect(made.editor.fake.vscode.window.activeTextEditor?.selection.active.line).toBe(4);
    await made.command('reject');
    await made.command('nextHunk');
    expect(made.diffs.shown.at(-1)).toMatchObject({ command: 'vscode.diff', title: 'gone.js (c1)', selection: { start: { line: 0 } } });
    await made.command('accept');
    await made.command('nextHunk');
    expect(made.diffs.shown.at(-1)?.title).toBe('new.js (c1)');
    await made.command('nextHunk');
    expect(made.diffs.shown.at(-1)?.title).toBe('a.js (c1)');
    await made.command('previousHunk');
    expect(made.diffs.shown.at(-1)?.title).toBe('new.js (c1)');
    expect((await made.state()).hunks.map(({ path, decision }) => [path, decision])).toEqual([
      ['a.js', 'accepted'],
      ['a.js', 'rejected'],
      ['gone.js', 'accepted'],
    ]);
  });

  test('from the gutter‘s menu is about the line that was clicked, and elsewhere the user is told', async () => {
    const made = await scene();
    await openReview(made);
    const { uri } = await made.document('a.js');
    await made.command('accept', { lineNumber: 5, uri });
    expect((await made.state()).hunks).toMatchObject([{ path: 'a.js', decision: 'accepted' }]);
    const missed = made.command('accept', { lineNumber: 3, uri });
    const message = await made.editor.fake.prompts.messages.next();
    expect(message.text).toBe('The cursor is in no change of a review.');
    message.dismiss();
    await missed;
    expect((await made.state()).hunks).toHaveLength(1);
  });

  test('on a file and on all of it', async () => {
    const made = await scene();
    await openReview(made);
    await made.press('a.js', 'Reject File');
    expect((await made.state()).hunks.map(({ decision }) => decision)).toEqual(['rejected', 'rejected']);
    await made.command('acceptAll');
    expect((await made.state()).hunks.map(({ decision }) => decision)).toEqual(Array(4).fill('accepted'));
  });

  test('is shown as it was when it cannot be put on record', async () => {
    const made = await scene();
    await openReview(made);
    const other = await createTrace({ dataDir: made.run.workspace.dataDir, runId: made.run.runId, clock: Date.now });
    await expect(made.press('new.js', 'Accept')).rejects.toMatchObject({ code: 'run-busy' });
    expect(await made.lenses('new.js')).toContain('0 $(check) Accept');
    await other.close();
    await made.press('new.js', 'Accept');
    expect(await made.lenses('new.js')).toContain('0 $(pass-filled) Accepted');
  });

  test('can be looked over in a list, which leads to each hunk', async () => {
    const made = await scene();
    await openReview(made);
    await made.press('a.js', 'Accept');
    const listing = made.command('listHunks');
    const pick = await made.editor.fake.prompts.picks.next();
    expect(pick.placeHolder).toBe('1 accepted, 0 rejected, 3 undecided');
    expect(pick.labels).toEqual([
      'a.js',
      '$(check) line 1',
      '$(circle-outline) line 5',
      'gone.js',
      '$(circle-outline) file is deleted',
      'new.js',
      '$(circle-outline) new file',
    ]);
    pick.choose('$(circle-outline) line 5');
    await listing;
    expect(made.diffs.shown.at(-1)).toMatchObject({ title: 'a.js (c1)', selection: { start: { line: 4 } } });
  });
});

describe('another candidate', () => {
  test('is chosen by what the tests said of each, and reviewed in its place', async () => {
    const made = await scene(
      { c1: { 'a.js': lines('1', 'two', 'three', 'four', 'five', 'six') }, c2: chosen },
      {
        tests: {
          c1: { fixed: ['adds'], broken: ['subtracts'], tampering: [{ kind: 'skipped-test', path: 'a.test.js', detail: 'skips "adds"' }] },
          c2: { fixed: ['adds'] },
        },
      },
    );
    await openReview(made);
    const switching = made.command('switchCandidate');
    const pick = await made.editor.fake.prompts.picks.next();
    expect(pick.labels).toEqual(['$(pass) c2', '$(warning) c1']);
    pick.choose('$(warning) c1');
    await switching;
    expect(made.diffs.shown.at(-1)).toMatchObject({
      command: 'vscode.changes',
      title: 'Review c1, tests still fail: Fix the failing test',
    });
    await made.command('acceptAll');
    await Promise.all([made.command('apply'), made.editor.fake.prompts.messages.next().then((message) => message.dismiss())]);
    expect(made.run.workspace.read('a.js')).toBe(lines('1', 'two', 'three', 'four', 'five', 'six'));
    expect((await made.state()).applied).toMatchObject([{ candidate: 'c1' }]);
  });
});

describe('applying', () => {
  test('half of the hunks writes exactly those, says so in the trace, and one undo brings the workspace back', async () => {
    const made = await scene();
    await openReview(made);
    await made.press('a.js', 'Accept');
    await made.press('a.js', 'Reject', 1);
    await made.press('gone.js', 'Reject');
    await made.press('new.js', 'Accept');
    const applying = made.command('apply');
    const message = await made.editor.fake.prompts.messages.next();
    expect(message.text).toBe('Applied 2 of 4 hunks to 2 files. The tests have not run on this part alone.');
    expect(made.run.workspace.contents()).toEqual({
      ...base,
      'a.js': lines('ONE', 'two', 'three', 'four', 'five', 'six'),
      'new.js': 'new\n',
    });
    const state = await made.state();
    expect(state.applied).toMatchObject([{ applied: ['a.js', 'new.js'], hunks: { accepted: 2, rejected: 2 } }]);
    expect(state.hunks.map(({ path, decision }) => `${path} ${decision}`).sort()).toEqual([
      'a.js accepted',
      'a.js rejected',
      'gone.js rejected',
      'new.js accepted',
    ]);
    expect(state.verdict).toMatchObject({ decision: 'partly-accepted' });
    message.press('Undo');
    expect((await made.editor.fake.prompts.messages.next()).text).toBe('Taken back: 2 files are as they were before.');
    expect(made.run.workspace.contents()).toEqual(base);
    expect((await made.state()).undone).toHaveLength(1);
    void applying;
  });

  test('with undecided hunks asks first, and leaves them open', async () => {
    const made = await scene();
    await openReview(made);
    await made.press('new.js', 'Accept');
    const applying = made.command('apply');
    const question = await made.editor.fake.prompts.messages.next();
    expect(question).toMatchObject({ modal: true, text: '1 of 4 hunks accepted, 3 undecided.' });
    question.press('Apply Accepted Only');
    (await made.editor.fake.prompts.messages.next()).dismiss();
    await applying;
    expect(made.run.workspace.contents()).toEqual({ ...base, 'new.js': 'new\n' });
    expect((await made.state()).hunks).toHaveLength(1);
  });

  test('onto lines the user has changed writes nothing and offers markers, and undo brings back what was typed', async () => {
    const made = await scene();
    made.run.workspace.write('a.js', lines('mine', 'two', 'three', 'four', 'five', 'six'));
    await openReview(made);
    await made.command('acceptAll');
    const applying = made.command('apply');
    const conflict = await made.editor.fake.prompts.messages.next();
    expect(conflict).toMatchObject({ modal: true, text: 'Nothing was written: you have changed the same lines since the run began.' });
    expect(conflict.detail).toContain('a.js: The workspace and the change edit the same lines (line 1 of');
    expect(made.run.workspace.contents()).toMatchObject({ 'gone.js': 'gone\n' });
    conflict.press('Compare');
    await applying;
    expect(made.diffs.shown.at(-1)).toMatchObject({ command: 'vscode.diff', title: 'a.js (c1)' });
    expect(made.diffs.shown.at(-1)?.rows[0]?.[1]?.toString()).toBe(`file://${made.root}/a.js`);
    const again = made.command('apply');
    (await made.editor.fake.prompts.messages.next()).press('Merge with Conflict Markers');
    const applied = await made.editor.fake.prompts.messages.next();
    expect(applied.text).toBe('Applied, but a.js needs your merge.');
    expect(made.run.workspace.read('a.js')).toContain('<<<<<<< Workspace\nmine\n=======\nONE\n>>>>>>> Candidate\n');
    applied.press('Undo');
    (await made.editor.fake.prompts.messages.next()).dismiss();
    await again;
    expect(made.run.workspace.contents()).toEqual({ ...base, 'a.js': lines('mine', 'two', 'three', 'four', 'five', 'six') });
  });

  test('asks to save what is typed in the files it writes', async () => {
    const made = await scene();
    await openReview(made);
    await made.command('acceptAll');
    const { vscode: api } = made.editor.fake;
    const typed = await api.workspace.openTextDocument(api.Uri.file(join(made.root, 'a.js')));
    (typed as unknown as { replace(range: unknown, text: string): void }).replace(new api.Range(2, 0, 2, 5), 'THREE');
    const applying = made.command('apply');
    const question = await made.editor.fake.prompts.messages.next();
    expect(question.text).toBe('Not saved yet: a.js');
    question.press('Save and Apply');
    (await made.editor.fake.prompts.messages.next()).dismiss();
    await applying;
    expect(made.run.workspace.read('a.js')).toBe(lines('ONE', 'two', 'THREE', 'four', 'FIVE', 'six'));
  });

  test('nothing at all: every hunk is rejected with one reason, and that is the verdict', async () => {
    const made = await scene();
    await openReview(made);
    const rejecting = made.command('rejectAll');
    (await made.editor.fake.prompts.inputs.next()).enter('wrong place');
    await rejecting;
    const { hunks, verdict } = await made.state();
    expect(hunks.map(({ decision, reason }) => `${decision} ${reason}`)).toEqual(Array(4).fill('rejected wrong place'));
    expect(verdict).toEqual({ candidate: 'c1', decision: 'rejected', reason: 'wrong place' });
    await appliesNothing(made, 'Every hunk is rejected, so there is nothing to apply.');
    expect(made.run.workspace.contents()).toEqual(base);
  });
});

describe('sending back', () => {
  test('starts a run that follows this one, with the remarks and the rejected hunks, and says so in the trace', async () => {
    const made = await scene();
    await openReview(made);
    const rejecting = made.press('a.js', 'Reject with Reason…', 1);
    (await made.editor.fake.prompts.inputs.next()).enter('five is a name');
    await rejecting;
    const sending = made.command('sendBack');
    (await made.editor.fake.prompts.inputs.next()).enter('Only the first line.');
    await sending;
    const [handle] = made.shownRuns;
    const limit = Date.now() + 20_000;
    while (handle?.state().start === undefined && Date.now() < limit) await new Promise((done) => setTimeout(done, 20));
    expect(handle?.state().start).toMatchObject({
      continues: { runId: made.run.runId, how: 'follow-up', candidate: 'c1' },
      request: {
        text: 'Only the first line.\n\nRejected parts of the change:\n- a.js, line 5: five is a name\n    FIVE',
        files: ['a.js', 'new.js'],
        followsRun: made.run.runId,
      },
    });
    handle?.stop();
    await handle?.result;
    expect((await made.state()).verdict).toEqual({ candidate: 'c1', decision: 'sent-back', reason: 'Only the first line.' });
  });

  test('takes rejected hunks alone as remarks enough', () => {
    const hunk = {
      id: 'h',
      path: 'a.js',
      kind: 'lines',
      base: { start: 0, end: 1 },
      candidate: { start: 0, end: 1 },
      removed: ['a'],
      added: ['b'],
    } as const;
    const review = { hunks: [hunk], wordOn: () => ({ decision: 'rejected', reason: '' }) as const };
    expect(remarksText('  ', review)).toBe('Rejected parts of the change:\n- a.js, line 1\n    b');
    expect(remarksText('  ', { ...review, wordOn: () => ({ decision: 'open', reason: '' }) as const })).toBe('');
  });
});

/** Apply says why there is nothing to do, and is left at that. */
async function appliesNothing({ command, editor }: Scene, why: string): Promise<void> {
  const applying = command('apply');
  const message = await editor.fake.prompts.messages.next();
  expect(message.text).toBe(why);
  message.dismiss();
  await applying;
}

describe('a word about a hunk', () => {
  test('on the left side is about the hunk under the cursor, also when the user has written lines above it meanwhile', async () => {
    const made = await scene();
    made.run.workspace.write('a.js', lines('// 1', '// 2', '// 3', '// 4', 'one', 'two', 'three', 'mine', 'five', 'six'));
    await made.review.open(await made.editor.core.runs.open(made.run.runId));
    const left = made.diffs.shown[0]?.rows[0]?.[1] as vscode.Uri;
    expect(left.scheme).toBe('file');
    // On the left this line reads "one": the first hunk (one → ONE).
    await made.diffs.focus(left, 4);
    await made.command('reject');
    const said = (await made.state()).hunks.map(({ hunk, decision }) => [hunk, decision]);
    const [file] = (await candidateDiff({ dataDir: made.run.workspace.dataDir, runId: made.run.runId }, new AbortController().signal))
      .files;
    expect(said).toEqual([[file?.hunks.find(({ added }) => added.join() === 'ONE')?.id, 'rejected']]);
    // A line of the user's own is of no hunk.
    await made.diffs.focus(left, 7);
    const refused = made.command('reject');
    const message = await made.editor.fake.prompts.messages.next();
    expect(message.text).toContain('The cursor is in no change');
    message.dismiss();
    await refused;
    expect((await made.state()).hunks).toHaveLength(1);
  });

  test('that cannot be put on record is not shown, nor does it bring back one before it that could not', async () => {
    const made = await scene({ c1: { 'a.js': lines('ONE', 'two', 'three', 'four', 'five', 'six') } });
    const { dataDir } = made.run.workspace;
    const before = made.run.workspace.contents();
    await made.review.open(await made.editor.core.runs.open(made.run.runId));
    const right = made.diffs.shown[0]?.rows[0]?.[2] as vscode.Uri;
    await made.diffs.focus(right, 0);
    const other = await createTrace({ dataDir, runId: made.run.runId, clock: Date.now });
    const outcomes = await Promise.allSettled([made.command('accept'), made.command('reject')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await other.close();
    expect((await made.state()).hunks).toEqual([]);
    expect(made.diffs.signs(right)).toContain('open 0-0');
    await appliesNothing(made, 'No hunk is accepted yet.');
    expect(made.run.workspace.contents()).toEqual(before);
  });
});

describe('tabs of two reviews, the title of one of which begins like the other and goes on in brackets', () => {
  const reviews = ['Review c1: Fix the parser', 'Review c1: Fix the parser (keep the old API)'].map((title) => ({
    title,
    badge: badge('solved'),
  }));
  const [short, long] = reviews as never as [Review, Review];
  const inTabs = () => {
    const tabs = [{ label: `${short.title} (1 file)` }, { label: `${long.title} (2 files)` }];
    const group = { tabs, activeTab: tabs[1] };
    const event = () => ({ dispose: () => undefined });
    const window = {
      visibleTextEditors: [],
      tabGroups: { all: [group], activeTabGroup: group, onDidChangeTabs: event, onDidChangeTabGroups: event },
      onDidChangeActiveTextEditor: event,
    };
    const api = { window, commands: { executeCommand: async () => undefined } };
    // As after a reload that read the short one last.
    return { tabs, made: createReviewTabs(api as never, { reviewOf: () => undefined, all: () => [long, short] }) };
  };

  test('belong to one review each', () => {
    const { tabs, made } = inTabs();
    expect(made.of(short)).toEqual([tabs[0]]);
    expect(made.of(long)).toEqual([tabs[1]]);
  });

  test('the one in front says which review a command is about', () => {
    const { made } = inTabs();
    made.look();
    expect(made.current()).toBe(long);
  });
});
