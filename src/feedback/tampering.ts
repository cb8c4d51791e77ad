import { compareReports } from './compare.ts';
import { roleOf } from './file-roles.ts';
import { type ChangedFile, steeringChanges } from './steering-changes.ts';
import { inlineTests, noTestSources, roleIn, servesTests, type TestSources } from './test-sources.ts';
import type { Tampering, TestCommand, TestReport } from './types.ts';

export interface TamperingQuestion {
  /** How the tests are run. */
  readonly test?: TestCommand;
  /** Baseline; absent where no tests were run. */
  readonly before?: TestReport;
  readonly after?: TestReport;
  /** Where the tests of the baseline are. */
  readonly sources?: TestSources;
  readonly changedFiles: readonly ChangedFile[];
}

/** What the change does to its own exam, by what ran and by what the files say. Wrong alarms are possible; a person decides. */
export function findTampering({ test, before, after, sources = noTestSources, changedFiles }: TamperingQuestion): Tampering[] {
  const found: Tampering[] = [];
  const add = (kind: Tampering['kind'], path: string, detail: string): void => {
    if (!found.some((one) => one.kind === kind && one.path === path && one.detail === detail)) found.push({ kind, path, detail });
  };
  for (const file of changedFiles) {
    if (file.before === file.after) continue;
    for (const detail of steeringChanges(file, test)) add('changed-config', file.path, detail);
    if (roleOf(file.path) === 'later') add('runs-later', file.path, 'An editor, git, CI or an agent runs or obeys this file later');
    if (roleIn(sources, file.path) === 'test') {
      for (const [kind, detail] of testFileChanges(file)) add(kind, file.path, detail);
    } else {
      if (runsInline(file.path, before, sources)) for (const [kind, detail] of inlineChanges(file)) add(kind, file.path, detail);
      if (file.before !== undefined && sources.subjects?.has(file.path) !== true && servesTests(file.path, file.before))
        for (const [kind, detail] of textChanges(file.before, file.after ?? '')) add(kind, file.path, detail);
      if (isExpected(file, sources)) add('changed-expectation', file.path, 'Tests compare with what stands in this file');
    }
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

type Change = readonly [Tampering['kind'], string];

/** A file of tests as a whole. */
function testFileChanges({ path, before, after }: ChangedFile): Change[] {
  if (before === undefined || /(^|\/)conftest\.py$/i.test(path)) return [];
  if (after === undefined) return [['deleted-file', 'The test file was deleted']];
  if (isRecorded(path)) return [['changed-expectation', 'What tests compare with was changed']];
  const changes = textChanges(before, after);
  const lost = changes.length > 0 ? undefined : lostValues(before, after)[0];
  return lost === undefined ? changes : [['weakened-assertion', `Changed inside a test: ${lost.slice(0, 160)}`]];
}

/** Lines with a value in them that are there no longer: rows of a table of cases, what is expected further down. Quotes and ends are a matter of taste. */
function lostValues(before: string, after: string): string[] {
  const plain = (line: string): string => line.replace(/['`]/g, '"').replace(/[,;]$/, '');
  const values = linesOf(before).filter((line) => hasValue.test(line) && !isComment(line) && !takesSomethingIn.test(line));
  return missingFrom(values.map(plain), linesOf(after).map(plain));
}

const hasValue = /["'`\d]|\b(?:true|false|null|None|True|False|nil|undefined)\b/;
const takesSomethingIn = /^(?:import|from|use|package|export .* from)\b|\brequire\(|^"[\w./-]+"$/;

/**
 * Examples in the documentation of Python are tests only where something runs them: false when a guard saw every test of the baseline, none of them
 * stands in this file, and no test speaks of `doctest`.
 */
function runsInline(path: string, before: TestReport | undefined, { texts }: TestSources): boolean {
  if (!/\.pyi?$/i.test(path) || before === undefined || before.guard === 'exit-code') return true;
  const module = `.${path
    .replace(/(?:\/__init__)?\.\w+$/, '')
    .split('/')
    .at(-1)}.`;
  const isThere = ({ file, id }: TestReport['cases'][number]): boolean =>
    file === path || (file === undefined && `.${id}`.includes(module));
  return before.cases.some(isThere) || [...texts.values()].some((text) => text.includes('doctest'));
}

/** The tests inside a source file. */
function inlineChanges({ path, before, after }: ChangedFile): Change[] {
  const [old, now] = [inlineTests(path, before ?? ''), inlineTests(path, after ?? '')];
  if (old === '' || old === now) return [];
  if (now === '') return [['deleted-test', 'The tests inside this file were removed']];
  const lines = new Set(linesOf(now));
  // What stands in documentation is compared word by word: there every line is an assertion.
  const lost = linesOf(old).find((line) => line !== '' && !lines.has(line));
  const changes = textChanges(old, now);
  return changes.length > 0 || lost === undefined ? changes : [['weakened-assertion', `Changed inside a test: ${lost.slice(0, 160)}`]];
}

/** Snapshots, golden files and data: not code. */
const isRecorded = (path: string): boolean =>
  !/\.(?:[cm]?[jt]sx?|py|go|rs|java|kts?|rb|php|cs|swift|scala|dart|exs?)$/i.test(path) || /\.snap$/i.test(path);

/** A file of data that was there and that a test speaks of by its name. */
function isExpected({ path, before }: ChangedFile, { texts }: TestSources): boolean {
  if (before === undefined || !isRecorded(path) || /\.(?:md|rst|txt\.md)$/i.test(path)) return false;
  const name = path.replaceAll('\\', '/').split('/').at(-1) ?? '';
  return [...texts.values()].some((text) => mentions(text, name));
}

/** The name stands there by itself, not as a part of a longer one. */
function mentions(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!/[\w-]/.test(text[at - 1] ?? '') && !/[\w-]/.test(text[at + name.length] ?? '')) return true;
  }
  return false;
}

// ---- tests ----------------------------------------------------------------------------------------------------------------------

const skipMarker =
  /\b(?:it|test|describe|suite|context)\s*\.\s*(?:skip|skipIf|todo|fails|failing)\b|\bx(?:it|test|describe|context)\s*\(|\bskip\s*:\s*(?:true|['"`])|\btodo\s*:\s*(?:true|['"`])|@(?:pytest\.mark\.(?:skip|skipif|xfail)|unittest\.(?:skip\w*|expectedFailure))\b|\bpytest\.(?:skip|xfail|importorskip)\s*\(|\bself\.skipTest\s*\(|\bSkipTest\b|\bt\.(?:Skip|Skipf|SkipNow|skip|todo)\s*\(|#\[ignore\b|\bthis\.skip\s*\(/g;
const onlyMarker = /\b(?:it|test|describe|suite|context)\s*\.\s*only\b|\bf(?:it|describe)\s*\(|\bonly\s*:\s*true\b/g;
const assertion =
  /\bassert(?:_\w+|[A-Z]\w*)?!?\s*[.( ]|\bexpect\s*\(|\bself\.(?:assert\w+|fail)\s*\(|\bt\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow|assert|is|deepEqual|equal|throws)\b|\b(?:require|should)\.\w+\s*\(|\.should\b|\bpytest\.raises\b|#\[should_panic/;
const emptyAssertion =
  /\bassert\s+True\b|\bassert\s*\(\s*True\s*\)|\bassert(?:\.ok|\.equal|\.strictEqual)?\s*\(\s*(?:true|1)\s*(?:,\s*(?:true|1)\s*)?\)|\bexpect\s*\(\s*(?:true|1)\s*\)|\bassertTrue\s*\(\s*True\s*\)|\bassert!\s*\(\s*true\s*\)|\bassert\s+1\s*==\s*1\b|\bor\s+True\b|\|\|\s*true\b/g;
const swallowed =
  /\bexcept\b(?:(?!\bexcept\b)[^\n])*:\s*(?:pass\b|\.\.\.)|\bcatch\s*(?:\([^()]*\)\s*)?\{\s*(\/\/[^\n]*(?:\n\s*)?)?(\}?)|\bsuppress\s*\(/g;
const testName =
  /\b(?:it|test)(?:\.\w+)*\s*\(\s*(['"`])((?:(?!\1)[^\\\n]|\\.)+)\1|\bdef\s+(test\w*)\s*\(|\bfunc\s+(Test\w+)\s*\(|#\[test\]\s*(?:#\[[^\]]*\]\s*)*(?:async\s+)?fn\s+(\w+)/g;

function textChanges(before: string, after: string): Change[] {
  const changes: Change[] = [];
  const more = (pattern: RegExp): boolean => count(after, pattern) > count(before, pattern);

  const namesAfter = new Set(namesIn(after));
  for (const name of new Set(namesIn(before)))
    if (!namesAfter.has(name)) changes.push(['deleted-test', `Test removed or renamed: ${name}`]);
  if (more(skipMarker)) changes.push(['skipped-test', `Skip marker added: ${firstNew(before, after, skipMarker)}`]);
  if (more(onlyMarker)) changes.push(['skipped-test', `All other tests switched off: ${firstNew(before, after, onlyMarker)}`]);
  if (more(emptyAssertion)) changes.push(['weakened-assertion', `Asserts nothing: ${firstNew(before, after, emptyAssertion)}`]);
  if (swallows(after) > swallows(before)) changes.push(['weakened-assertion', 'Errors are swallowed around assertions']);

  for (const line of missingFrom(assertionLines(before), assertionLines(after)))
    changes.push(['weakened-assertion', `Assertion removed or changed: ${line.slice(0, 160)}`]);
  return changes;
}

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}

/** Of blocks that catch, the empty ones; a comment handles nothing. */
function swallows(text: string): number {
  return [...text.matchAll(swallowed)].filter(([, comment = '', end]) => end !== '' || comment.includes('}')).length;
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

/** Comments do not assert; white space does not count. In Go and elsewhere the condition in front of a complaint is what asserts. */
function assertionLines(text: string): string[] {
  const lines = linesOf(text).filter((line) => line !== '' && !isComment(line));
  return lines.flatMap((line, at) => {
    if (!assertion.test(line)) return [];
    const before = lines[at - 1] ?? '';
    return [isCondition.test(before) ? `${before} ${line}` : line];
  });
}

const isComment = (line: string): boolean => /^(\/\/|#(?!\[)|\*|\/\*)/.test(line);
const isCondition = /^(?:\} ?else )?(?:if|unless)\b.*[{:)]$/;

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.trim().replace(/\s+/g, ' '));
}

/** The lines that are there no longer as often as before. */
function missingFrom(before: readonly string[], after: readonly string[]): string[] {
  const left = tally(after);
  return before.filter((line) => {
    const kept = left.get(line) ?? 0;
    if (kept > 0) left.set(line, kept - 1);
    return kept === 0;
  });
}

function tally(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}
