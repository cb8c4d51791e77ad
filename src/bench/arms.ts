/** The arms of a comparison. Every arm gets the same token budget; an arm is a designer and nothing else, so that the runtime is the same. */
import path from 'node:path';
import {
  type Designer,
  designerByName,
  designerFor,
  fileDesigner,
  inStrongHands,
  onePlaceTeam,
  plannerCoderTester,
  revisingTeam,
  rulesDesigner,
  soloDesigner,
  twoTierDesigner,
} from '../design/index.ts';
import { benchUnusable, errorText } from '../errors.ts';
import { believing, isBeliefsFile, readBeliefs } from './beliefs.ts';

export interface Arm {
  readonly name: string;
  readonly does: string;
  readonly designer: () => Designer;
  /** Plans after the first one that fails: as many as a run usually makes, or this many. Default: none. */
  readonly replans?: 'usual' | number;
  /** Of an arm in a file: what was read, so that it can be run elsewhere. */
  readonly given?: { readonly file: string; readonly text: string };
}

/** More samples than any budget of a small task allows: the budget decides. */
const asManyAsTheBudgetAllows = 64;

export const arms: readonly Arm[] = [
  { name: 'one-shot', does: 'one call, no second try', designer: () => soloDesigner(1) },
  {
    name: 'samples',
    does: 'fresh samples until one passes the visible tests or the budget is spent',
    designer: () => soloDesigner(asManyAsTheBudgetAllows),
  },
  {
    name: 'part',
    does: 'the same, but each asks for the one function that is meant, where that is clear',
    designer: () => soloDesigner(asManyAsTheBudgetAllows, 'part'),
  },
  {
    name: 'strong-samples',
    does: 'the same by the strong model alone',
    designer: () => twoTierDesigner(0, asManyAsTheBudgetAllows),
  },
  {
    name: 'two-tiers',
    does: 'up to three samples of the worker model, then samples of the strong one',
    designer: () => twoTierDesigner(3, asManyAsTheBudgetAllows),
    replans: 1,
  },
  {
    name: 'planner-coder-tester',
    does: 'always the same team: a planner, a coder, and a tester who says what is wrong, in rounds',
    designer: () => fileDesigner(plannerCoderTester()),
  },
  {
    name: 'revise',
    does: 'one draft, then the model mends what its tests say, again and again',
    designer: () => fileDesigner(revisingTeam()),
  },
  {
    name: 'debate',
    does: 'up to four coders who see, rate and improve on each other’s changes',
    designer: () => designerByName('debate'),
  },
  {
    name: 'repair',
    does: 'one place at a time, without a draft: written anew by the model, then small changes',
    designer: () => fileDesigner(onePlaceTeam('hard', { draft: 'never' })),
  },
  {
    name: 'fill',
    does: 'one place at a time, written anew by the model alone',
    designer: () => fileDesigner(onePlaceTeam('hard', { draft: 'never', only: 'fills' })),
  },
  {
    name: 'strong-fill',
    does: 'the same by the strong model alone',
    designer: () => inStrongHands(fileDesigner(onePlaceTeam('hard', { draft: 'never', only: 'fills' }))),
  },
  {
    name: 'mutate',
    does: 'small changes of one place after a single one by the model',
    designer: () => fileDesigner(onePlaceTeam('hard', { draft: 'never', only: 'changes' })),
  },
  {
    name: 'team',
    does: 'what a run usually does: where a test shows a bug what recorded attempts speak for, else drafts, then a designed team',
    designer: () => designerByName('auto'),
    replans: 'usual',
  },
  {
    name: 'rules',
    does: 'the same in the order written by hand: single places and a draft where a test shows a bug',
    designer: () => rulesDesigner,
    replans: 'usual',
  },
  {
    name: 'learned',
    does: 'the learned order, as in team: to go on with results from when team was what rules is now',
    designer: () => designerByName('learned'),
    replans: 'usual',
  },
  { name: 'designed', does: 'a team the model designs for each request, without a second plan', designer: () => designerByName('model') },
];

/**
 * An arm by its name, or a team or beliefs in a file, called like the file, whose text `read` gives. Rejects with `bench-unusable`,
 * `plan-unreadable` or `plan-invalid`.
 */
export async function armNamed(name: string, read: (file: string) => Promise<string>): Promise<Arm> {
  const known = arms.find((arm) => arm.name === name);
  if (known !== undefined) return known;
  if (isBeliefsFile(name)) return armOfBeliefs(name, read);
  if (!isArmFile(name)) throw benchUnusable({ why: 'arm-unknown', name, known: arms.map((arm) => arm.name) });
  let text = '';
  const designer = await designerFor(name, async (file) => {
    text = await read(file);
    return text;
  });
  return {
    name: calledLike(name),
    does: `the team of ${name}`,
    designer: () => designer,
    given: { file: name, text },
  };
}

async function armOfBeliefs(file: string, read: (file: string) => Promise<string>): Promise<Arm> {
  const text = await read(file).catch((cause: unknown) => {
    throw benchUnusable({ why: 'beliefs-unreadable', file, detail: errorText(cause) });
  });
  const beliefs = readBeliefs(text, file);
  return {
    name: calledLike(file),
    does: `the learned order, as in team, by the beliefs of ${file}`,
    designer: () => believing(beliefs),
    replans: 'usual',
    given: { file, text },
  };
}

const calledLike = (file: string): string => path.basename(file).replace(/(\.(team|beliefs))?\.(ya?ml|json)$/i, '');

/** An arm that is given by a file. */
export const isArmFile = (name: string): boolean => /\.(ya?ml|json)$/i.test(name);
