import { compareReports } from './compare.ts';
import { isTestConfigPath, isTestPath } from './test-paths.ts';
import type { Tampering, TestReport } from './types.ts';

export interface ChangedFile {
  /** Relative to the workspace. */
  readonly path: string;
  /** Text before; absent for a new file. */
  readonly before?: string;
  /** Text after; absent for a deleted file. */
  readonly after?: string;
}

export interface TamperingQuestion {
  /** Baseline; absent where no tests were run. */
  readonly before?: TestReport;
  readonly after?: TestReport;
  readonly changedFiles: readonly ChangedFile[];
}

/** Tests that were made easier to pass, by what ran and by what the files say. Wrong alarms are possible; a person decides. */
export function findTampering({ before, after, changedFiles }: TamperingQuestion): Tampering[] {
  const found: Tampering[] = [];
  const add = (kind: Tampering['kind'], path: string, detail: string): void => {
    if (!found.some((one) => one.kind === kind && one.path === path && one.detail === detail)) found.push({ kind, path, detail });
  };
  for (const file of changedFiles) {
    for (const detail of configChanges(file)) add('changed-config', file.path, detail);
    if (!isTestPath(file.path) || isTestConfigPath(file.path) || file.before === undefined) continue;
    if (file.after === undefined) {
      add('deleted-file', file.path, 'The test file was deleted');
      continue;
    }
    for (const [kind, detail] of textChanges(file.path, file.before, file.after)) add(kind, file.path, detail);
  }
  if (before !== undefined && after !== undefined) {
    const delta = compareReports(before, after);
    const old = new Map(before.cases.map((one) => [one.id, one]));
    const touched = new Set(changedFiles.map((file) => file.path));
    for (const id of delta.missing) {
      const one = old.get(id);
      // Absent from a run that was cut short says nothing; nor does a failing test that goes while its file stays as it is (tests made by a loop).
      if (after.ending !== 'finished' || (one?.outcome !== 'passed' && !touched.has(one?.file ?? ''))) continue;
      add('deleted-test', one?.file ?? '', `No longer runs: ${id}`);
    }
    for (const id of delta.newlySkipped) add('skipped-test', old.get(id)?.file ?? '', `Newly skipped: ${id}`);
  }
  return found;
}

// ---- tests ----------------------------------------------------------------------------------------------------------------------

