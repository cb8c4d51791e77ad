/** One browser for the tests of a file, and scenes that are closed after each test, whatever became of it. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { launchBrowser } from '../../../scripts/vscode/browser.ts';
import { picture } from './pictures.ts';
import { openScene, type Scene, type SceneOptions } from './scene.ts';

/** Call at the top of a test file; gives the function that opens a scene. */
export function scenesOfFile(): (options?: SceneOptions) => Promise<Scene> {
  let browser: Browser | undefined;
  const open: Scene[] = [];
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(async ({ task }) => {
    for (const scene of open.splice(0)) {
      // The picture of what stood there says more than the message.
      if (task.result?.state === 'fail') await tell(scene, task.name);
      await scene.close();
    }
  });
  return async (options = {}) => {
    if (browser === undefined) throw new Error('A scene is opened inside of a test.');
    const scene = await openScene(browser, options);
    open.push(scene);
    return scene;
  };
}

async function tell(scene: Scene, name: string): Promise<void> {
  const base = `failed-${name.replaceAll(/\W+/g, '-').slice(0, 60)}`;
  const pages =
    scene.window.context
      .browser()
      ?.contexts()
      .flatMap((context) => context.pages()) ?? [];
  for (const [index, page] of pages.entries()) await picture(page, index === 0 ? base : `${base}-${index + 1}`);
  console.log([`Pictures: test-results/pictures/${base}*.png`, ...scene.window.errors].join('\n').slice(0, 4000));
}
