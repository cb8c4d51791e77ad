/**
 * What the user's own runs teach beyond the prior. In each workspace, for each model, only the constant of a belief moves at first: how much more
 * often an operator mends here, and how much more it costs, than the prior says. A handful of runs cannot teach a dozen weights. From `enoughRuns` runs
 * of a model on all its weights move too. Both drift back to the prior as further runs come. Pure; everything is plain numbers, kept as JSON.
 */
import { afterCost, afterOutcome, type Belief, chanceOf, costOf, expectedSum, faded, priorBelief, shifted } from './belief.ts';
import { afterRequest, type Hardship } from './difficulty.ts';
import { type Known, type Learned, type Lesson, taught } from './learner.ts';
import { featuresOf, type Situation } from './situation.ts';

/** What one run taught. */
export interface RunLessons {
  /** Any word that tells workspaces apart. */
  readonly workspace: string;
  readonly model: string;
  readonly lessons: readonly Lesson[];
  /** What was asked, by its kind, and whether it was solved. Absent: nobody can say. */
  readonly request?: { readonly kind: string; readonly solved: boolean };
}

/** How far the constants are off: beliefs of one weight each. */
interface Shift {
  readonly success: Belief;
  readonly cost: Belief;
  /** Tries that taught it. */
  readonly tries: number;
}

export interface Experience {
  /** Runs that taught something, of all workspaces. */
  readonly runs: number;
  /** By workspace and model, the one that was taught last at the end. */
  readonly places: Readonly<Record<string, { readonly runs: number; readonly shifts: Readonly<Record<string, Shift>> }>>;
  /** By model: its runs, and its beliefs once there are enough of them. */
  readonly models: Readonly<Record<string, { readonly runs: number; readonly learned?: Learned }>>;
  /** By workspace and kind of request. */
  readonly kinds: Readonly<Record<string, Hardship>>;
}

export const nothingExperienced: Experience = { runs: 0, places: {}, models: {}, kinds: {} };

/** Runs of a model before more than constants move. */
const enoughRuns = 200;
/** What is left of a lesson after one more run. */
const kept = 0.995;
/** Workspaces and models that are remembered; the one that was taught longest ago is forgotten first. */
const most = { places: 200, models: 8, kinds: 600 };

/** log odds, and log tokens. */
const noShift: Shift = { success: priorBelief([0], { first: 0.5, other: 1 }), cost: priorBelief([0], { first: 0.5, other: 1 }), tries: 0 };

const placeKey = (workspace: string, model: string): string => `${workspace} ${model}`;

const lastOf = <T>(all: Readonly<Record<string, T>>, key: string, value: T, count: number): Record<string, T> => {
  const { [key]: _, ...others } = all;
  return Object.fromEntries([...Object.entries(others), [key, value] as const].slice(-count));
};

const eachOf = <T, U>(all: Readonly<Record<string, T>>, to: (one: T, name: string) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(all).map(([name, one]) => [name, to(one, name)]));

/** Lessons of operators that the prior does not know teach nothing: there is nothing they could be more or less than. */
export function afterRun(experience: Experience, prior: Learned, run: RunLessons): Experience {
  const lessons = run.lessons.filter(({ operator }) => Object.hasOwn(prior, operator));
  if (lessons.length === 0 && run.request === undefined) return experience;
  return {
    ...experience,
    ...beliefsAfter(experience, prior, { ...run, lessons }),
    ...kindsAfter(experience, run),
    runs: experience.runs + 1,
  };
}

const kindKey = (workspace: string, kind: string): string => `${workspace} ${kind}`;

function kindsAfter({ kinds }: Experience, { workspace, request }: RunLessons): Pick<Experience, 'kinds'> {
  if (request === undefined) return { kinds };
  const key = kindKey(workspace, request.kind);
  return { kinds: lastOf(kinds, key, afterRequest(kinds[key], request.solved), most.kinds) };
}

/** How hard requests of this kind proved in this workspace; undefined: nothing is known. */
export const hardshipIn = ({ kinds }: Experience, workspace: string, kind: string): Hardship | undefined => kinds[kindKey(workspace, kind)];

/** The same of all kinds that are known there. */
export function hardshipsIn({ kinds }: Experience, workspace: string): readonly (Hardship & { readonly kind: string })[] {
  const beginning = kindKey(workspace, '');
  return Object.entries(kinds).flatMap(([key, hardship]) =>
    key.startsWith(beginning) ? [{ kind: key.slice(beginning.length), ...hardship }] : [],
  );
}

