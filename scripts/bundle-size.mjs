// How large each program is: all pieces that can be read from its entry on. `node scripts/bundle-size.mjs`; ends with 1 above the limit.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { build, distIsStale, root } from './bootstrap.mjs';

/** Bytes. Programs must start fast, and the extension must be quickly installed. */
const limit = 1_500_000;

if (distIsStale()) build();
const { outputs } = JSON.parse(readFileSync(path.join(root, 'dist', 'meta.json'), 'utf8'));

/** Bytes of everything that `entry` reaches, at once or by an `import()`. */
function reached(entry) {
  const seen = new Set();
  const follow = (file) => {
    const piece = outputs[file];
    if (piece === undefined || seen.has(file)) return;
    seen.add(file);
    for (const each of piece.imports) follow(each.path);
  };
  follow(entry);
  return [...seen].reduce((sum, file) => sum + outputs[file].bytes, 0);
}

const said = (bytes) => bytes.toLocaleString('en');
for (const entry of ['dist/cli.js', 'dist/extension.js']) {
  const bytes = reached(entry);
  console.log(
    `${entry} with all its pieces: ${said(bytes)} bytes of at most ${said(limit)}. Read at the start: ${said(outputs[entry].bytes)}.`,
  );
  if (bytes === 0 || bytes > limit) process.exitCode = 1;
}
