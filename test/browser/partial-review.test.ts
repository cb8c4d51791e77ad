/** Half of a change, by the keyboard alone, in a real VS Code with the packed extension. */
import { expect, test } from 'vitest';
import { diffReview } from '../support/vscode-pages/diff-review.ts';
import { runView } from '../support/vscode-pages/run-view.ts';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import { request } from '../support/vscode-pages/steps.ts';
import { patience } from '../support/vscode-pages/workbench.ts';
import { brokenSum } from '../support/workspaces.ts';

const open = scenesOfFile();

const double = (comment: string, value: string): string =>
  `// ${comment}\nfunction double(a) {\n  return ${value};\n}\n\nmodule.exports = { double };\n`;
const sum = (comment: string, operator: string): string =>
  `// ${comment}\nfunction sum(a, b) {\n  return a ${operator} b;\n}\n\nmodule.exports = { sum };\n`;
const fenced = (path: string, text: string): string => `${path}\n\`\`\`js\n${text}\`\`\`\n`;

/** As the manifest has them: Alt and the letter, on macOS with Cmd. */
const key = (letter: string): string => `${process.platform === 'darwin' ? 'Meta+' : ''}Alt+${letter}`;

test('half of the hunks is rejected: exactly the rest is applied and logged, and one undo takes it back', async () => {
  const scene = await open({
    files: { ...brokenSum, 'double.js': double('Twice.', 'a * 2'), 'sum.js': sum('Sums.', '-') },
    script: [`${fenced('double.js', double('Doubles a number.', 'a + a'))}\n${fenced('sum.js', sum('Adds two numbers.', '+'))}`],
  });
  const { workbench, workspace, window, eventsOf } = scene;
  const { page } = workbench;
  const before = workspace.contents();
  const decided = async (count: number): Promise<void> => {
    await expect.poll(async () => (await eventsOf('hunk.decided')).length, { timeout: patience }).toBe(count);
  };
  const place = (line: number): Promise<void> => page.getByText(`Ln ${line}, Col 1`, { exact: true }).waitFor({ timeout: patience });

  await (await request(workbench)).approve();
  const run = await runView(workbench);
  await run.stands('done');
  await run.button('Review the changes').click();
  const diff = await diffReview(workbench);
  expect(await diff.files.count()).toBe(2);
  expect(workspace.contents()).toEqual(before);

  // The cursor is in the first line of the first file, which is its first hunk.
  await place(1);
  await page.keyboard.press(key('n'));
  await decided(1);
  await page.keyboard.press(key('j'));
  await place(3);
  await page.keyboard.press(key('y'));
  await decided(2);
  await page.keyboard.press(key('j'));
  await workbench.tab('sum.js (c1)').waitFor({ timeout: patience });
  await place(1);
  await page.keyboard.press(key('Shift+n'));
  await workbench.answer('the old comment was fine');
  await decided(3);
  await page.keyboard.press(key('j'));
  await place(3);
  await page.keyboard.press(key('y'));
  await decided(4);
  await page.keyboard.press('ControlOrMeta+Alt+Enter');
  await workbench.notification('Applied 2 of 4 hunks to 2 files.').waitFor({ timeout: patience });

  expect(workspace.contents()).toEqual({ ...before, 'double.js': double('Twice.', 'a + a'), 'sum.js': sum('Sums.', '+') });
  expect((await eventsOf('hunk.decided')).map(({ path, decision, reason }) => [path, decision, reason])).toEqual([
    ['double.js', 'rejected', ''],
    ['double.js', 'accepted', ''],
    ['sum.js', 'rejected', 'the old comment was fine'],
    ['sum.js', 'accepted', ''],
  ]);
  expect(await eventsOf('diff.applied')).toMatchObject([
    { candidate: 'c1', applied: ['double.js', 'sum.js'], conflicts: [], hunks: { accepted: 2, rejected: 2 } },
  ]);
  expect(await eventsOf('verdict.given')).toMatchObject([{ decision: 'partly-accepted' }]);

  await workbench.press('Applied 2 of 4 hunks', 'Undo');
  await workbench.notification('Taken back: 2 files are as they were before.').waitFor({ timeout: patience });
  expect(workspace.contents()).toEqual(before);
  expect(await eventsOf('diff.undone')).toMatchObject([{ restored: ['double.js', 'sum.js'], conflicts: [] }]);
  expect(window.ownErrors).toEqual([]);
});
