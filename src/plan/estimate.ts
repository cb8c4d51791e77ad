import * as z from 'zod';

/** What a plan will cost: least when everything goes well, most when every repeat runs out. */
export const estimateSchema = z.strictObject({
  calls: z.strictObject({ least: z.number(), most: z.number() }),
  tokens: z.strictObject({ least: z.number(), most: z.number() }),
  /** `known`: the prices of all its models are. */
  usd: z.strictObject({ least: z.number(), most: z.number(), known: z.boolean() }),
  seconds: z.strictObject({ least: z.number(), most: z.number() }),
});
export type Estimate = z.infer<typeof estimateSchema>;

const expected = {
  /** That the tests pass in the end, 0 to 1. */
  chance: z.number(),
  /** On average. */
  tokens: z.number(),
};

/** What a designer chose by chance, with what it might have chosen and the probabilities. */
const choiceSchema = z.strictObject({
  /** Of what, in a few words. */
  of: z.string(),
  chosen: z.string(),
  /** The probabilities add up to 1. `chance` and `tokens`: what was expected of the whole plan with this one, where it is known. */
  options: z.array(
    z.strictObject({ name: z.string(), probability: z.number(), chance: expected.chance.optional(), tokens: expected.tokens.optional() }),
  ),
});
export type Choice = z.infer<typeof choiceSchema>;

/** What earlier attempts say will come of a plan, where a designer knows them. */
export const expectationSchema = z.strictObject({
  ...expected,
  /** Each as if it is reached, in the order of the plan. */
  steps: z.array(z.strictObject({ step: z.string(), ...expected })),
  /** What decided what comes first, in a few words. */
  facts: z.array(z.string()),
  /** Other orders by the same attempts, in words. */
  others: z.array(z.strictObject({ order: z.string(), ...expected })),
  taughtBy: z.strictObject({
    /** That ship with the product. */
    attempts: z.number().int(),
    /** Of the user, in this workspace with this model. */
    ownRuns: z.number().int(),
  }),
  choices: z.array(choiceSchema).optional(),
});
export type Expectation = z.infer<typeof expectationSchema>;
