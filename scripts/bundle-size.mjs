// How large each program is: all pieces that can be read from its entry on. `node scripts/bundle-size.mjs`; ends with 1 above the limit.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { build, distIsStale, root } from './bootstrap.mjs';

/** Bytes of a program with all its pieces: the extension must be quickly installed. */
const limit = 2_090_000;
/** Bytes that a program reads at its start: it must be there at once, and load the rest when it is needed. */
const startLimits = { 'dist/cli.js': 80_000, 'dist/extension.js': 12_000 };

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
for (const [entry, startLimit] of Object.entries(startLimits)) {
  const bytes = reached(entry);
  const start = outputs[entry].bytes;
  console.log(
    `${entry} with all its pieces: ${said(bytes)} bytes of at most ${said(limit)}. Read at the start: ${said(start)} of at most ${said(startLimit)}.`,
  );
  if (bytes === 0 || bytes > limit || start > startLimit) process.exitCode = 1;
}
