/** What runs taught is brought up run by run, or all at once: it comes to the same, and stays small whatever plans runs had. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { soloTeam, teamIdOf } from '../../src/design/index.ts';
import { changedHere, hardshipsHere, lessonsIn, libraryHere, reliabilityHere, updateTaught } from '../../src/lessons/index.ts';
import { provenIn, teamsFile } from '../../src/lessons/teams.ts';
import { planSchema } from '../../src/plan/index.ts';
import { type ToldRun, writeLessonRun } from '../support/lesson-runs.ts';

let top = '';
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'teamwright-taught-'));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

const { signal } = new AbortController();
const look = (dataDir: string) => updateTaught(dataDir, Date.now, signal);
const told = (run: number, right = run % 3 > 0): ToldRun => ({
  runId: `run-${String(run).padStart(3, '0')}`,
  ...{ request: `Fix the bug in sum ${run % 4}.`, workspace: `/work/${run % 3}`, model: `m${run % 2}`, tree: `tree ${run}` },
  at: Date.UTC(2026, 9, 1) + run * 3_600_000,
  replies: ['Wrong.', right ? 'This is right.' : 'Wrong too.'],
});

test('run by run it is what it is at once, also when a run changes later', async () => {
  const [often, once] = [join(top, 'often'), join(top, 'once')];
  for (let run = 0; run < 60; run += 1) {
    writeLessonRun(often, told(run));
    writeLessonRun(once, told(run));
    if (run % 7 === 0) await look(often);
  }
  const [a, b] = [await look(often), await look(once)];
  expect(a.experience.experience).toEqual(b.experience.experience);
  expect(a.experience.recent).toEqual(b.experience.recent);
  expect(a.experience.experience.runs).toBe(60);
  for (const dataDir of [often, once]) writeLessonRun(dataDir, told(55, false));
  const [c, d] = [await look(often), await look(once)];
  expect(c.experience.experience).toEqual(d.experience.experience);
  expect(c.experience.experience).not.toEqual(a.experience.experience);
});

test('plans of any size stay within bounds, the newest of them; one is checked when it is taken', async () => {
  const dataDir = join(top, 'data');
  const [name, coder] = Object.entries(soloTeam(1, 'easy').agents)[0] ?? [];
  if (name === undefined || coder === undefined) throw new Error('a coder');
  const large = (run: number) =>
    planSchema.parse({
      ...soloTeam(1, 'easy'),
      agents: Object.fromEntries(
        Array.from({ length: 20 }, (_, at) => [
          at === 0 ? name : `${name}-${at}`,
          { ...coder, instructions: `${run} ${'x'.repeat(1900)}` },
        ]),
      ),
    });
  for (let run = 0; run < 80; run += 1) writeLessonRun(dataDir, { ...told(run), plan: large(run) });
  const { teams } = await look(dataDir);
  expect(statSync(teamsFile(dataDir)).size).toBeLessThan(2_500_000);
  const [first, last] = [large(0), large(79)].map((plan) => teamIdOf({ plan }));
  expect(teams.teams).toHaveProperty(last as string);
  expect(teams.teams).not.toHaveProperty(first as string);
  const library = await provenIn(async () => teams, { dataDir, workspace: top })();
  expect(library.team(last as string)?.plan).toEqual(large(79));
  const broken = { ...teams, teams: { [last as string]: { plan: { name: 'x' }, runId: 'r', files: { sources: [], tests: [] } } } };
  expect((await provenIn(async () => broken, { dataDir, workspace: top })()).team(last as string)).toBeUndefined();
});

test.each(['tampering', 'breach', 'made-for-tests'] as const)(
  'runs whose tests are in doubt (%s) teach nothing good: no belief, lesson, team or tally is better for them',
  async (inDoubt) => {
    const workspace = '/work/poisoned';
    const all = (doubtful: boolean) =>
      Array.from(
        { length: 12 },
        (_, run): ToldRun => ({
          ...told(run, true),
          // Of a usual length: in the shortest files what ships expects nearly every draft to be right, and here every other one is.
          ...{ workspace, model: 'm', bytes: 4000 },
          ...(doubtful && { inDoubt }),
        }),
      );
    const [poisoned, honest] = [join(top, 'poisoned'), join(top, 'honest')];
    for (const run of all(true)) writeLessonRun(poisoned, run);
    for (const run of all(false)) writeLessonRun(honest, run);
    const learnedIn = async (dataDir: string) => {
      const { experience, memory, teams, reliability } = await look(dataDir);
      const draft = changedHere(experience.experience, workspace)[0]?.operators.find(({ operator }) => operator === 'draft');
      return {
        better: (draft?.now.chance ?? 0) > (draft?.shipped.chance ?? 0),
        lessons: lessonsIn(memory, workspace).filter(({ kind }) => kind === 'fix').length,
        solvedByTeams: libraryHere(teams, workspace).teams.reduce((sum, { solved }) => sum + solved, 0),
        solvedByRoles: reliabilityHere(reliability, workspace).reduce((sum, { solved }) => sum + solved, 0),
        easier: hardshipsHere(experience.experience, workspace).some(({ harder }) => harder < 0),
      };
    };
    expect(await learnedIn(poisoned)).toEqual({ better: false, lessons: 0, solvedByTeams: 0, solvedByRoles: 0, easier: false });
    // The same runs without the signs do teach, so it is the signs.
    expect(await learnedIn(honest)).toEqual({ better: true, lessons: 12, solvedByTeams: 12, solvedByRoles: 12, easier: true });
  },
);
