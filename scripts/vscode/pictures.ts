/** `npm run pictures`: takes the pictures in `docs/pictures/` anew, by the browser tests that walk through the whole flow in every theme and show every kind of row, and the tests of the pages. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { bootstrap, node24, root, toolEnvironment } from '../bootstrap.mjs';

bootstrap();
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
const takers = [
  ['browser', 'test/browser/pictures.test.ts', 'test/browser/tree.test.ts'],
  ['pages', 'test/pages/pages.test.ts', '-t', 'the first screen of a plan|what was learned, in a picture'],
  ['pages', 'test/pages/zoom.test.ts', 'test/pages/pictures.test.ts'],
];
for (const [project = '', ...tests] of takers) {
  const { status } = spawnSync(node24(), [vitest, 'run', '--project', project, ...tests], {
    cwd: root,
    stdio: 'inherit',
    env: toolEnvironment({ TEAMWRIGHT_PICTURES: 'docs' }),
  });
  process.exitCode ||= status ?? 1;
}
