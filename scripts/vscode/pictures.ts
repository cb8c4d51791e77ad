/** `npm run pictures`: takes the pictures in `docs/pictures/` anew, by the browser test that walks through the whole flow in every theme. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { bootstrap, node24, root, toolEnvironment } from '../bootstrap.mjs';

bootstrap();
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
const { status } = spawnSync(node24(), [vitest, 'run', '--project', 'browser', 'test/browser/pictures.test.ts'], {
  cwd: root,
  stdio: 'inherit',
  env: toolEnvironment({ TEAMWRIGHT_PICTURES: 'docs' }),
});
process.exitCode = status ?? 1;
