/** Tables of the docs are tables of the sources. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pageFile, tables, withTable } from '../../scripts/tables.ts';

test.each(tables.map((table) => [table.name, table] as const))(
  'docs have the table of %s as it is (node scripts/tables.ts writes it)',
  (_name, table) => {
    const text = readFileSync(pageFile(table), 'utf8');
    expect(text).toBe(withTable(text, table));
  },
);
