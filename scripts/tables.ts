/**
 * Writes what follows from tables of the sources: tables of `docs/`, and the choices of the manifest. `node scripts/tables.ts`; a test holds the
 * files against it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { designerNames, whatDesignerDoes } from '../src/design/designers.ts';
import { stepKinds } from '../src/plan/index.ts';
import { english } from '../src/text/index.ts';

interface Follower {
  /** Below the repository. */
  readonly file: string;
  readonly table: string;
  /** The file as it must be, from what it is. */
  render(now: string): string;
}

const code = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ') || '–';
const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

/** A table in a page, between the marks `<!-- name -->` and `<!-- /name -->`. */
const tableOf = (page: string, table: string, head: readonly string[], rows: readonly (readonly string[])[]): Follower => ({
  file: `docs/${page}.md`,
  table,
  render(now) {
    const [start, end] = [`<!-- ${table} -->\n`, `<!-- /${table} -->`];
    const [from, to] = [now.indexOf(start), now.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/${page}.md has no place for the table of ${table}`);
    const lines = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
    return `${now.slice(0, from + start.length)}\n${lines}\n\n${now.slice(to)}`;
  },
});

/** A file of JSON, changed. */
const jsonOf = <Content>(file: string, table: string, change: (content: Content) => Content): Follower => ({
  file,
  table,
  render: (now) => `${JSON.stringify(change(JSON.parse(now) as Content), null, 2)}\n`,
});

interface Manifest {
  readonly contributes: { readonly configuration: { readonly properties: Readonly<Record<string, Record<string, unknown>>> } };
}

const sentence = (text: string): string => `${text[0]?.toUpperCase()}${text.slice(1)}.`;
const designerKey = (name: string): string => `setting.designer.${name}`;

export const followers: readonly Follower[] = [
  tableOf(
    'plan',
    'step kinds',
    ['kind', 'what it does', 'its agent hands over', 'leaves behind', 'may change', 'fields'],
    stepKinds.map((kind) => [
      code([kind.do]),
      kind.does(english),
      code(kind.outputs),
      kind.leaves.join(', ') || '–',
      code(kind.changes),
      code([...Object.keys(kind.fields), ...Object.keys(kind.inside?.lists ?? {})]),
    ]),
  ),
  tableOf(
    'design',
    'designers',
    ['designer', 'what it does'],
    designerNames.map((name) => [code([name]), whatDesignerDoes(name)]),
  ),
  jsonOf<Manifest>('package.json', 'designers', (manifest) => {
    const setting = manifest.contributes.configuration.properties['teamwright.designer'];
    if (!setting) throw new Error('The manifest has no setting for the designer');
    setting.enum = designerNames;
    setting.markdownEnumDescriptions = designerNames.map((name) => `%${designerKey(name)}%`);
    return manifest;
  }),
  jsonOf<Record<string, string>>('package.nls.json', 'designers', (texts) =>
    Object.fromEntries(
      Object.entries(texts).flatMap(([key, text]) => {
        if (key !== 'setting.designer') return key.startsWith(designerKey('')) ? [] : [[key, text]];
        return [[key, text], ...designerNames.map((name) => [designerKey(name), sentence(whatDesignerDoes(name))])];
      }),
    ),
  ),
];

const at = ({ file }: Follower): string => path.join(import.meta.dirname, '..', file);

/** The file as it is and as it must be. */
export function compare(follower: Follower): { readonly now: string; readonly must: string } {
  const now = readFileSync(at(follower), 'utf8');
  return { now, must: follower.render(now) };
}

if (import.meta.main) for (const follower of followers) writeFileSync(at(follower), compare(follower).must);
