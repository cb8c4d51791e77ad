/** Chooses the files that matter for a request and the parts of them that fit. */
import { isTestPath } from '../feedback/index.ts';
import type { TestCommand, TestReport } from '../feedback/types.ts';
import type { Request } from '../request/types.ts';
import { type Evidence, frameDecay, gatherEvidence, lexicalShare, weights } from './evidence.ts';
import { isSearchable } from './exclusions.ts';
import { fitFiles } from './fit.ts';
import { type FrameContext, placedFrames, placeOf } from './frames.ts';
import { languageOf } from './languages.ts';
import { rankByWords } from './lexical.ts';
import type { BriefingLimits, Deadline } from './limits.ts';
import { addNeighbours } from './neighbours.ts';
import { type Query, queryOf } from './query.ts';
import { type Hit, scan } from './scan.ts';
import type { SourceReader } from './source.ts';
import { baseName, type FileTree, folderOf, withoutEndings } from './tree.ts';
import type { Briefing, RelevantFile } from './types.ts';

export interface SelectInput {
  readonly request: Request;
  readonly test?: TestCommand;
  readonly baseline?: TestReport;
  readonly reader: SourceReader;
  readonly tree: FileTree;
  /** Absolute paths the workspace goes by, forward slashes: stack frames may name any of them. */
  readonly roots: readonly string[];
  readonly inRepository: boolean;
  readonly ripgrep: readonly string[];
  readonly limits: BriefingLimits;
}

export interface Selection {
  readonly files: readonly RelevantFile[];
  readonly leftOut: readonly string[];
  readonly unusable?: Briefing['unusable'];
}

/** The same tree and input give the same selection. Never throws for the state of the tree; rejects with `stopped`. */
export async function select(input: SelectInput, deadline: Deadline, signal: AbortSignal): Promise<Selection> {
  const query = queryOf(input.request, input.baseline);
  const evidence = gatherEvidence();
  addPointedAt(input, query, evidence);
  const failing = addFailures(input, query, evidence);
  const pointed = evidence.ranked();
  const seeds = pointed.map(({ path }) => path).slice(0, 20);

  const searchable = input.tree.paths.filter(isSearchable);
  const found = await scan(
    {
      ...input,
      paths: searchable,
      names: query.needles,
      modules: [...query.failureNeedles, ...seeds.map(moduleNeedle).filter((needle) => needle !== undefined)],
      words: [...query.words].filter(([word, weight]) => word.length > 2 && weight >= 0.7).map(([word]) => word),
      evident: (pointed[0]?.score ?? 0) >= weights.failingTest,
      promise: promiseByPath(query),
    },
    deadline,
    signal,
  );
  addDefinitions(found.hits, query, evidence);
  addLexical(found.hits, query, failing, evidence);
  addNeighbours({ ...input, failing, hits: found.hits, evidence }, signal);
  addSmallWorkspace(searchable, evidence);

  const ranked = evidence
    .ranked()
    .filter(({ path, score }) => score >= leastScore || input.tree.paths.length <= smallWorkspace || path === '');
  const fitted = fitFiles({ ...input, ranked, evidence, query, pointedAt: pointedAt(input.request) }, signal);
  return { ...fitted, leftOut: [...found.leftOut, ...fitted.leftOut] };
}

/** Below this a file shares a rare word at best. */
const leastScore = 4;

function pointedAt(request: Request): string[] {
  return [request.selection?.path, ...request.files, request.diagnostic?.path, request.failingTest?.path].filter(
    (path) => path !== undefined,
  );
}

