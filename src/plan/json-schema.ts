import * as z from 'zod';
import { planSchema } from './schema.ts';

/**
 * The plan language as JSON Schema (draft-7), for editors and other tools. It states the shape and the defaults; what a schema cannot say
 * (references, order, rights, budgets) is `checkPlan`'s.
 */
export function planJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(planSchema, { target: 'draft-7', io: 'input' });
  // The one recursive part gets the name that people see in their editor.
  const named = JSON.parse(JSON.stringify(schema).replaceAll('__schema0', 'step')) as Record<string, unknown>;
  const { $schema, ...rest } = named;
  return { $schema, title: 'Teamwright plan', description: 'A team for one request, version 1.', ...rest };
}
