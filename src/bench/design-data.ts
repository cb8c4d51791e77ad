/**
 * What teaches a model to design: the designer's own question for recorded tasks, with the plan that replayed best in tasks of the same situation. What is chosen
 * knows nothing of the problems that are held back. Pure but for `askedOf`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile, designPrompt, type Sketch, sketchStep, soloDesigner, taughtPrompt } from '../design/index.ts';
import { localModels } from '../local-model/index.ts';
import { embeddedChoice } from '../model-choice/index.ts';
import type { ChatMessage } from '../models/types.ts';
import { parseRequest } from '../request/index.ts';
import { defaultRunSettings, proposeOnWorkspace, type WorkspaceRun } from '../run/index.ts';
import type { DrawnTask } from './draws.ts';
import { replayPlan } from './plan-replay.ts';
import { testLimits } from './score.ts';
import { splitByProblem } from './search.ts';
import { mean } from './statistics.ts';
import { materialise, type Task } from './tasks.ts';

export interface DesignRow {
  readonly task: string;
  readonly problem: string;
  readonly request: string;
  /** What a model is asked that was trained to design. */
  readonly prompt: readonly ChatMessage[];
  /** What any other model is asked. */
  readonly guided: readonly ChatMessage[];
  /** The prompt, and the best plan as its answer. */
  readonly messages: readonly ChatMessage[];
  /** Of the answer, replayed on this task. */
  readonly reward: number;
}

/** One problem in three is held back, the same as in a search. */
const thirds = 3;
export const heldBackOf = (tasks: readonly DrawnTask[]) => splitByProblem(tasks, thirds, 0);

const coder = { name: 'coder', instructions: 'Do what is asked. Keep everything else as it is.', tier: 'worker' } as const;
const mender = { name: 'mender', instructions: 'Mend the mistake in one place.', tier: 'worker' } as const;
const drafts = (samples: number) => sketchStep('generate', { agent: 'coder', samples });
const mends = (samples: number) => sketchStep('repair', { agent: 'mender', samples });
const test = sketchStep('test');
const counted = (count: number, one: string, more: string): string => (count === 1 ? `one ${one}` : `up to ${count} ${more}`);

/** Every plan of the work that an outcome bank knows, in the form in which a model writes it. */
function sketches(difficulty: Sketch['difficulty']): readonly Sketch[] {
  const sketch = (reason: string, agents: Sketch['agents'], steps: Sketch['steps']): Sketch => ({ difficulty, reason, agents, steps });
  const wholes = [1, 2, 3, 4, 6].map((count) =>
    sketch(`Whole files are written, in ${counted(count, 'draft', 'drafts')}, until the tests pass.`, [coder], [drafts(count), test]),
  );
  const places = [1, 2, 3, 4, 6, 8].map((count) =>
    sketch(
      `Tests show a bug, and most bugs are in one place: ${counted(count, 'suspicious place is', 'suspicious places are')} written anew, then small changes are tried.`,
      [mender],
      [mends(count), test],
    ),
  );
  const both = [1, 2].flatMap((first) =>
    [2, 4, 8].map((count) =>
      sketch(
        `Whole files first, in ${counted(first, 'draft', 'drafts')}; while the tests fail ${counted(count, 'suspicious place is', 'suspicious places are')} written anew.`,
        [coder, mender],
        [drafts(first), test, mends(count), test],
      ),
    ),
  );
  return [...wholes, ...places, ...both];
}

/** What tells requests apart before anything is tried, as far as a few recorded tasks can say something of each. */
const situationOf = ({ start, difficulty }: DrawnTask): string => JSON.stringify([start.kind, start.language, difficulty]);

/** As good as the best, so that the answers of one situation differ a little. */
const asGood = 0.01;
const mostAnswers = 3;

/** The best plans for the situation of each of these tasks, by their mean reward on all of them that are alike; dealt in turn where several are as good. */
export function bestAnswers(tasks: readonly DrawnTask[]): ReadonlyMap<string, { readonly answer: Sketch; readonly reward: number }> {
  const chosen = new Map<string, { answer: Sketch; reward: number }>();
  for (const alike of Map.groupBy(tasks, situationOf).values()) {
    const rated = sketches(alike[0]?.difficulty ?? 'easy')
      .map((answer) => {
        const { plan } = compile(answer, 'taught');
        return { answer, rewards: alike.map((task) => replayPlan(task, plan).reward) };
      })
      .toSorted((a, b) => mean(b.rewards) - mean(a.rewards));
    const best = mean(rated[0]?.rewards ?? []);
    const good = rated.filter(({ rewards }) => mean(rewards) >= best - asGood).slice(0, mostAnswers);
    for (const [at, task] of alike.entries()) {
      const one = good[at % good.length];
      if (one !== undefined) chosen.set(task.task, { answer: one.answer, reward: one.rewards[at] as number });
    }
  }
  return chosen;
}

/** What a designer is asked about the task, to the letter: its tests are run and its workspace is looked at as for a run. No model is asked. */
export async function askedOf(
  task: Task,
  { program, mayRunUnfenced }: Pick<WorkspaceRun, 'program' | 'mayRunUnfenced'>,
  signal: AbortSignal,
): Promise<Pick<DesignRow, 'request' | 'prompt' | 'guided'>> {
  const folder = await mkdtemp(join(tmpdir(), 'teamwright-designs-'));
  const workspace = join(folder, 'workspace');
  const idle = embeddedChoice((localModels[0] as (typeof localModels)[number]).id, {});
  try {
    await materialise(task, workspace);
    const request = parseRequest(task.request);
    const { briefing } = await proposeOnWorkspace(
      {
        workspace,
        request,
        dataDir: join(folder, 'data'),
        models: { worker: idle.choice, strong: idle.choice },
        designer: soloDesigner(),
        settings: { ...defaultRunSettings, testLimits, testCommand: task.test },
        secrets: [],
        program,
        mayRunUnfenced,
      },
      signal,
    );
    const asked = { request, briefing, failures: [] };
    return { request: request.text, prompt: taughtPrompt(asked), guided: designPrompt(asked) };
  } finally {
    await idle.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
