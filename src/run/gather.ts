/** What a run knows before its first plan: the workspace as it is, its tests as they are, and the briefing. */

import { join, relative, sep } from 'node:path';
import type { Tests } from '../briefing/index.ts';
import type { Briefing } from '../briefing/types.ts';
import { TeamwrightError, throwIfStopped } from '../errors.ts';
import {
  manifests,
  missingIn,
  needs,
  noTestSources,
  outwardPaths,
  ownModule,
  pathManifests,
  redIn,
  type SuiteHints,
  saidIn,
  suiteFor,
  testSourcesOf,
} from '../feedback/index.ts';
import type { TestCommand, TestReport } from '../feedback/types.ts';
import { temporaryBehind } from '../process/index.ts';
import { namesIn, type Request } from '../request/index.ts';
import type { Recalled } from '../trace/events.ts';
import { storedOtherwiseText } from '../trace/index.ts';
import type { Snapshot, WorkspaceCopies, WorkspaceCopy } from '../workspace/types.ts';
import { lookAtRed, looksAt } from './again.ts';
import type { Looks, RunFacts, SessionInput } from './context.ts';
import { countsOf } from './counts.ts';
import { lackingInCopy, whatLiesIn } from './lacking.ts';
import type { Steering } from './steering.ts';
import type { Beginning, RunPorts } from './types.ts';

interface Gathering {
  readonly input: Pick<SessionInput, 'request' | 'settings' | 'past'>;
  /** Nothing is recalled where no model is to be told of it. */
  readonly ports: Pick<RunPorts, 'copies' | 'trace' | 'clock' | 'findSuites' | 'runTests' | 'brief'> &
    Partial<Pick<RunPorts, 'recall' | 'models'>>;
  readonly steering: Pick<Steering, 'ready'>;
}

export async function gather({ input, ports, steering }: Gathering, signal: AbortSignal): Promise<RunFacts> {
  const { trace, clock } = ports;
  const startedAt = clock();
  const { past } = input;
  const now = await ports.copies.snapshot(signal);
  const { snapshot: base, start = base, leftOut, storedOtherwise = [] }: Beginning = past?.beginning?.(now, ports.copies.workspace) ?? now;
  trace.emit({
    type: 'snapshot.taken',
    snapshot: base,
    start: start.tree === base.tree ? undefined : start,
    leftOut: [...leftOut],
    storedOtherwise: storedOtherwise.length > 0 ? [...storedOtherwise] : undefined,
    ms: clock() - startedAt,
  });
  await steering.ready(signal);
  const copy = await ports.copies.create('baseline', start, signal);
  try {
    const suites = past?.found ? [past.found.test].filter((test) => test !== undefined) : await ports.findSuites(copy.root, signal);
    const runSuite = (test: TestCommand) => ports.runTests(test, copy.root, input.settings.testLimits, signal);
    const request = past?.about ?? input.request;
    const tested = testsAsTheyAre(suites, hintsIn(request), runSuite, (path) => ports.copies.read(start, path), signal);
    const known = past?.found?.briefing;
    const asNow = start.tree === now.snapshot.tree;
    const brief = async (tests: Promise<Tests>): Promise<Briefing> => {
      if (asNow) return await ports.brief({ request, copy: undefined, tests }, signal);
      const found = await tests;
      const files = await ports.copies.files(start, signal);
      return await ports.brief({ request, copy: { root: copy.root, files }, tests: Promise.resolve(found) }, signal);
    };
    const looks: Looks = new Map();
    // All this goes on while the tests run, or while what is red is looked at once more.
    const besideTests = known ?? brief(tested);
    const asked = namesIn(request.text).paths.map(({ path }) => path);
    const afterTests = tested.then(({ test, baseline }) =>
      Promise.all([
        baseline ? testSourcesOf(baseline, (path) => ports.copies.read(start, path), asked) : noTestSources,
        known ? [] : leadingOut(test, copy, start, ports.copies),
        besideTests,
      ]),
    );
    const again = tested.then(({ test, baseline }) =>
      test && baseline ? lookAtRed(test, baseline, looksAt(looks, test, start), runSuite) : [],
    );
    await Promise.allSettled([besideTests, afterTests, again]);
    throwIfStopped(signal);
    const { test, baseline: first } = await tested;
    const flaky = await again;
    const baseline = first && flaky.length > 0 ? { ...first, flaky } : first;
    const [testSources, outward, before] = await afterTests;
    const briefing =
      known ??
      withNotes(flaky.length > 0 ? await brief(Promise.resolve({ test, baseline })) : before, [
        ...storedOtherwiseText(storedOtherwise),
        ...outward,
        ...(baseline ? lackingInCopy(baseline, whatLiesIn(copy.root), whatLiesIn(ports.copies.workspace)) : []),
      ]);
    trace.emit({
      type: 'briefing.done',
      briefing: trace.blob(JSON.stringify(briefing)),
      test,
      otherSuites: suites.filter((other) => other !== test),
      baseline: baseline && countsOf(baseline),
      languages: briefing.languages.map((language) => language.name),
      files: briefing.files.map((file) => file.path),
      git: briefing.git,
      ms: clock() - startedAt,
    });
    const recalled = past?.found?.recalled ?? (await recall(ports, request, briefing));
    if (recalled.length > 0) trace.emit({ type: 'memory.recalled', lessons: [...recalled] });
    await trace.flush();
    // Where tests are red there is other work than that file.
    if (briefing.unusable !== undefined && (baseline === undefined || redIn(baseline).length === 0))
      throw new TeamwrightError('file-unusable', { path: briefing.unusable });
    const { earlier } = past?.continues ?? {};
    return { request: input.request, earlier, recalled, briefing, suites, test, baseline, looks, testSources, base, start };
  } finally {
    await copy.remove();
  }
}

