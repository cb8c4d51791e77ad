/** Tests that a script starts as a plain file: `node test.js`, where the file or what it loads registers tests. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lineOf, plainWords } from './command-line.ts';
import { textOf } from './folders.ts';
import { programName } from './runners/runner.ts';

/** Options of Node whose value is a word of its own. */
const takesValue = /^(-C|--conditions|-r|--require|--import|--loader|--experimental-loader|--env-file|--stack-size)$/;
const endings = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '/index.js', '/index.mjs', '/index.cjs', '/index.ts'];
/** Files looked into from the one that is started. */
const mostFiles = 60;

/**
 * A line that starts tests by their file alone, in the folder `path`: as node:test runs the same file, where its tests are of node:test, else as it is,
 * where they print TAP. Undefined for any other line. Reads files, starts nothing.
 */
export function testsStarted(line: string, path: string): string | undefined {
  const words = plainWords(line) ?? [];
  const at = words.findIndex((word) => !/^\w+=/.test(word) && !['env', 'cross-env', 'npx'].includes(word));
  if (!['node', 'nodejs', 'tsx'].includes(programName(words[at])) || words.includes('--test')) return undefined;
  const file = words.findIndex((word, index) => index > at && !word.startsWith('-') && !takesValue.test(words[index - 1] ?? ''));
  if (file < 0 || file < words.length - 1 || words.some((word) => /^-[ep]$|^--(eval|print)\b/.test(word))) return undefined;
  const start = existing(join(path, words[file] ?? ''));
  const library = start === undefined ? undefined : libraryOf(start);
  if (start === undefined || library !== 'node:test') return library === undefined ? undefined : line;
  // By its whole name: node:test takes a folder for one that holds test files.
  const whole = words.with(file, `${words[file]}${start.slice(join(path, words[file] ?? '').length)}`);
  return lineOf(whole.toSpliced(at + 1, 0, '--test'));
}

const existing = (path: string): string | undefined =>
  endings.map((ending) => path.replace(/\/$/, '') + ending).find((name) => existsSync(name) && statSync(name).isFile());

const ofNode = /\bfrom\s*['"]node:test['"]|\brequire\(\s*['"]node:test['"]\s*\)|\bimport\s*['"]node:test['"]/;
/** Who starts runs of node:test is a runner, no test. */
const startsRuns = /\{[^{}]*\brun\b[^{}]*\}\s*(?:from|=)[^\n]*node:test|require\(\s*['"]node:test['"]\s*\)\.run\b/;
const ofTap = /\b(?:from|require\()\s*['"](?:tape|tap|blue-tape|tape-promise\/tape|tapzero|zora|brittle)['"]/;
const loads = /\b(?:from|import|require\()\s*['"](\.{1,2}\/[^'"\n]*)['"]/g;

/** The library that a file's tests are written with, or those that it loads by a relative path. */
function libraryOf(start: string): string | undefined {
  const seen = new Set([start]);
  for (const file of seen) {
    const text = textOf(file) ?? '';
    if (startsRuns.test(text)) return undefined;
    if (ofNode.test(text)) return 'node:test';
    if (ofTap.test(text)) return 'tap';
    for (const [, name = ''] of text.matchAll(loads)) {
      const next = existing(join(dirname(file), name));
      if (next !== undefined && seen.size < mostFiles) seen.add(next);
    }
  }
  return undefined;
}
