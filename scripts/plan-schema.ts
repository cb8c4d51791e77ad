/** Writes the published JSON Schema of the plan language: `node scripts/plan-schema.ts`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { planJsonSchema } from '../src/plan/index.ts';

/** The file as it must be, final line end included; short lists on one line, as the formatter wants them. */
export const planSchemaText = (): string =>
  `${JSON.stringify(planJsonSchema(), null, 2)}\n`.replace(/\[\n([^[\]{}]*?)\n +\]/g, (list, items: string) => {
    const line = `[${items.trim().replace(/,\n +/g, ', ')}]`;
    return line.length < 120 ? line : list;
  });

export const planSchemaFile = path.join(import.meta.dirname, '..', 'media', 'plan.schema.json');

if (import.meta.main) {
  mkdirSync(path.dirname(planSchemaFile), { recursive: true });
  writeFileSync(planSchemaFile, planSchemaText());
}
