/**
 * Everything that passes between a page and its host. Both sides check what arrives: a message that is not one of these is dropped, and said
 * in the console (page) or the log (host). `v` is the version of the whole vocabulary; after an update a page of the old version is made anew.
 */
import * as z from 'zod';
import { dashboardCommands, dashboardModelSchema } from './dashboard-types.ts';
import { planCommands, planModelSchema } from './plan-types.ts';
import { runCommands, runModelSchema, streamSchema } from './run-types.ts';

export const messageVersion = 1;
const v = z.literal(messageVersion);

export const pageNames = ['plan', 'run', 'dashboard'] as const;
export type PageName = (typeof pageNames)[number];

/** The page shows models and nothing else; each is whole, so that a page can be thrown away and drawn again at any time. */
export const pageModelSchema = z.discriminatedUnion('page', [planModelSchema, runModelSchema, dashboardModelSchema]);
export type PageModel = z.infer<typeof pageModelSchema>;

export const toPageSchema = z.strictObject({
  v,
  message: z.discriminatedUnion('type', [z.strictObject({ type: z.literal('model'), model: pageModelSchema }), streamSchema]),
});
export type ToPage = z.infer<typeof toPageSchema>['message'];

export const commandSchema = z.discriminatedUnion('type', [
  /** The page stands and wants its model. */
  z.strictObject({ type: z.literal('ready') }),
  ...planCommands,
  ...runCommands,
  ...dashboardCommands,
]);
export type Command = z.infer<typeof commandSchema>;

export const toHostSchema = z.strictObject({ v, command: commandSchema });

/** What a tab needs to come back after a reload of the window. */
export const tabStateSchema = z.strictObject({
  v,
  page: z.enum(pageNames),
  runId: z.string().optional(),
  /** The page's own: what was selected and unfolded. */
  view: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
});
export type TabState = z.infer<typeof tabStateSchema>;

/** Set in the page's HTML before anything else: its name, its run, its words. */
export const pageSetupSchema = z.strictObject({
  page: z.enum(pageNames),
  runId: z.string().optional(),
  locale: z.string(),
  strings: z.record(z.string(), z.string()),
});
export type PageSetup = z.infer<typeof pageSetupSchema>;
