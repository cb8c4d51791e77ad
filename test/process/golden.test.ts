/** The whole story of a run as text. A change of the runtime shows here as a change of the story: read the diff, then accept it. */
import { expect, test } from 'vitest';
import { designerByName } from '../../src/design/index.ts';
import { parseRequest } from '../../src/request/index.ts';
import { defaultRunSettings, runOnWorkspace } from '../../src/run/index.ts';
import { openRun, renderTranscript } from '../../src/trace/index.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
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
        settings: { ...defaultRunSettings, testLimits: { wallMs: 60_000, idleMs: 60_000, outputBytes: 64_000 } },
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
