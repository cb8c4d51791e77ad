/** The pages at 200 % zoom, where 1280×800 has room for 640×400: nothing hangs out, nothing is covered; and how a run looks in each of its ends. */
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../../scripts/vscode/browser.ts';
import { type NewEvent, noTests, type Outcome } from '../../src/trace/events.ts';
import type { PageModel } from '../../src/webviews/messages-types.ts';
import {
  dashboardModel,
  finishedEvents,
  largeModel,
  planModel,
  redEvents,
  redModel,
  runModel,
  runModelOf,
  secondModel,
  soloModel,
} from '../support/pages/models.ts';
import { openPage } from '../support/pages/open-page.ts';
import { answeredRun, inInvoice, solvedEvents, spoken } from '../support/pages/pictured-runs.ts';
import { documentPicture, savePicture } from '../support/pages/pictures.ts';
import { enveloped, hashOf } from '../support/trace-events.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
});

async function shown(model: PageModel, size: { width: number; height: number }, look: (page: Page) => Promise<void>): Promise<void> {
  const open = await openPage(browser, model, { theme: 'dark', ...size });
  try {
    if (model.page === 'run') await open.send({ type: 'stream', parts: [...spoken] });
    await look(open.page);
    expect(open.errors).toEqual([]);
  } finally {
    await open.close();
  }
}

const pages: Readonly<Record<string, () => PageModel>> = {
  plan: () => planModel(),
  'plan-of-one-agent': () => soloModel(),
  'plan-of-many-steps': largeModel,
  'second-plan': secondModel,
  run: () => runModel(),
  'run-over': () => runModel(finishedEvents, false),
  'run-red': redModel,
  'run-answered': () => answeredRun(),
  dashboard: () => dashboardModel(),
};

/** Whatever can be pressed is there in full once it is scrolled to: not beyond the side, not below something else. */
const covered = (page: Page): Promise<string[]> =>
  page.evaluate(`(() => {
    const found = [];
    for (const element of document.querySelectorAll('button, vscode-button, summary, select, a')) {
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      element.scrollIntoView({ block: 'center' });
      const { left, right, top, bottom, width } = element.getBoundingClientRect();
      if (width === 0) continue;
      const name = (element.getAttribute('aria-label') ?? element.textContent).trim();
      if (left < -1 || right > innerWidth + 1 || top < -1 || bottom > innerHeight + 1) found.push(name + ' hangs out');
      const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      if (hit === null || !(element.contains(hit) || hit.contains(element))) found.push(name + ' is covered by ' + hit?.outerHTML.slice(0, 80));
    }
    return found;
  })()`);

test.each(Object.keys(pages))('the page "%s" is whole at twice its size, and axe finds nothing', async (name) => {
  await shown(pages[name]?.() as PageModel, { width: 640, height: 400 }, async (page) => {
    const take = ['plan', 'run-red', 'dashboard'].includes(name) ? documentPicture : savePicture;
    await take(page, `zoom-200-${name}`);
    for (const section of await page.locator('details').all()) await section.evaluate((element) => element.setAttribute('open', ''));
    await page.evaluate(axe.source);
    const { violations } = (await page.evaluate('axe.run(document)')) as axe.AxeResults;
    expect(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`))).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    expect(await covered(page)).toEqual([]);
  });
});

const ended = (outcome: Outcome, more: object = {}): NewEvent[] =>
  solvedEvents.map((event) => (event.type === 'run.finished' ? { ...event, outcome, ...more } : event));
/** A workspace without tests: nothing was judged, before or after. */
const untested = ended('no-tests', { before: undefined, after: undefined }).flatMap((event): NewEvent[] => {
  if (event.type === 'candidate.tested') return [];
  if (event.type === 'briefing.done') return [{ ...event, test: undefined, baseline: undefined }];
  return [event.type === 'step.done' && event.step === 'try' ? { ...event, skipped: noTests } : event];
});
const part = hashOf('part').slice(0, 40);
const applied = (accepted: number): NewEvent => ({
  type: 'diff.applied',
  applied: ['sum.js'],
  conflicts: [],
  undo: { commit: part, tree: part },
  candidate: 'c2',
  hunks: { accepted, rejected: 2 - accepted },
  ...(accepted < 2 && { part }),
});
const partTested: NewEvent = {
  type: 'part.tested',
  candidate: 'c2',
  hunks: ['h1'],
  of: 2,
  tree: part,
  report: hashOf('report'),
  counts: { passed: 14, failed: 1, skipped: 0, green: false },
  ending: 'finished',
  delta: { fixed: [], broken: [], stillFailing: ['adds'], added: [], missing: [], newlySkipped: [] },
  tampering: [],
  breaches: [],
  judgement: { state: 'red', reasons: [], targets: [], unrelated: [], flaky: [], notRun: [] },
  ms: 10,
};

test.each<readonly [string, NewEvent[], string]>([
  ['stopped', ended('stopped', { candidate: undefined, patch: undefined, after: undefined }), 'stopped'],
  ['no-tests', untested, 'no test could judge it'],
  ['applied-in-part', [...solvedEvents, applied(1)], 'applied in part, not tested like this'],
  ['applied-in-part-tested', [...solvedEvents, applied(1), partTested], 'applied in part, tests fail'],
  ['taken-back', [...solvedEvents, applied(2), { type: 'diff.undone', restored: ['sum.js'], conflicts: [] }], 'taken back'],
  [
    'best-try-kept',
    redEvents.map((event) => (event.type === 'run.finished' ? { ...event, outcome: 'declined' } : event)),
    'best try kept, tests still fail',
  ],
])('a run that is over, %s, says so in its first line', async (name, events, word) => {
  await shown(runModelOf(enveloped(inInvoice(events))), { width: 900, height: 600 }, async (page) => {
    await expect.poll(() => page.locator('header .facts').textContent()).toContain(word);
    expect(await page.getByRole('button', { name: 'Test What I Accepted' }).count()).toBe(name === 'applied-in-part' ? 1 : 0);
    await documentPicture(page, `dark-run-${name}`);
  });
});
