/** Designers: each turns request and briefing into a valid plan. Adding one is a file and a line here. */
import { TeamwrightError } from '../errors.ts';
import { autoDesigner, libraryDesigner, soloDesigner } from './designers.ts';
import { requestKinds } from './kind.ts';
import { modelDesigner } from './model.ts';
import { teamDescriptions, teamFor } from './teams.ts';
import type { Designer } from './types.ts';

export { alternativesTo } from './alternatives.ts';
export { sketchOf } from './as-sketch.ts';
export { fileDesigner, soloDesigner } from './designers.ts';
export { difficultyOf, kindOf, type RequestKind, requestKinds } from './kind.ts';
export { designPrompt } from './model.ts';
export { compile, type Sketch, sketchSchema } from './sketch.ts';
export { libraryGeneration, soloSamples, soloTeam, teamFor } from './teams.ts';
export type { Design, Designer, DesignInput, DesignRound, Failure, SentBack } from './types.ts';

const designers: Readonly<Record<Designer['name'], Designer>> = {
  auto: autoDesigner,
  solo: soloDesigner(),
  library: libraryDesigner,
  model: modelDesigner,
};

export const designerNames = Object.keys(designers) as readonly Designer['name'][];

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
