/** The page "Dashboard": numbers over all runs. Every chart has its table; both are drawn from the same rows. */
import * as z from 'zod';
import { badgeSchema } from './badge-types.ts';
import { noticeSchema } from './plan-types.ts';

const cell = z.strictObject({ text: z.string(), value: z.number().nullable() });

export const chartSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  /** What the chart says, in one sentence: its accessible text. */
  summary: z.string(),
  /** time: x is a day; category: bars side by side, named by the first column; table: no chart, only the table. */
  kind: z.enum(['time', 'category', 'table']),
  columns: z.array(z.string()),
  /** First cell names the row; for time charts its value is seconds since the epoch. */
  rows: z.array(z.array(cell)),
  /** Columns that are drawn, by place, and in which of the theme's chart colours. */
  series: z.array(
    z.strictObject({ column: z.number().int().positive(), colour: z.enum(['blue', 'green', 'orange', 'purple', 'red', 'yellow']) }),
  ),
  stacked: z.boolean(),
  /** How values on the axis are written. */
  unit: z.enum(['count', 'percent', 'usd', 'tokens', 'score']),
});
export type ChartModel = z.infer<typeof chartSchema>;

const choiceSchema = z.strictObject({
  value: z.string(),
  options: z.array(z.strictObject({ value: z.string(), label: z.string() })),
});

const lessonSchema = z.strictObject({
  /** The run it is of. */
  id: z.string(),
  /** For whom, and whether it tells what mended or what did not. */
  title: z.string(),
  /** The request it came from. */
  request: z.string(),
  /** How often it was shown, and what came of that. */
  standing: z.string(),
  text: z.string(),
});
export type LessonModel = z.infer<typeof lessonSchema>;

/** What runs taught, read only while somebody looks at it. */
const learnedSchema = z.strictObject({
  /** Stores that could not be read, what was forgotten, what is switched off. */
  notices: z.array(noticeSchema),
  summary: z.string(),
  /** There is something to forget. */
  canForget: z.boolean(),
  /** Characters of a lesson in the user's words. */
  longestLesson: z.number(),
  folders: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      /** What is known in sentences. */
      facts: z.array(z.string()),
      charts: z.array(chartSchema),
      lessons: z.array(lessonSchema),
    }),
  ),
});
export type LearnedModel = z.infer<typeof learnedSchema>;

export const dashboardModelSchema = z.strictObject({
  page: z.literal('dashboard'),
  notice: noticeSchema.optional(),
  locale: z.string(),
  /** What the numbers are of; each with all that can be chosen. `narrowed`: there may be runs that do not fit. */
  filter: z.strictObject({ folder: choiceSchema, time: choiceSchema, narrowed: z.boolean() }),
  totals: z.array(z.strictObject({ label: z.string(), value: z.string(), detail: z.string() })),
  /** How runs stand, and how many stand so. */
  states: z.array(z.strictObject({ badge: badgeSchema, count: z.string() })),
  charts: z.array(chartSchema),
  empty: z.boolean(),
  learned: learnedSchema.optional(),
});
export type DashboardModel = z.infer<typeof dashboardModelSchema>;

export const dashboardCommands = [
  z.strictObject({ type: z.literal('refresh') }),
  /** The runs that stand so are offered; each state has an icon of its own. */
  z.strictObject({ type: z.literal('show-runs'), icon: badgeSchema.shape.icon }),
  z.strictObject({ type: z.literal('filter'), folder: z.string(), time: z.string() }),
  /** The part "What was learned" was opened or closed. */
  z.strictObject({ type: z.literal('show-learned'), shown: z.boolean() }),
  z.strictObject({ type: z.literal('forget-learned') }),
  z.strictObject({ type: z.literal('edit-lesson'), id: z.string(), text: z.string() }),
  z.strictObject({ type: z.literal('delete-lesson'), id: z.string() }),
] as const;
