/** Hunks that are more than lines, in VS Code's own diff with the packed extension: a renamed file, one that is no text, one whose lines end in CRLF. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { finishedRun } from '../support/finished-run.ts';
import { diffReview } from '../support/vscode-pages/diff-review.ts';
import { picture } from '../support/vscode-pages/pictures.ts';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import { patience } from '../support/vscode-pages/workbench.ts';

const open = scenesOfFile();

const ten = Array.from({ length: 10 }, (_, index) => `line ${index} of a text`);
const text = (lines: readonly string[], end = '\n'): string => lines.map((line) => `${line}${end}`).join('');
const with4 = (word: string): string[] => ten.map((line, index) => (index === 4 ? word : line));

test('each is named above, decided, and written byte for byte; the run and its review have one tab each', async () => {
  const logo = Buffer.from([0, 255, 1, 13, 10, 0, 128]);
  const run = await finishedRun(
    { 'dos.txt': text(ten, '\r\n'), 'logo.bin': '\0before\0', 'old.txt': text(ten) },
    { c1: { 'dos.txt': text(with4('changed'), '\r\n'), 'logo.bin': logo, 'old.txt': undefined, 'new.txt': text(with4('moved')) } },
  );
  const { workbench, workspace, window } = await open({ at: run.workspace });
  const { page } = window;
  const review = async (): Promise<void> => {
    await workbench.command('Teamwright: Review Change');
    await workbench.pick('Fix the failing test.');
  };
  await review();
  const diff = await diffReview(workbench);
  const sentences = page.locator('.multiDiffEntry .codelens-decoration');
  for (const said of ['File that is no text, decided as a whole', 'Renamed from old.txt, decided as a whole'])
    await sentences.filter({ hasText: said }).first().waitFor({ timeout: patience });
  expect(await diff.standing(3)).toEqual(['Accept', 'Accept', 'Accept']);
  await picture(page, 'diff-of-files');

  // Asked for again, it comes to the front.
  await review();
  await diffReview(workbench);
  await expect.poll(() => workbench.tab(/^Review c1/).count(), { timeout: patience }).toBe(1);
  for (let times = 0; times < 2; times += 1) {
    await workbench.command('Teamwright: Open Run');
    await workbench.pick('Fix the failing test.');
    await workbench.webview('run');
  }
  expect(await workbench.tab(/Fix the failing test/).allTextContents()).toHaveLength(2);

  await workbench.tab(/^Review c1/).click();
  await diff.acceptAndApplyAll();
  const bytes = (path: string): string => readFileSync(join(workspace.root, path), 'latin1');
  expect(bytes('dos.txt')).toBe(text(with4('changed'), '\r\n'));
  expect(bytes('logo.bin')).toBe(logo.toString('latin1'));
  expect(bytes('new.txt')).toBe(text(with4('moved')));
  expect(Object.keys(workspace.contents())).not.toContain('old.txt');
  expect(window.ownErrors).toEqual([]);
});
