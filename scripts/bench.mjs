// `npm run bench [-- name …]`: the measurements in test/bench, each a program of its own.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { bootstrap, node24, root, toolEnvironment } from './bootstrap.mjs';

const ending = '.bench.ts';
const folder = path.join(root, 'test', 'bench');
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const names = readdirSync(folder)
  .filter((name) => name.endsWith(ending))
  .map((name) => name.slice(0, -ending.length))
  .sort();
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no measurement ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
  process.exit(2);
}

bootstrap();
// What the overhead is compared with is no part of the product and is installed only to be measured.
const rivals = path.join(folder, 'rivals');
if ((wanted.length === 0 || wanted.includes('overhead')) && !existsSync(path.join(rivals, 'node_modules'))) {
  console.log('▸ installing what the overhead is compared with');
  spawnSync('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: rivals, stdio: 'ignore' });
}
let failed = 0;
for (const name of names) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n▸ ${name}`);
  const result = spawnSync(node24(), [path.join(folder, name + ending)], { cwd: root, stdio: 'inherit', env: toolEnvironment() });
  if (result.status !== 0) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;
