/** The real fix of a project as edits: what a model would write that knew it. */
import { execFileSync } from 'node:child_process';

/** One place of a file; `search` occurs exactly once in the file as it was. */
export interface Hunk {
  readonly path: string;
  readonly search: string;
  readonly replace: string;
  /** The lines that change with one line around them: what a model has to see. */
  readonly seen: string;
  /** Of `search`, from 1. */
  readonly line: number;
}

export interface FixedFile {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly hunks: readonly Hunk[];
}

const git = (repository: string, ...args: string[]): string =>
  execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', maxBuffer: 1e8, stdio: ['ignore', 'pipe', 'pipe'] });

/** The files of `paths` as the commit `fix` left them and as they were before it. */
export function fixedFiles(repository: string, fix: string, paths: readonly string[]): readonly FixedFile[] {
  return paths.map((path) => {
    const before = git(repository, 'show', `${fix}^:${path}`);
    const after = git(repository, 'show', `${fix}:${path}`);
    const patch = git(repository, 'diff', '--no-ext-diff', '-U0', `${fix}^`, fix, '--', path);
    return { path, before, after, hunks: hunksOf(path, before, after, patch) };
  });
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly newFrom: number;
  readonly newTo: number;
}

/** Ranges of lines from 0, ends exclusive. A range without lines stands before `from`. */
function rangesOf(patch: string): readonly Range[] {
  return [...patch.matchAll(/^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/gm)].map(([, at, count = '1', newAt, newCount = '1']) => {
    // Git counts an empty range by the line before it.
    const from = Number(at) - (count === '0' ? 0 : 1);
    const newFrom = Number(newAt) - (newCount === '0' ? 0 : 1);
    return { from, to: from + Number(count), newFrom, newTo: newFrom + Number(newCount) };
  });
}

function hunksOf(path: string, before: string, after: string, patch: string): readonly Hunk[] {
  const old = before.split(/(?<=\n)/);
  const now = after.split(/(?<=\n)/);
  const text = (lines: readonly string[], from: number, to: number): string => lines.slice(Math.max(0, from), to).join('');
  const wide: { from: number; to: number; newFrom: number; newTo: number; seen: string }[] = [];
  for (const range of rangesOf(patch)) {
    let around = 1;
    while (before.split(text(old, range.from - around, range.to + around)).length > 2) around++;
    const next = {
      from: Math.max(0, range.from - around),
      to: Math.min(old.length, range.to + around),
      newFrom: Math.max(0, range.newFrom - around),
      newTo: Math.min(now.length, range.newTo + around),
      seen: text(old, range.from - 1, range.to + 1),
    };
    const last = wide.at(-1);
    if (last === undefined || next.from >= last.to) wide.push(next);
    else wide[wide.length - 1] = { ...last, to: next.to, newTo: next.newTo, seen: text(old, last.from, next.to) };
  }
  return wide.map(({ from, to, newFrom, newTo, seen }) => ({
    path,
    search: text(old, from, to),
    replace: text(now, newFrom, newTo),
    seen,
    line: from + 1,
  }));
}
