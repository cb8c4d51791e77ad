/** The parts of `npm run real-projects` that could make a record say something else than what happened. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { countsIn } from '../real-projects/counts.ts';
import { fixedFiles } from '../real-projects/fix.ts';

it.each([
  ['mocha', '  1254 passing (3s)\n  4 failing\n', 1254, 4],
  [
    'vitest, coloured',
    '\u001b[2m Test Files \u001b[22m 1 failed | 2 passed (3)\n\u001b[2m      Tests \u001b[22m 4 failed | 28 passed (32)\n',
    28,
    4,
  ],
  ['jest', 'Test Suites: 1 failed, 2 passed, 3 total\nTests:       7 failed, 740 passed, 747 total\n', 740, 7],
  ['node:test', '# tests 5\n# pass 4\n# fail 1\n', 4, 1],
  ['ava', '  2 tests failed\n  30 tests passed\n', 30, 2],
  ['pytest', '==== 2 failed, 1300 passed, 3 skipped in 9s ====', 1300, 2],
  ['unittest', 'Ran 20 tests in 0.1s\n\nFAILED (failures=1, errors=2, skipped=3)\n', 14, 3],
  ['go', '--- PASS: TestA (0.00s)\n    --- FAIL: TestB/x (0.00s)\n--- FAIL: TestB (0.00s)\n', 1, 2],
  ['cargo', 'test result: ok. 3 passed; 0 failed; 1 ignored\ntest result: FAILED. 2 passed; 1 failed; 0 ignored\n', 5, 1],
])('the counts of %s are read', (_runner, output, passed, failed) => {
  expect(countsIn(output)).toEqual({ passed, failed });
});

it('the edits of a fix make of each file what the fix made of it, each at a place that is found once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'real-projects-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { encoding: 'utf8' });
  try {
    const same = Array.from({ length: 40 }, (_, n) => `line ${n % 3}\n`).join('');
    git('init', '-q');
    writeFileSync(join(folder, 'a.txt'), `first\n${same}middle\n${same}last\n`);
    git('add', '-A');
    git('commit', '-qm', 'before');
    writeFileSync(join(folder, 'a.txt'), `new first\n${same}middle\nadded\n${same.replace('line 2\n', '')}last, without an end`);
    git('commit', '-qam', 'fix');
    const [file] = fixedFiles(folder, git('rev-parse', 'HEAD').trim(), ['a.txt']);
    let text = file?.before ?? '';
    for (const { search, replace } of file?.hunks ?? []) {
      expect(text.split(search)).toHaveLength(2);
      text = text.replace(search, () => replace);
    }
    expect(text).toBe(`new first\n${same}middle\nadded\n${same.replace('line 2\n', '')}last, without an end`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
