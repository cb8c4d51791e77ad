/** Runs in the editor: started, reviewed, stopped, followed and resumed, over a real workspace and a real trace. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import type { RunHandle } from '../../src/editor/flow-types.ts';
import { createEditorRun } from '../../src/editor/runs/run.ts';
import { serversIn } from '../../src/editor/settings/registered-servers.ts';
import { groupOf } from '../../src/editor/words.ts';
import { isTeamwrightError } from '../../src/errors.ts';
import { createTrace } from '../../src/trace/index.ts';
import { type EditorSetup, type OpenedEditor, openEditorCore } from '../support/editor.ts';
import { fakeVscode } from '../support/fake-vscode.ts';
import { sumReply, temporaryWorkspace } from '../support/workspaces.ts';

const opened: OpenedEditor[] = [];
const open = async (setup: EditorSetup = {}): Promise<OpenedEditor> => {
  const editor = await openEditorCore({ script: [sumReply('a + b')], ...setup });
  opened.push(editor);
  return editor;
};
afterEach(async () => {
  for (const editor of opened.splice(0)) await editor[Symbol.asyncDispose]();
});

const request = { text: 'Make the failing test pass.', files: [] };
const start = (editor: OpenedEditor): Promise<RunHandle> => editor.core.runs.start({ request, workspace: editor.workspace.root });

async function until(what: () => boolean): Promise<void> {
  const limit = Date.now() + 30_000;
  while (!what()) {
    if (Date.now() > limit) throw new Error(`It did not come: ${what}`);
    await wait(10);
  }
}
const waitForPlan = (handle: RunHandle): Promise<void> => until(() => handle.proposal() !== undefined);

describe('a run', () => {
  test('waits for the user, runs what was approved, and leaves the workspace as it was', async () => {
    const editor = await open();
    const before = editor.workspace.contents();
    const handle = await start(editor);
    await waitForPlan(handle);
    expect(editor.server.requests).toHaveLength(0);
    expect(handle.live).toBe(true);

    handle.approve(handle.proposal()?.hash ?? '');
    expect(handle.proposal()).toBeUndefined();
    const result = await handle.result;

    expect(result?.outcome).toBe('solved');
    expect(handle.state().result?.after).toMatchObject({ passed: 2, failed: 0 });
    expect(editor.workspace.contents()).toEqual(before);
    await until(() => !handle.live);
    expect(editor.core.runs.live()).toEqual([]);
  });

  test('an approval of another hash than the plan on screen is refused, and the plan waits on', async () => {
    const editor = await open();
    const handle = await start(editor);
    await waitForPlan(handle);
    const plan = handle.proposal()?.plan;
    if (plan === undefined) throw new Error('no plan');
    const seen = handle.proposal()?.hash ?? '';
    const edited = { ...plan, budget: { ...plan.budget, calls: plan.budget.calls + 1 } };
    const stale = (act: () => void): boolean => {
      try {
        act();
      } catch (error) {
        return isTeamwrightError(error, 'approval-stale');
      }
      return false;
    };
    expect(stale(() => handle.approve('0'.repeat(64)))).toBe(true);
    // The plan was edited after the user had said yes to what stood there before.
    expect(stale(() => handle.approve(seen, edited))).toBe(true);
    expect(handle.proposal()?.hash).toBe(seen);
    expect(handle.state().plans.at(-1)?.approval).toBe('open');
  });

  test('two answers to one plan: the second finds nothing that waits', async () => {
    const editor = await open();
    const handle = await start(editor);
    await waitForPlan(handle);
    const hash = handle.proposal()?.hash ?? '';
    handle.approve(hash);
    expect(() => handle.approve(hash)).toThrow(/approval is for plan/);
  });

  test('declined: nothing was asked of a model', async () => {
    const editor = await open();
    const handle = await start(editor);
    await waitForPlan(handle);
    handle.decline('too expensive');
    expect((await handle.result)?.outcome).toBe('declined');
    expect(editor.server.requests).toHaveLength(0);
  });

  test('stopped while its model is silent: over within two seconds', async () => {
    const editor = await open({ script: [{ text: 'never', stallMs: 60_000 }] });
    const handle = await start(editor);
    await waitForPlan(handle);
    handle.approve(handle.proposal()?.hash ?? '');
    await until(() => editor.server.requests.length > 0);
    const began = Date.now();
    handle.stop();
    expect((await handle.result)?.outcome).toBe('stopped');
    expect(Date.now() - began).toBeLessThan(2000);
  });

  test('closing the window stops it, and it stays remembered so that it can be resumed', async () => {
    const editor = await open({ script: [{ text: 'never', stallMs: 60_000 }] });
    const handle = await start(editor);
    await waitForPlan(handle);
    const began = Date.now();
    await editor.core.runs.close(new Error('the window closes'));
    expect(Date.now() - began).toBeLessThan(2000);
    expect(editor.fake.workspaceState.get('teamwright.liveRuns')).toEqual([handle.runId]);
  });
});

describe('a folder where no run can start', () => {
  test('is told before anything is asked or written', async () => {
    const editor = await open();
    const gone = `${editor.workspace.root}-gone`;
    await expect(editor.core.runs.start({ request, workspace: gone })).rejects.toMatchObject({ code: 'workspace-unusable' });
    expect(editor.core.runs.live()).toEqual([]);
    expect(await editor.core.runs.list()).toEqual([]);
  });

  test('a broken setting is named', async () => {
    const editor = await open({ settings: { 'teamwright.budget.tokens': -5, 'teamwright.endpoints': { work: { baseUrl: 'nonsense' } } } });
    await expect(start(editor)).rejects.toMatchObject({
      code: 'bad-settings',
      message: expect.stringContaining('teamwright.budget.tokens'),
    });
    await expect(start(editor)).rejects.toMatchObject({ message: expect.stringContaining('teamwright.endpoints.work.baseUrl') });
  });
});

describe('a past run', () => {
  test('opened again tells what the trace tells, and follows what is written to it', async () => {
    const first = await open();
    const handle = await start(first);
    await waitForPlan(handle);
    handle.approve(handle.proposal()?.hash ?? '');
    await handle.result;

    const second = await open({ at: first.workspace });
    const past = await second.core.runs.open(handle.runId);
    expect(past.live).toBe(false);
    expect(past.state()).toEqual(handle.state());

    let heard = 0;
    const listening = past.onDidChange(() => {
      heard += 1;
    });
    const trace = await createTrace({ dataDir: first.workspace.dataDir, runId: handle.runId, clock: Date.now });
    trace.emit({ type: 'verdict.given', decision: 'accepted', reason: '' });
    await trace.close();
    await until(() => heard > 0);
    listening.dispose();
    expect(past.state().verdict?.decision).toBe('accepted');
  });

  test('a run of another window is listed, followed, and cannot be answered here', async () => {
    const first = await open();
    const handle = await start(first);
    await waitForPlan(handle);

    const second = await open({ at: first.workspace });
    expect((await second.core.runs.list())[0]).toMatchObject({ runId: handle.runId, status: 'waiting-for-review' });
    const seen = await second.core.runs.open(handle.runId);
    expect(seen.live).toBe(false);
    expect(() => seen.approve(handle.proposal()?.hash ?? '')).toThrow(/approval/);
    const listening = seen.onDidChange(() => undefined);
    handle.approve(handle.proposal()?.hash ?? '');
    await handle.result;
    await until(() => seen.state().result?.outcome === 'solved');
    listening.dispose();
  });

  test('there is none of that name', async () => {
    const editor = await open();
    await expect(editor.core.runs.open('20200101-000000-nobody')).rejects.toMatchObject({ code: 'run-unknown' });
  });

  test('only runs of the open folders are listed', async () => {
    const first = await open();
    const handle = await start(first);
    await waitForPlan(handle);
    handle.decline();
    await handle.result;
    const elsewhere = temporaryWorkspace({ 'a.txt': 'a\n' });
    try {
      const second = await open({ at: first.workspace, folders: [elsewhere.root] });
      expect(await second.core.runs.list()).toEqual([]);
    } finally {
      elsewhere.dispose();
    }
  });
});

describe('a run that was cut off', () => {
  test('is offered once, resumed from its trace, and does not ask for the same plan again', async () => {
    const first = await open({ script: [{ text: 'never', stallMs: 60_000 }] });
    const cut = await start(first);
    await waitForPlan(cut);
    cut.approve(cut.proposal()?.hash ?? '');
    await until(() => first.server.requests.length > 0);
    await first.core.runs.close(new Error('the window closes'));

    const second = await open({ at: first.workspace, kept: first.fake });
    expect(groupOf((await second.core.runs.list())[0] as never)).toBe('interrupted');
    const remembered = second.fake.workspaceState.get('teamwright.liveRuns') as string[];
    const told = second.core.tellOfInterrupted(remembered);
    const message = await second.fake.prompts.messages.next();
    expect(message.text).toBe('A run was interrupted: “Make the failing test pass.”. Nothing of it is lost.');
    expect(message.buttons).toEqual(['Resume', 'Show']);
    message.press('Resume');
    await told;

    const resumed = second.shown.runs[0];
    expect(groupOf((await second.core.runs.list()).find(({ runId }) => runId === cut.runId) as never)).toBe('closed');
    expect(resumed?.runId).not.toBe(cut.runId);
    expect((await resumed?.result)?.outcome).toBe('solved');
    expect(resumed?.state().start?.continues).toMatchObject({ runId: cut.runId, how: 'resume' });
    // Not a second time, whoever asks.
    expect(second.fake.workspaceState.get('teamwright.liveRuns')).toEqual([]);
    await second.core.tellOfInterrupted(remembered);
    expect(second.fake.prompts.messages.waiting).toBe(0);
  });
});

describe('a question of an agent', () => {
  const signal = new AbortController();
  const asked = { agent: 'coder', text: 'Add or subtract?', options: ['Add', 'Subtract'] };
  const run = () => {
    const made = createEditorRun({
      vscode: fakeVscode().vscode,
      runId: 'asks',
      openTrace: () => Promise.reject(new Error('there is no trace')),
      onFailure: () => {},
    });
    let waits = 0;
    made.onDidChangeWaiting(() => {
      waits += 1;
    });
    return { made, handle: made.handle, waits: () => waits };
  };

  test('waits on the handle until it is answered; an answer to another one is none', async () => {
    const { made, handle, waits } = run();
    const answer = made.askUser(asked, signal.signal);
    expect(handle.question()).toEqual(asked);
    expect(waits()).toBe(1);
    handle.answer('Another one?', 'Add');
    expect(handle.question()).toEqual(asked);
    handle.answer(asked.text, 'Add');
    expect(await answer).toBe('Add');
    expect(handle.question()).toBeUndefined();
    expect(waits()).toBe(2);
  });

  test('that is left to the agent has no answer, and one that a stop cuts short waits no longer', async () => {
    const { made, handle } = run();
    const left = made.askUser(asked, signal.signal);
    handle.answer(asked.text, ' ');
    expect(await left).toBeUndefined();
    const stop = new AbortController();
    const cut = made.askUser(asked, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(cut).rejects.toThrow('stopped');
    expect(handle.question()).toBeUndefined();
  });
});

describe('servers that are registered in VS Code', () => {
  const program = join(
    dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/server-memory/package.json')),
    'dist',
    'index.js',
  );
  const plan = (granted: readonly string[]): string =>
    JSON.stringify({
      teamwright: 1,
      name: 'registered',
      difficulty: 'easy',
      agents: {
        coder: { role: 'coder', instructions: 'Work with your tools.', tools: ['edit'], write: ['**'], output: 'edits', servers: granted },
      },
      steps: [
        { id: 'draft', do: 'generate', agent: 'coder' },
        { id: 'judge', do: 'test' },
      ],
      budget: { calls: 30, tokens: 400_000 },
    });
  const call = (name: string, input: object) => ({ toolCalls: [{ name, arguments: input }] });
  const run = async (granted: readonly string[]) => {
    const user = mkdtempSync(join(tmpdir(), 'teamwright-user-'));
    onTestFinished(() => rmSync(user, { recursive: true, force: true }));
    const storage = join(user, 'globalStorage', 'teamwright.teamwright');
    mkdirSync(storage, { recursive: true });
    const own = { command: process.execPath, args: [program], env: { MEMORY_FILE_PATH: join(user, 'memory.jsonl') } };
    writeFileSync(
      join(user, 'mcp.json'),
      `{\n  // Of the user.\n  "servers": { "Memory": ${JSON.stringify({ type: 'stdio', ...own })}, },\n}\n`,
    );
    writeFileSync(join(user, 'team.json'), plan(granted));
    const entities = [{ name: 'sum', entityType: 'function', observations: ['adds'] }];
    const script = [
      call('memory__create_entities', { entities }),
      call('edit', { path: 'sum.js', search: 'a - b', replace: 'a + b' }),
      'Done.',
    ];
    const editor = await open({ storage, script, capabilities: { strength: 'strong', tools: true } });
    editor.approveAll();
    const handle = await editor.core.runs.start({ request, workspace: editor.workspace.root, designer: join(user, 'team.json') });
    const result = await handle.result;
    return { result, handle, kept: existsSync(join(user, 'memory.jsonl')) };
  };

  test('are there for an agent whose plan names them', async () => {
    const { result, kept } = await run(['memory']);
    expect([result?.outcome, kept]).toEqual(['solved', true]);
  }, 60_000);

  test('and never started for one whose plan does not', async () => {
    const { result, kept } = await run([]);
    expect([result?.outcome, kept]).toEqual(['solved', false]);
  }, 60_000);

  test.each([
    [
      'one that is started by a command',
      { Files: { command: 'npx', args: ['-y', 'x'] } },
      { files: { command: 'npx', args: ['-y', 'x'], env: {} } },
    ],
    [
      'a name with other signs',
      { 'microsoft/playwright mcp': { command: 'npx' } },
      { 'microsoft-playwright-mcp': { command: 'npx', args: [], env: {} } },
    ],
    ['not one over HTTP', { remote: { type: 'http', url: 'https://example.com' } }, {}],
    ['not one that asks for something first', { keyed: { command: 'npx', env: { KEY: `\${input:key}` } } }, {}],
    ['not one that wants a file of variables or a folder', { a: { command: 'x', envFile: '/y' }, b: { command: 'x', cwd: '/y' } }, {}],
    ['the first of two with one name', { A: { command: 'x' }, a: { command: 'y' } }, { a: { command: 'x', args: [], env: {} } }],
    ['none where there are none', undefined, {}],
  ])('%s', (_what, servers, found) => expect(serversIn(JSON.stringify({ inputs: [], servers }))).toEqual(found));

  test('are read past comments, and signs in quotes stay', () => {
    const text = '\uFEFF{ /* a */ "servers": { "a": { "command": "x", "args": ["https://b/*c*/", ",]", ], }, }, // end\n}';
    expect(serversIn(text)).toEqual({ a: { command: 'x', args: ['https://b/*c*/', ',]'], env: {} } });
  });
});
