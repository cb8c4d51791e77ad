/** Pictures of the documentation that show states of runs, large teams, themes and languages; what each must show is read from it as well. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../../scripts/vscode/browser.ts';
import type { PageModel } from '../../src/webviews/messages-types.ts';
import { type OpenPageOptions, openPage } from '../support/pages/open-page.ts';
import {
  answeredRun,
  planOfThirtySteps,
  redRun,
  runOfThirtySteps,
  runUnderWay,
  soloPlan,
  solvedRun,
  spoken,
} from '../support/pages/pictured-runs.ts';
import { documentPicture, savePicture } from '../support/pages/pictures.ts';
import { english, german } from '../support/pages/speech.ts';
import { type PageTheme, pageThemes } from '../support/pages/themes.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
});

async function shown(model: PageModel, options: OpenPageOptions, look: (page: Page) => Promise<void>): Promise<void> {
  const open = await openPage(browser, model, options);
  try {
    if (model.page === 'run') await open.send({ type: 'stream', parts: [...spoken] });
    await look(open.page);
    expect(open.errors).toEqual([]);
  } finally {
    await open.close();
  }
}

/** Texts that are cut off. What a node says in its second line may be: its tooltip and its name have the whole. */
const cutOff = (page: Page): Promise<string[]> =>
  page
    .locator('.node-title, .node-meter, button, vscode-button, .facts > *')
    .evaluateAll((all) =>
      all
        .filter((each) => each.checkVisibility() && each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0)
        .map((each) => each.textContent ?? ''),
    );

/** It is seen whole, in the frame of the graph. */
const inFrame = (page: Page, node: string): Promise<boolean> =>
  page.evaluate(`(() => {
    const frame = document.querySelector('.graph-frame').getBoundingClientRect();
    const { top, bottom } = document.querySelector(${JSON.stringify(node)}).getBoundingClientRect();
    return top >= frame.top && bottom <= frame.bottom;
  })()`);

describe('a run at 900×600', () => {
  test.each<readonly [string, () => PageModel, RegExp]>([
    ['under-way', () => runUnderWay(), /running/],
    ['solved', () => solvedRun(), /tests pass · 14\/15 → 15\/15 tests · src\/invoice\.js/],
    ['red', () => redRun(), /tests still fail · 14\/15 → 14\/15 tests/],
    ['answer', () => answeredRun(), /answered/],
  ])('says how it stands in its first line: %s', async (name, model, first) => {
    await shown(model(), { theme: 'dark', width: 900, height: 600 }, async (page) => {
      const texts = await page.locator('header .facts > *').allTextContents();
      expect(texts.join(' · ')).toMatch(first);
      await documentPicture(page, `dark-run-${name}`);
    });
  });

  test('that answered shows its answer on the first screen, and opens the files that it names', async () => {
    const open = await openPage(browser, answeredRun(), { width: 900, height: 600 });
    const reply = open.page.getByRole('region', { name: 'The answer' });
    expect((await reply.boundingBox())?.y).toBeLessThan(150);
    expect(await reply.locator('img, script, iframe').count()).toBe(0);
    const opened = open.command('open-place');
    await reply.getByRole('button', { name: 'src/money.js:12-19' }).press('Enter');
    expect(await opened).toEqual({ type: 'open-place', path: 'src/money.js', line: 12, endLine: 19 });
    const whole = open.command('open-place');
    await reply.getByRole('button', { name: 'the lines cost' }).click();
    expect(await whole).toEqual({ type: 'open-place', path: 'src/invoice.js', line: 31, endLine: 38 });
    await open.close();
  });
});

describe('thirty steps', () => {
  test.each<readonly [string, () => PageModel]>([
    ['plan', () => planOfThirtySteps()],
    ['run', () => runOfThirtySteps()],
  ])('stay readable: %s', async (name, model) => {
    await shown(model(), { theme: 'dark', width: 1400, height: 900 }, async (page) => {
      expect(await page.locator('.node').count()).toBe(30);
      const sizes = await page.locator('.node-title').evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height));
      // Letters of a line that high are at least eight pixels.
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(9.5);
      expect(await cutOff(page)).toEqual([]);
      if (name === 'run') expect(await inFrame(page, '.node.running')).toBe(true);
      await documentPicture(page, `dark-${name}-of-thirty-steps`);
    });
  });
});

describe('in four themes', () => {
  test.each(Object.keys(pageThemes) as PageTheme[])('plan and red run in the %s theme', async (theme) => {
    for (const [name, model] of [
      ['plan', soloPlan()],
      ['run', redRun()],
    ] as const) {
      await shown(model, { theme, width: 900, height: 600 }, async (page) => {
        await documentPicture(page, `theme-${theme}-${name}`);
      });
    }
  });
});

describe('at 640×400, in two languages', () => {
  test.each([english, german])('nothing is cut off or hangs out: $locale', async (speech) => {
    const models: Readonly<Record<string, PageModel>> = {
      plan: soloPlan(speech),
      'plan of thirty steps': planOfThirtySteps(speech),
      'run under way': runUnderWay(speech),
      'run solved': solvedRun(speech),
      'run red': redRun(speech),
      'run answered': answeredRun(speech),
    };
    for (const [name, model] of Object.entries(models)) {
      await shown(model, { width: 640, height: 400, speech }, async (page) => {
        await savePicture(page, `640 ${speech.locale} ${name}`);
        expect(await cutOff(page), name).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), name).toBeLessThanOrEqual(0);
      });
    }
  });
});
