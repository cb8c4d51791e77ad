/** A team that proves better than the usual one stands in for it, with real runs. The model is scripted: whether that helps a real one is not shown here. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Designer, designerByName, fileDesigner, soloTeam, teamIdOf } from '../../src/design/index.ts';
import { evidenceFolder, libraryHere, ownEvidence, storedPlaces, updateTaught } from '../../src/lessons/index.ts';
import { planHash, printPlan } from '../../src/plan/index.ts';
import { giveVerdict } from '../../src/run/index.ts';
import { commandLine } from '../support/command-line.ts';
import { start } from '../support/run-scene.ts';
import { sumReply, type TemporaryWorkspace } from '../support/workspaces.ts';

const signal = new AbortController().signal;
const libraryOf = async ({ root, dataDir }: TemporaryWorkspace) => libraryHere((await updateTaught(dataDir, Date.now, signal)).teams, root);

test('a plan that the user edited and that solved three times where the usual one failed is proposed first; a reset takes it back', async () => {
  let asked = 0;
  /** Only an agent that is told to add gets it right. */
  const scene = (on?: TemporaryWorkspace) =>
    start({
      ...(on && { on }),
      learning: { ownRuns: true, memory: false },
      designer: designerByName('auto'),
      settings: { replans: 1, budget: { calls: 4 } },
      review: async ({ plan, hash, round }) => {
        const { coder } = soloTeam(1, 'easy').agents;
        if (round === 0 || coder === undefined) return { kind: 'approve', hash, by: 'flag' };
        const agents = { coder: { ...coder, instructions: 'Add in sum.js.' } };
        const edited = { ...soloTeam(1, 'easy'), budget: plan.budget, agents };
        return { kind: 'approve', hash: planHash(edited), by: 'user', edited };
      },
      script: ({ messages }) => {
        asked += 1;
        return sumReply(JSON.stringify(messages).includes('Add in sum.js.') ? 'a + b' : `a * ${asked + 5}`);
      },
    });
  const one = await scene();
  const { workspace } = one;
  const first = await one.run();
  expect(first.origins.at(-1)).toBe('user-edit');
  expect(first.outcome).toBe('solved');
  for (let n = 0; n < 2; n += 1) expect(await (await scene(workspace)).run()).toMatchObject({ outcome: 'solved' });
  expect(await libraryOf(workspace)).toMatchObject({
    runs: 3,
    hits: 0,
    teams: [{ solved: 3, runs: 3, dropped: false, runId: first.runId }],
  });

  const four = await scene(workspace);
  const fourth = await four.run();
  expect(fourth).toMatchObject({ outcome: 'solved', spend: { calls: 1 } });
  const [proposed] = four.log.of('plan.proposed');
  expect(proposed).toMatchObject({ name: 'bug-fix-proven', proven: { hit: 'exact' } });
  expect(proposed?.reason).toBe(`The team of ${first.runId}: it solved 3 of 3 such requests here, the usual one 0 of 3.`);
  expect(await libraryOf(workspace)).toMatchObject({ runs: 4, hits: 1, teams: [{ solved: 4, runs: 4 }] });
  expect((await storedPlaces(workspace.dataDir)).find(({ name }) => name === 'teams')).toMatchObject({ files: 1 });

  // A change that is refused later was no success.
  await giveVerdict({ dataDir: workspace.dataDir, runId: fourth.runId }, { decision: 'rejected' });
  expect(await libraryOf(workspace)).toMatchObject({ hits: 0, teams: [{ solved: 3, runs: 3 }] });

  // Size and hit rate are shown, and so is, after a reset, that nothing is left: the runs lie there, are read again, and teach nothing.
  const cli = commandLine();
  try {
    const said = (...words: string[]) => cli.run(['learn', ...words], { cwd: workspace.root, env: { TEAMWRIGHT_DATA: workspace.dataDir } });
    expect((await said('status')).stdout).toMatch(
      /Library: 1 team that solved something here, 0 dropped as clearly worse; 0 of \d runs took their team from it\./,
    );
    const reset = await said('reset', '--yes');
    expect(reset.stderr).toMatch(/^Forgot what \d runs taught\./);
    expect(reset.stderr).toContain(
      'Read again, with all runs that lie there: 0 of them taught anything, 0 lessons, 0 teams, 0 runs in the tally of models.',
    );
    expect(JSON.parse((await said('reset', '--yes', '--json')).stdout)).toMatchObject({
      runs: 0,
      left: { runs: 0, lessons: 0, teams: 0, tallied: 0 },
    });
    expect((await said('status')).stdout).toContain('Library: 0 teams that solved something here, 0 dropped as clearly worse; 0 of 0 runs');
  } finally {
    cli.dispose();
  }
  expect(await libraryOf(workspace)).toEqual({ teams: [], runs: 0, hits: 0 });
  const five = await scene(workspace);
  await five.run();
  expect(five.log.of('plan.proposed')[0]?.name).toBe('solo');
});

test('what others say of a saved team brings it forward once it ran here; the plan says by how many of their runs', async () => {
  const { coder } = soloTeam(1, 'easy').agents;
  if (coder === undefined) throw new Error('a coder');
  const saved = { ...soloTeam(1, 'easy'), agents: { coder: { ...coder, instructions: 'Add in sum.js.' } } };
  const scene = (designer: Designer, on?: TemporaryWorkspace) =>
    start({
      ...(on && { on }),
      ...{ learning: { ownRuns: true, memory: false }, designer, settings: { replans: 0 } },
      script: ({ messages }) => sumReply(JSON.stringify(messages).includes('Add in sum.js.') ? 'a + b' : 'a * b'),
    });
  const first = await scene(designerByName('auto'));
  const { workspace } = first;
  const { root, dataDir } = workspace;
  mkdirSync(join(root, evidenceFolder), { recursive: true });
  const team = teamIdOf({ plan: saved });
  const say = (row: object) =>
    writeFileSync(
      join(root, evidenceFolder, `${'a'.repeat(16)}.json`),
      JSON.stringify({ version: 1, contributor: 'a'.repeat(16), rows: [{ team, runs: 40, solved: 40, calls: 1, tokens: 500, ...row }] }),
    );
  say({ kind: 'bug-fix', language: 'javascript', model: 'scripted' });
  // It never ran here: nobody's word brings it forward.
  await first.run();
  expect(first.log.of('plan.proposed')[0]?.name).toBe('solo');
  writeFileSync(join(root, '.teamwright/teams/add.team.yaml'), printPlan({ ...saved, name: 'add' }));
  expect(await (await scene(fileDesigner(saved), workspace)).run()).toMatchObject({ outcome: 'solved' });
  const report = (await updateTaught(dataDir, Date.now, signal)).teams;
  const [own] = await ownEvidence(report, root);
  expect(own).toMatchObject({ name: 'add', team, runs: 1, solved: 1 });
  say({ kind: own?.kind, language: own?.language, model: own?.model });
  const third = await scene(designerByName('auto'), workspace);
  expect(await third.run()).toMatchObject({ outcome: 'solved' });
  const [proposed] = third.log.of('plan.proposed');
  expect(proposed).toMatchObject({ name: 'bug-fix-proven', proven: { team, hit: 'exact' } });
  expect(proposed?.reason).toContain(
    'it solved 11 of 11 such requests here (10 of them by what others in this workspace say), the usual one 0 of 1',
  );
  expect(readdirSync(join(root, evidenceFolder))).toEqual([`${'a'.repeat(16)}.json`]);
});