/** Selection, files and diagnostic of the request, and the paths its text names. */
function addPointedAt({ request, tree, roots }: SelectInput, { names }: Query, evidence: Evidence): void {
  const { selection, diagnostic, failingTest } = request;
  for (const path of [...(selection === undefined ? [] : [selection.path]), ...request.files])
    evidence.add(path, 'selected', weights.selected);
  if (selection?.startLine !== undefined) {
    const end = Math.min(selection.endLine ?? selection.startLine, selection.startLine + 200);
    for (let line = selection.startLine; line <= end; line += 1) evidence.focus(selection.path, line, 100);
  }
  if (diagnostic !== undefined) {
    evidence.add(diagnostic.path, 'diagnostic', weights.diagnostic);
    if (diagnostic.startLine !== undefined) evidence.focus(diagnostic.path, diagnostic.startLine, 90);
  }
  if (failingTest?.path !== undefined) evidence.add(failingTest.path, 'failing-test', weights.failingTest);
  for (const { path, line } of names.paths) {
    const exact = placeOf(path, { tree, roots, cwd: '' });
    const meant = exact !== undefined ? [exact] : path.startsWith('/') ? [] : tree.endingWith(path);
    if (meant.length > 20) continue;
    for (const file of meant) {
      evidence.add(file, 'named-in-request', weights.namedPath / Math.sqrt(meant.length));
      if (line !== undefined) evidence.focus(file, line, 80);
    }
  }
}

/** Failing tests' files and the frames of their stacks. Gives the files of failing tests with their weight. */
function addFailures(input: SelectInput, { failing }: Query, evidence: Evidence): ReadonlyMap<string, number> {
  const { tree, roots, test, baseline, request } = input;
  const files = new Map<string, number>();
  const context = { tree, roots, cwd: test?.cwd ?? '' };
  const note = (path: string, weight: number): void => {
    files.set(path, Math.max(files.get(path) ?? 0, weight));
    evidence.add(path, 'failing-test', weights.failingTest * weight);
  };
  if (request.failingTest?.path !== undefined && tree.has(request.failingTest.path)) note(request.failingTest.path, 1);
  for (const { test: failed, weight } of failing) {
    const testFile = failed.file === undefined ? undefined : placeOf(failed.file.replace(/\\/g, '/'), context);
    if (testFile !== undefined) note(testFile, weight);
    addFrames(failed.message ?? '', { ...context, ...(testFile !== undefined && { testFile }) }, weight);
  }
  // A command without a report, or a runner that broke off, says where in its output.
  const failedOutright = baseline !== undefined && failing.length === 0 && !baseline.green;
  if (failedOutright) addFrames(baseline.output, context, 0.7);
  return files;

  function addFrames(message: string, frameContext: FrameContext, weight: number): void {
    for (const { path, line, depth } of placedFrames(message, frameContext)) {
      const decayed = weight * frameDecay ** depth;
      const inTest = isTestPath(path);
      evidence.add(path, 'stack-frame', (inTest ? weights.testFrame : weights.stackFrame) * decayed);
      evidence.focus(path, line, 60 * decayed);
      // Runners that do not name a test's file (go test, cargo test, a plain command) name it in the stack.
      if (inTest && !files.has(path)) note(path, weight);
    }
  }
}

/** Names too common to search for as the name of a module. */
const commonStems = /^(?:index|main|mod|lib|utils?|types?|test|tests|__init__|common|helpers?|constants?|config|setup|app|core|base)$/i;

/** What a file that imports this one would have in its text. */
function moduleNeedle(path: string): string | undefined {
  const name = withoutEndings(baseName(path));
  return name.length < 4 || commonStems.test(name) ? undefined : name.toLowerCase();
}

/** How much a path promises before its file is read: words of the query in its name count twice those in its folders. */
function promiseByPath({ words }: Query): (path: string) => number {
  // Longer words first: an alternation takes the first that fits.
  const sought = [...words.keys()].filter((word) => word.length > 2).sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  if (sought.length === 0) return () => 0;
  const anyWord = new RegExp(sought.map((word) => word.replaceAll('$', '\\$')).join('|'), 'g');
  const known = new Map<string, number>();
  const value = (text: string): number => {
    let sum = 0;
    for (const word of new Set(text.toLowerCase().match(anyWord))) sum += words.get(word) ?? 0;
    return sum;
  };
  const remembered = (key: string, work: (text: string) => number): number => {
    const score = known.get(key) ?? work(key);
    known.set(key, score);
    return score;
  };
  return (path) =>
    remembered(path, () => {
      const score = 2 * value(baseName(path)) + remembered(`${folderOf(path)}/`, value);
      return score > 0 && isTestPath(path) ? score * 0.9 : score;
    });
}

