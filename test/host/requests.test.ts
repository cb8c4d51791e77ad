/** The places where a request begins, and what of them reaches the run. */
import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { designerNames } from '../../src/design/designers.ts';
import { soloTeam } from '../../src/design/index.ts';
import { createHost } from '../../src/editor/host.ts';
import { lazy } from '../../src/editor/lazy.ts';
import { answer } from '../../src/editor/start/chat-answer.ts';
import { registerRequestSurfaces } from '../../src/editor/start/surfaces.ts';
import { registerRunsTree } from '../../src/editor/tree/runs-view.ts';
import { printPlan } from '../../src/plan/index.ts';
import { type EditorSetup, type OpenedEditor, openEditorCore } from '../support/editor.ts';
import type { FakeDocument } from '../support/fake-vscode/documents.ts';
import { FakeDataTransfer, FakeDiagnostic, FakeLocation, FakeRange, FakeSelection, FakeUri } from '../support/fake-vscode/values.ts';
import { pngOf } from '../support/made-pictures.ts';
import { temporaryWorkspace } from '../support/workspaces.ts';

const opened: OpenedEditor[] = [];
const open = async (setup: EditorSetup = {}): Promise<OpenedEditor> => {
  const editor = await openEditorCore(setup);
  opened.push(editor);
  return editor;
};
afterEach(async () => {
  for (const editor of opened.splice(0)) await editor[Symbol.asyncDispose]();
});

