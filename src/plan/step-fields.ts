/** Fields that several step kinds have. */
import * as z from 'zod';
import type { Say } from '../text/index.ts';
import { nameSchema } from './agent.ts';
import { conditionFacts, conditions } from './conditions.ts';
import { type Field, field, type Option } from './step-kind.ts';

/** Choices that go by their own names. */
export const plain = (values: readonly string[]): Option[] => values.map((value) => ({ value, label: value }));

/** The set in the order of the table it draws from. */
export const inOrder =
  <Name extends string>(table: readonly Name[]) =>
  (set: readonly Name[]): Name[] =>
    table.filter((name) => set.includes(name));

export const agent = field({
  schema: nameSchema,
  control: 'select',
  label: (t) => t('Agent'),
  options: ({ agents, value }) => plain(agents.includes(value) ? agents : [...agents, value]),
});

export const uses = field({
  schema: z.array(nameSchema).max(16).default([]).describe('Steps whose notes this step reads'),
  level: (names) => [...new Set(names)].sort(),
  control: 'set',
  label: (t) => t('Reads the notes of'),
  options: ({ notes, value }) => plain([...new Set([...notes, ...value])]),
});

export const samples = field({
  schema: z.number().int().min(1).max(64).default(1),
  control: 'number',
  label: (t) => t('Samples'),
  help: (t) => t('Fresh candidates, made one after the other or side by side.'),
});

export const stop = field({
  schema: z
    .enum(['first-pass', 'never'])
    .default('first-pass')
    .describe('first-pass: test every sample as it arrives and stop at the first that passes; never: make all samples'),
  control: 'select',
  label: (t) => t('Tests to pass'),
  options: ({ t }) => [
    { value: 'first-pass', label: t('Test each sample; stop at the first that passes') },
    { value: 'never', label: t('Make all samples, test later') },
  ],
});

export const startsFrom = field({
  schema: z.enum(['start', 'best']).default('start'),
  control: 'select',
  label: (t) => t('Starts from'),
  options: ({ t }) => [
    { value: 'start', label: t('The workspace as it is') },
    { value: 'best', label: t('The best candidate so far') },
  ],
});

export const reply = field({
  schema: z
    .enum(['files', 'part'])
    .default('files')
    .describe('files: changes in whichever files; part: the one function or class that is meant, where that is clear, put into its file'),
  late: true,
  control: 'select',
  label: (t) => t('Asked for'),
  help: (t) => t('One function costs far less than a long file. Agents with tools edit as they like.'),
  options: ({ t }) => [
    { value: 'files', label: t('Changes in whichever files') },
    { value: 'part', label: t('One function or class, where it is clear which one') },
  ],
});

export const condition = (label: (t: Say) => string) =>
  field({
    schema: z.enum(conditions),
    control: 'select',
    label,
    options: ({ t }) => conditions.map((value) => ({ value, label: conditionFacts[value].label(t) })),
  });

/** The limits of a field that is a whole number, as its schema states them. */
export function boundsOf({ schema }: Field): { readonly min?: number; readonly max?: number; readonly step?: number } {
  const { type, minimum, maximum } = z.toJSONSchema(schema, { io: 'input' });
  return type === 'integer' ? { min: minimum, max: maximum, step: 1 } : {};
}
