/**
 * A place where many texts of one file are tried quickly: one copy in which one file changes at a time, and of a long suite the failing tests alone.
 * What passes here is judged in a copy of its own, by the whole suite.
 */
import { baselineIn, compareReports, narrowed, withoutTests } from '../../feedback/index.ts';
import type { TestReport } from '../../feedback/types.ts';
import type { FileScope, WorkspaceCopy } from '../../workspace/types.ts';
import type { Answer } from '../ask.ts';
import type { StepContext } from '../context.ts';
import type { Base } from './progress.ts';

export interface Trial {
  readonly passed: number;
  readonly failed: number;
  readonly ms: number;
  /** Fewer tests fail than before, and none that passed fails now: worth to be a candidate. */
  readonly promising: boolean;
}

export interface WarmCopy {
  /** Undefined: the same text was tried before, or it could not be written. */
  try(path: string, text: string, hidden: Answer['hidden'] | undefined, signal: AbortSignal): Promise<Trial | undefined>;
  remove(): Promise<void>;
}

/** Time for the tests of a try, as a multiple of what they took before, and at least: a wrong condition often never ends. */
const patience = { times: 4, leastMs: 3_000 };

/** `from`: what every text begins from, and what its tests said. `tried`: texts that were tried on it before; those of this copy are added. */
export async function warmCopy(
  { id, from, scope }: { id: string; from: Pick<Base, 'snapshot' | 'report'>; scope: FileScope },
  tried: Set<string>,
  context: StepContext,
  signal: AbortSignal,
): Promise<WarmCopy> {
  const { ports, facts, settings } = context;
  const { snapshot: start, report: baseline } = from;
  const { test, baseline: whole } = facts;
  if (test === undefined || whole === undefined) throw new Error('A repair is tried by tests, and there are none.');
  const part = narrowed(test, whole);
  const usualMs = part?.ms ?? whole.ms;
  const wallMs = Math.min(settings.testLimits.wallMs, Math.max(patience.leastMs, usualMs * patience.times));
  const limits = { ...settings.testLimits, wallMs };
  let copy: WorkspaceCopy = await ports.copies.create(id, start, signal);
  let other: string | undefined;

  /** Only one file is ever different from the start. */
  const write = async (path: string, text: string, hidden?: Answer['hidden']): Promise<boolean> => {
    if (other !== undefined && other !== path) {
      const before = await ports.copies.read(start, other);
      await copy.edit([{ kind: 'whole-file', path: other, text: before ?? '', exact: true }], scope);
    }
    other = path;
    const { problems } = await copy.edit([{ kind: 'whole-file', path, text, exact: true }], scope, hidden);
    return problems.length === 0;
  };

  return {
    try: async (path, text, hidden, stop) => {
      const key = `${path}\0${text}`;
      if (tried.has(key)) return undefined;
      tried.add(key);
      return context.sideBySide(async () => {
        await context.steering.ready(stop);
        if (!(await write(path, text, hidden))) return undefined;
        const report = await ports.runTests(part?.test ?? test, copy.root, limits, stop);
        if (report.ending !== 'finished') {
          // What a run that was cut off left behind may hinder the next one.
          await copy.remove();
          copy = await ports.copies.create(id, start, stop);
          other = undefined;
        }
        return trialOf(report, part ? baselineIn(baseline, part, report) : baseline);
      });
    },
    remove: () => copy.remove(),
  };
}

function trialOf(report: TestReport, baseline: TestReport): Trial {
  const [before, after] = [baseline, report].map((one) => withoutTests(one, baseline.flaky ?? []));
  const { fixed, broken } = compareReports(before ?? baseline, after ?? report);
  const { passed, failed, ms } = report;
  // What failed may be gone when all is well: "failed after case 0" makes room for the cases themselves. The judge decides what that is worth.
  const helps = fixed.length > 0 || (passed > 0 && failed === 0);
  return { passed, failed, ms, promising: report.ending === 'finished' && helps && broken.length === 0 };
}
