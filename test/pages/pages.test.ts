/** The pages in a browser: the real bundle under the real content policy, in every theme and width; the test plays the host. */
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../../scripts/vscode/browser.ts';
import type { PageModel } from '../../src/webviews/messages-types.ts';
import {
  dashboardModel,
  finishedEvents,
  largeModel,
  learnedModel,
  picturedEvents,
  planModel,
  redModel,
  repairingEvents,
  runModel,
  secondModel,
  soloModel,
  unplannedModel,
} from '../support/pages/models.ts';
import { type OpenPage, type OpenPageOptions, openPage } from '../support/pages/open-page.ts';
import { answeredRun } from '../support/pages/pictured-runs.ts';
import { documentPicture, savePicture } from '../support/pages/pictures.ts';
import { type PageTheme, pageThemes } from '../support/pages/themes.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
});

async function withPage(model: PageModel, options: OpenPageOptions, work: (open: OpenPage) => Promise<void>): Promise<void> {
  const open = await openPage(browser, model, options);
  try {
    await work(open);
    expect(open.errors).toEqual([]);
  } finally {
    await open.close();
  }
}

const wrongPlan = () =>
  planModel((plan) => {
    const coder = plan.agents.coder;
    if (coder) Object.assign(coder, { write: ['../elsewhere'], temperature: 0 });
    plan.budget.calls = 2;
  });

/** The form of the team, which is folded away until it is asked for. */
/** The server refused the designer's first call. */
const failedFirst = () =>
  unplannedModel({
    phase: 'ended',
    notice: { kind: 'error', text: 'The run failed. The model server scripted refused access: who are you. Check the key.' },
  });

const unfoldTeam = (page: Page): Promise<void> => page.locator('details.section > summary', { hasText: 'Change the team' }).click();

const question = { agent: 'coder', text: 'Before or after the tax?', options: ['Before', 'After'] };
const asking = () => runModel(undefined, true, { question });

const pages: Readonly<Record<string, () => PageModel>> = {
  plan: () => planModel(),
  'plan of one agent': () => soloModel(),
  'plan of many steps': largeModel,
  'second plan': secondModel,
  'plan with problems': wrongPlan,
  'plan being designed': () =>
    planModel(undefined, { phase: 'designing', canApprove: false, notice: { kind: 'info', text: 'Another plan is being designed.' } }),
  'plan of a run that failed first': failedFirst,
  'plan that nothing can judge': () =>
    planModel(undefined, { unjudged: { why: 'No tests were found in this workspace.', canWriteTests: true } }),
  run: () => runModel(),
  'run with a repair': () => runModel(repairingEvents),
  'run with a question': asking,
  'run that is over': () => runModel(finishedEvents, false),
  'run that is red': redModel,
  'run that answered': () => answeredRun(),
  dashboard: () => dashboardModel(),
  'dashboard with what was learned': () => ({ ...dashboardModel(), learned: learnedModel() }),
};

