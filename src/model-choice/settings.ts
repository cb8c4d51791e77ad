/** The part of the user's settings that says which models there are. The same fields in the settings file and in VS Code. */
import path from 'node:path';
import * as z from 'zod';

const usdPerMillion = z.number().nonnegative();

export const endpointName = z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be a lower-case name');

export const endpointSchema = z.strictObject({
  baseUrl: z
    .url({ protocol: /^https?$/, error: 'must be an address such as https://host/v1' })
    .refine(withoutLogin, 'must not hold a user name or password'),
  /** The NAME of the environment variable that holds the key. */
  keyVariable: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable, not a key')
    .optional(),
});
export type EndpointSettings = z.infer<typeof endpointSchema>;

const priceSchema = z.strictObject({ input: usdPerMillion, cachedInput: usdPerMillion.optional(), output: usdPerMillion });

export const modelSettingsShape = {
  /** Model ids, in the forms of `modelForms`. */
  models: z.strictObject({ worker: z.string().min(1).optional(), strong: z.string().min(1).optional() }).prefault({}),
  endpoints: z.record(endpointName, endpointSchema).default({}),
  /** A JSON file outside every workspace: `{"keys": {"host": "key"}}`. */
  keyFile: z.string().refine(path.isAbsolute, 'must be an absolute path').optional(),
  /** Whether model servers are looked for on their usual ports of this machine when no model is named. */
  discover: z.boolean().default(true),
  /** USD per million tokens, by model name; `name*` stands for all that begin so. */
  prices: z.record(z.string().min(1), priceSchema).default({}),
  /** By model name, where the probe's guess is not wanted. */
  strength: z.record(z.string().min(1), z.enum(['weak', 'strong'])).default({}),
};

export const modelSettingsSchema = z.strictObject(modelSettingsShape);
export type ModelSettings = z.infer<typeof modelSettingsSchema>;

function withoutLogin(address: string): boolean {
  if (!URL.canParse(address)) return true;
  const url = new URL(address);
  return url.username === '' && url.password === '';
}
