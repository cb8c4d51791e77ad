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
