/** Abort triggers (delegation, arXiv 2602.11865): what a run is not to go on after. It ends in order then, with the best it has. */
import * as z from 'zod';
import { counted, englishNumbers, type Say } from '../text/index.ts';

const atLeastOnce = (usual: number) => z.number().int().min(1).max(10_000).default(usual);

export const abortSchema = z.strictObject({
  breaches: atLeastOnce(50).describe('So often agents reached for what they may not use or write'),
  failures: atLeastOnce(20).describe('So many failures of one kind in a row: of calls, replies that cannot be read, going in circles'),
  tokens: z
    .number()
    .int()
    .min(0)
    .max(100_000_000)
    .default(0)
    .describe('So many tokens without a candidate that passes more tests than any before; 0: only the budget ends that'),
});
export type Abort = z.infer<typeof abortSchema>;

const usual: Abort = abortSchema.parse({});

/** What holds for a plan, whether or not it says something. */
export const abortOf = ({ abort }: { readonly abort?: Abort }): Abort => abort ?? usual;

/** Whether a plan says nothing that would not hold without it. */
export const isUsualAbort = (abort: Abort): boolean => JSON.stringify(abortSchema.parse(abort)) === JSON.stringify(usual);

/** `50 breaches, or 20 failures of one kind in a row` */
export function abortText(abort: Abort): string {
  const { breaches, failures, tokens } = abort;
  const ways = [breaches === 1 ? '1 breach' : `${breaches} breaches`, `${counted(failures, 'failure')} of one kind in a row`];
  return [...ways, ...(tokens > 0 ? [`${englishNumbers.count(tokens)} tokens without a gain`] : [])].join(', or ');
}

/** The same for people who read no file. */
export function abortSentence({ breaches, failures, tokens }: Abort, t: Say): string {
  return tokens > 0
    ? t('Ends early after {0} breaches, {1} failures of one kind in a row, or {2} tokens without a gain.', breaches, failures, tokens)
    : t('Ends early after {0} breaches, or {1} failures of one kind in a row.', breaches, failures);
}
