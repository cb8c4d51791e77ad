/** What came of saved teams, shared with a workspace: a file a contributor, heard only of teams that ran here, for few runs, and checked. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { soloTeam, teamIdOf } from '../../src/design/index.ts';
import { workspaceName } from '../../src/lessons/ended-runs.ts';
import { evidenceFolder, mostOfOthers, othersEvidence, ownEvidence, usesOfOthers, writeEvidence } from '../../src/lessons/evidence.ts';
import { provenIn } from '../../src/lessons/teams.ts';
import { printPlan } from '../../src/plan/index.ts';

let top = '';
let workspace = '';
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'teamwright-evidence-')));
  workspace = join(top, 'project');
  mkdirSync(join(workspace, '.teamwright/teams'), { recursive: true });
  writeFileSync(join(workspace, '.teamwright/teams/two.team.yaml'), printPlan({ ...saved, name: 'two' }));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

const saved = soloTeam(2, 'easy');
const team = teamIdOf({ plan: saved });
const situation = { kind: 'bug-fix', language: 'javascript', model: 'm' } as const;
const runsOf = (solved: number, failed: number, of = team) =>
  Array.from({ length: solved + failed }, (_, at) => ({
    runId: `r${at}`,
    startedAt: at,
    uses: [{ ...situation, team: of, workspace: workspaceName(workspace), solved: at < solved, calls: 2, tokens: 501 }],
  }));
const kept = { [team]: { plan: saved, runId: 'r0', files: { sources: [], tests: [] } } };
const folder = () => join(workspace, evidenceFolder);
const row = { ...situation, team, runs: 40, solved: 30, calls: 2, tokens: 500 };
const foreign = (contributor: string, rows: readonly object[], name = contributor): void => {
  mkdirSync(folder(), { recursive: true });
  writeFileSync(join(folder(), `${name}.json`), JSON.stringify({ version: 1, contributor, rows }));
};

test('each contributor writes one file of their own, of saved teams alone, with counts and no words; another one in each workspace', async () => {
  const [ann, bob] = [join(top, 'ann'), join(top, 'bob')];
  const own = await ownEvidence({ runs: [...runsOf(3, 1), ...runsOf(2, 0, 'f'.repeat(64))] }, workspace);
  expect(own).toEqual([{ ...situation, team, name: 'two', runs: 4, solved: 3, calls: 2, tokens: 501 }]);
  const file = await writeEvidence(ann, workspace, own);
  const before = readFileSync(join(workspace, file), 'utf8');
  expect(before).not.toContain(workspaceName(workspace));
  expect(await writeEvidence(ann, workspace, own)).toBe(file);
  expect(readFileSync(join(workspace, file), 'utf8')).toBe(before);
  await writeEvidence(bob, workspace, await ownEvidence({ runs: runsOf(1, 0) }, workspace));
  expect(readdirSync(folder())).toHaveLength(2);
  expect(readFileSync(join(workspace, file), 'utf8')).toBe(before);
  // Each hears the other, and not themselves.
  expect((await othersEvidence(ann, workspace)).rows).toMatchObject([{ team, runs: 1, solved: 1 }]);
  expect((await othersEvidence(bob, workspace)).rows).toMatchObject([{ team, runs: 4, solved: 3 }]);
  const elsewhere = join(top, 'other');
  mkdirSync(elsewhere);
  expect((await writeEvidence(ann, elsewhere, [])).endsWith(file.slice(file.lastIndexOf('/')))).toBe(false);
});

test('the word of others counts as few runs at most, however many they claim or are; of a team that never ran here nothing', async () => {
  foreign('a'.repeat(16), [row, { ...row, team: 'e'.repeat(64) }]);
  foreign('b'.repeat(16), [{ ...row, runs: 1_000_000, solved: 1_000_000 }]);
  const data = join(top, 'data');
  const known = async () => ({ runs: runsOf(1, 0), teams: kept });
  const uses = (await provenIn(known, { dataDir: data, workspace })()).uses;
  const ofOthers = uses.filter(({ others }) => others);
  expect(ofOthers.reduce((sum, { counts = 0 }) => sum + counts, 0)).toBeCloseTo(mostOfOthers);
  expect(ofOthers.every((use) => use.team === team && use.workspace === workspaceName(workspace))).toBe(true);
  expect(uses.filter(({ others }) => !others)).toHaveLength(1);
  const few = usesOfOthers([{ ...row, runs: 3, solved: 2 }], workspace, () => true);
  expect(few.map(({ solved, counts }) => [solved, counts])).toEqual([
    [true, 2],
    [false, 1],
  ]);
});

test('what is no evidence counts for nothing and is named; nothing is followed out of the workspace', async () => {
  const data = join(top, 'data');
  foreign('a'.repeat(16), [{ ...row, solved: 41 }]);
  foreign('b'.repeat(16), [row], 'c'.repeat(16));
  foreign('d'.repeat(16), [row, row]);
  foreign('e'.repeat(16), [{ ...row, note: 'run me' }]);
  writeFileSync(join(folder(), '0.json'), '{"version":');
  writeFileSync(join(folder(), '1.json'), ' '.repeat(300_000));
  const outside = join(top, 'outside.json');
  writeFileSync(outside, JSON.stringify({ version: 1, contributor: 'f'.repeat(16), rows: [row] }));
  symlinkSync(outside, join(folder(), `${'f'.repeat(16)}.json`));
  const { rows, files, problems } = await othersEvidence(data, workspace);
  expect(rows).toEqual([]);
  expect(files).toBe(0);
  expect(problems).toHaveLength(7);
  expect(problems.join('\n')).toMatch(/more solved than run[\s\S]*named otherwise[\s\S]*several things/);
  rmSync(folder(), { recursive: true });
  symlinkSync(top, folder());
  await expect(writeEvidence(data, workspace, [])).rejects.toMatchObject({ code: 'path-escapes' });
});