const asked = (editor: OpenedEditor, index = 0) => editor.shown.runs[index]?.state().start?.request;
/** The rows of the box that are requests: what is typed and what was sent before. */
const requestsIn = (pick: { labels(): string[] }): string[] =>
  pick.labels().filter((label) => !/^(Team: |Model: |With |Add |#)/.test(label));
const fileOf = (editor: OpenedEditor, name: string): FakeUri => FakeUri.file(`${editor.workspace.root}/${name}`);

describe('the palette', () => {
  test('asks for one line, starts the run and shows it', async () => {
    const editor = await open();
    const done = editor.command('teamwright.newRequest');
    const pick = await editor.fake.prompts.quickPicks.next();
    expect(pick.title).toBe('New request');
    pick.type('  Make the failing test pass.  ');
    expect(requestsIn(pick)).toEqual(['Make the failing test pass.']);
    pick.enter();
    await done;
    expect(asked(editor)).toEqual({ text: 'Make the failing test pass.', files: [] });
  });

  test('shows earlier requests, newest first and each once; one can be taken again or removed', async () => {
    const editor = await open();
    for (const text of ['first', 'second', 'first']) {
      const done = editor.command('teamwright.newRequest');
      const pick = await editor.fake.prompts.quickPicks.next();
      pick.type(text);
      pick.enter();
      await done;
    }
    const again = editor.command('teamwright.newRequest');
    const pick = await editor.fake.prompts.quickPicks.next();
    expect(requestsIn(pick)).toEqual(['first', 'second']);
    pick.pressItemButton('first', 'Remove from the history');
    await expect.poll(() => requestsIn(pick)).toEqual(['second']);
    pick.enter('second');
    await again;
    expect(asked(editor, 3)?.text).toBe('second');
  });

  test('Enter sends what is typed, also when an old request holds the same words and when the row of what is typed is not there yet', async () => {
    const editor = await open();
    for (const text of ['mend the sum', 'mend']) {
      const done = editor.command('teamwright.newRequest');
      const pick = await editor.fake.prompts.quickPicks.next();
      pick.type(text);
      if (text === 'mend') {
        expect(requestsIn(pick)).toEqual(['mend', 'mend the sum']);
        // None of VS Code's own search: it would put the old one first.
        expect(pick.items.map(({ label }) => label)).toEqual(['mend', '$(history)', 'sent with', '$(add)', '$(organization)', '$(server)']);
        // A letter more, whose row has not come.
        pick.value = 'mend it';
      }
      pick.enter();
      await done;
    }
    expect([asked(editor, 0)?.text, asked(editor, 1)?.text]).toEqual(['mend the sum', 'mend it']);
  });

  test('Enter in an empty box sends nothing', async () => {
    const editor = await open();
    for (const text of ['first', '']) {
      const done = editor.command('teamwright.newRequest');
      const pick = await editor.fake.prompts.quickPicks.next();
      if (text !== '') pick.type(text);
      pick.enter();
      if (text === '') {
        expect(requestsIn(pick)).toEqual(['first']);
        expect(pick.visible).toBe(true);
        pick.hide();
      }
      await done;
    }
    expect(editor.shown.runs).toHaveLength(1);
  });

  test.each([
    { answer: 'Save All and Start', runs: 1, saved: true },
    { answer: 'Start without Saving', runs: 1, saved: false },
    { answer: undefined, runs: 0, saved: false },
  ])('files that are not saved are named before a run starts: $answer', async ({ answer, runs, saved }) => {
    const editor = await open();
    const typed = (await editor.fake.vscode.workspace.openTextDocument(fileOf(editor, 'sum.js') as never)) as unknown as FakeDocument;
    const before = editor.workspace.read('sum.js');
    typed.replace(new FakeRange(0, 0, 0, 0), '// typed\n');
    const elsewhere = temporaryWorkspace({ 'other.js': '1\n' });
    const other = (await editor.fake.vscode.workspace.openTextDocument(
      FakeUri.file(`${elsewhere.root}/other.js`) as never,
    )) as unknown as FakeDocument;
    other.replace(new FakeRange(0, 0, 0, 0), '// typed\n');
    const done = editor.command('teamwright.newRequest');
    const pick = await editor.fake.prompts.quickPicks.next();
    pick.type('go');
    pick.enter();
    const question = await editor.fake.prompts.messages.next();
    expect(question).toMatchObject({ text: 'Not saved yet: sum.js', modal: true, buttons: ['Save All and Start', 'Start without Saving'] });
    if (answer === undefined) question.dismiss();
    else question.press(answer);
    await done;
    expect(editor.shown.runs).toHaveLength(runs);
    expect(editor.workspace.read('sum.js')).toBe(saved ? `// typed\n${before}` : before);
    elsewhere.dispose();
  });

  test('pictures are rows that can be taken away; what is no picture is told, and what was typed stays', async () => {
    const editor = await open();
    const outside = temporaryWorkspace({ 'shot.png': '', 'other.png': '', 'notes.png': 'no picture' });
    writeFileSync(`${outside.root}/shot.png`, pngOf(40, 30));
    writeFileSync(`${outside.root}/other.png`, pngOf(50, 30));
    const choose = (...names: string[]): void => {
      Object.assign(editor.fake.vscode.window, {
        showOpenDialog: async () => names.map((name) => FakeUri.file(`${outside.root}/${name}`)),
      });
    };
    const done = editor.command('teamwright.newRequest');
    const first = await editor.fake.prompts.quickPicks.next();
    first.type('As on the picture');
    choose('shot.png', 'other.png');
    first.enter('Add a picture…');
    const second = await editor.fake.prompts.quickPicks.next();
    expect(second.value).toBe('As on the picture');
    expect(second.labels()).toEqual(expect.arrayContaining(['With the picture shot.png', 'With the picture other.png']));
    second.pressItemButton('With the picture other.png', 'Take away');
    choose('notes.png');
    second.enter('Add a picture…');
    const third = await editor.fake.prompts.quickPicks.next();
    const told = await editor.fake.prompts.messages.next();
    expect(told.text).toContain('notes.png is no picture of a kind that models take');
    told.dismiss();
    expect(third.labels()).toContain('With the picture shot.png');
    expect(third.labels()).not.toContain('With the picture other.png');
    third.enter();
    await done;
    expect(asked(editor)?.images).toMatchObject([{ name: 'shot.png', kind: 'png', width: 40, height: 30 }]);
    const [run] = editor.shown.runs;
    await expect.poll(() => run?.readBlob(asked(editor)?.images?.[0]?.data ?? '')).toContain('data:image/png;base64,');
    outside.dispose();
  });

  test('left with Escape: nothing happens', async () => {
    const editor = await open();
    const done = editor.command('teamwright.newRequest');
    (await editor.fake.prompts.quickPicks.next()).hide();
    await done;
    expect(editor.shown.runs).toEqual([]);
  });

  test('without a folder it says so, with a button that opens one', async () => {
    const editor = await open({ folders: [] });
    const done = editor.command('teamwright.newRequest');
    const message = await editor.fake.prompts.messages.next();
    expect(message.text).toBe('Teamwright works on a folder, and none is open.');
    message.press('Open Folder');
    await done;
    expect(editor.fake.executed).toEqual([{ command: 'workbench.action.files.openFolder', values: [] }]);
  });

  test('with several folders the one of the active file is taken, else the user picks', async () => {
    const other = await open();
    const editor = await open({ folders: [other.workspace.root] });
    const both = await open({ folders: [other.workspace.root, editor.workspace.root] });
    const done = both.command('teamwright.newRequest');
    const folders = await both.fake.prompts.picks.next();
    expect(folders.labels).toHaveLength(2);
    folders.dismiss();
    await done;
    await both.fake.vscode.window.showTextDocument(fileOf(editor, 'sum.js') as never);
    const again = both.command('teamwright.newRequest');
    const pick = await both.fake.prompts.quickPicks.next();
    pick.type('go');
    pick.enter();
    await again;
    expect(both.shown.runs[0]?.state().start?.workspace).toBe(editor.workspace.root);
  });

  test('a request that is too long is told, and nothing starts', async () => {
    const editor = await open();
    const done = editor.command('teamwright.newRequest');
    const pick = await editor.fake.prompts.quickPicks.next();
    pick.type('a'.repeat(20_001));
    pick.enter();
    await expect(done).rejects.toMatchObject({ code: 'request-invalid', facts: { why: 'too-long' } });
    expect(editor.shown.runs).toEqual([]);
  });
});

describe('how a request is sent', () => {
  const team = { 'sum.js': 'export const sum = (a, b) => a - b;\n', '.teamwright/teams/pair.team.yaml': printPlan(soloTeam(2, 'easy')) };
  const row = (pick: { labels(): string[] }, name: string): string => pick.labels().find((label) => label.startsWith(name)) ?? '';

  test.each([
    { team: 'solo', row: 'Team: solo', designer: 'solo', model: undefined },
    { team: 'pair', row: 'Team: pair, saved in this folder', designer: 'library', model: 'ollama:qwen' },
    { team: 'As the settings say', row: 'Team: as the settings say (auto)', designer: 'auto', model: 'own:large' },
  ])('with $team and the model $model', async ({ team: chosen, row: said, designer, model }) => {
    const editor = await open({ files: team, picks: model === undefined ? 'settings' : { model } });
    const done = editor.command('teamwright.newRequest');
    const box = await editor.fake.prompts.quickPicks.next();
    box.type('Mend the sum');
    expect(row(box, 'Team')).toBe('Team: as the settings say (auto)');
    box.enter(row(box, 'Team'));
    const teams = await editor.fake.prompts.quickPicks.next();
    expect(teams.labels()).toEqual(['As the settings say', ...designerNames, 'pair']);
    teams.enter(chosen);
    const second = await editor.fake.prompts.quickPicks.next();
    expect([second.value, row(second, 'Team')]).toEqual(['Mend the sum', said]);
    second.enter(row(second, 'Model'));
    const third = await editor.fake.prompts.quickPicks.next();
    expect(row(third, 'Model')).toBe(model === undefined ? 'Model: as the settings say' : `Model: ${model}, and no other`);
    third.enter();
    await done;
    expect(editor.shown.runs[0]?.state().start).toMatchObject({ designer, request: { text: 'Mend the sum' } });
    expect(editor.asked).toEqual([model]);
  });

  test('what was chosen is kept for a longer request; a list that is left changes nothing', async () => {
    const editor = await open({ files: team });
    const done = editor.command('teamwright.newRequest');
    let box = await editor.fake.prompts.quickPicks.next();
    box.enter(row(box, 'Team'));
    (await editor.fake.prompts.quickPicks.next()).enter('solo');
    box = await editor.fake.prompts.quickPicks.next();
    box.enter(row(box, 'Team'));
    (await editor.fake.prompts.quickPicks.next()).hide();
    box = await editor.fake.prompts.quickPicks.next();
    expect(row(box, 'Team')).toBe('Team: solo');
    box.type('Mend the sum');
    box.pressButton('Write a longer request in an editor');
    await done;
    const written = editor.fake.documents.find(({ languageId }) => languageId === 'teamwright-request') as FakeDocument;
    await editor.command('teamwright.sendRequest', written.uri);
    expect(editor.shown.runs[0]?.state().start?.designer).toBe('solo');
  });

  test('a run that is resumed asks the model that its request was sent to, and no other', async () => {
    const editor = await open({ files: team, picks: { model: 'own:large' } });
    const done = editor.command('teamwright.newRequest');
    const box = await editor.fake.prompts.quickPicks.next();
    box.type('Mend the sum');
    box.enter(row(box, 'Model'));
    (await editor.fake.prompts.quickPicks.next()).enter();
    await done;
    const [run] = editor.shown.runs;
    run?.stop();
    await run?.result;
    await editor.command('teamwright.resumeRun', run?.runId);
    expect(editor.asked).toEqual(['own:large', 'own:large']);
  });
});

describe('while a run begins', () => {
  /** The command goes on: it ends when the run has begun. */
  const send = async (editor: OpenedEditor): Promise<{ readonly done: Promise<unknown> }> => {
    const done = editor.command('teamwright.newRequest');
    const box = await editor.fake.prompts.quickPicks.next();
    box.type('Mend the sum');
    box.enter();
    return { done };
  };

  test.each([
    {
      server: 'that stops when it is told to',
      choosing: (signal: AbortSignal) => new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    },
    { server: 'that never answers', choosing: () => new Promise<void>(() => undefined) },
  ])(
    'it has a row in the view and a progress, and *Cancel* ends it within two seconds, also with a server $server',
    async ({ choosing }) => {
      const editor = await open({ choosing });
      registerRunsTree(
        createHost(editor.fake.vscode, editor.fake.context),
        lazy(async () => editor.core),
      );
      editor.fake.showView('teamwright.runs', true);
      const { done } = await send(editor);
      await expect.poll(() => editor.fake.tree('teamwright.runs')).toBe('Running\n  [sync~spin] Mend the sum — starting\n');
      await expect
        .poll(() => editor.fake.progresses.map(({ title }) => title))
        .toEqual(['Teamwright is starting: it asks its models what they can do']);
      const at = Date.now();
      editor.fake.progresses[0]?.cancel();
      await done;
      expect(Date.now() - at).toBeLessThan(2000);
      expect([editor.shown.runs, editor.fake.prompts.messages.all]).toEqual([[], []]);
    },
  );

  test('a run that is resumed can be given up while it starts, and stays as it was', async () => {
    let starts = 0;
    const editor = await open({ choosing: () => (starts++ === 0 ? Promise.resolve() : new Promise<void>(() => undefined)) });
    await (await send(editor)).done;
    const [run] = editor.shown.runs;
    run?.stop();
    await run?.result;
    const before = editor.fake.progresses.length;
    const resumed = editor.command('teamwright.resumeRun', run?.runId);
    await expect.poll(() => editor.fake.progresses.length, { timeout: 30_000 }).toBe(before + 1);
    editor.fake.progresses.at(-1)?.cancel();
    await resumed;
    expect([editor.shown.runs.length, editor.core.runs.live(), editor.fake.prompts.messages.all]).toEqual([1, [], []]);
  });

  test('a file that the user opens meanwhile keeps the focus', async () => {
    const wait = Promise.withResolvers<void>();
    const editor = await open({ choosing: () => wait.promise });
    const { done } = await send(editor);
    await expect.poll(() => editor.core.runs.starting()).toHaveLength(1);
    await editor.fake.vscode.window.showTextDocument(fileOf(editor, 'sum.js') as never);
    wait.resolve();
    await done;
    expect(editor.shown.runs).toEqual([]);
    expect(editor.core.runs.live()).toHaveLength(1);
  });
});

describe('what a request takes along', () => {
  const rows = (pick: { labels(): string[] }): string[] => pick.labels().filter((label) => /^(With |Add the |#)/.test(label));

  test('offers the file in front and what is selected in it; what was added is a row that can be taken away', async () => {
    const editor = await open();
    const document = await editor.fake.vscode.window.showTextDocument(fileOf(editor, 'sum.js') as never);
    document.selection = new FakeSelection(1, 0, 1, 9) as never;
    const done = editor.command('teamwright.newRequest');
    const box = await editor.fake.prompts.quickPicks.next();
    box.type('Mend it');
    expect(rows(box)).toEqual(['Add the selection, sum.js:2-2', 'Add the file in front, sum.js']);
    box.enter('Add the selection, sum.js:2-2');
    const second = await editor.fake.prompts.quickPicks.next();
    expect(rows(second)).toEqual(['With sum.js:2-2', 'With sum.js']);
    second.pressItemButton('With sum.js:2-2', 'Take away');
    expect(rows(second)).toEqual(['With sum.js', 'Add the selection, sum.js:2-2']);
    second.enter();
    await done;
    expect(asked(editor)).toEqual({ text: 'Mend it', files: ['sum.js'] });
  });

  test('# words stand for files, folders, problems and changes, and the box says for which', async () => {
    const files = { 'sum.js': 'one\n', 'lib/a.js': 'two\n', 'lib/b.js': 'three\n', 'changed.js': 'four\n' };
    const editor = await open({ files });
    await editor.fake.vscode.window.showTextDocument(fileOf(editor, 'sum.js') as never);
    const uri = fileOf(editor, 'lib/b.js');
    const problem = new FakeDiagnostic(new FakeRange(3, 0, 3, 1), 'is never\u202e read');
    editor.fake.vscode.languages.createDiagnosticCollection().set(uri as never, [problem] as never);
    const done = editor.command('teamwright.newRequest');
    const box = await editor.fake.prompts.quickPicks.next();
    box.type('Look at #file and #folder:lib, #problems and #file:absent.js.');
    await expect
      .poll(() => rows(box).filter((label) => label.startsWith('#')))
      .toEqual([
        '#file · sum.js',
        '#folder:lib · lib/a.js, lib/b.js',
        '#problems · 1 problem',
        '#file:absent.js · there is no such file here',
      ]);
    box.enter();
    await done;
    expect(asked(editor)).toEqual({
      text: 'Look at #file and #folder:lib, #problems and #file:absent.js.\n\n- lib/b.js:4: is never<U+202E> read',
      files: ['sum.js', 'lib/a.js', 'lib/b.js'],
    });
  });

  test('a request on changes takes what git says is changed, without what is gone or secret', async () => {
    const editor = await open();
    const nothing = editor.command('teamwright.newRequestOnChanges', undefined);
    (await editor.fake.prompts.messages.next()).dismiss();
    await nothing;
    expect(editor.shown.runs).toEqual([]);
    for (const name of ['sum.js', 'new one.js', '.env']) writeFileSync(`${editor.workspace.root}/${name}`, 'A=1\n');
    rmSync(`${editor.workspace.root}/sum.test.js`);
    const done = editor.command('teamwright.newRequestOnChanges', { rootUri: FakeUri.file(editor.workspace.root) });
    const box = await editor.fake.prompts.quickPicks.next();
    expect(rows(box)).toEqual(['With sum.js', 'With new one.js']);
    box.type('Is this right? #changes');
    await expect.poll(() => rows(box)).toContain('#changes · sum.js, new one.js');
    box.enter();
    await done;
    expect(asked(editor)?.files).toEqual(['sum.js', 'new one.js']);
  });
});

describe('a longer request', () => {
  test('is written in an editor, keeps what it is about, is sent, and its document goes', async () => {
    const editor = await open();
    const document = await editor.fake.vscode.window.showTextDocument(fileOf(editor, 'sum.js') as never);
    document.selection = new FakeSelection(1, 0, 1, 9) as never;
    const done = editor.command('teamwright.newRequestOnSelection');
    const pick = await editor.fake.prompts.quickPicks.next();
    expect(pick.title).toBe('New request · sum.js:2-2');
    pick.type('Mend the sum');
    pick.pressButton('Write a longer request in an editor');
    await done;

    const written = editor.fake.documents.find(({ languageId }) => languageId === 'teamwright-request') as FakeDocument;
    expect(written.getText()).toBe('Mend the sum');
    expect(editor.fake.vscode.window.activeTextEditor?.selection.active).toMatchObject({ line: 0, character: 12 });
    const [lens] = await lensesOf(editor, written);
    expect(lens?.command).toMatchObject({ command: 'teamwright.sendRequest', title: '$(play) Design a team for this request' });

    written.replace(new FakeRange(0, 12, 0, 12), '\nso that it adds.');
    await editor.command('teamwright.sendRequest', written.uri);
    expect(asked(editor)).toEqual({
      text: 'Mend the sum\nso that it adds.',
      files: ['sum.js'],
      selection: { path: 'sum.js', startLine: 2, endLine: 2, text: '  return ' },
    });
    expect(editor.fake.documents).not.toContain(written);
  });

  async function lensesOf(editor: OpenedEditor, document: FakeDocument) {
    registerRequestSurfaces(editor.fake.vscode, async () => editor.core.requests);
    return editor.fake.codeLenses(document);
  }
});

describe('what is dropped, pasted or attached', () => {
  const rows = (pick: { labels(): string[] }): string[] => pick.labels().filter((label) => /^(With |#)/.test(label));
  const list = (...uris: FakeUri[]): FakeDataTransfer => new FakeDataTransfer({ 'text/uri-list': uris.map(String).join('\r\n') });
  const opened = async (setup: EditorSetup = {}) => {
    const editor = await open({ files: { 'a/one.js': '1\n', 'b two.js': '2\n', 'shot.png': '' }, ...setup });
    writeFileSync(`${editor.workspace.root}/shot.png`, pngOf(40, 30));
    registerRunsTree(
      createHost(editor.fake.vscode, editor.fake.context),
      lazy(async () => editor.core),
    );
    return editor;
  };
  const longer = async (editor: OpenedEditor): Promise<FakeDocument> => {
    registerRequestSurfaces(editor.fake.vscode, async () => editor.core.requests);
    await editor.command('teamwright.writeRequest');
    return editor.fake.documents.find(({ languageId }) => languageId === 'teamwright-request') as FakeDocument;
  };

  test('files on the view of runs begin a request on them; pictures go as pictures, and what lies elsewhere is named and stays', async () => {
    const editor = await opened();
    const elsewhere = FakeUri.file(`${editor.workspace.root}/../secret.txt`);
    const done = editor.fake.drop(
      'teamwright.runs',
      list(fileOf(editor, 'b two.js').with({ fragment: 'L3,5' }), fileOf(editor, 'a'), fileOf(editor, 'shot.png'), elsewhere),
    );
    const told = await editor.fake.prompts.messages.next();
    const { name } = editor.fake.vscode.workspace.workspaceFolders?.[0] ?? {};
    expect(told.text).toBe(`Not taken along: secret.txt. A request takes files of the folder ${name}, and pictures from anywhere.`);
    told.dismiss();
    const box = await editor.fake.prompts.quickPicks.next();
    expect(rows(box)).toEqual(['With b two.js', 'With a/one.js', 'With the picture shot.png']);
    box.pressItemButton('With a/one.js', 'Take away');
    box.type('As on the picture');
    box.enter();
    await done;
    expect(asked(editor)).toMatchObject({ text: 'As on the picture', files: ['b two.js'], images: [{ name: 'shot.png', width: 40 }] });
  });

  test('files without a place: a picture goes along, anything else is refused; a link is no file', async () => {
    const editor = await opened();
    const done = editor.fake.drop(
      'teamwright.runs',
      new FakeDataTransfer({}, [
        { name: 'Screen.PNG', bytes: pngOf(50, 30) },
        { name: 'notes.txt', bytes: Buffer.from('notes') },
        { name: 'torn.png', bytes: Buffer.from('no picture') },
      ]),
    );
    const texts = [await editor.fake.prompts.messages.next(), await editor.fake.prompts.messages.next()].map((told) => {
      told.dismiss();
      return told.text;
    });
    expect(texts.sort().reverse()).toEqual([
      expect.stringContaining('torn.png is no picture of a kind that models take'),
      expect.stringContaining('Not taken along: notes.txt.'),
    ]);
    const box = await editor.fake.prompts.quickPicks.next();
    expect(rows(box)).toEqual(['With the picture Screen.PNG']);
    box.hide();
    await done;

    const link = editor.fake.drop('teamwright.runs', new FakeDataTransfer({ 'text/uri-list': 'https://example.org/a.js' }));
    const told = await editor.fake.prompts.messages.next();
    expect(told.text).toContain('Nothing of it is a file.');
    told.dismiss();
    await link;
  });

  test('without trust nothing begins', async () => {
    const editor = await opened({ trusted: false });
    const done = editor.fake.drop('teamwright.runs', list(fileOf(editor, 'b two.js')));
    const told = await editor.fake.prompts.messages.next();
    expect(told.text).toContain('Restricted Mode');
    told.dismiss();
    await done;
    expect(editor.fake.prompts.quickPicks.all).toEqual([]);
  });

  test.each(['paste', 'drop'] as const)('into a longer request (%s): words that take files, folders and pictures along', async (how) => {
    const editor = await opened();
    const document = await longer(editor);
    expect(await editor.fake.insert(how, document, list(fileOf(editor, 'b two.js'), fileOf(editor, 'a')))).toBe(
      '#file:"b two.js" #folder:a ',
    );
    const shot = (width: number) => new FakeDataTransfer({}, [{ name: 'image.png', bytes: pngOf(width, 30) }]);
    expect(await editor.fake.insert(how, document, shot(50))).toBe('#picture:image.png ');
    // Pictures of the clipboard have all the same name.
    expect(await editor.fake.insert(how, document, shot(60))).toBe('#picture:image-2.png ');
    expect(await editor.fake.insert(how, document, shot(50))).toBe('#picture:image.png ');
    // What is a text is VS Code's own to paste.
    expect(await editor.fake.insert(how, document, new FakeDataTransfer({ 'text/uri-list': 'https://example.org/' }))).toBeUndefined();
    // What the user takes out of the text does not go along.
    const text = document.getText().replace('#picture:image.png ', '').replace('#picture:image.png ', '');
    editor.fake.type(document, text);
    await editor.command('teamwright.sendRequest', document.uri);
    expect(asked(editor)).toMatchObject({
      text: '#file:"b two.js" #folder:a #picture:image-2.png',
      files: ['b two.js', 'a/one.js'],
      images: [{ name: 'image-2.png', width: 60 }],
    });
    const [run] = editor.shown.runs;
    await expect.poll(() => run?.readBlob(asked(editor)?.images?.[0]?.data ?? '')).toContain('data:image/png;base64,');
  });

  test('a picture that an earlier window held is asked for once more, and nothing starts', async () => {
    const editor = await opened();
    const document = await longer(editor);
    editor.fake.type(document, 'As on #picture:image.png');
    await expect(editor.command('teamwright.sendRequest', document.uri)).rejects.toMatchObject({
      code: 'image-unusable',
      facts: { why: 'gone', name: 'image.png' },
    });
    expect(editor.fake.documents).toContain(document);
    const done = editor.command('teamwright.newRequest');
    const box = await editor.fake.prompts.quickPicks.next();
    box.type('As on #picture:image.png');
    await expect.poll(() => rows(box)).toEqual(['#picture:image.png · this picture is not at hand any more']);
    box.hide();
    await done;
  });
});

describe('a place in the workspace', () => {
  test('files of the explorer, a folder standing for what is in it', async () => {
    const editor = await open({ files: { 'a/one.js': '1\n', 'a/two.js': '2\n', 'b.js': '3\n' } });
    const uris = [fileOf(editor, 'b.js'), fileOf(editor, 'a')];
    const done = editor.command('teamwright.newRequestOnFiles', uris[0], uris);
    const pick = await editor.fake.prompts.quickPicks.next();
    expect(pick.title).toBe('New request · b.js, a/one.js … (3)');
    pick.type('Look at these');
    pick.enter();
    await done;
    expect(asked(editor)?.files).toEqual(['b.js', 'a/one.js', 'a/two.js']);
  });

  test("a problem's light bulb offers a team, and starts with the problem's own words", async () => {
    const editor = await open();
    registerRequestSurfaces(editor.fake.vscode, async () => editor.core.requests);
    const document = (await editor.fake.vscode.workspace.openTextDocument(fileOf(editor, 'sum.js') as never)) as unknown as FakeDocument;
    const problem = new FakeDiagnostic(new FakeRange(1, 2, 1, 8), "'b' is never added.");
    const hint = new FakeDiagnostic(new FakeRange(0, 0, 0, 1), 'could be const', 3);
    const actions = await editor.fake.codeActions(document, [problem, hint] as never);
    expect(actions.map(({ title }) => title)).toEqual(['Fix with a Teamwright team']);
    const { command = '', arguments: values = [] } = actions[0]?.command ?? {};
    await editor.command(command, ...values);
    expect(asked(editor)).toEqual({
      text: "Fix this problem: 'b' is never added.",
      files: ['sum.js'],
      diagnostic: { path: 'sum.js', startLine: 2, endLine: 2, message: "'b' is never added." },
    });
  });

  test('a failing test of the Test Explorer, with the suites around it', async () => {
    const editor = await open();
    const uri = fileOf(editor, 'sum.test.js');
    const range = new FakeRange(4, 0, 4, 9);
    const file = { label: 'sum.test.js', uri, range: undefined };
    const suite = { label: 'sum', uri, range, parent: file };
    await editor.command('teamwright.fixTest', { label: 'adds two numbers', uri, range, parent: suite });
    expect(asked(editor)).toEqual({
      text: 'Make the failing test "sum > adds two numbers" pass.',
      files: ['sum.test.js'],
      failingTest: { name: 'sum > adds two numbers', path: 'sum.test.js' },
    });
    // The menu of a failure message hands over the message with its test.
    await editor.command('teamwright.fixTest', { test: { label: 'adds nothing', uri, range }, message: { message: 'no' } });
    expect(asked(editor, 1)?.failingTest).toEqual({ name: 'adds nothing', path: 'sum.test.js' });
  });

  test('a file of a virtual folder is told what is wrong with it', async () => {
    const editor = await open();
    const folder = editor.fake.vscode.workspace.workspaceFolders?.[0] as { uri: FakeUri };
    folder.uri = FakeUri.from({ scheme: 'vscode-vfs', authority: 'github', path: '/someone/project' });
    const done = editor.command('teamwright.newRequest');
    const message = await editor.fake.prompts.messages.next();
    expect(message.text).toContain('is virtual: it lies on no disk');
    message.dismiss();
    await done;
    expect(editor.shown.runs).toEqual([]);
  });
});

describe('a follow-up', () => {
  test('names the run it goes on from', async () => {
    const editor = await open({ script: [] });
    const first = await editor.core.runs.start({ request: { text: 'Do it.', files: [] }, workspace: editor.workspace.root });
    await expect.poll(() => first.proposal(), { timeout: 20_000 }).toBeDefined();
    first.decline();
    await first.result;
    const done = editor.command('teamwright.followUp', first.runId);
    const pick = await editor.fake.prompts.quickPicks.next();
    expect(pick.title).toBe('Follow-up request');
    pick.type('Do it better.');
    pick.enter();
    // A declined run handed nothing over, and the core says so; the request itself carries the name.
    await expect(done).rejects.toMatchObject({ code: 'not-continuable', message: expect.stringContaining(first.runId) });
  });
});

describe('the chat participant', () => {
  const chat = async (editor: OpenedEditor, prompt: string, references: unknown[] = []) => {
    const said: unknown[] = [];
    const stream = { markdown: (text: unknown) => said.push(text), button: (button: unknown) => said.push(button) };
    const request = { prompt, references: references.map((value) => ({ value })) };
    await answer(editor.fake.vscode, editor.core.requests, request as never, stream as never);
    return said;
  };

  test('starts the same run, on what is attached, and points to its review', async () => {
    const editor = await open();
    const range = new FakeRange(1, 0, 1, 9);
    const said = await chat(editor, 'Mend it.', [
      new FakeLocation(fileOf(editor, 'sum.js'), range),
      fileOf(editor, 'sum.test.js'),
      'a word',
    ]);
    const runId = editor.shown.runs[0]?.runId;
    expect(said).toEqual([
      'A team is being designed for this request. You see the plan and its price before anything runs.',
      { command: 'teamwright.openRun', title: 'Review Plan', arguments: [runId] },
    ]);
    expect(asked(editor)).toEqual({
      text: 'Mend it.',
      files: ['sum.js', 'sum.test.js'],
      selection: { path: 'sum.js', startLine: 2, endLine: 2 },
    });
  });

  test('takes pictures along, of a file and of the clipboard, and says what it does not take', async () => {
    const editor = await open();
    writeFileSync(`${editor.workspace.root}/shot.png`, pngOf(40, 30));
    const [refused] = await chat(editor, 'As on the pictures.', [
      FakeUri.file('/elsewhere/notes.txt'),
      fileOf(editor, 'shot.png'),
      { mimeType: 'image/png', data: async () => pngOf(50, 30) },
      fileOf(editor, 'sum.js'),
    ]);
    expect(refused).toContain('Not taken along: notes.txt.');
    expect(asked(editor)).toMatchObject({
      files: ['sum.js'],
      images: [
        { name: 'shot.png', width: 40 },
        { name: 'picture.png', width: 50 },
      ],
    });
  });

  test('without a word, and without trust, nothing starts', async () => {
    const editor = await open({ trusted: false });
    expect(await chat(editor, ' ')).toEqual(['Say what should change, for example: make the failing test pass.']);
    expect(await chat(editor, 'Go.')).toEqual([
      'This folder is in Restricted Mode, so Teamwright starts nothing in it. Past runs can be read.',
    ]);
    expect(editor.shown.runs).toEqual([]);
  });
});