const recall = async ({ recall, models }: Gathering['ports'], request: Request, briefing: Briefing): Promise<readonly Recalled[]> =>
  models === undefined ? [] : ((await recall?.({ request, briefing, window: models.worker.capabilities.contextTokens })) ?? []);

/** Whoever decides about the plan is told what the project has otherwise than a copy of it. */
const withNotes = (briefing: Briefing, notes: readonly string[]): Briefing =>
  notes.length === 0 ? briefing : { ...briefing, leftOut: [...briefing.leftOut, ...notes] };

/** Paths in the manifests beside the tests that mean another place in a copy. */
async function leadingOut(test: TestCommand | undefined, copy: WorkspaceCopy, start: Snapshot, copies: WorkspaceCopies): Promise<string[]> {
  const depth = relative(copies.topOf(copy.root), copy.root).split(sep).filter(Boolean).length;
  const folders = new Set(['', test?.cwd ?? '']);
  const paths = [...folders].flatMap((folder) => pathManifests.map((name) => join(folder, name))).filter(whatLiesIn(copy.root));
  const texts = await Promise.all(paths.map((path) => copies.read(start, path)));
  return paths.flatMap((path, n) => {
    const text = texts[n];
    return text === undefined ? [] : outwardPaths(path, text, copies.workspace, depth, whatLiesIn(copy.root));
  });
}

/** The tests that the request is about, run on the workspace as it is. Rejects with `stopped`, and like `suiteInQuestion`. */
async function testsAsTheyAre(
  suites: readonly TestCommand[],
  hints: SuiteHints,
  run: (test: TestCommand) => Promise<TestReport>,
  read: (path: string) => Promise<string | undefined>,
  signal: AbortSignal,
): Promise<Tests> {
  const { test, baseline } = await suiteInQuestion(suites, hints, run);
  throwIfStopped(signal);
  if (test === undefined || baseline === undefined) return { test };
  return { test, baseline: await unlessNotInstalled(test, baseline, read) };
}

/** Most suites that are run in search of the failing one. */
const mostTried = 4;

/**
 * The suite that the request is about, and its tests as they are. When nothing in the request points at files and the first suite has nothing red, the
 * next ones are looked at: something is broken, or the request would stand on no test. Throws `temporary-folder-unusable` where that is why they fail.
 */
async function suiteInQuestion(
  suites: readonly TestCommand[],
  hints: SuiteHints,
  run: (test: TestCommand) => Promise<TestReport>,
): Promise<Tests> {
  const test = suiteFor(suites, hints);
  if (test === undefined) return {};
  const baseline = await run(test);
  const cause = baseline.green ? undefined : temporaryBehind(saidIn(baseline));
  if (cause !== undefined) throw cause;
  if (hints.paths.length > 0 || baseline.failed > 0 || baseline.ending !== 'finished') return { test, baseline };
  const others = suites.filter((one) => one !== test);
  // The last may be the one that starts all the others.
  for (const other of new Set([...others.slice(0, mostTried - 2), ...others.slice(-1)])) {
    const report = await run(other);
    if (report.ending === 'finished' && report.failed > 0) return { test: other, baseline: report };
  }
  return { test, baseline };
}

/** Tests that cannot be loaded for want of a package that the project names are tests that cannot be started. */
async function unlessNotInstalled(
  { cwd }: TestCommand,
  baseline: TestReport,
  read: (path: string) => Promise<string | undefined>,
): Promise<TestReport> {
  const inFolder = (path: string): Promise<string | undefined> => read(cwd === '' ? path : `${cwd}/${path}`);
  for (const name of missingIn(baseline)) {
    const own = await Promise.all(ownModule(name).map(inFolder));
    if (own.some((text) => text !== undefined)) return baseline;
    const named = await Promise.all(manifests.map(async (file) => needs(file, (await inFolder(file)) ?? '', name)));
    if (!named.includes(true)) return baseline;
  }
  const [name] = missingIn(baseline);
  if (name === undefined) return baseline;
  return {
    ...baseline,
    ending: 'not-started',
    output: `${baseline.output}\nThe project says that it needs "${name}", which is not installed.`,
  };
}

function hintsIn(request: Request): SuiteHints {
  const { paths, tests, words } = namesIn(request.text);
  const pointed = [request.selection?.path, request.diagnostic?.path, request.failingTest?.path].filter((path) => path !== undefined);
  return {
    paths: [...request.files, ...pointed, ...paths.map(({ path }) => path)],
    words: [...words, ...(request.text.toLowerCase().match(/\b(?:go|js|ts|py)\b/g) ?? [])],
    tests: [...tests, ...(request.failingTest ? [request.failingTest.name] : [])],
  };
}
