/** What runs cost, as the command line says it: by month of the user's own clock and by folder, in tables and as JSON. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CommandLine, commandLine, type Finished } from '../support/command-line.ts';
import { writeLessonRun } from '../support/lesson-runs.ts';

let cli: CommandLine;
beforeEach(() => {
  cli = commandLine();
});
afterEach(() => cli.dispose());

const spend = (args: readonly string[], env: Readonly<Record<string, string>> = { TZ: 'UTC' }): Promise<Finished> =>
  cli.run(['runs', 'spend', ...args], { env, cwd: cli.home });

test('without runs it says so, and a month that is none is refused', async () => {
  expect(await spend([])).toMatchObject({ code: 0, stdout: '', stderr: 'There are no runs yet.\n' });
  expect(JSON.parse((await spend(['--json'])).stdout)).toMatchObject({ months: [], total: { runs: 0, usd: 0 }, unreadable: 0, changed: 0 });
  for (const month of ['2026-13', '2026', 'November'])
    expect(await spend(['--month', month])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`--month takes a month, not "${month}".`),
    });
});

test('a run belongs to the month in which it began by the clock of the user, and to its folder', async () => {
  const folder = path.join(cli.home, 'shop');
  mkdirSync(folder);
  const lastHour = Date.UTC(2026, 9, 31, 23, 30);
  writeLessonRun(cli.dataDir, { runId: 'a', workspace: folder, at: lastHour });
  writeLessonRun(cli.dataDir, { runId: 'b', workspace: folder, at: lastHour - 86_400_000 });
  writeLessonRun(cli.dataDir, { runId: 'c', workspace: '/work/blog', at: lastHour + 86_400_000 });
  const counted = async (env: Readonly<Record<string, string>>, ...args: string[]): Promise<unknown> =>
    JSON.parse((await spend(['--json', ...args], env)).stdout).months.map(({ month, workspace, runs }: Record<string, unknown>) => [
      month,
      path.basename(String(workspace)),
      runs,
    ]);

  expect(await counted({ TZ: 'UTC' })).toEqual([
    ['2026-11', 'blog', 1],
    ['2026-10', 'shop', 2],
  ]);
  // Of two that cost the same, the path decides.
  expect(((await counted({ TZ: 'Europe/Berlin' })) as unknown[]).toSorted()).toEqual([
    ['2026-10', 'shop', 1],
    ['2026-11', 'blog', 1],
    ['2026-11', 'shop', 1],
  ]);
  expect(await counted({ TZ: 'Europe/Berlin' }, '--month', '2026-10')).toEqual([['2026-10', 'shop', 1]]);
  expect(await counted({ TZ: 'America/New_York' }, '--month', '2026-10', '--workspace', 'shop')).toEqual([['2026-10', 'shop', 2]]);
  expect(await counted({ TZ: 'UTC' }, '--workspace', '/work/gone')).toEqual([]);

  const printed = (await spend([])).stdout.split('\n');
  expect(printed[0]).toMatch(/^MONTH +COST +READ +WRITTEN +CALLS +RUNS +FOLDER$/);
  expect(printed[1]).toMatch(/^November 2026 +\$0\.00\d .* 1 {2}\/work\/blog$/);
  expect(printed[2]).toMatch(/^October 2026 .* 2 {2}.*shop$/);
  expect(printed[3]).toMatch(/^all .* 3$/);
});
