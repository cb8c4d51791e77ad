/** A change taken in part: exactly the accepted hunks are in the workspace, and the trace says which. */
import { expect, test } from 'vitest';
import { diffReview } from '../support/vscode-pages/diff-review.ts';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import { requestAndApprove } from '../support/vscode-pages/steps.ts';
import { patience } from '../support/vscode-pages/workbench.ts';

const open = scenesOfFile();

const names = ['add', 'subtract', 'multiply', 'divide'] as const;
const wrong = { add: 'a - b', subtract: 'a + b', multiply: 'a / b', divide: 'a * b' };
const right = { add: 'a + b', subtract: 'a - b', multiply: 'a * b', divide: 'a / b' };

/** Four functions, far enough apart that each change is a hunk of its own. */
const calculator = (bodies: Readonly<Record<(typeof names)[number], string>>): string =>
  `${names.map((name) => `// ${name} takes two numbers\n// and gives one.\nfunction ${name}(a, b) {\n  return ${bodies[name]};\n}\n`).join('\n')}\nmodule.exports = { ${names.join(', ')} };\n`;

const files = {
  'package.json': '{ "name": "calculator", "private": true, "scripts": { "test": "node --test" } }\n',
  'calculator.js': calculator(wrong),
  'calculator.test.js': [
    "const { test } = require('node:test');",
    "const assert = require('node:assert');",
    "const calculator = require('./calculator.js');",
    ...names.map(
      (name) =>
        `test('${name}', () => assert.strictEqual(calculator.${name}(6, 3), ${{ add: 9, subtract: 3, multiply: 18, divide: 2 }[name]}));`,
    ),
    '',
  ].join('\n'),
};

test('half of the hunks rejected, the rest applied: the workspace holds exactly the rest, and the trace every decision', async () => {
  const { workbench, workspace, eventsOf, window } = await open({
    files,
    script: [`calculator.js\n\`\`\`js\n${calculator(right)}\`\`\`\n`],
  });
  const run = await requestAndApprove(workbench, 'make the failing tests pass');
  await run.stands('done');
  await run.button('Review the changes').click();
  const diff = await diffReview(workbench);

  await diff.decide(0, 'Accept');
  await diff.decide(1, 'Reject');
  await diff.decide(2, 'Accept');
  await diff.decide(3, 'Reject');
  await workbench.command('Teamwright: Apply Accepted Changes');
  await workbench.notification(/Applied 2 of 4/).waitFor({ timeout: patience });

  expect(workspace.read('calculator.js')).toBe(calculator({ ...wrong, add: right.add, multiply: right.multiply }));
  const decided = await eventsOf('hunk.decided');
  const last = new Map(decided.map(({ hunk, decision }) => [hunk, decision]));
  expect([...last.values()].sort()).toEqual(['accepted', 'accepted', 'rejected', 'rejected']);
  expect(await eventsOf('diff.applied')).toMatchObject([
    { applied: ['calculator.js'], conflicts: [], hunks: { accepted: 2, rejected: 2 } },
  ]);
  expect((await eventsOf('verdict.given')).at(-1)).toMatchObject({ decision: 'partly-accepted' });
  expect(window.ownErrors).toEqual([]);

  await workbench.command('Teamwright: Undo Applied Run');
  await expect.poll(() => workspace.read('calculator.js'), { timeout: patience }).toBe(calculator(wrong));
});
