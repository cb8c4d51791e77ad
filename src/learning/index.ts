/** Learning which operator to try next, from what came of earlier attempts. */

export { type Learned, type Lesson, operatorsOf, taught } from './learner.ts';
export { nextStep, type ScheduleTerms, scheduleFor, situationFor } from './schedule.ts';
export type { Situation } from './situation.ts';
