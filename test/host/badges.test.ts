/**
 * What a run is called, and how it looks, on every screen: one list of all outcomes and of all that can become of a change, held against the
 * view, the status item, the page, its tab, the dashboard and the command line, over real traces.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHost } from '../../src/editor/host.ts';
import { lazy } from '../../src/editor/lazy.ts';
import { dashboardView } from '../../src/editor/panels/dashboard-view.ts';
import { markTab } from '../../src/editor/panels/tab-mark.ts';
import { statusOf } from '../../src/editor/status/status-item.ts';
import { registerRunsTree } from '../../src/editor/tree/runs-view.ts';
import { fold, listRuns, openRun, type RunListing, type RunState, type Tone } from '../../src/trace/index.ts';
import { commandLine } from '../support/command-line.ts';
import { type OpenedEditor, openEditorCore } from '../support/editor.ts';
import { everyStanding as cases, recordStandings } from '../support/every-standing.ts';
import { dashboardInput, runModelOf } from '../support/pages/models.ts';
import { english } from '../support/pages/speech.ts';
import { brokenSum, type TemporaryWorkspace, temporaryWorkspace } from '../support/workspaces.ts';

const colours: Readonly<Record<Tone, string>> = {
  good: 'charts.green',
  bad: 'charts.red',
  caution: 'list.warningForeground',
  busy: 'charts.blue',
  quiet: 'descriptionForeground',
};
const backgrounds: Partial<Record<Tone, string>> = { bad: 'statusBarItem.errorBackground', caution: 'statusBarItem.warningBackground' };

let workspace: TemporaryWorkspace;
let editor: OpenedEditor;
let listings: readonly RunListing[];
let rows: ReadonlyMap<string | undefined, { description?: unknown; iconPath?: unknown; accessibilityInformation?: { label: string } }>;
let printed: string;

beforeAll(async () => {
  workspace = temporaryWorkspace(brokenSum);
  const { dataDir, root } = workspace;
  await recordStandings(dataDir, root);
  editor = await openEditorCore({ at: workspace });
  registerRunsTree(
    createHost(editor.fake.vscode, editor.fake.context),
    lazy(async () => editor.core),
  );
  listings = await listRuns(dataDir);
  rows = new Map((await editor.fake.treeNodes('teamwright.runs')).map(({ item }) => [item.id, item]));
  const cli = commandLine();
  try {
    printed = (await cli.run(['runs', 'list', '--limit', '1000'], { env: { TEAMWRIGHT_DATA: dataDir } })).stdout;
  } finally {
    cli.dispose();
  }
}, 120_000);
afterAll(async () => {
  await editor[Symbol.asyncDispose]();
  workspace.dispose();
});

const stateOf = async (runId: string): Promise<RunState> => fold((await (await openRun(workspace.dataDir, runId)).read()).events);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

describe('a run is called the same, and looks the same, on every screen', () => {
  test.each(cases)('$what', async ({ runId, called: [word, icon, tone], tests }) => {
    const badge = { word, icon, tone };
    const listing = listings.find((each) => each.runId === runId);
    if (listing === undefined) throw new Error(`${runId} is not listed.`);
    const state = await stateOf(runId);

    const row = rows.get(runId);
    expect(String(row?.description).split(' · ').slice(0, -1)).toEqual([word, tests].filter((text) => text !== ''));
    expect(row?.accessibilityInformation?.label).toBe(`Fix the failing test., ${row?.description}`);
    expect(row?.iconPath).toMatchObject({ id: icon, color: { id: colours[tone] } });

    const { events } = await (await openRun(workspace.dataDir, runId)).read();
    expect(runModelOf(events).badge).toEqual(badge);

    const { vscode } = editor.fake;
    const panel = { title: 'old', iconPath: undefined };
    markTab(vscode, panel, { kind: 'run', runId, state, ownerAlive: false });
    expect(panel.title).toBe(`${state.result === undefined ? 'Run' : capital(word)}: Fix the failing test.`);
    expect(panel.iconPath).toMatchObject({ id: icon, color: { id: colours[tone] } });

    const dashboard = dashboardView({ ...dashboardInput, runs: [listing] }, english);
    expect(dashboard.states).toEqual([{ badge, count: '1' }]);

    if (state.result !== undefined) {
      const shown = statusOf(vscode, [], 0, [{ runId, state: () => state }]);
      expect(shown?.text.replace(': change to review', '')).toBe(`$(${icon}) ${capital(word)}`);
      expect(shown?.tooltip).toContain(word);
      expect(shown?.colour).toBe(backgrounds[tone]);
    }

    const line = printed.split('\n').find((one) => one.startsWith(`${runId} `));
    expect(line).toMatch(new RegExp(`just now +${word} {2,}`));
  });

  test('only what tests vouch for and nothing took back, and an answer, looks good; each state has a word and an icon of its own', () => {
    // What stands is judged by its own tests, whatever came of the rest.
    const byItself = / in part, .*: solved$|candidate applied, .*: solved$/;
    const good = cases.filter(({ what, called: [, , tone] }) => tone === 'good' && !byItself.test(what)).map(({ what }) => what);
    expect(good).toEqual([
      'solved, not applied',
      'solved, an apply was refused',
      'solved, applied',
      'answered, not applied',
      'answered, an apply was refused',
    ]);
    const all = [...new Map(cases.map(({ called }) => [called.join(), called])).values()];
    expect(new Set(all.map(([word]) => word)).size).toBe(all.length);
    expect(new Set(all.map(([, icon]) => icon)).size).toBe(all.length);
    expect(all.filter(([, icon, tone]) => /pass|check/.test(icon) && tone !== 'good')).toEqual([]);
  });
});
