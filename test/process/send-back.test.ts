/** A change that is sent back: the next round starts from the candidate that was on screen. */
import { describe, expect, test } from 'vitest';
import { replayRun } from '../../src/run/index.ts';
import { type Scene, start } from '../support/run-scene.ts';
import { sumReply } from '../support/workspaces.ts';

const signal = new AbortController().signal;

/** Two candidates: the first one fails, the second one is handed over. */
async function twoCandidates(): Promise<{ scene: Scene; runId: string }> {
  const scene = await start({ script: [sumReply('a * b'), sumReply('a + b')] });
  const result = await scene.run();
  expect(result).toMatchObject({ outcome: 'solved', candidate: 'c2' });
  return { scene, runId: result.runId };
}

describe('a run that follows another candidate than the one that was handed over', () => {
  test('starts from that one, tells its tests, and its change is against the workspace', async () => {
    const { scene, runId } = await twoCandidates();
    const second = await start({
      on: scene.workspace,
      continues: { runId, how: 'follow-up', candidate: 'c1' },
      request: 'Plus, not times.',
      script: [sumReply('b + a')],
    });
    const result = await second.run();
    expect(result).toMatchObject({ outcome: 'solved', before: { passed: 0, failed: 2 } });
    expect(result.diff?.patch).toContain('-  return a - b;\n+  return b + a;');
    const prompt = second.server.requests[0]?.body.messages.at(-1)?.content ?? '';
    expect(prompt).toContain('return a * b;');
    expect(prompt).toContain('after: 0 passed, 2 failed.');
    expect(second.log.of('run.started')[0]?.continues).toMatchObject({ runId, how: 'follow-up', candidate: 'c1' });
    expect(scene.workspace.contents()).toEqual(scene.before);
    const replay = await replayRun({ dataDir: scene.workspace.dataDir, runId: result.runId }, signal);
    expect(replay.differences).toEqual([]);
  });

  test('is refused when there is no such candidate', async () => {
    const { scene, runId } = await twoCandidates();
    const second = await start({ on: scene.workspace, continues: { runId, how: 'follow-up', candidate: 'c9' }, script: [] });
    await expect(second.run()).rejects.toThrow('it has no candidate c9');
  });
});
