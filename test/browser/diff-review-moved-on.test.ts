/** A change for a workspace that has moved on since its run began, in a real VS Code with the packed extension. */
import { expect, test } from 'vitest';
import { dialog, pressInDialog } from '../support/vscode-pages/dialogs.ts';
import { diffReview } from '../support/vscode-pages/diff-review.ts';
import { picture } from '../support/vscode-pages/pictures.ts';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import { requestAndReview } from '../support/vscode-pages/steps.ts';
import { patience } from '../support/vscode-pages/workbench.ts';
import { brokenSum, sumReply } from '../support/workspaces.ts';

const open = scenesOfFile();

test('in the same lines: nothing is written, both versions are compared, markers are written on request and taken back', async () => {
  const scene = await open({ script: [sumReply('a + b')] });
  const { workbench, workspace, window, eventsOf } = scene;
  await requestAndReview(workbench);
  const mine = brokenSum['sum.js'].replace('a - b', 'a - b - 0');
  workspace.write('sum.js', mine);
  const before = workspace.contents();

  await workbench.command('Teamwright: Accept All Changes');
  await workbench.command('Teamwright: Apply Accepted Changes');
  const conflict = dialog(workbench, 'Nothing was written: you have changed the same lines since the run began.');
  await conflict.waitFor({ timeout: patience });
  await picture(window.page, 'diff-conflict');
  expect(await conflict.textContent()).toContain(
    "sum.js: The workspace and the change edit the same lines (line 2 of the workspace's file).",
  );
  expect(await conflict.textContent()).toContain('Your files are as they were.');
  expect(workspace.contents()).toEqual(before);
  expect(await eventsOf('verdict.given')).toEqual([]);

  await pressInDialog(workbench, 'Compare');
  await workbench.tab('sum.js (c1)').waitFor({ timeout: patience });
  await window.page.getByText('Ln 2, Col 1', { exact: true }).waitFor({ timeout: patience });
  await picture(window.page, 'diff-compare');
  expect(workspace.contents()).toEqual(before);

  await workbench.command('Teamwright: Apply Accepted Changes');
  await pressInDialog(workbench, 'Merge with Conflict Markers');
  await workbench.notification('Applied, but sum.js needs your merge.').waitFor({ timeout: patience });
  await picture(window.page, 'diff-markers');
  const marked = '<<<<<<< Workspace\n  return a - b - 0;\n=======\n  return a + b;\n>>>>>>> Candidate\n';
  expect(workspace.contents()).toEqual({ ...before, 'sum.js': mine.replace('  return a - b - 0;\n', marked) });
  await window.page.locator('.editor-instance').getByText('<<<<<<< Workspace').waitFor({ timeout: patience });

  await workbench.press('needs your merge', 'Undo');
  await workbench.notification('Taken back: sum.js is as it was before.').waitFor({ timeout: patience });
  expect(workspace.contents()).toEqual(before);
  await window.page.locator('.editor-instance').getByText('<<<<<<< Workspace').waitFor({ state: 'hidden', timeout: patience });
  await picture(window.page, 'diff-undone');
  expect(await eventsOf('diff.applied')).toMatchObject([
    { applied: [], conflicts: ['sum.js'] },
    { applied: [], conflicts: ['sum.js'] },
    { applied: ['sum.js'], conflicts: ['sum.js'] },
  ]);
  expect(await eventsOf('diff.undone')).toMatchObject([{ restored: ['sum.js'], conflicts: [] }]);
  expect(window.ownErrors).toEqual([]);
});

test('elsewhere in the file: the change is merged with what the user wrote, saved or not, and undo leaves that alone', async () => {
  // VS Code in a browser saves by itself.
  const scene = await open({ script: [sumReply('a + b')], settings: { 'files.autoSave': 'off' } });
  const { workbench, workspace, window, eventsOf } = scene;
  await requestAndReview(workbench);
  const note = '// adds two numbers\n\n';
  workspace.write('sum.js', `${note}${brokenSum['sum.js']}`);
  await window.page.locator('.multiDiffEntry').getByText('// adds two numbers').waitFor({ timeout: patience });
  await picture(window.page, 'diff-elsewhere');

  // A second edit is typed and not saved.
  await workbench.openFile('sum.js');
  await window.page.keyboard.press('ControlOrMeta+End');
  await window.page.keyboard.type('// the end');
  await workbench.tab('Review c1').click();
  await diffReview(workbench);
  await workbench.command('Teamwright: Accept All Changes');
  await workbench.command('Teamwright: Apply Accepted Changes');
  await dialog(workbench, 'Not saved yet: sum.js').waitFor({ timeout: patience });
  await picture(window.page, 'diff-unsaved');
  await pressInDialog(workbench, 'Save and Apply');
  await workbench.notification('Applied 1 of 1 hunks to sum.js.').waitFor({ timeout: patience });
  await picture(window.page, 'diff-merged');
  const mine = `${note}${brokenSum['sum.js']}// the end`;
  expect(workspace.read('sum.js')).toBe(mine.replace('a - b', 'a + b'));
  expect(await eventsOf('diff.applied')).toMatchObject([{ applied: ['sum.js'], conflicts: [] }]);
  expect(await eventsOf('verdict.given')).toMatchObject([{ decision: 'accepted' }]);

  await workbench.press('Applied 1 of 1', 'Undo');
  await workbench.notification('Taken back: sum.js is as it was before.').waitFor({ timeout: patience });
  expect(workspace.read('sum.js')).toBe(mine);
  expect(window.ownErrors).toEqual([]);
});
