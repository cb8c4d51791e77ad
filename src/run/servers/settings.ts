/** Servers of the Model Context Protocol as the user's own settings name them. */
import * as z from 'zod';
import { nameSchema } from '../../plan/schema.ts';

const serverSchema = z.strictObject({
  /** A program on the PATH, or an absolute path; started without a shell, as the user. */
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
});

/** By the name that plans grant. */
export const serversSchema = z.record(nameSchema, serverSchema).default({});
export type ServerSettings = z.infer<typeof serversSchema>;

/** Values that no prompt and no trace may hold. Shorter ones would be found in any text. */
export const secretsOf = (servers: ServerSettings = {}): string[] =>
  Object.values(servers).flatMap(({ env }) => Object.values(env).filter((value) => value.length >= 8));
