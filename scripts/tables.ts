/** Writes the tables of `docs/` that are tables of the sources: `node scripts/tables.ts`. A test holds the pages against them. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { english, stepKinds } from '../src/plan/index.ts';

interface Table {
  /** Below `docs/`. */
  readonly page: string;
  /** Between the marks `<!-- name -->` and `<!-- /name -->`. */
  readonly name: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const code = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ') || '–';

export const tables: readonly Table[] = [
  {
    page: 'plan.md',
    name: 'step kinds',
    head: ['kind', 'what it does', 'its agent hands over', 'leaves behind', 'may change', 'fields'],
    rows: stepKinds.map((kind) => [
      code([kind.do]),
      kind.does(english),
      code(kind.outputs),
      kind.leaves.join(', ') || '–',
      code(kind.changes),
      code([...Object.keys(kind.fields), ...Object.keys(kind.inside?.lists ?? {})]),
    ]),
  },
];

const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

export const pageFile = ({ page }: Table): string => path.join(import.meta.dirname, '..', 'docs', page);

/** The page with its table as it must be; throws when the marks are not there. */
export function withTable(text: string, { page, name, head, rows }: Table): string {
  const [start, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/${page} has no place for the table of ${name}`);
  const table = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
  return `${text.slice(0, from + start.length)}\n${table}\n\n${text.slice(to)}`;
}

if (import.meta.main) {
  for (const table of tables) writeFileSync(pageFile(table), withTable(readFileSync(pageFile(table), 'utf8'), table));
}
