/** What agents are shown of earlier runs, with real runs and real tests. The model is scripted: whether lessons help a real one is not shown here. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { soloDesigner } from '../../src/design/index.ts';
import { lessonsIn, resetTaught, sayOfLesson, storedPlaces, updateTaught } from '../../src/lessons/index.ts';
import { memoryFile } from '../../src/lessons/memory/store.ts';
import { giveVerdict, replayRun } from '../../src/run/index.ts';
import { start } from '../support/run-scene.ts';
import type { ChatBody } from '../support/scripted-server.ts';
import { quickSum, sumReply, type TemporaryWorkspace } from '../support/workspaces.ts';

const signal = new AbortController().signal;
const lessonsOf = async ({ root, dataDir }: TemporaryWorkspace) => lessonsIn((await updateTaught(dataDir, Date.now, signal)).memory, root);
const remembers = { ownRuns: false, memory: true };

/** Wrong twice, then right; right at once when it is shown what mended an earlier failure. */
function learner(): { script: (body: ChatBody) => string; prompts: string[] } {
  const prompts: string[] = [];
  const script = ({ messages }: ChatBody): string => {
    const prompt = messages.at(-1)?.content ?? '';
    prompts.push(prompt);
    const isShown = prompt.includes('# From earlier runs here') && prompt.includes('+  return a + b;');
    return sumReply(isShown || prompts.length > 2 ? 'a + b' : `a * ${prompts.length + 5}`);
  };
  return { script, prompts };
}

/** `sum.js` with another mistake than before. */
const breakAnew = ({ root }: TemporaryWorkspace): void => writeFileSync(join(root, 'sum.js'), quickSum['sum.js'].replace('a - b', 'b - a'));

const again = (workspace: TemporaryWorkspace, learning = remembers) => {
  const { script, prompts } = learner();
  return start({ on: workspace, script, learning, designer: soloDesigner(4), request: 'sum is wrong, make its failing test pass.' }).then(
    (scene) => ({ ...scene, prompts }),
  );
};

test('a similar failure is mended with fewer calls by what mended the first, and without memory by as many as then', async () => {
  const one = await start({ script: learner().script, designer: soloDesigner(4), learning: remembers });
  const { workspace } = one;
  const first = await one.run();
  expect(first).toMatchObject({ outcome: 'solved', spend: { calls: 3 } });
  expect(one.log.of('memory.recalled')).toEqual([]);
  breakAnew(workspace);

  const two = await again(workspace);
  const second = await two.run();
  expect(second).toMatchObject({ outcome: 'solved', spend: { calls: 1 } });
  const [recalled] = two.log.of('memory.recalled');
  expect(recalled?.lessons).toEqual([expect.objectContaining({ id: first.runId, kind: 'fix', role: 'coder', solved: true, calls: 3 })]);
  expect(recalled?.lessons[0]?.because.join('; ')).toMatch(/same kind of failure \(difference\); names in common \(.*sum.*\)/);
  // What is asked of all agents stays the same text; the lesson comes after it.
  expect(two.prompts[0]?.indexOf('# From earlier runs here')).toBeGreaterThan(two.prompts[0]?.indexOf('# Request') as number);

  const off = await again(workspace, { ownRuns: false, memory: false });
  expect(await off.run()).toMatchObject({ outcome: 'solved', spend: { calls: 3 } });
  expect(off.prompts.join()).not.toContain('From earlier runs');

  // A replay is shown what the run was shown, also when it is forgotten meanwhile.
  await resetTaught(workspace.dataDir, Date.now);
  expect(await replayRun({ dataDir: workspace.dataDir, runId: second.runId, mayRunUnfenced: async () => true }, signal)).toMatchObject({
    same: true,
    differences: [],
  });
  expect(await lessonsOf(workspace)).toEqual([]);
});

test('the user reads, changes and deletes a lesson; a refused change leaves none; secrets stay out of it', async () => {
  const secret = 'ghp_0123456789abcdefghijABCDEFGHIJ456789';
  const files = { ...quickSum, 'sum.js': `// ${secret}\n${quickSum['sum.js']}` };
  const one = await start({ files, script: learner().script, designer: soloDesigner(4) });
  const { workspace } = one;
  const { runId } = await one.run();
  const [lesson] = await lessonsOf(workspace);
  expect(lesson).toMatchObject({
    id: runId,
    role: 'coder',
    kind: 'fix',
    files: ['sum.js'],
    shown: 0,
    edited: false,
    own: { solved: true, calls: 3 },
  });
  expect(lesson?.text).toContain('+  return a + b;');
  expect(readFileSync(memoryFile(workspace.dataDir), 'utf8')).not.toContain(secret);
  expect(readFileSync(memoryFile(workspace.dataDir), 'utf8')).not.toContain(workspace.root);
  expect((await storedPlaces(workspace.dataDir)).find(({ name }) => name === 'memory')).toMatchObject({ files: 1 });

  await sayOfLesson(workspace.dataDir, runId, { text: 'Add, never subtract.' }, Date.now);
  const edited = await again(workspace);
  await edited.run();
  expect(edited.prompts[0]).toContain('Add, never subtract.');

  await sayOfLesson(workspace.dataDir, runId, { deleted: true }, Date.now);
  expect((await lessonsOf(workspace)).map(({ id }) => id)).not.toContain(runId);
  // Its record changes once more, and the lesson stays deleted.
  await giveVerdict({ dataDir: workspace.dataDir, runId }, { decision: 'accepted' });
  expect((await lessonsOf(workspace)).map(({ id }) => id)).not.toContain(runId);
  expect(readFileSync(memoryFile(workspace.dataDir), 'utf8')).not.toContain('Add, never subtract.');

  const other = await start({ script: learner().script, designer: soloDesigner(4) });
  const refused = await other.run();
  expect(await lessonsOf(other.workspace)).toHaveLength(1);
  await giveVerdict({ dataDir: other.workspace.dataDir, runId: refused.runId }, { decision: 'rejected' });
  expect(await lessonsOf(other.workspace)).toEqual([]);
});
