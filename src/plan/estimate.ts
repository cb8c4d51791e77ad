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
});
export type Expectation = z.infer<typeof expectationSchema>;
