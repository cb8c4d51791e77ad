/** What is believed of operators, in a file of its own, so that the learned order can be run as it would be after other runs than those that ship. */
import * as z from 'zod';
import { type Designer, designerByName } from '../design/index.ts';
import { benchUnusable } from '../errors.ts';
import { type Believed, featureNames } from '../learning/index.ts';
import { readAs } from './record-lines.ts';

const weights = z.array(z.number()).length(featureNames.length);
const belief = z.object({ mean: weights, precision: z.array(weights).length(featureNames.length) });
const count = z.number().int().nonnegative();
/** The shape of `src/learning/prior.json`. `runs`: of the workspace, that taught it after that. */
const beliefsSchema = z.object({
  runs: count.default(0),
  learned: z.record(z.string(), z.object({ success: belief, cost: belief, tries: count, calls: count, most: count })),
});

export const isBeliefsFile = (name: string): boolean => /\.beliefs\.json$/i.test(name);

/** `file` is what the text is of. Throws `bench-unusable`. */
export function readBeliefs(text: string, file: string): Believed {
  const read = readAs(text, beliefsSchema);
  if ('problem' in read) throw benchUnusable({ why: 'beliefs-unreadable', file, detail: read.problem });
  return { ...read.value, roles: {} };
}

/** What a run usually does, where this is believed of every model. */
export function believing(beliefs: Believed): Designer {
  const usual = designerByName('auto');
  return { ...usual, design: (input, signal) => usual.design({ ...input, believed: async () => beliefs }, signal) };
}
