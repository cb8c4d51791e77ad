/** Designers: each turns request and briefing into a valid plan. Adding one is a file and a line here. */
import { planUnreadable, TeamwrightError } from '../errors.ts';
import { validPlan } from '../plan/index.ts';
import { autoDesigner, fileDesigner, libraryDesigner, soloDesigner } from './designers.ts';
import { requestKinds } from './kind.ts';
import { modelDesigner } from './model.ts';
import { teamDescriptions, teamFor } from './teams.ts';
import type { Designer } from './types.ts';

export { alternativesTo } from './alternatives.ts';
export { sketchOf } from './as-sketch.ts';
export { fileDesigner, soloDesigner } from './designers.ts';
export { difficultyOf, kindOf, type RequestKind, requestKinds } from './kind.ts';
export { designPrompt } from './model.ts';
export { compile, type Sketch, sketchSchema, sketchStepNames } from './sketch.ts';
export { libraryGeneration, soloSamples, soloTeam, teamFor } from './teams.ts';
export type { Design, Designer, DesignInput, DesignRound, Failure, SentBack } from './types.ts';

const designers: Readonly<Record<Designer['name'], Designer>> = {
  auto: autoDesigner,
  solo: soloDesigner(),
  library: libraryDesigner,
  model: modelDesigner,
};

export const designerNames = Object.keys(designers) as readonly Designer['name'][];

/**
 * What the user named: a designer, or the file of a plan (anything that looks like a path, or ends like one), which `read` reads as text. Rejects
 * with `designer-unknown`, `plan-unreadable` or `plan-invalid`.
 */
export async function designerFor(named: string, read: (file: string) => Promise<string>): Promise<Designer> {
  if (Object.hasOwn(designers, named) || !/[\\/]|\.(ya?ml|json)$/i.test(named)) return designerByName(named);
  const text = await read(named).catch((error: unknown) => {
    throw planUnreadable(named, error);
  });
  return fileDesigner(validPlan(text));
}

/** Throws `designer-unknown` for a name that is no designer. */
export function designerByName(name: string): Designer {
  const designer = designers[name as Designer['name']];
  if (!designer || !Object.hasOwn(designers, name)) {
    throw new TeamwrightError('designer-unknown', { name, known: designerNames });
  }
  return designer;
}

/** The hand-made teams, for lists. */
export const libraryTeams = requestKinds.map((kind) => ({ name: kind, for: teamDescriptions[kind], plan: teamFor(kind, 'medium') }));
