/** What a run knows before its first plan: the workspace as it is, its tests as they are, and the briefing. */

import { join, relative, sep } from 'node:path';
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
  const { found } = past ?? {};
  let copy: WorkspaceCopy | undefined;
  const inCopy = async (): Promise<WorkspaceCopy> => {
    copy ??= await ports.copies.create('baseline', start, signal);
    return copy;
  };
  try {
    const suites = found
      ? [found.test, ...found.otherSuites].filter((test) => test !== undefined)
      : await ports.findSuites((await inCopy()).root, signal);
    const runSuite = async (test: TestCommand) => ports.runTests(test, (await inCopy()).root, input.settings.testLimits, signal);
    const looks: Looks = new Map();
    const before = async (): Promise<{ test?: TestCommand; baseline?: TestReport }> => {
      const inQuestion = await suiteInQuestion(found ? suites.slice(0, 1) : suites, hintsIn(past?.about ?? input.request), runSuite);
      const { test } = inQuestion;
      const first =
        test && inQuestion.baseline && (await unlessNotInstalled(test, inQuestion.baseline, (path) => ports.copies.read(start, path)));
      throwIfStopped(signal);
      const flaky = test && first ? await lookAtRed(test, first, looksAt(looks, test, start), runSuite) : [];
      throwIfStopped(signal);
      return { test, baseline: first && flaky.length > 0 ? { ...first, flaky } : first };
    };
    const onRecord = (test: TestCommand, [baseline, ...further]: readonly TestReport[]) => {
      looksAt(looks, test, start).push(...further);
      return { test, baseline };
    };
    const { test, baseline } = found?.test && found.seen ? onRecord(found.test, found.seen) : await before();
    const asked = namesIn((past?.about ?? input.request).text).paths.map(({ path }) => path);
    const testSources = baseline ? await testSourcesOf(baseline, (path) => ports.copies.read(start, path), asked) : noTestSources;
    const asNow = start.tree === now.snapshot.tree;
    const about = { request: past?.about ?? input.request, test, baseline };
    const briefed = async (): Promise<Briefing> => {
      const within = await inCopy();
      const other = asNow ? undefined : { root: within.root, files: await ports.copies.files(start, signal) };
      return withNotes(await ports.brief({ ...about, copy: other }, signal), [
        ...storedOtherwiseText(storedOtherwise),
        ...(await leadingOut(test, within, start, ports.copies)),
        ...(baseline ? lackingInCopy(baseline, whatLiesIn(within.root), whatLiesIn(ports.copies.workspace)) : []),
      ]);
    };
    const briefing = found?.briefing ?? (await briefed());
    trace.emit({
      type: 'briefing.done',
      briefing: trace.blob(JSON.stringify(briefing)),
      test,
      otherSuites: suites.filter((other) => other !== test),
      baseline: baseline && countsOf(baseline),
      seen:
        test && baseline?.ending === 'finished'
          ? [baseline, ...looksAt(looks, test, start)].map((report) => trace.blob(JSON.stringify(report)))
          : undefined,
      languages: briefing.languages.map((language) => language.name),
      files: briefing.files.map((file) => file.path),
      git: briefing.git,
      ms: clock() - startedAt,
    });
    const recalled = found?.recalled ?? (await recall(ports, about.request, briefing));
    if (recalled.length > 0) trace.emit({ type: 'memory.recalled', lessons: [...recalled] });
    await trace.flush();
    // Where tests are red there is other work than that file.
    if (briefing.unusable !== undefined && (baseline === undefined || redIn(baseline).length === 0))
      throw new TeamwrightError('file-unusable', { path: briefing.unusable });
    const { earlier } = past?.continues ?? {};
    return { request: input.request, earlier, recalled, briefing, suites, test, baseline, looks, testSources, base, start };
  } finally {
    await copy?.remove();
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
  const found: string[] = [];
  for (const path of [...folders].flatMap((folder) => pathManifests.map((name) => join(folder, name)))) {
    const text = await copies.read(start, path);
    if (text !== undefined) found.push(...outwardPaths(path, text, copies.workspace, depth, whatLiesIn(copy.root)));
  }
  return found;
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
): Promise<{ test?: TestCommand; baseline?: TestReport }> {
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
