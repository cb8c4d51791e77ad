/** The whole story of a run as text. A change of the runtime shows here as a change of the story: read the diff, then accept it. */
import { expect, test } from 'vitest';
import { designerByName, fileDesigner } from '../../src/design/index.ts';
import { planSchema } from '../../src/plan/index.ts';
import { parseRequest } from '../../src/request/index.ts';
import { defaultRunSettings, runOnWorkspace } from '../../src/run/index.ts';
import { openRun } from '../../src/trace/index.ts';
import { cutAfter, start } from '../support/run-scene.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { renderTranscript } from '../support/transcript.ts';
import { brokenSum, modelsAt, sumReply, temporaryWorkspace } from '../support/workspaces.ts';

test('solo fails, the bug-fix team solves: the golden transcript', async () => {
  const workspace = temporaryWorkspace(brokenSum);
  const server = await startScriptedServer(({ messages }, index) => {
    const last = messages.at(-1)?.content ?? '';
    if (last.includes('Write no code')) return { text: 'Line 2 subtracts; it should add.', usage: { input: 200, output: 9 } };
    return { text: sumReply(last.includes('From the debugger') ? 'a + b' : 'a * b'), usage: { input: 180 + index, output: 40 } };
  });
  try {
    const result = await runOnWorkspace(
      {
        runId: 'golden',
        workspace: workspace.root,
        dataDir: workspace.dataDir,
        request: parseRequest('The tests fail. Fix the bug in sum.js.'),
        models: modelsAt(server.url),
        designer: designerByName('auto'),
        settings: { ...defaultRunSettings, fence: false, testLimits: { wallMs: 60_000, idleMs: 60_000, outputBytes: 64_000 } },
        review: async ({ hash }) => ({ kind: 'approve', hash, by: 'flag' }),
        program: 'test',
        secrets: [],
      },
      new AbortController().signal,
    );
    expect(result.outcome).toBe('solved');
    const { events } = await (await openRun(workspace.dataDir, 'golden')).read();
    const transcript = renderTranscript(events, { paths: { [workspace.root]: '<workspace>', [workspace.dataDir]: '<data>' } });
    await expect(transcript).toMatchFileSnapshot('../fixtures/golden/solo-then-team.txt');
    expect(transcript).not.toContain(workspace.root);
  } finally {
    await server.close();
    workspace.dispose();
  }
});

/** A coder with tools, and a critic. */
const toolTeam = planSchema.parse({
  teamwright: 1,
  name: 'with-tools',
  difficulty: 'easy',
  agents: {
    coder: {
      role: 'coder',
      instructions: 'Repair the function so that it adds.',
      output: 'edits',
      tier: 'strong',
      tools: ['read', 'edit', 'test'],
      write: ['*.js'],
    },
    critic: { role: 'reviewer', instructions: 'Say whether the change is right.', output: 'verdict', tier: 'strong', tools: [], write: [] },
  },
  steps: [
    { id: 'mend', do: 'generate', agent: 'coder', samples: 1 },
    { id: 'judge', do: 'review', agent: 'critic' },
    { id: 'try', do: 'test' },
  ],
  finish: { when: 'tests-pass' },
});

test('an agent with tools is cut off after its first edit, and the resumed run goes on from there: the golden transcripts', async () => {
  const edit = (search: string, replace: string) => ({ toolCalls: [{ name: 'edit', arguments: { path: 'sum.js', search, replace } }] });
  const turns = [
    { toolCalls: [{ name: 'read', arguments: { path: 'sum.js' } }] },
    edit('a - b', 'a * b'),
    { toolCalls: [{ name: 'test', arguments: {} }] },
    edit('a * b', 'a + b'),
    'It adds now.',
    'It does what was asked.\nAPPROVE',
  ];
  const setup = { files: brokenSum, capabilities: { strength: 'strong', tools: true } as const, designer: fileDesigner(toolTeam) };
  const first = await start({ ...setup, script: turns });
  const whole = await first.run();
  expect(whole.failure).toBeUndefined();
  const { runId } = whole;
  const edited = first.log.of('tool.used').find(({ tool }) => tool === 'edit');
  cutAfter(first.workspace, runId, edited?.seq ?? -1);
  const second = await start({ ...setup, script: turns.slice(2), on: first.workspace, continues: { runId, how: 'resume' } });
  const resumed = await second.run();
  expect(resumed.outcome).toBe('solved');
  const { root, dataDir } = first.workspace;
  const paths = { [root]: '<workspace>', [dataDir]: '<data>', [runId]: '<cut off>', [resumed.runId]: '<resumed>' };
  for (const [name, id] of Object.entries({ 'tools-cut-off': runId, 'tools-resumed': resumed.runId })) {
    const { events } = await (await openRun(dataDir, id)).read();
    await expect(renderTranscript(events, { paths })).toMatchFileSnapshot(`../fixtures/golden/${name}.txt`);
  }
});
