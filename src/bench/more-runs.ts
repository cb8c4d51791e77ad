/**
 * What more runs of the user's own add to what is learned: the arms of the benchmark replayed from a bank, over several seeds. Pure; no model is asked, and nothing is
 * drawn that was not recorded, so seeds differ in which problems teach and which the further runs are about, not in what a model replied.
 */
import { afterRun, believedIn, type Experience, type Learned, nothingExperienced, seededRandom } from '../learning/index.ts';
import { englishNumbers } from '../text/index.ts';
import type { DrawnTask } from './draws.ts';
import { bestFixed, inOrder, learnedFrom, learnedPlan, rules, samples } from './policies.ts';
import { type Policy, type Replayed, replay } from './replay.ts';
import { describe, mean, type PairedComparison, pairedBootstrap } from './statistics.ts';

export interface OverSeeds {
  readonly mean: number;
  /** Sample standard deviation over the seeds. */
  readonly sd: number;
}

export interface ReplayedArm {
  readonly arm: string;
  /** Of how many tasks, each seed. */
  readonly tasks: number;
  readonly solved: OverSeeds;
  readonly tokens: OverSeeds;
  readonly reward: OverSeeds;
  /** Its reward minus that of what is learned without more runs. */
  readonly against?: PairedComparison;
}

export interface MoreRuns {
  readonly runs: number;
  readonly seeds: number;
  readonly arms: readonly ReplayedArm[];
}

/** All further runs are of one workspace and one model. */
const [workspace, model] = ['workspace', 'model'];

/** Runs of one workspace, one after the other: each is planned by what those before it taught, and only bugs teach. */
export function livedThrough(prior: Learned, tasks: readonly DrawnTask[], runs: number, random: () => number): Learned {
  const bugs = tasks.filter(({ start }) => start.kind === 'bug-fix');
  let experience: Experience = nothingExperienced;
  for (let run = 0; run < runs && bugs.length > 0; run += 1) {
    const task = bugs[Math.floor(random() * bugs.length)] as DrawnTask;
    const { lessons } = replay(task, learnedPlan(believedIn(experience, prior, workspace, model).learned));
    experience = afterRun(experience, prior, { workspace, model, lessons });
  }
  return believedIn(experience, prior, workspace, model).learned;
}

const shuffled = <T>(values: readonly T[], random: () => number): T[] =>
  values
    .map((value) => ({ value, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ value }) => value);

export const learnedArm = 'all learned';
const armAfter = (runs: number): string => `learned, then ${englishNumbers.count(runs)} more runs`;

/**
 * For each seed problems are dealt anew: to folds that are left out in turn, and of the others one half teaches what ships and the other half is what the further
 * runs are about. So no arm knows a problem that it is judged on, and the further runs are about problems that nothing was taught by before.
 */
export function afterMoreRuns(
  tasks: readonly DrawnTask[],
  {
    runs,
    seeds,
    folds,
    bootstrapSeed,
  }: { readonly runs: number; readonly seeds: number; readonly folds: number; readonly bootstrapSeed: number },
): MoreRuns {
  const bySeed = Array.from({ length: seeds }, (_, seed) => armsOf(tasks, { runs, folds, seed: seed + 1 }));
  const names = Object.keys(bySeed[0] ?? {});
  const meanReward = (arm: string): Map<string, { readonly reward: number; readonly problem: string }> =>
    new Map(
      [
        ...Map.groupBy(
          bySeed.flatMap((arms) => arms[arm] ?? []),
          ({ task }) => task,
        ),
      ].map(([task, own]) => [task, { reward: mean(own.map(({ reward }) => reward)), problem: own[0]?.problem ?? task }]),
    );
  const base = meanReward(learnedArm);
  const arms = names.map((arm): ReplayedArm => {
    const over = (of: (own: readonly Replayed[]) => number): OverSeeds => {
      const values = bySeed.map((each) => of(each[arm] ?? []));
      const { mean: middle, sd } = describe(values);
      return { mean: middle, sd };
    };
    return {
      ...{ arm, tasks: tasks.length },
      solved: over((own) => own.filter(({ solved }) => solved).length),
      tokens: over((own) => mean(own.map(({ tokens }) => tokens))),
      reward: over((own) => mean(own.map(({ reward }) => reward))),
      ...(arm !== learnedArm && {
        against: pairedBootstrap(
          [...meanReward(arm)].map(([task, { reward, problem }]) => [reward, base.get(task)?.reward ?? 0, problem]),
          bootstrapSeed,
        ),
      }),
    };
  });
  return { runs, seeds, arms };
}

/** One half of the problems teaches what ships; the runs are about the other half. */
function halfAndHalf(
  tasks: readonly DrawnTask[],
  problems: readonly string[],
  { runs, random }: { readonly runs: number; readonly random: () => number },
): { readonly taughtBy: readonly DrawnTask[]; readonly prior: Learned; readonly later: Learned } {
  const teaching = new Set(shuffled(problems, random).slice(0, Math.ceil(problems.length / 2)));
  const taughtBy = tasks.filter(({ problem }) => teaching.has(problem));
  const livedWith = tasks.filter(({ problem }) => !teaching.has(problem));
  const prior = learnedFrom(taughtBy);
  return { taughtBy, prior, later: livedThrough(prior, livedWith, runs, random) };
}

/** What is believed before and after so many runs, by one that knows none of these problems: for runs that are made and not replayed. */
export function believedWithout(
  tasks: readonly DrawnTask[],
  judged: ReadonlySet<string>,
  { runs, seed }: { readonly runs: number; readonly seed: number },
): { readonly prior: Learned; readonly later: Learned; readonly problems: number } {
  const others = tasks.filter(({ problem }) => !judged.has(problem));
  const problems = [...new Set(others.map(({ problem }) => problem))].sort();
  return { ...halfAndHalf(others, problems, { runs, random: seededRandom(seed) }), problems: problems.length };
}

function armsOf(
  tasks: readonly DrawnTask[],
  { runs, folds, seed }: { readonly runs: number; readonly folds: number; readonly seed: number },
): Readonly<Record<string, readonly Replayed[]>> {
  const random = seededRandom(seed);
  const problems = shuffled([...new Set(tasks.map(({ problem }) => problem))].sort(), random);
  const foldOf = new Map(problems.map((problem, at) => [problem, at % folds]));
  const replayed: Record<string, Replayed[]> = {};
  for (let fold = 0; fold < folds; fold += 1) {
    const isOwn = ({ problem }: DrawnTask): boolean => foldOf.get(problem) === fold;
    const { taughtBy, prior, later } = halfAndHalf(
      tasks.filter((task) => !isOwn(task)),
      problems.filter((problem) => foldOf.get(problem) !== fold),
      { runs, random },
    );
    const fixed = inOrder(bestFixed(taughtBy));
    const policies: Readonly<Record<string, () => Policy>> = {
      samples: () => samples,
      'hand-written rules': () => rules,
      'best fixed schedule': () => fixed,
      [learnedArm]: () => learnedPlan(prior),
      [armAfter(runs)]: () => learnedPlan(later),
    };
    for (const [arm, policy] of Object.entries(policies))
      replayed[arm] = [...(replayed[arm] ?? []), ...tasks.filter(isOwn).map((task) => replay(task, policy()))];
  }
  return replayed;
}
