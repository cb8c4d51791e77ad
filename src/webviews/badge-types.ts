/** The badge of a run on a page: what its state is called, with its icon and what its colour says. */
import * as z from 'zod';
import { badgeIcons, tones } from '../trace/badge.ts';

export const badgeSchema = z.strictObject({ word: z.string(), icon: z.enum(badgeIcons), tone: z.enum(tones) });
export type BadgeModel = z.infer<typeof badgeSchema>;
