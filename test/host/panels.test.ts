/** The tabs: what they show of a real run, what their buttons do to it, and what they refuse. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { RunHandle } from '../../src/editor/flow-types.ts';
import { createHost } from '../../src/editor/host.ts';
import { hostPage } from '../../src/editor/panels/page-host.ts';
import { registerPlanLanguage } from '../../src/editor/panels/plan-language.ts';
import { emptyPlanView } from '../../src/editor/panels/plan-view.ts';
import { parsePlan, planHash, printPlan } from '../../src/plan/index.ts';
import { type Command, messageVersion } from '../../src/webviews/messages-types.ts';
import type { EditorSetup } from '../support/editor.ts';
import type { FakeDocument } from '../support/fake-vscode/documents.ts';
import type { FakeWebviewPanel } from '../support/fake-vscode/webviews.ts';
import { writeLessonRun, writeManyRuns } from '../support/lesson-runs.ts';
import { messages, type OpenedPanels, openPanels, planShown, runShown, say, until } from '../support/panels.ts';
import { team } from '../support/plan-example.ts';
import { hasSqlite, threads } from '../support/threads.ts';
import { brokenSum, sumReply } from '../support/workspaces.ts';

const opened: OpenedPanels[] = [];
const open = async (setup: EditorSetup = {}): Promise<OpenedPanels> => {
  const panels = await openPanels({ script: [sumReply('a + b')], ...setup });
  opened.push(panels);
  return panels;
};
afterEach(async () => {
  for (const panels of opened.splice(0)) await panels[Symbol.asyncDispose]();
});

async function review(setup: EditorSetup = {}): Promise<OpenedPanels & { handle: RunHandle; tab: FakeWebviewPanel }> {
  const panels = await open(setup);
  const handle = await panels.start();
  await until(() => handle.proposal());
  await panels.panels.open(handle);
  const tab = panels.panel('review');
  say(tab, { type: 'ready' });
  await planShown(tab);
  return { ...panels, handle, tab };
}

const calls = (value: number): Command => ({ type: 'edit', edit: { kind: 'set', place: ['budget', 'calls'], value } });

describe('the plan review', () => {
  test('is a page without scripts of others, styles in tags or anything from elsewhere', async () => {
    const { tab } = await review();
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(tab.webview.html)?.[1] ?? '';
    const nonce = /nonce-([^']*)/.exec(policy)?.[1] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(tab.webview.html).toContain(`<script nonce="${nonce}" src="https://webview.test/`);
    expect(tab.webview.html.match(/<script/g)).toHaveLength(1);
    expect(tab.webview.html).not.toMatch(/<style|style="/);
    expect((tab.webview.options as { localResourceRoots: unknown[] }).localResourceRoots.map(String)).toEqual([
      expect.stringMatching(/dist\/webviews$/),
    ]);
  });

  test('shows team, price, briefing and hash; an approval of exactly this starts the run and shows it', async () => {
    const { tab, handle, panel } = await review();
    const model = await planShown(tab);
    expect(model).toMatchObject({ phase: 'waiting', title: 'solo', canApprove: true, hash: handle.proposal()?.hash });
    expect(model.graph.nodes.map(({ title }) => title)).toEqual(['draft ×3', 'test', 'choose']);
    expect(model.estimate.map(({ name, value }) => `${name} ${value}`)[0]).toBe('Calls 1–3');
    expect(model.briefing.map(({ label }) => label)).toContain('Relevant files');

    say(tab, { type: 'approve', hash: model.hash });
    const run = await until(() => handle.proposal() === undefined && panel('run'));
    expect(tab.disposed).toBe(true);
    expect((await handle.result)?.outcome).toBe('solved');
    say(run, { type: 'ready' });
    const shown = await runShown(run, ({ badge }) => badge.icon === 'pass');
    expect(shown.graph.nodes.map(({ state }) => state)).toEqual(['done', 'skipped', 'done']);
    expect(shown.candidates).toMatchObject([{ chosen: true, tests: '2 passed, 0 failed', delta: [expect.stringContaining('fixed')] }]);
    expect(shown.agents).toMatchObject([{ name: 'coder', model: 'scripted', calls: '1' }]);
    expect(shown.log.at(-1)?.text).toBe('The run ended.');
  });

  test('an edit gives another price and hash; approving what was on screen before is refused in words, and the plan waits on', async () => {
    const { tab, handle } = await review();
    const before = await planShown(tab);
    say(tab, { type: 'edit', edit: { kind: 'set', place: ['steps', 0, 'samples'], value: 2 } });
    say(tab, { type: 'approve', hash: before.hash });
    const refused = await planShown(tab, ({ notice }) => notice !== undefined);
    expect(refused.notice).toMatchObject({ kind: 'error', text: expect.stringContaining('Not approved: the plan has changed') });
    expect(refused.hash).not.toBe(before.hash);
    expect(refused.estimate[0]?.value).toBe('1–2');
    expect(refused.changes).toContain('Changed: step draft – Samples was 3, is 2');
    // Neither the name nor the reason of the proposal stands above another team.
    expect(refused).toMatchObject({ title: 'solo-edited', reason: 'Changed by you, from the team “solo”.' });
    expect(handle.proposal()).toBeDefined();

    say(tab, { type: 'approve', hash: refused.hash });
    await until(() => handle.proposal() === undefined);
    await handle.result;
    expect(handle.state().plans.map(({ origin, approval }) => `${origin} ${approval}`)).toEqual(['solo open', 'user-edit approved']);
    expect(handle.state().plans.at(-1)).toMatchObject({ hash: refused.hash, name: 'solo-edited' });
  });

  test('a plan with an error cannot be approved, whatever the page says; its problem stands at the field', async () => {
    const { tab, handle } = await review();
    say(tab, { type: 'edit', edit: { kind: 'set', place: ['agents', 'coder', 'write'], value: ['../elsewhere/**'] } });
    const wrong = await planShown(tab, ({ canApprove }) => !canApprove);
    const fields = Object.values(wrong.forms)
      .flat()
      .flatMap((section) => section.fields);
    expect(fields.find(({ id }) => id === 'agents.coder.write')?.problems).toEqual([
      { severity: 'error', message: expect.stringContaining('it contains ".."') },
    ]);
    say(tab, { type: 'approve', hash: wrong.hash });
    const refused = await planShown(tab, ({ notice }) => notice !== undefined);
    expect(refused.notice?.text).toContain('problems that keep it from running');
    expect(handle.proposal()).toBeDefined();
  });

  test('what is half typed keeps the last whole plan and its price', async () => {
    const { tab } = await review();
    const before = await planShown(tab);
    say(tab, { type: 'edit', edit: { kind: 'set', place: ['agents', 'coder', 'instructions'], value: '' } });
    const typing = await planShown(tab, ({ problems }) => problems.length > 0);
    expect(typing).toMatchObject({ hash: before.hash, canApprove: false, estimate: before.estimate });
  });

  test('decline with a reason ends the run before anything is asked of a model', async () => {
    const { tab, handle, editor } = await review();
    say(tab, { type: 'decline', comment: 'too dear' });
    expect((await handle.result)?.outcome).toBe('declined');
    expect(handle.state().plans.at(-1)?.comment).toBe('too dear');
    expect(editor.server.requests).toHaveLength(0);
  });

  test('of a run that failed before there was a plan says why and what can be done next, and leads to the run, which says it too', async () => {
    const panels = await open({
      script: () => ({ status: 401, body: { error: { message: 'who are you' } }, stallMs: 1500 }),
      settings: { 'teamwright.designer': 'model' },
    });
    const handle = await panels.start();
    await panels.panels.open(handle);
    const tab = panels.panel('review');
    say(tab, { type: 'ready' });
    await planShown(tab, ({ phase }) => phase === 'designing');
    expect((await handle.result)?.outcome).toBe('failed');
    const why = /^The run failed\. .* refused access: who are you\. Check the key/;
    expect(await planShown(tab, ({ phase }) => phase === 'ended')).toMatchObject({
      hash: '',
      notice: { kind: 'error', text: expect.stringMatching(why) },
    });
    say(tab, { type: 'open-run' });
    const run = await until(() => panels.editor.fake.panels.findLast(({ viewType }) => viewType === 'teamwright.run'));
    say(run, { type: 'ready' });
    const { outcome, can } = await runShown(run);
    expect(outcome.join(' ')).toMatch(why);
    expect(can).toMatchObject({ again: true, resume: true });
  });

  test('of a plan that nobody answered before the run was stopped says that it ended', async () => {
    const { tab, handle } = await review();
    handle.stop();
    await handle.result;
    const model = await planShown(tab, ({ phase }) => phase === 'ended');
    expect(model).toMatchObject({ title: 'solo', canApprove: false, notice: { kind: 'info', text: expect.stringMatching(/^Stopped\./) } });
  });

  test('redesign asks for another plan and shows it', async () => {
    const { tab, handle } = await review();
    const first = await planShown(tab);
    say(tab, { type: 'redesign', comment: 'Use a reviewer.' });
    await until(() => handle.proposal() !== undefined && handle.state().plans.length > 1);
    const next = await planShown(tab, ({ notice, phase }) => phase === 'waiting' && notice?.text === 'Here is another plan.');
    expect(next.hash).not.toBe('');
    expect(first.since).toBeUndefined();
    expect(next.since?.name).toBe(first.title);
    expect(next.since?.changes.length).toBeGreaterThan(0);
    expect(next.since?.changes.every((line) => /^(Added|Removed|Moved|Changed): /.test(line))).toBe(true);
    expect(first.phase).toBe('waiting');
  });

  test('solo, a step more, a step less and back to the proposal', async () => {
    const { tab } = await review({ settings: { 'teamwright.designer': 'library' } });
    const proposed = await planShown(tab);
    expect(proposed.title).not.toBe('solo');
    say(tab, { type: 'make-solo' });
    const solo = await planShown(tab, ({ title }) => title === 'solo');
    expect(solo.changes).not.toEqual([]);
    say(tab, { type: 'edit', edit: { kind: 'add-step', step: 'review' } });
    const added = await planShown(tab, ({ outline }) => outline.length === solo.outline.length + 1);
    expect(added.outline.at(-1)?.label).toBe('review · review · reviewer');
    expect(added.agents.map(({ name }) => name)).toEqual(['coder', 'reviewer']);
    expect(added.title).toBe('solo-edited');
    say(tab, { type: 'edit', edit: { kind: 'remove-step', place: ['steps', added.outline.length - 1] } });
    await planShown(tab, ({ outline }) => outline.length === solo.outline.length);
    say(tab, { type: 'reset-plan' });
    const reset = await planShown(tab, ({ title }) => title === proposed.title);
    expect(reset).toMatchObject({ hash: proposed.hash, changes: [] });
  });

  test('a workspace without tests: the plan says that nothing can judge it, and so do the steps and the end', async () => {
    const { tab, handle, panel } = await review({ files: { 'sum.js': brokenSum['sum.js'] } });
    const model = await planShown(tab);
    expect(model.unjudged).toEqual({
      why: 'No tests were found in this workspace. The change can be looked at and applied, but nobody can show that it is right.',
      canWriteTests: true,
    });
    say(tab, { type: 'approve', hash: model.hash });
    const run = await until(() => handle.proposal() === undefined && panel('run'));
    expect((await handle.result)?.outcome).toBe('no-tests');
    say(run, { type: 'ready' });
    const shown = await runShown(run, ({ outcome }) => outcome.length > 0);
    expect(shown.badge).toEqual({ word: 'no test could judge it', icon: 'beaker-stop', tone: 'caution' });
    expect(shown.graph.nodes.map(({ title, state, detail }) => `${title}: ${state}, ${detail}`)).toEqual([
      expect.stringMatching(/^draft ×3: over, /),
      'test: no-tests, no tests',
      expect.stringMatching(/^choose: (over|skipped), /),
    ]);
    expect(shown.log.map(({ text, tone }) => `${tone}: ${text}`)).toContain('warning: test tested nothing: there are no tests.');
    expect(shown.candidates).toMatchObject([{ tests: '', badge: { word: 'no test could judge it', tone: 'caution' } }]);
    expect(run.title).toBe('No test could judge it: Make the failing test pass.');
  });

  test('a plan is told before it is approved: who does what until which test passes, its limits, and the facts', async () => {
    const { tab } = await review();
    const { explanation, isSolo } = await planShown(tab);
    expect(explanation).toMatchObject({
      sentence: expect.stringMatching(
        /^Coder writes the change in up to 3 tries, in a copy of your folder, until the test “.+” passes\. Any file but tests may change\.$/,
      ),
      cost: expect.stringMatching(/at most .* tokens.*Stops when the tests pass, or at /i),
      ifRed: expect.stringContaining('another plan is put to you where there is one'),
      changesFiles: true,
    });
    expect(explanation?.chips.map(({ label, paths, text }) => `${label}: ${paths}${text}`)).toEqual([
      'Tests now: 1 of 2 fails',
      'Likely files: sum.js',
      'Model: scripted',
    ]);
    expect(isSolo).toBe(true);
  });

  test('a change can be made an answer, which any language can ask for, and back', async () => {
    const { tab, handle, editor } = await review({ script: ['It subtracts.'] });
    const before = await planShown(tab);
    say(tab, { type: 'just-answer' });
    const model = await planShown(tab, ({ hash }) => hash !== before.hash);
    expect(model.explanation).toMatchObject({
      changesFiles: false,
      sentence: expect.stringContaining('and answers you. No file is changed.'),
    });
    expect(model).toMatchObject({ canApprove: true, isSolo: false });
    say(tab, { type: 'reset-plan' });
    expect((await planShown(tab, ({ hash }) => hash === before.hash)).explanation).toEqual(before.explanation);
    say(tab, { type: 'just-answer' });
    await planShown(tab, ({ hash }) => hash === model.hash);
    say(tab, { type: 'approve', hash: model.hash });
    expect(await handle.result).toMatchObject({ outcome: 'answered', answer: 'It subtracts.' });
    expect(editor.server.requests).toHaveLength(1);
  });

  test('name and reason are those of the team that is on screen', async () => {
    const { tab } = await review({ settings: { 'teamwright.designer': 'library' } });
    const proposed = await planShown(tab);
    say(tab, { type: 'make-solo' });
    const solo = await planShown(tab, ({ title }) => title === 'solo');
    expect(solo.reason).not.toBe(proposed.reason);
    say(tab, { type: 'reset-plan' });
    await planShown(tab, ({ hash }) => hash === proposed.hash);
    say(tab, calls(7));
    const edited = await planShown(tab, ({ changes }) => changes.length > 0);
    expect(edited.reason).toBe(`You changed this team. Of the team that was proposed it was said: ${proposed.reason}`);
  });

  test('a problem names its field as the form does', async () => {
    const { tab } = await review();
    say(tab, { type: 'edit', edit: { kind: 'set', place: ['agents', 'coder', 'write'], value: ['../elsewhere/**'] } });
    say(tab, { type: 'edit', edit: { kind: 'set', place: ['steps', 0, 'samples'], value: 0 } });
    const { problems } = await planShown(tab, (model) => model.problems.some(({ field }) => field?.endsWith('samples')));
    expect(problems.map(({ message }) => message)).toEqual(expect.arrayContaining([expect.stringMatching(/^Step draft · Samples: /)]));
    expect(problems.every(({ message }) => !/steps\[|agents\./.test(message))).toBe(true);
  });

  test('a red end is sent back with a hint by the run of the page, and another model starts the request anew', async () => {
    const panels = await open({
      script: Array.from({ length: 8 }, (_, index) => sumReply(`a - b * ${index + 1}`)),
      settings: { 'teamwright.replans': 0 },
    });
    panels.editor.approveAll();
    const handle = await panels.start();
    expect((await handle.result)?.outcome).toBe('tests-fail');
    await panels.panels.open(handle);
    const run = panels.panel('run');
    say(run, { type: 'ready' });
    await runShown(run, ({ can }) => can.again);
    const { vscode } = panels.editor.fake;
    const asked: unknown[][] = [];
    vscode.commands.registerCommand('teamwright.followUp', (...values: unknown[]) => void asked.push(values));
    vscode.commands.registerCommand('teamwright.models.choose', () =>
      vscode.workspace.getConfiguration('teamwright').update('models.worker', 'another@http://127.0.0.1:1/v1', true),
    );
    say(run, { type: 'send-back' });
    await until(() => asked.length > 0);
    expect(asked).toEqual([[handle.runId]]);
    const next = await panels.editor.core.runs.start({
      request: { text: 'Mend it better.', files: [], followsRun: handle.runId },
      workspace: panels.editor.workspace.root,
    });
    next.stop();
    await next.result;
    await panels.panels.open(next);
    const after = panels.panel('run');
    say(after, { type: 'ready' });
    expect((await runShown(after)).along).toEqual(['goes on from “Make the failing test pass”']);
    say(run, { type: 'other-model' });
    const again = await until(() => panels.editor.core.runs.live().find(({ runId }) => runId !== handle.runId));
    expect(again.state().start?.request ?? handle.state().start?.request).toEqual(handle.state().start?.request);
    again.stop();
    await again.result;
  });

  test('a second plan begins with what the first left red, and the user may keep what there is', async () => {
    const panels = await review({ script: Array.from({ length: 12 }, (_, index) => sumReply(`a - b * ${index + 1}`)) });
    const { tab, handle } = panels;
    const first = await planShown(tab);
    expect(first.before).toBeUndefined();
    say(tab, { type: 'approve', hash: first.hash });
    await until(() => handle.state().plans.length > 1 && handle.proposal());
    await panels.panels.open(handle);
    const second = panels.panel('review');
    say(second, { type: 'ready' });
    const model = await planShown(second, ({ phase }) => phase === 'waiting');
    expect(model.before).toMatchObject({
      sentence: 'The best try of the last plan still fails 1 test.',
      tests: [{ message: expect.stringMatching(/!==|strictly equal/) }],
      spent: expect.stringMatching(/^Spent so far – Calls: 3 of \d+ · Tokens: /),
      canKeep: true,
    });
    say(second, { type: 'keep-what-there-is' });
    const result = await handle.result;
    expect(result?.outcome).toBe('declined');
    expect(result?.diff?.files.map(({ path: file }) => file)).toEqual(['sum.js']);
  });

  test('tests are written first, by a plan that only writes tests and can be approved like any other', async () => {
    const tests = `sum.test.js\n\`\`\`js\n${brokenSum['sum.test.js']}\`\`\`\n`;
    const { tab, handle } = await review({ files: { 'sum.js': brokenSum['sum.js'] }, script: [tests] });
    const before = await planShown(tab);
    say(tab, { type: 'write-tests-first' });
    const model = await planShown(tab, ({ hash }) => hash !== before.hash);
    expect(model.graph.nodes[0]?.name).toContain('tester');
    expect(model.unjudged).toEqual({
      why: 'No tests were found in this workspace. This plan writes tests: look at them, apply them, and send the request again. Then they judge it.',
      canWriteTests: false,
    });
    say(tab, { type: 'approve', hash: model.hash });
    expect(await handle.result).toMatchObject({ outcome: 'no-tests', diff: { files: [{ path: 'sum.test.js', change: 'added' }] } });
  });

  test('no such word where tests can judge, and none of a plan that only answers', async () => {
    expect((await planShown((await review()).tab)).unjudged).toBeUndefined();
    const panels = await open({ files: { 'sum.js': brokenSum['sum.js'] } });
    const handle = await panels.start('What does sum do?');
    await until(() => handle.proposal());
    await panels.panels.open(handle);
    say(panels.panel('review'), { type: 'ready' });
    expect((await planShown(panels.panel('review'))).unjudged).toBeUndefined();
  });

  test('another team that was considered is taken with one button, priced and all', async () => {
    const { tab } = await review({ settings: { 'teamwright.designer': 'library' } });
    const proposed = await planShown(tab);
    const solo = proposed.alternatives.find(({ name }) => name === 'solo');
    expect(solo?.estimate).toMatch(/calls · .* tokens/);
    say(tab, { type: 'take-alternative', hash: solo?.hash ?? '' });
    const taken = await planShown(tab, ({ title }) => title === 'solo');
    expect(taken.hash).toBe(solo?.hash);
    expect(taken.alternatives.find(({ hash }) => hash === taken.hash)?.taken).toBe(true);
  });

  test('saves the plan as a team of the workspace, and asks before it replaces one', async () => {
    const { tab, editor } = await review();
    const { inputs } = editor.fake.prompts;
    say(tab, { type: 'save-team' });
    const asked = await inputs.next();
    expect(asked).toMatchObject({ value: 'solo', prompt: expect.stringContaining('.teamwright/teams') });
    asked.enter('solo');
    const saved = await planShown(tab, ({ notice }) => notice?.text.startsWith('Saved as .teamwright/teams/solo.team.yaml.') ?? false);
    const file = path.join(editor.workspace.root, '.teamwright/teams/solo.team.yaml');
    const read = parsePlan(readFileSync(file, 'utf8'));
    expect(read.plan && planHash(read.plan)).toBe(saved.hash);

    say(tab, calls(7));
    await planShown(tab, ({ changes }) => changes.length > 0);
    say(tab, { type: 'save-team' });
    (await inputs.next()).enter('solo');
    const question = await editor.fake.prompts.messages.next();
    expect(question).toMatchObject({ modal: true, text: 'There is a team solo already.' });
    question.press('Replace');
    await until(() => readFileSync(file, 'utf8').includes('calls: 7'));
    say(tab, { type: 'save-team' });
    (await inputs.next()).dismiss();
    expect(readdirSync(path.dirname(file))).toEqual(['solo.team.yaml']);
  });

  test('a saved team is offered with its price, and taken in the place of the designed one; one that is no plan says why', async () => {
    const other = team.replace(/^name: .*$/m, 'name: ours');
    const { tab, handle } = await review({
      files: { ...brokenSum, '.teamwright/teams/ours.team.yaml': other, '.teamwright/teams/broken.team.yaml': 'steps: [' },
    });
    const { saved } = await planShown(tab);
    expect(saved).toMatchObject([
      { name: 'broken', estimate: '', problem: expect.stringContaining('error') },
      { name: 'ours', estimate: expect.stringMatching(/calls · .* tokens/), problem: '', taken: false },
    ]);
    say(tab, { type: 'take-saved', name: 'ours' });
    const taken = await planShown(tab, ({ title }) => title === 'ours');
    expect(taken.saved.find(({ name }) => name === 'ours')?.taken).toBe(true);
    expect(taken.hash).not.toBe(handle.proposal()?.hash);
    expect(taken.changes.some((line) => line.startsWith('Added: '))).toBe(true);
  });

  test('opens files of the briefing, and nothing outside the workspace', async () => {
    const { tab, editor } = await review();
    say(tab, { type: 'open-file', path: 'sum.js' });
    await until(() => editor.fake.documents.some(({ uri }) => uri.path.endsWith('/sum.js')));
    say(tab, { type: 'open-file', path: 'src/../../secret.txt' });
    expect((await editor.fake.prompts.messages.next()).text).toContain('it is outside the workspace');
  });

  test('what is none of our messages is dropped and logged', async () => {
    const { tab, handle, editor } = await review();
    tab.send({ v: messageVersion, command: { type: 'approve', hash: handle.proposal()?.hash, edited: {} } });
    tab.send({ v: 99, command: { type: 'ready' } });
    tab.send('approve');
    await until(() => editor.fake.log.filter((line) => line.includes('is none of ours')).length === 3);
    expect(handle.proposal()).toBeDefined();
  });

  test('a hidden page gets nothing; when it stands again it gets everything', async () => {
    const { tab } = await review();
    tab.show(false);
    const before = tab.posted.length;
    say(tab, calls(9));
    await wait(300);
    expect(tab.posted).toHaveLength(before);
    tab.show(true);
    say(tab, { type: 'ready' });
    await planShown(tab, ({ changes }) => changes.length === 1);
  });
});

test('a model that took longer than a later one does not take its place on the page', async () => {
  const { editor } = await open();
  const host = createHost(editor.fake.vscode, editor.fake.context);
  const tab = editor.fake.vscode.window.createWebviewPanel('teamwright.review', 'plan', 1, {}) as unknown as FakeWebviewPanel;
  const slow = Promise.withResolvers<void>();
  const speech = { l10n: editor.fake.vscode.l10n, locale: 'en' };
  const common = { runId: 'r1', request: { text: 'Mend it.', files: [] } };
  let asked = 0;
  const page = hostPage(host, tab as never, {
    page: 'plan',
    runId: 'r1',
    model: async () => {
      asked += 1;
      if (asked > 1) return emptyPlanView({ ...common, phase: 'past' }, speech);
      await slow.promise;
      return emptyPlanView({ ...common, phase: 'designing' }, speech);
    },
    command: () => undefined,
  });
  say(tab, { type: 'ready' });
  page.refresh();
  await planShown(tab, ({ phase }) => phase === 'past');
  slow.resolve();
  await wait(50);
  expect((await planShown(tab)).phase).toBe('past');
  expect(messages(tab)).toHaveLength(1);
});

describe('the plan as text', () => {
  const textOf = async (panels: Awaited<ReturnType<typeof review>>): Promise<FakeDocument> => {
    say(panels.tab, { type: 'edit-as-yaml' });
    return until(() => panels.editor.fake.documents.find(({ uri }) => uri.scheme === 'teamwright-plan'));
  };

  test('is the same plan, and each side follows the other', async () => {
    const panels = await review();
    const { tab, handle, editor } = panels;
    const document = await textOf(panels);
    expect(document.getText()).toBe(printPlan(handle.proposal()?.plan as never));

    editor.fake.type(document, document.getText().replace('samples: 3', 'samples: 4'));
    const edited = await planShown(tab, ({ changes }) => changes.length === 1);
    expect(edited.changes).toEqual(['Changed: step draft – Samples was 3, is 4']);

    say(tab, calls(8));
    await until(() => document.getText().includes('calls: 8'));
    expect(document.getText()).toContain('samples: 4');
    await until(() => !document.isDirty);
  });

  test('typed a moment before the approval makes it void', async () => {
    const panels = await review();
    const { tab, editor, handle } = panels;
    const before = await planShown(tab);
    const document = await textOf(panels);
    editor.fake.type(document, document.getText().replace('samples: 3', 'samples: 9'));
    say(tab, { type: 'approve', hash: before.hash });
    const refused = await planShown(tab, ({ notice }) => notice?.kind === 'error');
    expect(refused.notice?.text).toContain('Not approved: the plan has changed');
    expect(handle.proposal()).toBeDefined();
    expect(refused.hash).not.toBe(before.hash);
  });

  test('follows a plan that is designed anew', async () => {
    const panels = await review();
    const { tab } = panels;
    const first = await planShown(tab);
    const document = await textOf(panels);
    say(tab, { type: 'redesign', comment: 'Use a reviewer.' });
    const next = await planShown(tab, ({ notice, hash }) => notice?.text === 'Here is another plan.' && hash !== first.hash);
    await until(() => {
      const { plan } = parsePlan(document.getText(), { format: 'yaml' });
      return plan !== undefined && planHash(plan) === next.hash;
    });
  });

  test('that is no plan leaves the form at the last one, says so, and cannot be approved', async () => {
    const panels = await review();
    const { tab, editor } = panels;
    const before = await planShown(tab);
    const document = await textOf(panels);
    editor.fake.type(document, document.getText().replace('do: generate', 'do: generat'));
    const broken = await planShown(tab, ({ notice }) => notice !== undefined);
    expect(broken.notice?.text).toMatch(/cannot be read as a plan \(line \d+\).*The form shows the last plan/);
    expect(broken).toMatchObject({ hash: before.hash, canApprove: false });
    say(tab, { type: 'approve', hash: before.hash });
    await wait(250);
    expect(panels.handle.proposal()).toBeDefined();

    editor.fake.type(document, document.getText().replace('do: generat\n', 'do: generate\n'));
    await planShown(tab, ({ notice, canApprove }) => notice === undefined && canApprove);
  });
});

describe('a team of the workspace as text', () => {
  test('has its problems at their lines, and none when they are mended', async () => {
    const { editor } = await open({
      files: { 'sum.js': '', '.teamwright/teams/bug-fix.team.yaml': team.replace('agent: critic', 'agent: critc') },
    });
    const { fake, workspace } = editor;
    const language = registerPlanLanguage(fake.vscode, (error) => expect.unreachable(String(error)));
    const file = path.join(workspace.root, '.teamwright/teams/bug-fix.team.yaml');
    const document = (await fake.vscode.workspace.openTextDocument(file)) as unknown as FakeDocument;
    const found = await until(() => fake.diagnostics(document.uri).length > 0 && fake.diagnostics(document.uri));
    expect(found.map(({ message, range }) => `${document.lineAt(range.start.line).text.trim()}: ${message}`)).toEqual([
      '- { id: judge, do: review, agent: critc }: There is no agent "critc". Did you mean "critic"?',
      'critic:: No step calls the agent "critic".',
    ]);
    fake.type(document, team);
    await until(() => fake.diagnostics(document.uri).length === 0);
    language.dispose();
  });
});

describe('the run tab', () => {
  test('of a live run streams what agents say, and its buttons steer', async () => {
    const answer = Promise.withResolvers<void>();
    const panels = await open({ script: async () => answer.promise.then(() => sumReply('a + b')) });
    const handle = await panels.start();
    const proposal = await until(() => handle.proposal());
    await panels.panels.open(handle);
    say(panels.panel('review'), { type: 'ready' });
    say(panels.panel('review'), { type: 'approve', hash: proposal.hash });
    const tab = await until(() => panels.editor.fake.panels.find(({ viewType }) => viewType === 'teamwright.run'));
    say(tab, { type: 'ready' });
    await runShown(tab, ({ badge }) => badge.icon === 'sync');
    say(tab, { type: 'hint', agent: 'coder', text: 'Mind the sign.' });
    say(tab, { type: 'raise-budget', name: 'calls', limit: 50 });
    const steered = await runShown(tab, ({ log }) => log.some(({ text }) => text === 'You told coder: Mind the sign.'));
    expect(steered.can).toMatchObject({ steer: true, stop: true });
    answer.resolve();
    await handle.result;
    const done = await runShown(tab, ({ badge }) => badge.icon === 'pass');
    expect(done.budget.find(({ name }) => name === 'calls')?.limit).toBe('of 50');
    expect(
      messages(tab).some(
        (message) => message.type === 'stream' && message.parts.some(({ call }) => done.tries.some((one) => one.call === call)),
      ),
    ).toBe(true);
    say(tab, { type: 'open-diff' });
    await until(() => panels.diffs.length === 1);
  });

  test('says in its second line how much of the prompt a model has read, where its server tells', async () => {
    const panels = await open({ script: [{ text: sumReply('a + b'), read: [0, 0.5], stallAfterChunks: 2 }] });
    const handle = await panels.start();
    const proposal = await until(() => handle.proposal());
    await panels.panels.open(handle);
    say(panels.panel('review'), { type: 'ready' });
    say(panels.panel('review'), { type: 'approve', hash: proposal.hash });
    const tab = await until(() => panels.editor.fake.panels.find(({ viewType }) => viewType === 'teamwright.run'));
    say(tab, { type: 'ready' });
    const reading = await runShown(tab, ({ now }) => now.some((line) => line.includes('reads the prompt, 50% of about')));
    expect(reading.now).toHaveLength(1);
    handle.stop();
    await handle.result;
    expect((await runShown(tab, ({ can }) => !can.stop)).now).toEqual([]);
  });

  test('comes back after a reload of the window, for a run that is over', async () => {
    const first = await open();
    const handle = await first.start();
    const proposal = await until(() => handle.proposal());
    handle.approve(proposal.hash);
    await handle.result;

    const second = await open({ at: first.editor.workspace });
    const tab = second.editor.fake.vscode.window.createWebviewPanel('teamwright.run', 'old', 1, {}) as unknown as FakeWebviewPanel;
    await second.panels.restore(tab as never, { v: 1, page: 'run', runId: handle.runId, view: { selected: 'steps[0]' } });
    say(tab, { type: 'ready' });
    const shown = await runShown(tab);
    expect(shown).toMatchObject({
      badge: { word: 'tests pass', icon: 'pass', tone: 'good' },
      runId: handle.runId,
      can: { steer: false, diff: true },
    });
    expect(shown.log.length).toBeGreaterThan(5);
    // What was written is kept: the trace has it, though this window heard none of it.
    const [only] = shown.tries;
    const texts = await until(() => {
      const parts = messages(tab).flatMap((message) => (message.type === 'stream' ? message.parts : []));
      return parts.length > 0 && parts;
    });
    // A page that stands anew may hear the whole of it more than once.
    for (const text of texts) expect(text).toMatchObject({ call: only?.call, text: expect.stringContaining('a + b'), restart: true });
    expect(second.panels.isVisible(handle.runId)).toBe(true);
  });

  test('of a run nobody knows any more is closed, and the reason is said', async () => {
    const { panels, editor } = await open();
    const tab = editor.fake.vscode.window.createWebviewPanel('teamwright.run', 'old', 1, {}) as unknown as FakeWebviewPanel;
    await expect(panels.restore(tab as never, { v: 1, page: 'run', runId: '20200101-000000-aaaa', view: {} })).rejects.toMatchObject({
      code: 'run-unknown',
    });
    expect(tab.disposed).toBe(true);
  });
});

test('a run has one tab, however often it is opened, from its plan to long after its end', async () => {
  const { panels, handle, tab, editor } = await review();
  const tabs = () => editor.fake.panels.filter(({ disposed }) => !disposed).map(({ viewType }) => viewType);
  await panels.open(handle);
  expect(tabs()).toEqual(['teamwright.review']);
  say(tab, { type: 'approve', hash: (await planShown(tab)).hash });
  await handle.result;
  await until(() => tabs().includes('teamwright.run'));
  // As the list, the dashboard and a notification do it.
  for (let times = 0; times < 3; times += 1) await panels.open(await editor.core.runs.open(handle.runId));
  expect(tabs()).toEqual(['teamwright.run']);
});

describe('a question', () => {
  test('is answered on the page of its run, with the files that it names; the answer is found again from the dashboard', async () => {
    const said =
      'See `sum.js:1-2`, [the test](sum.test.js#L4) and docs/my notes.md:3, not gone.js or ../secret.txt.\n\n<img src="https://evil.example/x.png">';
    const panels = await open({ script: [said], files: { ...brokenSum, 'docs/my notes.md': 'a\n' } });
    panels.editor.approveAll();
    const handle = await panels.start('How does the sum work?');
    expect((await handle.result)?.outcome).toBe('answered');

    // In another window, long after.
    await panels.panels.openDashboard();
    const dashboard = panels.panel('dashboard');
    say(dashboard, { type: 'ready' });
    await until(() => messages(dashboard).some((message) => message.type === 'model' && message.model.page === 'dashboard'));
    const { commands } = panels.editor.fake.vscode;
    const asked = new Promise((found) => commands.registerCommand('teamwright.openRun', found));
    say(dashboard, { type: 'show-runs', icon: 'comment' });
    expect(await asked).toBe(handle.runId);

    await panels.panels.open(await panels.editor.core.runs.open(handle.runId));
    const tab = panels.panel('run');
    say(tab, { type: 'ready' });
    const { answer, outcome } = await runShown(tab, (model) => model.answer !== undefined);
    expect(outcome).toEqual([]);
    const parts = answer?.flatMap((block) => ('inside' in block ? block.inside : []));
    expect(parts?.filter(({ kind }) => kind === 'file')).toEqual([
      { kind: 'file', text: 'sum.js:1-2', path: 'sum.js', line: 1, endLine: 2 },
      { kind: 'file', text: 'the test', path: 'sum.test.js', line: 4 },
      { kind: 'file', text: 'docs/my notes.md:3', path: 'docs/my notes.md', line: 3 },
    ]);
    expect(JSON.stringify(answer?.at(-1))).toContain('<img src=');
    say(tab, { type: 'open-place', path: 'sum.js', line: 1, endLine: 2 });
    const editor = await until(() =>
      panels.editor.fake.vscode.window.visibleTextEditors.find(({ document }) => document.uri.path.endsWith('/sum.js')),
    );
    expect([editor.selection.start.line, editor.selection.end.line]).toEqual([0, 2]);
  });
});

describe('the dashboard', () => {
  test('shows the numbers of the runs of the open folders', async () => {
    const panels = await open();
    const handle = await panels.start();
    const proposal = await until(() => handle.proposal());
    handle.approve(proposal.hash);
    await handle.result;
    await panels.panels.openDashboard();
    const tab = panels.panel('dashboard');
    say(tab, { type: 'ready' });
    const shown = await until(() => {
      const last = messages(tab).at(-1);
      return last?.type === 'model' && last.model.page === 'dashboard' && last.model;
    });
    expect(shown.totals.slice(0, 3).map(({ label, value }) => `${label} ${value}`)).toEqual(['Runs 1', 'Solved 100%', 'Tests fixed 1']);
    expect(shown.charts.map(({ id }) => id)).toEqual([
      'runs',
      'solve-rate',
      'tests',
      'spend',
      'months',
      'months-folders',
      'models',
      'roles',
      'reward',
      'teams',
    ]);
    expect(shown.charts.find(({ id }) => id === 'models')?.rows[0]?.[0]?.text).toBe('scripted');
    // SQLite is none of this thread, which every extension of the window shares.
    expect(hasSqlite()).toBe(false);
    expect(shown.notice).toBeUndefined();

    // A record that somebody changed counts no more, and the page says so.
    const { dataDir } = panels.editor.workspace;
    const file = path.join(dataDir, 'runs', readdirSync(path.join(dataDir, 'runs'))[0] ?? '', 'events.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"workspace"', '"workspace" '));
    say(tab, { type: 'refresh' });
    const without = await until(() => {
      const last = messages(tab).at(-1);
      return last?.type === 'model' && last.model.page === 'dashboard' && last.model.notice !== undefined && last.model;
    });
    expect(without.notice?.text).toBe('Runs left out, because their record was changed after it was written: 1.');
    expect(without.totals[0]?.value).toBe('0');
  });

  test('its numbers are of the open folders, of all, of one, and of a month, as the user chooses', async () => {
    const panels = await open();
    const { dataDir, root } = panels.editor.workspace;
    writeLessonRun(dataDir, { runId: 'here', workspace: root });
    writeManyRuns(dataDir, 30);
    await panels.panels.openDashboard();
    const tab = panels.panel('dashboard');
    const shown = (folder: string, time: string) =>
      until(() => {
        const last = messages(tab).at(-1);
        if (last?.type !== 'model' || last.model.page !== 'dashboard') return undefined;
        const { filter, totals, charts } = last.model;
        if (filter.folder.value !== folder || filter.time.value !== time) return undefined;
        const rows = (id: string) => charts.find((chart) => chart.id === id)?.rows.map((row) => row.map(({ text }) => text));
        return { model: last.model, runs: totals[0]?.value, months: rows('months'), folders: rows('months-folders') };
      });
    say(tab, { type: 'ready' });
    const first = await shown('open', 'all');
    expect(first.runs).toBe('1');
    expect(first.model.filter.folder.options.slice(0, 3).map(({ label }) => label)).toEqual([
      'Open folders',
      'All folders',
      'project-0 (/home/ann/work)',
    ]);

    say(tab, { type: 'filter', folder: 'all', time: 'all' });
    const all = await shown('all', 'all');
    expect(all.runs).toBe('31');
    expect(all.model.charts.find(({ id }) => id === 'runs')?.summary).toContain('Runs: 31;');
    expect(all.folders).toHaveLength(6);
    expect(all.model.filter.time.options.map(({ value }) => value)).toContain('2026-10');

    say(tab, { type: 'filter', folder: '/home/ann/work/project-1', time: '2026-10' });
    const one = await shown('/home/ann/work/project-1', '2026-10');
    expect(one.runs).toBe('6');
    expect(one.months).toEqual([
      ['October 2026', expect.stringMatching(/^\$0\.\d/), expect.any(String), expect.any(String), expect.any(String), '6'],
    ]);
    expect(one.folders?.map((row) => row.slice(0, 2))).toEqual([['October 2026', 'project-1 (/home/ann/work)']]);

    // A folder that has no runs any more, and a time that means nothing.
    say(tab, { type: 'filter', folder: '/gone', time: 'never' });
    expect(await shown('/gone', 'never')).toMatchObject({ runs: '0', months: [], model: { empty: true, filter: { narrowed: true } } });
  }, 180_000);

  test('closed while its numbers are still read, it ends the thread that reads them and says nothing', async () => {
    const panels = await open();
    writeManyRuns(panels.editor.workspace.dataDir, 300);
    await panels.panels.openDashboard();
    const tab = panels.panel('dashboard');
    say(tab, { type: 'ready' });
    await until(() => threads() === 1);
    tab.dispose();
    await until(() => threads() === 0);
    expect(messages(tab)).toEqual([]);
    expect(panels.editor.fake.prompts.messages.waiting).toBe(0);
  });
});