describe.each(Object.keys(pageThemes) as PageTheme[])('in the %s theme', (theme) => {
  test.each(Object.keys(pages))('axe finds nothing on the page "%s", wide or narrow', async (name) => {
    // Side by side: a page takes one processor.
    const holds = (width: number) =>
      withPage(pages[name]?.() as PageModel, { theme, width }, async ({ page, send }) => {
        if (name === 'run')
          await send({
            type: 'stream',
            parts: [{ call: 'r0/draft/2', text: 'The discount belongs after the tax.\n', thinking: false, restart: true }],
          });
        for (const section of await page.locator('details').all()) await section.evaluate((element) => element.setAttribute('open', ''));
        await page.evaluate(axe.source);
        const { violations } = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as axe.AxeResults;
        expect(
          violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary}`)),
        ).toEqual([]);
        expect(
          await page.evaluate('document.documentElement.scrollWidth - innerWidth'),
          'nothing hangs out at the side',
        ).toBeLessThanOrEqual(0);
        await savePicture(page, `${name} ${theme} ${width}`);
      });
    await Promise.all([1400, 600].map(holds));
  });
});

describe('what was learned, in a picture', () => {
  test.each(Object.keys(pageThemes) as PageTheme[])('in the %s theme', async (theme) => {
    await withPage({ ...dashboardModel(), learned: learnedModel() }, { theme, width: 900, height: 1100 }, async ({ page }) => {
      const part = page.locator('details.section', { hasText: 'What was learned' });
      await part.evaluate((element) => element.setAttribute('open', ''));
      await part.evaluate((element) => element.scrollIntoView());
      expect(await part.getByRole('button', { name: 'Forget What Was Learned…' }).isEnabled()).toBe(true);
      await documentPicture(page, `${theme}-dashboard-learned`);
    });
  });
});

/** What can be read of a page without scrolling: texts of elements that stand inside the window, above the bar with the answer. */
const readable = (page: Page): Promise<string> =>
  page.evaluate(`(() => {
    const bottom = document.querySelector('.answer').getBoundingClientRect().top;
    const texts = [];
    const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const range = document.createRange();
      range.selectNodeContents(walker.currentNode);
      const { top, bottom: end, left, right, width } = range.getBoundingClientRect();
      const shown = walker.currentNode.parentElement.checkVisibility({ visibilityProperty: true, opacityProperty: true });
      if (shown && width > 1 && top >= 0 && end <= bottom && left >= 0 && right <= innerWidth) texts.push(walker.currentNode.data);
    }
    return texts.join(' ').replace(/\\s+/g, ' ');
  })()`);

describe('the first screen of a plan', () => {
  test.each([
    ['one-agent', () => soloModel()],
    ['a-team', () => planModel()],
    ['many-steps', largeModel],
    ['second-try', secondModel],
  ])('answers five questions at 900×600 without scrolling: plan of %s', async (name, model) => {
    for (const theme of ['dark', 'light'] as const) {
      await withPage(model(), { theme, width: 900, height: 600 }, async ({ page }) => {
        const text = await readable(page);
        expect(text, 'which tests').toMatch(/until the test “a discount lowers the total” passes\./);
        expect(text, 'which tests').toContain('1 of 15 fails');
        expect(text, 'which files').toMatch(/Any file but tests may change|Only src\/\*\* may change, and no tests/);
        expect(text, 'which files').toMatch(/Likely files src\/invoice\.js ?, src\/money\.js/);
        expect(text, 'which model').toMatch(/Models? qwen2\.5-coder-7b/);
        expect(text, 'what it costs at most').toMatch(
          /At most \$0\.\d+ and [\d.]+K tokens, .*Stops when the tests pass, or at \$1\.00, 60K tokens/,
        );
        expect(text, 'what happens on red').toContain('If tests stay red: another plan is put to you where there is one');
        expect(text, 'where').toContain('in a copy of your folder');
        expect(text, 'the form is folded').not.toContain('Goal and instructions');
        expect(await page.evaluate('document.scrollingElement.scrollTop')).toBe(0);
        await documentPicture(page, `${theme}-plan-of-${name}`);
      });
    }
  });

  test('has the focus on Approve, which names the hash in its tooltip; Enter approves', async () => {
    const model = soloModel();
    await withPage(model, {}, async ({ page, command }) => {
      const approve = page.getByRole('button', { name: 'Approve', exact: true });
      await expect.poll(() => approve.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
      expect(await approve.getAttribute('title')).toBe(`Approve exactly this plan, ${model.shortHash} (Ctrl+Enter)`);
      const sent = command('approve');
      await page.keyboard.press('Enter');
      expect(await sent).toEqual({ type: 'approve', hash: model.hash });
    });
  });

  test('shows behind what is expected each step, what decided, other orders and what was chosen, by keyboard', async () => {
    const { explanation, ...model } = soloModel();
    if (explanation === undefined) throw new Error('an explanation');
    const sentence = 'By 98 recorded attempts such plans mend 71% of such bugs, for 544 tokens on average.';
    const lines = ['mend-1, when it is reached: 60%, 170 tokens on average', 'Chosen, role 1: mender, of mender 80%, coder 20%'];
    await withPage({ ...model, explanation: { ...explanation, expected: { sentence, lines } } }, {}, async ({ page }) => {
      const line = page.getByText(lines[1] as string);
      await page.getByText(sentence).waitFor();
      expect(await line.isVisible()).toBe(false);
      await page.locator('.figures > summary').focus();
      await page.keyboard.press('Enter');
      await line.waitFor();
      expect(await page.locator('.figures li').allInnerTexts()).toEqual(lines);
    });
  });

  test('Ctrl+Enter approves once, wherever the focus is, but not from within a question, and never a plan that cannot run', async () => {
    const model = soloModel();
    await withPage(model, {}, async ({ page, commands }) => {
      const approved = () => commands.filter(({ type }) => type === 'approve').length;
      await page.keyboard.press('Control+Enter');
      await expect.poll(approved).toBe(1);
      await page.locator('[data-node]').first().click();
      await page.keyboard.press('Control+Enter');
      await expect.poll(approved).toBe(2);
      await page.getByRole('button', { name: 'Change…' }).click();
      await page.locator('.comment textarea:focus').waitFor();
      await page.keyboard.press('Control+Enter');
      await page.waitForTimeout(100);
      expect(approved()).toBe(2);
    });
    await withPage(wrongPlan(), {}, async ({ page, commands }) => {
      await page.keyboard.press('Control+Enter');
      await page.waitForTimeout(100);
      expect(commands.map(({ type }) => type)).toEqual(['ready']);
    });
  });

  test('is a strip of up to four steps: arrows go along, a click or Enter opens the form of the step', async () => {
    await withPage(soloModel(), {}, async ({ page }) => {
      expect(await page.locator('.graph').count()).toBe(0);
      expect(await page.locator('.strip .strip-title').allInnerTexts()).toEqual(['draft ×3', 'test', 'choose']);
      expect(await page.locator('[data-node][tabindex="0"]').count()).toBe(1);
      await page.locator('[data-node]').first().focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowDown');
      expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toContain('choose');
      await page.keyboard.press('Home');
      await page.keyboard.press('Enter');
      await page.locator('.selection vscode-textfield:focus-within').first().waitFor();
      expect(await page.locator('.selection h2').allInnerTexts()).toEqual(['Step draft', 'Agent coder']);
    });
  });

  test('keeps the prices of a large team whole', async () => {
    for (const width of [1280, 900]) {
      await withPage(largeModel(), { width, height: 800 }, async ({ page }) => {
        const cut = await page
          .locator('.node-meter')
          .evaluateAll((all) => all.filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.textContent));
        expect(cut).toEqual([]);
      });
    }
  });

  test('shows what is known in rows without holes', async () => {
    await withPage(planModel(), {}, async ({ page }) => {
      await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })");
      await page.locator('.briefing > div').first().waitFor();
      // Of the texts, since what stands around them stretches with the row.
      const heights = await page.evaluate<{ row: number; least: number; items: number }[]>(`(() => {
        const high = (each) => {
          const range = document.createRange();
          range.selectNodeContents(each);
          return range.getBoundingClientRect().height;
        };
        const own = (row, name) => [...row.querySelectorAll(name)].reduce((sum, each) => sum + high(each), 0);
        return [...document.querySelectorAll('.briefing > div')].map((row) => ({
          row: row.getBoundingClientRect().height,
          least: Math.max(own(row, 'dt'), own(row, 'dd')),
          items: row.querySelectorAll('dd').length,
        }));
      })()`);
      expect(heights.length).toBeGreaterThan(2);
      for (const { row, least, items } of heights) expect(row).toBeLessThanOrEqual(least + 8 * items);
    });
  });

  test('has no button that does nothing: more of them behind More, solo only for another team, an answer only for a change', async () => {
    await withPage(planModel(), {}, async ({ page, command }) => {
      const more = page.getByRole('button', { name: 'More' });
      expect(await page.getByRole('button', { name: 'Edit as YAML' }).count()).toBe(0);
      await more.click();
      expect(await more.getAttribute('aria-expanded')).toBe('true');
      const solo = command('make-solo');
      await page.getByRole('button', { name: 'Make it solo' }).click();
      await solo;
      await page.locator('.answer').getByRole('button', { name: 'Change the team' }).click();
      await page.locator('.selection vscode-textfield:focus-within').first().waitFor();
      const answer = command('just-answer');
      await page.getByText('This plan changes files.').waitFor();
      await page.getByRole('button', { name: 'Just answer' }).click();
      await answer;
    });
    await withPage(soloModel(), {}, async ({ page }) => {
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('button', { name: 'Edit as YAML' }).waitFor();
      expect(await page.getByRole('button', { name: 'Make it solo' }).count()).toBe(0);
    });
  });

  test('of a second plan says first what the one before it left, and offers to keep that', async () => {
    await withPage(secondModel(), {}, async ({ page, command }) => {
      const before = page.getByRole('region', { name: 'Before this plan' });
      expect(await before.textContent()).toMatch(
        /still fails 1 test[\s\S]*a discount lowers the total[\s\S]*110 !== 99[\s\S]*12\.4K of 60K/,
      );
      const kept = command('keep-what-there-is');
      await before.getByRole('button', { name: 'Keep what there is' }).click();
      await kept;
    });
  });

  test('of a run that failed before there was a plan is why, and the way to the run: no team, and nothing that was answered', async () => {
    await withPage(failedFirst(), {}, async ({ page, command }) => {
      expect(await page.getByRole('alert').textContent()).toContain('refused access: who are you. Check the key.');
      await page.getByText('The run ended before there was a plan.').waitFor();
      expect(await page.locator('.strip, .plan-graph, .team').count()).toBe(0);
      expect(await page.getByRole('button').allTextContents()).toEqual(['Show the run']);
      const opened = command('open-run');
      await page.getByRole('button', { name: 'Show the run' }).click();
      await opened;
    });
  });

  test('of another plan is shown from its top', async () => {
    await withPage(planModel(), { width: 900, height: 500 }, async ({ page, show }) => {
      await page.locator('[data-node]').first().click();
      await expect.poll(() => page.evaluate('document.scrollingElement.scrollTop')).toBeGreaterThan(0);
      await show(planModel(undefined, { phase: 'designing', canApprove: false }));
      await page.getByText('A plan is being designed.').waitFor();
      await show(soloModel());
      await page.locator('.strip').waitFor();
      await expect.poll(() => page.evaluate('document.scrollingElement.scrollTop')).toBe(0);
    });
  });
});

describe('the plan review', () => {
  test('is walked by keyboard: arrows go from step to step, Enter leads to the form, plus, minus and zero zoom', async () => {
    await withPage(planModel(), {}, async ({ page }) => {
      const focused = () => page.evaluate('document.activeElement?.getAttribute("aria-label")');
      await page.locator('[data-node="steps[0]"]').focus();
      expect(await focused()).toContain('look, analyse');
      await page.keyboard.press('ArrowDown');
      expect(await focused()).toContain('draft ×2, write');
      await page.keyboard.press('End');
      expect(await focused()).toContain('pick, select');
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowDown');
      const scale = async (): Promise<number> =>
        Number(/scale\(([\d.]+)\)/.exec((await page.locator('.graph-picture > g').getAttribute('transform')) ?? '')?.[1]);
      const before = await scale();
      await page.keyboard.press('+');
      expect(await scale()).toBeGreaterThan(before);
      await page.keyboard.press('-');
      await page.keyboard.press('-');
      expect(await scale()).toBeLessThan(before);
      await page.keyboard.press('0');
      expect(await scale()).toBeCloseTo(before);
      await page.keyboard.press('Enter');
      await page.locator('.selection vscode-textfield:focus-within').first().waitFor();
      expect(await page.locator('.selection h2').allInnerTexts()).toEqual(['Step draft', 'Agent coder']);
      // One stop for Tab: the node that was left.
      expect(await page.locator('[data-node][tabindex="0"]').count()).toBe(1);
    });
  });

  test('sends what is typed after a rest, and a name when it is whole', async () => {
    await withPage(planModel(), {}, async ({ page, command, commands }) => {
      await unfoldTeam(page);
      const role = page.getByRole('textbox', { name: 'Role' });
      const edit = command('edit');
      await role.fill('thinker');
      expect(await edit).toEqual({ type: 'edit', edit: { kind: 'set', place: ['agents', 'planner', 'role'], value: 'thinker' } });

      const renamed = command('edit');
      const name = page.getByRole('textbox', { name: 'Name' }).first();
      await name.fill('inspect');
      await page.waitForTimeout(400);
      expect(commands.filter(({ type }) => type === 'edit')).toHaveLength(1);
      await name.press('Tab');
      expect(await renamed).toEqual({ type: 'edit', edit: { kind: 'rename-step', place: ['steps', 0, 'id'], name: 'inspect' } });
    });
  });

  test('names tools, scopes, numbers and choices as the plan wants them', async () => {
    await withPage(planModel(), {}, async ({ page, command }) => {
      await page.locator('[data-node="steps[1]"]').click();
      let edit = command('edit');
      await page.getByRole('checkbox', { name: 'search' }).focus();
      await page.keyboard.press('Space');
      expect(await edit).toMatchObject({ edit: { place: ['agents', 'coder', 'tools'], value: ['search'] } });
      edit = command('edit');
      await page.getByRole('textbox', { name: 'May write' }).fill('src/**\n\nlib/** ');
      expect(await edit).toMatchObject({ edit: { place: ['agents', 'coder', 'write'], value: ['src/**', 'lib/**'] } });
      edit = command('edit');
      await page.getByRole('spinbutton', { name: 'Samples' }).fill('4');
      expect(await edit).toMatchObject({ edit: { place: ['steps', 1, 'samples'], value: 4 } });
      edit = command('edit');
      await page.getByRole('combobox', { name: 'Model' }).selectOption('strong');
      expect(await edit).toMatchObject({ edit: { place: ['agents', 'coder', 'tier'], value: 'strong' } });
      expect(await page.getByRole('combobox', { name: 'Model' }).locator('option').allInnerTexts()).toEqual([
        'Worker · qwen2.5-coder-7b',
        'Strong · claude-sonnet-5',
      ]);
    });
  });

  test('shows a problem at its field, tied to it for screen readers, and in the list, which leads there', async () => {
    await withPage(wrongPlan(), {}, async ({ page }) => {
      await page.locator('.problems button').first().click();
      const field = page.locator('[data-field="agents.coder.write"]');
      await field.locator('.field-problem.error').waitFor();
      await expect.poll(() => field.evaluate((element) => element.matches(':focus-within'))).toBe(true);
      const described = await field.locator('vscode-textarea').evaluate((element) => {
        const inner = (element as unknown as { wrappedElement: { ariaDescribedByElements: { textContent: string }[] } }).wrappedElement;
        return inner.ariaDescribedByElements.map(({ textContent }) => textContent).join('');
      });
      expect(described).toContain('it contains ".."');
      expect(await page.locator('[data-node="steps[1]"]').getAttribute('aria-label')).toContain('has an error');
      expect(await page.getByRole('button', { name: /^Approve/ }).getAttribute('aria-disabled')).toBe('true');
    });
  });

  test('approves the hash that is on screen; what is being typed goes first', async () => {
    const model = planModel();
    await withPage(model, {}, async ({ page, command, commands }) => {
      await unfoldTeam(page);
      await page.getByRole('textbox', { name: 'Goal and instructions' }).fill('Look for the cause in the tests first.');
      const approve = command('approve');
      await page.getByRole('button', { name: /^Approve/ }).click();
      expect(await approve).toEqual({ type: 'approve', hash: model.hash });
      expect(commands.map(({ type }) => type)).toEqual(['ready', 'edit', 'approve']);
    });
  });

  test('declines and redesigns with a comment, by keyboard alone', async () => {
    await withPage(planModel(), {}, async ({ page, command }) => {
      await page.getByRole('button', { name: 'Change…' }).focus();
      await page.keyboard.press('Enter');
      await page.locator('.comment textarea:focus').waitFor();
      await page.keyboard.type('Use one agent less.');
      const redesign = command('redesign');
      await page.keyboard.press('Control+Enter');
      expect(await redesign).toEqual({ type: 'redesign', comment: 'Use one agent less.' });

      await page.getByRole('button', { name: 'Decline…' }).focus();
      await page.keyboard.press('Enter');
      await page.locator('.comment textarea:focus').waitFor();
      await page.keyboard.press('Escape');
      expect(await page.locator('.comment').count()).toBe(0);
    });
  });

  test('keeps what was selected and unfolded, for the time after a reload', async () => {
    await withPage(planModel(), {}, async ({ page, state }) => {
      await page.locator('[data-node="steps[2]"]').click();
      await page.locator('details.section > summary', { hasText: 'Briefing' }).click();
      await page.getByText('14 passed, 1 failed').waitFor();
      // The browser tells of the unfolding a moment after it shows it.
      await expect
        .poll(state)
        .toMatchObject({ v: 1, page: 'plan', runId: 'r1', view: { selected: 'steps[2]', 'open.team': true, 'open.briefing': true } });
      const kept = await state();
      await withPage(planModel(), { state: kept }, async (again) => {
        expect(await again.page.locator('[data-node="steps[2]"]').getAttribute('aria-pressed')).toBe('true');
        await again.page.getByText('14 passed, 1 failed').waitFor();
      });
    });
  });

  test('says in a live region what a change does to the price', async () => {
    await withPage(planModel(), {}, async ({ page, show }) => {
      const model = planModel((plan) => {
        const draft = plan.steps[1];
        if (draft?.do === 'generate') draft.samples = 5;
      });
      await show(model);
      await page
        .locator('[role="status"][aria-live="polite"]', { hasText: `Calls: ${model.estimate[0]?.value}` })
        .waitFor({ state: 'attached' });
    });
  });
});

describe('the run', () => {
  test('shows text as it streams, and starts anew with the next call', async () => {
    await withPage(runModel(), {}, async ({ page, send }) => {
      const part = { call: 'r0/draft/2', thinking: false };
      await send({ type: 'stream', parts: [{ ...part, text: 'first ', restart: true }] });
      await send({ type: 'stream', parts: [{ ...part, text: 'answer', restart: false }] });
      await page.locator('.speech pre', { hasText: 'first answer' }).waitFor();
      await send({ type: 'stream', parts: [{ ...part, text: 'second', restart: true }] });
      await expect.poll(() => page.locator('.speech pre').textContent()).toBe('second');
    });
  });

  test('keeps what each try wrote in a tab of its own, by keyboard too; the newest is followed until another one is chosen', async () => {
    await withPage(runModel(finishedEvents, false), {}, async ({ page, send }) => {
      const part = { thinking: false, restart: true };
      await send({
        type: 'stream',
        parts: [
          { ...part, call: 'r0/draft/1', text: 'the first text' },
          { ...part, call: 'r0/draft/2', text: 'the second text' },
        ],
      });
      const text = page.getByRole('tabpanel');
      await expect.poll(() => text.textContent()).toBe('the second text');
      const chosen = page.locator('[role=tab][aria-selected=true]');
      expect(await page.locator('[role=tab][tabindex="0"]').count()).toBe(1);
      await chosen.press('ArrowLeft');
      await expect.poll(() => text.textContent()).toBe('the first text');
      expect(await chosen.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
      await page.getByRole('tab').last().click();
      await expect.poll(() => text.textContent()).toBe('the second text');
    });
  });

  test('has its graph as one Tab stop', async () => {
    await withPage(runModel(), {}, async ({ page }) => {
      expect(await page.locator('.graph-picture [tabindex="0"]').count()).toBe(1);
    });
  });

  test('a question is answered by a choice, by words, or not at all, with the keyboard alone; a screen reader hears it', async () => {
    const about = { type: 'answer', question: question.text } as const;
    const ways: readonly (readonly [string, (page: Page) => Promise<void>])[] = [
      [
        'After',
        async (page) => {
          await page.keyboard.press('Space');
          await page.keyboard.press('ArrowDown');
          await page.keyboard.press('Control+Enter');
        },
      ],
      [
        'Before, and say so.',
        async (page) => {
          await page.keyboard.press('Tab');
          await page.keyboard.type('Before, and say so.');
          await page.keyboard.press('Control+Enter');
        },
      ],
      ['', (page) => page.getByRole('button', { name: 'Let coder decide' }).press('Enter')],
    ];
    for (const [text, act] of ways) {
      await withPage(asking(), {}, async ({ page, command }) => {
        expect(await page.getByRole('alert').filter({ hasText: 'coder asks: Before or after the tax?' }).count()).toBe(1);
        const form = page.getByRole('form', { name: 'coder asks:' });
        expect(await form.getByRole('radiogroup').getByRole('radio').count()).toBe(2);
        expect(await form.getByRole('button', { name: 'Send the answer' }).isDisabled()).toBe(true);
        const answer = command('answer');
        await act(page);
        expect(await answer).toEqual({ ...about, text });
      });
    }
  });

  test('steers: pause, skip the selected step, hint to one agent, more budget', async () => {
    await withPage(runModel(), {}, async ({ page, command }) => {
      const pause = command('pause');
      await page.getByRole('button', { name: 'Pause' }).click();
      await pause;

      await page.locator('[data-node="steps[3].steps[1]"]').click();
      const skip = command('skip');
      await page.getByRole('button', { name: 'Skip fix' }).click();
      expect(await skip).toEqual({ type: 'skip', path: 'r0/mend/1/fix' });

      await page.getByRole('button', { name: 'Hint…' }).click();
      await page.getByRole('combobox', { name: 'For' }).selectOption('coder');
      await page.getByRole('textbox', { name: 'What should it know?' }).fill('Mind the tax.');
      const hint = command('hint');
      await page.getByRole('button', { name: 'Give the hint' }).click();
      expect(await hint).toEqual({ type: 'hint', agent: 'coder', text: 'Mind the tax.' });

      await page.locator('details.section > summary', { hasText: 'Details' }).click();
      await page.getByRole('button', { name: 'Raise the limit of Tokens' }).click();
      const raise = command('raise-budget');
      await page.getByRole('spinbutton').press('Enter');
      expect(await raise).toEqual({ type: 'raise-budget', name: 'tokens', limit: 120_000 });
    });
  });

  test('a suspicious place is opened at its line, and can be tried next', async () => {
    await withPage(runModel(repairingEvents), {}, async ({ page, command }) => {
      const places = page.locator('.places li');
      expect(await places.count()).toBe(3);
      expect(await places.first().textContent()).toMatch(
        /src\/invoice\.js:14[\s\S]*failing tests ran over it[\s\S]*tests failing at best: 1/,
      );
      const opened = command('open-place');
      await page.getByRole('button', { name: 'src/tax.js:3', exact: true }).click();
      expect(await opened).toEqual({ type: 'open-place', path: 'src/tax.js', line: 3 });
      const pointed = command('point');
      await page.getByRole('button', { name: 'Try src/invoice.js:22–24 next' }).press('Enter');
      expect(await pointed).toEqual({ type: 'point', path: 'src/invoice.js', line: 22 });
    });
  });

  test('that ended red shows what fails and how, and the ways on from there', async () => {
    await withPage(redModel(), {}, async ({ page, command }) => {
      expect(await page.locator('.red-test').allInnerTexts()).toEqual([
        expect.stringMatching(/a discount lowers the total[\s\S]*110 !== 99/),
      ]);
      expect(await page.locator('vscode-button').allInnerTexts()).toEqual(['Send back with a hint', 'Another model', 'Review anyway']);
      for (const [name, type] of [
        ['Send back with a hint', 'send-back'],
        ['Another model', 'other-model'],
        ['Review anyway', 'open-diff'],
      ] as const) {
        const sent = command(type);
        await page.getByRole('button', { name }).press('Enter');
        await sent;
      }
    });
  });

  test('names each picture of its request on a chip', async () => {
    await withPage(runModel(picturedEvents), {}, async ({ page }) => {
      expect(await page.locator('.heading .chip').allTextContents()).toEqual([
        'picture shot.png (750 × 100)',
        'picture <b>late</b>.jpg (40 × 30)',
      ]);
    });
    await withPage(runModel(), {}, async ({ page }) => expect(await page.locator('.heading .chip').count()).toBe(0));
  });

  test('that is over offers the diff and nothing to steer', async () => {
    await withPage(runModel(finishedEvents, false), {}, async ({ page, command }) => {
      expect(await page.locator('.controls vscode-button').allInnerTexts()).toEqual(['Review the changes']);
      const diff = command('open-diff');
      await page.getByRole('button', { name: 'Review the changes' }).press('Enter');
      await diff;
    });
  });
});

describe('the dashboard', () => {
  test('its filter is chosen by keyboard, is asked of the host, and shows in the table what was spent per month and folder', async () => {
    await withPage(dashboardModel(), {}, async ({ page, command }) => {
      const folder = page.getByLabel('Folder', { exact: true });
      expect(await folder.locator('option').allTextContents()).toEqual(['Open folders', 'All folders', 'shop (/work)', 'blog (/work)']);
      const sent = command('filter');
      await folder.focus();
      await page.keyboard.press('ArrowDown');
      expect(await sent).toEqual({ type: 'filter', folder: 'all', time: 'all' });
      expect(await page.getByLabel('Time', { exact: true }).locator('option').allTextContents()).toEqual([
        'All time',
        'Last 30 days',
        'November 2026',
        'October 2026',
      ]);
      const card = page.locator('.card').filter({ hasText: 'Spend per month and folder' });
      expect(await card.locator('tbody tr').first().locator('th, td').allTextContents()).toEqual([
        'November 2026',
        'shop (/work)',
        '$0.60',
        '180K',
        '24K',
        '80',
        '20',
      ]);
    });
  });

  test('what was learned is asked for when it is opened; a lesson is edited, deleted and all of it forgotten by keyboard', async () => {
    await withPage(dashboardModel(), {}, async ({ page, command, send }) => {
      const part = page.locator('details.section', { hasText: 'What was learned' });
      const asked = command('show-learned');
      await part.locator('summary').press('Enter');
      expect(await asked).toEqual({ type: 'show-learned', shown: true });
      expect(await part.getByRole('status').textContent()).toBe('Loading…');
      await send({ type: 'model', model: { ...dashboardModel(), learned: learnedModel() } });
      expect(await part.locator('table.numbers tbody tr').first().locator('th, td').allTextContents()).toEqual([
        'One place written anew',
        '46%',
        '26%',
        '20',
      ]);
      await part.getByRole('button', { name: 'Edit' }).press('Enter');
      const field = part.getByLabel('What agents are shown');
      expect(await field.inputValue()).toBe('-  return a - b;\n+  return a + b;');
      expect(await field.getAttribute('maxlength')).toBe('1000');
      const edited = command('edit-lesson');
      await field.fill('Add, never subtract.');
      await field.press('Control+Enter');
      expect(await edited).toEqual({ type: 'edit-lesson', id: 'r1', text: 'Add, never subtract.' });
      const deleted = command('delete-lesson');
      await part.getByRole('button', { name: 'Delete…' }).press('Enter');
      expect(await deleted).toEqual({ type: 'delete-lesson', id: 'r1' });
      const forgotten = command('forget-learned');
      await part.getByRole('button', { name: 'Forget What Was Learned…' }).press('Enter');
      expect(await forgotten).toEqual({ type: 'forget-learned' });
    });
  });

  test('leads from how runs stand to the runs that stand so', async () => {
    await withPage(dashboardModel(), {}, async ({ page, command }) => {
      const asked = command('show-runs');
      await page.getByRole('list', { name: 'How the runs stand' }).getByRole('button', { name: 'tests pass' }).press('Enter');
      expect(await asked).toEqual({ type: 'show-runs', icon: 'pass' });
    });
  });

  test('has a table behind each chart: shown when asked for, there for screen readers always', async () => {
    await withPage(dashboardModel(), {}, async ({ page }) => {
      expect(await page.locator('.chart canvas').count()).toBe(9);
      expect(await page.locator('table.numbers').count()).toBe(10);
      const teams = page.locator('.card').filter({ hasText: 'Acceptance by team' });
      const frame = teams
        .locator('div')
        .filter({ has: page.locator('table.numbers') })
        .last();
      expect((await frame.boundingBox())?.width).toBeLessThan(5);
      await teams.getByRole('button', { name: 'Show as a table' }).press('Enter');
      expect((await frame.boundingBox())?.width).toBeGreaterThan(200);
      expect(await teams.locator('table.numbers tbody tr').first().locator('th, td').allTextContents()).toEqual([
        'solo',
        '82%',
        '14',
        '13',
        '1',
        '1',
        '$0.28',
      ]);
    });
  });
});

describe('every page', () => {
  test('drops what is no message of ours', async () => {
    const open = await openPage(browser, planModel());
    const warnings: string[] = [];
    open.page.on('console', (message) => message.type() === 'warning' && warnings.push(message.text()));
    await open.sendRaw({ v: 1, message: { type: 'model', model: { page: 'plan', title: 'evil' } } });
    await open.sendRaw({ v: 2, message: { type: 'stream', parts: [] } });
    await open.sendRaw('hello');
    await expect.poll(() => warnings.length).toBe(3);
    expect(await open.page.locator('.facts strong').textContent()).toBe('bug-fix');
    await open.close();
  });

  test('shows foreign text as text, whatever it says', async () => {
    const evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
    await withPage(planModel(undefined, { request: { text: evil, about: [evil] }, reason: evil }), {}, async ({ page }) => {
      expect(await page.locator('h1').textContent()).toBe(evil);
      expect(await page.locator('img').count()).toBe(0);
      expect(await page.title()).toBe('Teamwright');
    });
  });

  test('stands in forced colours, and moves nothing for those who want it still', async () => {
    await withPage(runModel(), { forcedColors: true }, async ({ page }) => {
      expect(await page.evaluate('getComputedStyle(document.querySelector(".node.running .node-box")).animationName')).toBe('none');
      await savePicture(page, 'run forced colours 1400');
    });
  });
});