/** Files that define an identifier of the request. */
function addDefinitions(hits: readonly Hit[], { identifiers, needles }: Query, evidence: Evidence): void {
  for (const name of identifiers) {
    const needle = needles.indexOf(name.toLowerCase());
    const escaped = name.replace(/[$]/g, '\\$');
    const keyword =
      '(?:class|interface|enum|struct|trait|type|record|object|protocol|impl|def|fn|func|fun|function\\*?|sub|const|let|var|val|static|module|mod|namespace|macro_rules!)';
    const definition = new RegExp(
      `(?:^|[^\\w$])${keyword}\\s+(?:\\([^)\\n]{0,80}\\)\\s*)?(?:\\w+\\.)?${escaped}(?![\\w$])|^[ \\t]*(?:[\\w<>\\[\\],.?*&]+[ \\t]+){0,6}${escaped}[ \\t]*\\([^;{}]{0,300}\\)[^;{}\\n]{0,80}\\{|^[ \\t]*(?:(?:module\\.)?exports\\.|this\\.|\\w+\\.prototype\\.)?${escaped}[ \\t]*[:=][ \\t]*(?:async\\b|function\\b|\\(|lambda\\b|class\\b)`,
      'm',
    );
    const definers = hits.flatMap((hit) => {
      if (needle !== -1 && !hit.needles.includes(needle)) return [];
      const match = hit.text.includes(name) ? definition.exec(hit.text) : null;
      if (match === null) return [];
      const at = match.index + Math.max(0, match[0].indexOf(name));
      return [{ path: hit.path, line: hit.text.slice(0, at).split('\n').length }];
    });
    for (const { path, line } of definers) {
      evidence.add(path, 'named-in-request', weights.definesName * Math.min(1, 3 / definers.length));
      evidence.focus(path, line, 40);
    }
  }
}

/** Documents compared by BM25, and characters of each. */
const mostCompared = 200;
const comparedText = 24_000;

function addLexical(hits: readonly Hit[], query: Query, failing: ReadonlyMap<string, number>, evidence: Evidence): void {
  if (query.words.size === 0 || hits.length === 0) return;
  // Rare needles first: a cheap look at all decides which are compared in full.
  const holders = new Map<number, number>();
  for (const { needles } of hits) for (const needle of needles) holders.set(needle, (holders.get(needle) ?? 0) + 1);
  const rarity = (hit: Hit): number => hit.needles.reduce((sum, needle) => sum + Math.log(1 + hits.length / (holders.get(needle) ?? 1)), 0);
  const compared = hits
    .map((hit) => ({ hit, value: rarity(hit) }))
    .sort((a, b) => b.value - a.value || (a.hit.path < b.hit.path ? -1 : 1))
    .slice(0, mostCompared)
    .map(({ hit }) => ({ path: hit.path, text: hit.text.slice(0, comparedText) }));
  for (const [path, score] of rankByWords(compared, query.words)) {
    if (failing.has(path)) continue; // it shares the words of its own name
    const share = isTestPath(path) ? lexicalShare.test : languageOf(path) === undefined ? lexicalShare.prose : lexicalShare.code;
    evidence.add(path, 'lexical', weights.lexical * score * share);
  }
}

/** Up to so many source files, all of them are worth showing. */
const smallWorkspace = 30;

function addSmallWorkspace(searchable: readonly string[], evidence: Evidence): void {
  const sources = searchable.filter((path) => languageOf(path) !== undefined);
  if (sources.length > smallWorkspace) return;
  for (const path of sources) evidence.add(path, 'small-workspace', weights.smallWorkspace * (isTestPath(path) ? 0.5 : 1));
}
