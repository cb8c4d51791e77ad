/** Facts for one request: what the workspace is, and which of its files matter. */
import type { TestCommand, TestReport } from '../feedback/types.ts';
import type { Request } from '../request/types.ts';
import { readInstructions } from './instructions.ts';
import { type BriefingLimits, deadlineIn, defaultLimits } from './limits.ts';
import { select } from './select.ts';
import { takeSurvey } from './survey.ts';
import type { Briefing } from './types.ts';

interface BriefingSettings {
  /** Programs that may be ripgrep, tried in this order; default: `rg` on the PATH. Without one, git or Node searches. */
  readonly ripgrep?: readonly string[];
}

export interface BriefingInput {
  readonly request: Request;
  /** Top of the workspace. */
  readonly root: string;
  /** Its files, where they are known: git is not asked then, since a folder in which foreign code ran may lead it anywhere. */
  readonly files?: readonly string[];
  readonly settings?: BriefingSettings;
  /** The tests as they are before anything is changed; their failures point at files. While they still run, the workspace is looked over. */
  readonly tests?: Tests | Promise<Tests>;
  readonly limits?: Partial<BriefingLimits>;
  /** Monotonic clock, ms. */
  readonly now?: () => number;
}

export interface Tests {
  readonly test?: TestCommand;
  readonly baseline?: TestReport;
}

/**
 * Gathers the whole briefing. The same tree, request and baseline give the same briefing (but for `ms`) unless the time limit cut in,
 * which `leftOut` says. Nothing is written, no hook or program of the repository is run, no file outside it and no secret is read.
 * Throws `workspace-unusable` when `root` is no folder, `stopped` when the signal fires, and what the tests reject with. The time that the tests take is
 * not the briefing's.
 */
export async function brief(input: BriefingInput, signal: AbortSignal): Promise<Briefing> {
  const now = input.now ?? (() => performance.now());
  const start = now();
  const limits = { ...defaultLimits, ...input.limits };
  const surveyed = await takeSurvey(input.root, limits, deadlineIn(limits.ms, now), signal, input.files);
  const surveyMs = now() - start;
  const { test, baseline } = (await input.tests) ?? {};
  const goneOn = now();
  const deadline = deadlineIn(limits.ms - surveyMs, now);
  const selection = await select(
    {
      ...surveyed,
      request: input.request,
      test,
      baseline,
      ripgrep: input.settings?.ripgrep ?? ['rg'],
      limits,
    },
    deadline,
    signal,
  );
  const paths = selection.files.map(({ path }) => path);
  const instructions = await readInstructions(surveyed.reader, paths, limits.instructionBytes);
  return {
    version: 1,
    languages: surveyed.languages,
    ...(surveyed.packageManager !== undefined && { packageManager: surveyed.packageManager }),
    ...(test !== undefined && { test }),
    ...(baseline !== undefined && { baseline }),
    files: [...selection.files],
    ...(instructions !== undefined && { instructions }),
    git: surveyed.git,
    fileCount: surveyed.tree.paths.length,
    leftOut: [...surveyed.leftOut, ...selection.leftOut],
    ...(selection.unusable !== undefined && { unusable: selection.unusable }),
    ms: Math.round(surveyMs + now() - goneOn),
  };
}
