/** The main job with the model that runs on this machine. Skipped, with the reason, where its engine and weights cannot be had. */
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { isTeamwrightError } from '../../src/errors.ts';
import { defaultLocalModel, setup } from '../../src/local-model/index.ts';
import { runView } from '../support/vscode-pages/run-view.ts';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import { request } from '../support/vscode-pages/steps.ts';

const open = scenesOfFile();
const minutes = 60_000;
let absent = '';

beforeAll(async () => {
  try {
    await setup(defaultLocalModel, {}, AbortSignal.timeout(15 * minutes));
  } catch (error) {
    if (!isTeamwrightError(error, 'download-failed') && !isTeamwrightError(error, 'disk-full')) throw error;
    absent = error.message;
    console.log(`Skipped, because the embedded model cannot be had here: ${absent}`);
  }
}, 16 * minutes);
beforeEach((context) => context.skip(absent !== '', absent));

test(
  'a request in the palette, answered by the embedded model: the run comes to its end, judged by tests, and the workspace is as it was',
  async () => {
    const { workbench, workspace, eventsOf, window } = await open({
      settings: { 'teamwright.models.worker': 'embedded', 'teamwright.models.strong': 'embedded' },
      // The set-up of this machine, not one of the test's own.
      env: { TEAMWRIGHT_CACHE: process.env.TEAMWRIGHT_CACHE ?? '' },
    });
    const before = workspace.contents();
    const review = await request(workbench, 'sum should add its two numbers; make the failing test pass');
    await review.approve();
    const run = await runView(workbench);
    await run.stands('done', 8 * minutes);

    const calls = await eventsOf('call.done');
    expect(calls.length).toBeGreaterThan(0);
    expect(calls[0]?.servedModel).toContain('qwen2.5-coder');
    const [end] = await eventsOf('run.finished');
    expect(['solved', 'tests-fail']).toContain(end?.outcome);
    expect(workspace.contents()).toEqual(before);
    expect(window.ownErrors).toEqual([]);
  },
  12 * minutes,
);
