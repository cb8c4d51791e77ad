/** Restricted Mode: past runs can be read, and not one process is started. A watcher sits on every way to start one. */
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import worker from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createHost, openEditor } from '../../src/editor/index.ts';
import { messageVersion } from '../../src/webviews/messages-types.ts';
import { type OpenedEditor, openEditorCore } from '../support/editor.ts';
import { FakeRange, FakeUri } from '../support/fake-vscode/values.ts';
import { type FakeVscode, fakeVscode } from '../support/fake-vscode.ts';
import { sumReply } from '../support/workspaces.ts';

const ways = ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'] as const;
const started: string[] = [];
let past: OpenedEditor;
let runId = '';
let fake: FakeVscode;
let close: () => Promise<void>;

/** A finished run to read, made while the folder was trusted; then the same folder without trust, and the watcher. */
beforeEach(async () => {
  past = await openEditorCore({ script: [sumReply('a + b')] });
  past.approveAll();
  const handle = await past.core.runs.start({ request: { text: 'Make it pass.', files: [] }, workspace: past.workspace.root });
  await handle.result;
  runId = handle.runId;

  started.length = 0;
  for (const way of ways) {
    vi.spyOn(childProcess, way).mockImplementation(((program: string) => {
      started.push(`${way} ${program}`);
      throw new Error('a process was started');
    }) as never);
  }
  vi.spyOn(worker, 'Worker').mockImplementation((() => {
    started.push('a worker');
  }) as never);
  syncBuiltinESMExports();

  fake = fakeVscode({ folders: [past.workspace.root], trusted: false });
  const ports = { env: { TEAMWRIGHT_DATA: past.workspace.dataDir }, clock: Date.now, random: Math.random };
  const editor = openEditor(createHost(fake.vscode, fake.context), ports);
  close = () => editor.close();
});

afterEach(async () => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  await close();
  fake.dispose();
  await past[Symbol.asyncDispose]();
});

const place = (): unknown[] => {
  const uri = FakeUri.file(`${past.workspace.root}/sum.js`);
  return [uri, { message: 'wrong', range: new FakeRange(0, 0, 0, 1), label: 'test', uri }];
};

/** Those that only read, or open something of VS Code. */
const reading = [
  'teamwright.openRun',
  'teamwright.showTrace',
  'teamwright.copyDiagnostics',
  'teamwright.refreshRuns',
  'teamwright.openDataFolder',
  'teamwright.openDashboard',
  'teamwright.openSettings',
  'teamwright.openWalkthrough',
  'teamwright.openExample',
];

describe('in a folder that is not trusted', () => {
  test('every command that could run something is refused with a sentence and a button, and no process starts', async () => {
    const refused = fake.commands().filter((command) => !reading.includes(command));
    expect(refused.length).toBeGreaterThan(15);
    for (const command of refused) {
      await fake.run(command, ...(command.startsWith('teamwright.fix') ? place() : [runId]));
      const message = await fake.prompts.messages.next();
      expect(message.text, command).toBe('This folder is in Restricted Mode, so Teamwright starts nothing in it. Past runs can be read.');
      message.press('Manage Workspace Trust');
    }
    await expect.poll(() => fake.executed.length).toBe(refused.length);
    expect(new Set(fake.executed.map(({ command }) => command))).toEqual(new Set(['workbench.trust.manage']));
    expect(fake.prompts.quickPicks.waiting).toBe(0);
    expect(started).toEqual([]);
  });

  test('past runs are listed and can be read', async () => {
    const view = /^Change to review\n {2}\[pass\] Make it pass\. — tests pass · 1\/2 → 2\/2 tests · \d+ tokens · \d+:\d\d\s[AP]M\n$/;
    expect(await fake.tree('teamwright.runs')).toMatch(view);
    await fake.run('teamwright.showTrace', runId);
    const trace = fake.documents.find(({ uri }) => uri.scheme === 'teamwright-trace');
    expect(trace?.getText()).toContain('solved: the tests pass');
    expect(started).toEqual([]);
  });

  test('a run that is read shows no change: that would start git', async () => {
    await fake.run('teamwright.openRun', runId);
    const [panel] = fake.panels;
    panel?.send({ v: messageVersion, command: { type: 'open-diff' } });
    const message = await fake.prompts.messages.next();
    expect(message.text).toBe('This folder is in Restricted Mode, so Teamwright starts nothing in it. Past runs can be read.');
    expect(started).toEqual([]);
  });

  test('even a part that asks the run book itself gets nothing started', async () => {
    const untrusted = await openEditorCore({ at: past.workspace, trusted: false });
    const start = untrusted.core.runs.start({ request: { text: 'Go.', files: [] }, workspace: past.workspace.root });
    await expect(start).rejects.toMatchObject({ message: 'This folder is in Restricted Mode, so Teamwright starts nothing in it.' });
    expect(started).toEqual([]);
    await untrusted[Symbol.asyncDispose]();
  });

  test('the watcher would have seen one: the same run with trust starts git first', async () => {
    const trusted = await openEditorCore({ at: past.workspace });
    await expect(trusted.core.runs.start({ request: { text: 'Go.', files: [] }, workspace: past.workspace.root })).rejects.toThrow();
    expect(started[0]).toContain('git');
    await trusted[Symbol.asyncDispose]();
  });

  test('with trust given, requests can be made at once', async () => {
    fake.trust();
    const done = fake.run('teamwright.newRequest');
    const pick = await fake.prompts.quickPicks.next();
    expect(pick.title).toBe('New request');
    pick.hide();
    await done;
  });
});
