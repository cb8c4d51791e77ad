/** Designers: each turns request and briefing into a valid plan. The table is `designers.ts`. */
import { planUnreadable, TeamwrightError } from '../errors.ts';
import { validPlan } from '../plan/index.ts';
import { designerNamed, designerNames, isDesigner } from './designers.ts';
import { fileDesigner } from './file.ts';
import type { Designer } from './types.ts';

export { alternativesTo } from './alternatives.ts';
export { sketchOf } from './as-sketch.ts';
export { isDesigner } from './designers.ts';
export { teamIdOf } from './fallback.ts';
export { fileDesigner } from './file.ts';
export { looksAfter, looksFor, requestKinds } from './kind.ts';
export { firstStepChoice } from './learned.ts';
export { designForm, designPrompt, designTokens, taughtPrompt } from './model.ts';
export { onePlaceTeam } from './one-place.ts';
export { namedFiles } from './proven.ts';
export { inReliableHands } from './reliable.ts';
export { rulesDesigner } from './rules.ts';
export { type SavedTeam, savedTeams, teamNameOf, teamsFolder } from './saved-teams.ts';
export { knownAtStart } from './situation.ts';
export { compile, type Sketch, sketchSchema, sketchStep, sketchStepNames } from './sketch.ts';
export { soloDesigner } from './solo.ts';
export { libraryGeneration, plannerCoderTester, revisingTeam, soloSamples, soloTeam, teamFor } from './teams.ts';
export { hasStrongModel, inStrongHands, twoTierDesigner } from './two-tiers.ts';
export type { Designer } from './types.ts';

/**
 * What the user named: a designer, or the file of a plan (anything that looks like a path, or ends like one), which `read` reads as text. Rejects
 * with `designer-unknown`, `plan-unreadable` or `plan-invalid`.
 */
export async function designerFor(named: string, read: (file: string) => Promise<string>): Promise<Designer> {
  if (isDesigner(named) || !/[\\/]|\.(ya?ml|json)$/i.test(named)) return designerByName(named);
  const text = await read(named).catch((error: unknown) => {
    throw planUnreadable(named, error);
  });
  return fileDesigner(validPlan(text));
}

/** Throws `designer-unknown` for a name that is no designer. */
export function designerByName(name: string): Designer {
  if (!isDesigner(name)) throw new TeamwrightError('designer-unknown', { name, known: designerNames });
  return designerNamed(name);
}
