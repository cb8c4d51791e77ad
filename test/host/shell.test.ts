/** The whole extension over a fake host: opened, used with its real parts, closed, opened again. */
import { afterEach, describe, expect, test } from 'vitest';
import { readBundle } from '../../scripts/l10n.ts';
import { createHost, type Editor, openEditor } from '../../src/editor/index.ts';
import { capabilityStore } from '../../src/models/index.ts';
import { type FakeOptions, type FakeVscode, fakeVscode } from '../support/fake-vscode.ts';
import { type Script, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';
import { brokenSum, sumReply, type TemporaryWorkspace, temporaryWorkspace } from '../support/workspaces.ts';

interface Opened {
  readonly fake: FakeVscode;
  readonly editor: Editor;
}

let workspace: TemporaryWorkspace;
let model: ScriptedServer;
const open: Opened[] = [];
const slow = { timeout: 30_000 };

async function world(script: Script): Promise<void> {
  workspace = temporaryWorkspace(brokenSum);
  model = await startScriptedServer(script);
  process.env.TEAMWRIGHT_DATA = workspace.dataDir;
  // Known already, so that no probe takes a reply of the script.
  const capabilities = { format: 'json-object', tools: false, usage: true, seed: true, strength: 'weak' } as const;
  await capabilityStore(`${workspace.dataDir}/models`).set(model.url, 'scripted', capabilities);
}

function openWindow(options: FakeOptions = {}): Opened {
  const settings = { 'teamwright.models.worker': `scripted@${model.url}`, ...options.settings };
  const fake = fakeVscode({ folders: [workspace.root], ...options, settings });
  const editor = openEditor(createHost(fake.vscode, fake.context), { env: process.env, clock: Date.now, random: Math.random });
  const opened = { fake, editor };
  open.push(opened);
  return opened;
}

afterEach(async () => {
  for (const { fake, editor } of open.splice(0)) {
    await editor.close();
    fake.dispose();
  }
  await model.close();
  workspace.dispose();
  delete process.env.TEAMWRIGHT_DATA;
});

async function request(fake: FakeVscode, text: string): Promise<void> {
  const done = fake.run('teamwright.newRequest');
  const pick = await fake.prompts.quickPicks.next();
  pick.type(text);
  pick.enter();
  await done;
}

describe('the extension', () => {
  test('registers every command of its manifest, and does nothing until it is asked', async () => {
    await world([]);
    const { fake } = openWindow();
    const manifest = fake.context.extension.packageJSON as { contributes: { commands: { command: string }[] } };
    expect(fake.commands()).toEqual(manifest.contributes.commands.map(({ command }) => command).sort());
    expect(fake.statusBar()).toEqual([]);
    expect(fake.prompts.messages.all).toEqual([]);
    expect(fake.panels).toEqual([]);
  });

  test('goes from a request to its review, and is closed within two seconds in the middle of a run', async () => {
    await world([{ text: 'never', stallMs: 60_000 }]);
    const { fake, editor } = openWindow();
    await request(fake, 'Make it pass.');
    expect(fake.panels.map(({ viewType, title }) => ({ viewType, title }))).toEqual([
      { viewType: 'teamwright.review', title: 'Plan: Make it pass.' },
    ]);
    await expect.poll(() => fake.statusBar(), slow).toEqual(['$(bell-dot) Plan to review']);
    const began = Date.now();
    await editor.close();
    expect(Date.now() - began).toBeLessThan(2000);
    expect(fake.workspaceState.get('teamwright.liveRuns')).toHaveLength(1);
  });

  test('opened again after that, it offers to go on, and the run is done', async () => {
    await world([sumReply('a + b')]);
    const first = openWindow();
    await request(first.fake, 'Make it pass.');
    await expect.poll(() => first.fake.statusBar(), slow).toEqual(['$(bell-dot) Plan to review']);
    await first.editor.close();

    const second = openWindow({ kept: first.fake });
    const message = await second.fake.prompts.messages.next();
    expect(message.buttons).toEqual(['Resume', 'Show']);
    message.press('Resume');
    await expect.poll(() => second.fake.panels.length, slow).toBe(1);
    await expect.poll(() => second.fake.tree('teamwright.runs'), slow).toContain('resumed as another run');
  });

  test('without trust it offers nothing of that; it does when trust is given', async () => {
    await world([sumReply('a + b')]);
    const first = openWindow();
    await request(first.fake, 'Make it pass.');
    await first.editor.close();
    const second = openWindow({ kept: first.fake, trusted: false });
    await second.fake.tree('teamwright.runs');
    expect(second.fake.prompts.messages.all).toEqual([]);
    second.fake.trust();
    expect((await second.fake.prompts.messages.next()).text).toContain('A run was interrupted');
  });

  test('a failure is told with its next step and the button that does it, and logged', async () => {
    await world([]);
    const { fake } = openWindow({ settings: { 'teamwright.budget.calls': 0 } });
    const done = request(fake, 'Make it pass.');
    const message = await fake.prompts.messages.next();
    expect(message).toMatchObject({ kind: 'error', buttons: ['Open Settings'] });
    expect(message.text).toContain('teamwright.budget.calls');
    message.press('Open Settings');
    await done;
    expect(fake.executed.at(-1)).toEqual({ command: 'workbench.action.openSettings', values: ['@ext:teamwright.teamwright'] });
    expect(fake.log.at(-1)).toContain('teamwright.budget.calls');
  });

  test('speaks German where VS Code does', async () => {
    await world([]);
    const { fake } = openWindow({ bundle: readBundle('de') });
    fake.showView('teamwright.runs', true);
    await request(fake, 'Bring ihn zum Bestehen.');
    await expect
      .poll(() => fake.tree('teamwright.runs'), slow)
      .toMatch(/^Plan wartet auf Ihre Prüfung\n {2}\[bell-dot\] Bring ihn zum Bestehen\. — Plan wartet auf Ihre Prüfung · \d\d:\d\d\n$/);
    await expect.poll(() => fake.statusBar(), slow).toEqual(['$(bell-dot) Plan zu prüfen']);
  });
});
