// `npm run demo`: from a fresh clone to a fixed test, with nothing but Node and git: installs, builds, sets up the embedded model,
// and lets Teamwright fix the failing test of a copy of examples/failing-test.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { bootstrap, node24, root, toolEnvironment } from './bootstrap.mjs';

const request = 'A test of average fails. Fix the bug in src/statistics.js.';
const environmentFailure = 5;

/** The example is ours: where no fence works its tests run without one, and the run says so. */
function step(title, command, args, cwd = root) {
  console.log(`\n▸ ${title}`);
  const result = spawnSync(command, args, { cwd, stdio: 'inherit', env: { ...toolEnvironment(), TEAMWRIGHT_FENCE: 'if-possible' } });
  if (result.error !== undefined) console.error(`${command} could not be started: ${result.error.message}`);
  return result.status ?? environmentFailure;
}

const teamwright = (...args) => [path.join(root, 'bin', 'teamwright.mjs'), ...args];

function must(code) {
  if (code !== 0) process.exit(code);
}

try {
  bootstrap();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(environmentFailure);
}

must(step('Setting up the embedded model (about 1.1 GB, once)', node24(), teamwright('model', 'setup')));

const workspace = mkdtempSync(path.join(os.tmpdir(), 'teamwright-demo-'));
cpSync(path.join(root, 'examples', 'failing-test'), workspace, { recursive: true });

console.log(`\nThe example workspace is a copy in ${workspace}`);
step('Its tests before', node24(), ['--test', '--test-reporter=dot'], workspace);
const ran = step(
  `teamwright run "${request}"`,
  node24(),
  teamwright('run', request, '--workspace', workspace, '--model', 'embedded', '--yes', '--trust', '--apply'),
);
const passes = step('Its tests after', node24(), ['--test', '--test-reporter=spec'], workspace) === 0;
console.log(passes ? `\nThe failing test is fixed. Look at ${workspace}` : `\nThe tests still fail in ${workspace}`);
process.exit(passes ? ran : ran || 1);
