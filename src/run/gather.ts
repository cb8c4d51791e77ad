/** What a run knows before its first plan: the workspace as it is, its tests as they are, and the briefing. */
import { throwIfStopped } from '../errors.ts';
import { noTestSources, testSourcesOf } from '../feedback/index.ts';
import type { TestReport } from '../feedback/types.ts';
import type { RunFacts, Session } from './context.ts';
import { countsOf } from './judge.ts';
import type { Beginning } from './types.ts';

export async function gather({ input, ports, steering }: Session, signal: AbortSignal): Promise<RunFacts> {
  const { trace, clock } = ports;
  const startedAt = clock();
  const { past } = input;
  const now = await ports.copies.snapshot(signal);
  const { snapshot: base, start = base, leftOut }: Beginning = past?.beginning?.(now, ports.copies.workspace) ?? now;
  trace.emit({
    type: 'snapshot.taken',
    snapshot: base,
    start: start.tree === base.tree ? undefined : start,
    leftOut: [...leftOut],
    ms: clock() - startedAt,
  });
  await steering.ready(signal);
  const copy = await ports.copies.create('baseline', start, signal);
  try {
    const test = past?.found ? past.found.test : await ports.detectTests(copy.root, signal);
    const baseline: TestReport | undefined = test && (await ports.runTests(test, copy.root, input.settings.testLimits, signal));
    throwIfStopped(signal);
    const testSources = baseline ? await testSourcesOf(baseline, (path) => ports.copies.read(start, path)) : noTestSources;
    const asNow = start.tree === now.snapshot.tree;
    const about = { request: past?.about ?? input.request, copy: asNow ? undefined : copy.root, test, baseline };
    const briefing = past?.found?.briefing ?? (await ports.brief(about, signal));
    trace.emit({
      type: 'briefing.done',
      briefing: trace.blob(JSON.stringify(briefing)),
      test,
      baseline: baseline && countsOf(baseline),
      languages: briefing.languages.map((language) => language.name),
      files: briefing.files.map((file) => file.path),
      git: briefing.git,
      ms: clock() - startedAt,
    });
    await trace.flush();
    return { request: input.request, earlier: past?.continues?.earlier, briefing, test, baseline, testSources, base, start };
  } finally {
    await copy.remove();
  }
}
