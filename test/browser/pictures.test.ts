/** The whole flow in every theme: axe-core on every page, and the pictures of the documentation. */
import { describe, expect, test } from 'vitest';
import { type ThemeName, themes } from '../../scripts/vscode/themes.ts';
import type { ChatBody, Reply } from '../support/scripted-server.ts';
import { findingsOf } from '../support/vscode-pages/accessibility.ts';
import { calculatorFiles, calculatorReply } from '../support/vscode-pages/calculator.ts';
import { diffReview } from '../support/vscode-pages/diff-review.ts';
import { picture } from '../support/vscode-pages/pictures.ts';
import { planReview } from '../support/vscode-pages/plan-review.ts';
import { runView } from '../support/vscode-pages/run-view.ts';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import { patience } from '../support/vscode-pages/workbench.ts';

const open = scenesOfFile();

const note = 'In calculator.js every function has the operator of its neighbour: add subtracts, subtract adds, and so on.';
/** A thinker gets a note, a coder the change. */
const script = (body: ChatBody): Reply => {
  const coder = body.messages.some(({ content }) => content.includes('Fix the mistake'));
  return { text: coder ? calculatorReply : note, chunkMs: 20 };
};

describe.each(Object.keys(themes) as ThemeName[])('%s', (theme) => {
  test('axe-core finds nothing on any page, and every step has its picture', async () => {
    const { workbench, window } = await open({ theme, script, files: calculatorFiles, settings: { 'teamwright.designer': 'library' } });
    const { page } = window;
    const sizes: number[] = [];
    const take = async (name: string): Promise<void> => void sizes.push(await picture(page, `${theme}-${name}`));

    await workbench.command('Teamwright: New Request…');
    await workbench.box.fill('make the failing tests pass');
    await take('palette');
    await page.keyboard.press('Enter');

    const review = await planReview(workbench);
    await take('plan');
    const findings: string[] = await findingsOf(review.frame);
    const proposed = await review.hash();
    await review.frame.locator('[data-node]').nth(1).click();
    await review.field('Samples').fill('3');
    await review.otherHash(proposed);
    await take('edited');
    findings.push(...(await findingsOf(review.frame)));

    await review.approve();
    const run = await runView(workbench);
    // The second agent is at work.
    await run.tries.nth(1).waitFor({ timeout: patience });
    await run.speech.waitFor({ timeout: patience });
    await take('run');
    findings.push(...(await findingsOf(run.frame)));
    await run.stands('done');
    findings.push(...(await findingsOf(run.frame)));

    await run.button('Review the changes').click();
    const diff = await diffReview(workbench);
    await diff.decide(0, 'Accept');
    await diff.decide(1, 'Reject');
    await take('diff');
    await diff.acceptAndApplyAll();
    await workbench.clearNotifications();

    await workbench.command('Teamwright: Open Dashboard');
    const dashboard = await workbench.webview('dashboard');
    await dashboard.locator('.charts').waitFor({ timeout: patience });
    await take('dashboard');
    findings.push(...(await findingsOf(dashboard)));

    expect(findings).toEqual([]);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(200_000);
    expect(window.ownErrors).toEqual([]);
  });
});