const skipMarker =
  /\b(?:it|test|describe|suite|context)\s*\.\s*(?:skip|skipIf|todo|fails|failing)\b|\bx(?:it|test|describe|context)\s*\(|\bskip\s*:\s*(?:true|['"`])|\btodo\s*:\s*(?:true|['"`])|@(?:pytest\.mark\.(?:skip|skipif|xfail)|unittest\.(?:skip\w*|expectedFailure))\b|\bpytest\.(?:skip|xfail|importorskip)\s*\(|\bself\.skipTest\s*\(|\bSkipTest\b|\bt\.(?:Skip|Skipf|SkipNow|skip|todo)\s*\(|#\[ignore\b|\bthis\.skip\s*\(/g;
const onlyMarker = /\b(?:it|test|describe|suite|context)\s*\.\s*only\b|\bf(?:it|describe)\s*\(|\bonly\s*:\s*true\b/g;
const assertion =
  /\bassert(?:_\w+|[A-Z]\w*)?!?\s*[.( ]|\bexpect\s*\(|\bself\.(?:assert\w+|fail)\s*\(|\bt\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow|assert|is|deepEqual|equal|throws)\b|\b(?:require|should)\.\w+\s*\(|\.should\b|\bpytest\.raises\b|#\[should_panic/;
const emptyAssertion =
  /\bassert\s+True\b|\bassert\s*\(\s*True\s*\)|\bassert(?:\.ok|\.equal|\.strictEqual)?\s*\(\s*(?:true|1)\s*(?:,\s*(?:true|1)\s*)?\)|\bexpect\s*\(\s*(?:true|1)\s*\)|\bassertTrue\s*\(\s*True\s*\)|\bassert!\s*\(\s*true\s*\)|\bassert\s+1\s*==\s*1\b|\bor\s+True\b|\|\|\s*true\b/g;
const swallowed = /\bexcept\b[^\n]*:\s*(?:\n\s*)?(?:pass\b|\.\.\.)|\bcatch\s*(?:\([^)]*\))?\s*\{\s*(?:\/\/[^\n]*\s*)?\}|\bsuppress\s*\(/g;
const testName =
  /\b(?:it|test)(?:\.\w+)*\s*\(\s*(['"`])((?:(?!\1)[^\\\n]|\\.)+)\1|\bdef\s+(test\w*)\s*\(|\bfunc\s+(Test\w+)\s*\(|#\[test\]\s*(?:#\[[^\]]*\]\s*)*(?:async\s+)?fn\s+(\w+)/g;

type Change = readonly [Tampering['kind'], string];

function textChanges(path: string, before: string, after: string): Change[] {
  const changes: Change[] = [];
  if (/(^|\/)__snapshots__\/|\.snap$/.test(path))
    return before === after ? [] : [['weakened-assertion', 'A recorded snapshot was changed']];
  const more = (pattern: RegExp): boolean => count(after, pattern) > count(before, pattern);

  const namesAfter = new Set(namesIn(after));
  for (const name of new Set(namesIn(before)))
    if (!namesAfter.has(name)) changes.push(['deleted-test', `Test removed or renamed: ${name}`]);
  if (more(skipMarker)) changes.push(['skipped-test', `Skip marker added: ${firstNew(before, after, skipMarker)}`]);
  if (more(onlyMarker)) changes.push(['skipped-test', `All other tests switched off: ${firstNew(before, after, onlyMarker)}`]);
  if (more(emptyAssertion)) changes.push(['weakened-assertion', `Asserts nothing: ${firstNew(before, after, emptyAssertion)}`]);
  if (more(swallowed)) changes.push(['weakened-assertion', 'Errors are swallowed around assertions']);

  const left = tally(assertionLines(after));
  for (const line of assertionLines(before)) {
    const kept = left.get(line) ?? 0;
    if (kept > 0) left.set(line, kept - 1);
    else changes.push(['weakened-assertion', `Assertion removed or changed: ${line.slice(0, 160)}`]);
  }
  return changes;
}

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}

function namesIn(text: string): string[] {
  return [...text.matchAll(testName)].map((match) => match[2] ?? match[3] ?? match[4] ?? match[5] ?? '');
}

/** The first line that matches and was not there before. */
function firstNew(before: string, after: string, pattern: RegExp): string {
  const old = new Set(linesOf(before));
  const line = linesOf(after).find((one) => !old.has(one) && new RegExp(pattern.source).test(one));
  return (line ?? after.match(new RegExp(pattern.source))?.[0] ?? '').slice(0, 160);
}

/** Comments do not assert; white space does not count. */
function assertionLines(text: string): string[] {
  return linesOf(text).filter((line) => !/^(\/\/|#(?!\[)|\*|\/\*)/.test(line) && assertion.test(line));
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.trim().replace(/\s+/g, ' '));
}

function tally(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

// ---- configuration --------------------------------------------------------------------------------------------------------------

function configChanges({ path, before, after }: ChangedFile): string[] {
  if (before === after) return [];
  const name = path.replaceAll('\\', '/').split('/').at(-1) ?? '';
  if (isTestConfigPath(path))
    return [
      before === undefined ? 'Test configuration added' : after === undefined ? 'Test configuration deleted' : 'Test configuration changed',
    ];
  if (name === 'package.json') return packageChanges(before, after);
  if (name === 'pyproject.toml' || name === 'setup.cfg') {
    const old = pytestSections(before ?? '');
    return old === pytestSections(after ?? '') ? [] : ['The pytest section was changed'];
  }
  return [];
}

const testKeys = ['jest', 'mocha', 'vitest', 'ava', 'nyc', 'c8'];
const testScripts = ['test', 'pretest', 'posttest'];

function packageChanges(before: string | undefined, after: string | undefined): string[] {
  const old = objectOf(before);
  const now = objectOf(after);
  const changed: string[] = [];
  for (const script of testScripts) {
    const [was, is] = [scriptOf(old, script), scriptOf(now, script)];
    // A first test script where there was none weakens nothing.
    if (was !== is && !(script === 'test' && was === undefined)) changed.push(`scripts.${script}: ${was ?? '(none)'} → ${is ?? '(none)'}`);
  }
  for (const key of testKeys) if (JSON.stringify(old[key]) !== JSON.stringify(now[key])) changed.push(`The section "${key}" was changed`);
  return changed;
}

function objectOf(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    // A package.json that is no JSON has no scripts; its tests will fail loudly enough.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function scriptOf(manifest: Record<string, unknown>, name: string): string | undefined {
  const scripts = manifest.scripts as Record<string, unknown> | undefined;
  const script = scripts?.[name];
  return typeof script === 'string' ? script : undefined;
}

/** The text of the sections that speak of pytest. */
function pytestSections(text: string): string {
  return text
    .split(/^(?=\[)/m)
    .filter((section) => /^\[(tool[.:]pytest|pytest)/.test(section))
    .map((section) => section.trim())
    .join('\n');
}