function beliefsAfter(experience: Experience, prior: Learned, run: RunLessons): Pick<Experience, 'places' | 'models'> {
  const { lessons } = run;
  if (lessons.length === 0) return experience;
  const key = placeKey(run.workspace, run.model);
  const place = experience.places[key] ?? { runs: 0, shifts: {} };
  const model = experience.models[run.model] ?? { runs: 0 };
  const beliefs = model.learned ?? prior;
  return {
    places: lastOf(experience.places, key, { runs: place.runs + 1, shifts: shiftsAfter(place.shifts, beliefs, lessons) }, most.places),
    models: lastOf(experience.models, run.model, { runs: model.runs + 1, learned: weightsAfter(model, prior, lessons) }, most.models),
  };
}

function shiftsAfter(before: Readonly<Record<string, Shift>>, beliefs: Learned, lessons: readonly Lesson[]): Record<string, Shift> {
  const shifts: Record<string, Shift> = eachOf(before, ({ success, cost, tries }) => ({
    success: faded(success, noShift.success, kept),
    cost: faded(cost, noShift.cost, kept),
    tries,
  }));
  for (const { operator, situation, succeeded, cost } of lessons) {
    const { success, cost: costs } = beliefs[operator] as Known;
    const shift = shifts[operator] ?? noShift;
    const features = featuresOf(situation);
    shifts[operator] = {
      success: succeeded === undefined ? shift.success : afterOutcome(shift.success, [1], succeeded, expectedSum(success, features)),
      cost: afterCost(shift.cost, [1], cost, expectedSum(costs, features)),
      tries: shift.tries + 1,
    };
  }
  return shifts;
}

function weightsAfter({ runs, learned }: Experience['models'][string], prior: Learned, lessons: readonly Lesson[]): Learned | undefined {
  if (runs + 1 < enoughRuns) return undefined;
  const drifted = eachOf(learned ?? prior, (known, name) => {
    const home = prior[name] ?? known;
    return { ...known, success: faded(known.success, home.success, kept), cost: faded(known.cost, home.cost, kept) };
  });
  return taught(drifted, lessons);
}

const meanOf = ({ mean: [mean = 0] }: Belief): number => mean;

export interface Believed {
  readonly learned: Learned;
  /** Runs of the user's own that taught it, in this workspace with this model. */
  readonly runs: number;
}

/** What is believed for the next run in a workspace with a model: the prior itself where nothing was learned. */
export function believedIn(experience: Experience, prior: Learned, workspace: string, model: string): Believed {
  const { runs, shifts } = experience.places[placeKey(workspace, model)] ?? { runs: 0, shifts: {} };
  const learned = eachOf(experience.models[model]?.learned ?? prior, (known, name) => {
    const shift = shifts[name];
    return shift === undefined
      ? known
      : { ...known, success: shifted(known.success, meanOf(shift.success)), cost: shifted(known.cost, meanOf(shift.cost)) };
  });
  return { learned, runs };
}

/** A bug as most are: one failing test beside some that pass, in a short file. */
const usualBug: Situation = {
  language: '',
  kind: 'bug-fix',
  bytes: 1_500,
  lines: 50,
  testsPassed: 4,
  testsFailed: 1,
  attempts: 0,
  tries: 0,
};

export interface WhatChanged {
  readonly model: string;
  readonly runs: number;
  /** For a usual bug: what ships with the product, and what is believed now. */
  readonly operators: readonly {
    readonly operator: string;
    /** Tries of the user's own runs. */
    readonly tries: number;
    readonly shipped: { readonly chance: number; readonly tokens: number };
    readonly now: { readonly chance: number; readonly tokens: number };
  }[];
}

/** What own runs changed in a workspace, model by model, the one that was taught last first. */
export function whatChanged(experience: Experience, prior: Learned, workspace: string): readonly WhatChanged[] {
  const beginning = placeKey(workspace, '');
  const models = Object.keys(experience.places).flatMap((key) => (key.startsWith(beginning) ? [key.slice(beginning.length)] : []));
  return models.toReversed().map((model) => {
    const { learned, runs } = believedIn(experience, prior, workspace, model);
    const shifts = experience.places[placeKey(workspace, model)]?.shifts ?? {};
    const operators = Object.entries(learned).map(([operator, known]) => ({
      operator,
      tries: shifts[operator]?.tries ?? 0,
      shipped: atUsual(prior[operator] as Known),
      now: atUsual(known),
    }));
    return { model, runs, operators };
  });
}

function atUsual({ success, cost }: Known): { readonly chance: number; readonly tokens: number } {
  const features = featuresOf(usualBug);
  return { chance: chanceOf(success, features), tokens: costOf(cost, features) };
}
