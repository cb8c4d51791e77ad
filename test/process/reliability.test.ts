/** The tally of models in their roles, from real runs; only the model is scripted. */
import { expect, test } from 'vitest';
import { soloDesigner } from '../../src/design/index.ts';
import { reliabilityHere, resetTaught, storedPlaces, updateTaught } from '../../src/lessons/index.ts';
import { giveVerdict } from '../../src/run/index.ts';
import { start } from '../support/run-scene.ts';
import { sumReply, type TemporaryWorkspace } from '../support/workspaces.ts';

const signal = new AbortController().signal;
const tallyOf = async ({ root, dataDir }: TemporaryWorkspace) =>
  reliabilityHere((await updateTaught(dataDir, Date.now, signal)).reliability, root);
const outside = (n: number): string => `other-${n}.js\n\`\`\`js\nmodule.exports = ${n};\n\`\`\`\n`;

const run = async (replies: readonly string[], on?: TemporaryWorkspace) => {
  const scene = await start({
    ...(on && { on }),
    learning: { ownRuns: true, memory: false },
    designer: soloDesigner(),
    settings: { replans: 0, attempts: 1 },
    script: [...replies],
  });
  return { ...scene, result: await scene.run() };
};

test('counts failures by class, breaches and what was solved and kept; a refused run counts nothing good, and a reset forgets all', async () => {
  const first = await run(['No code here.', sumReply('a + b')]);
  const { workspace } = first;
  expect(first.result.outcome).toBe('solved');
  expect(await tallyOf(workspace)).toMatchObject([
    { role: 'coder', model: 'scripted', runs: 1, solved: 1, calls: 2, failures: { format: 1, fails: 0, loops: 0, silent: 0 }, breaches: 0 },
  ]);
  expect((await storedPlaces(workspace.dataDir)).find(({ name }) => name === 'reliability')).toMatchObject({ files: 1 });

  // A test file is outside of its scope.
  const second = await run([`${sumReply('a + b')}\nsum.test.js\n\`\`\`js\n// nothing\n\`\`\`\n`], workspace);
  expect(second.log.of('write.blocked').length).toBe(1);
  expect(await tallyOf(workspace)).toMatchObject([{ runs: 2, solved: 2, calls: 3, breaches: 1 }]);

  await giveVerdict({ dataDir: workspace.dataDir, runId: second.result.runId }, { decision: 'rejected' });
  expect(await tallyOf(workspace)).toMatchObject([{ runs: 2, solved: 1, calls: 3, breaches: 1 }]);

  await resetTaught(workspace.dataDir, Date.now);
  expect(await tallyOf(workspace)).toEqual([]);
});

test('a run that stayed red is no success, and its calls count', async () => {
  const { workspace, result } = await run([sumReply('a * b'), sumReply('a * b + 1'), outside(1)]);
  expect(result.outcome).toBe('tests-fail');
  expect(await tallyOf(workspace)).toMatchObject([{ runs: 1, solved: 0, calls: 3 }]);
});
