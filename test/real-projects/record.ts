/** What came of each project: kept in docs/results/real-projects.jsonl, shown as the tables of docs/real-projects.md. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** How the model answers: in text (weak) or with tools (strong), the right fix at once or after a wrong reply. */
export const forms = ['weak', 'strong', 'weak-wrong', 'strong-wrong'] as const;
export type Form = (typeof forms)[number];

export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

export interface FormRecord {
  readonly outcome: string;
  readonly seconds: number;
  readonly calls: number;
  readonly tokens: number;
  /** What is not as it should be after the run: other changes than the fix, things left behind. Empty: all as it should be. */
  readonly amiss: readonly string[];
  /** In words, where it did not end as solved. */
  readonly why?: string;
}

export interface ProjectRecord {
  readonly name: string;
  readonly url: string;
  readonly fix: string;
  readonly kind: string;
  /** What had to be set: options of the command line. */
  readonly set: readonly string[];
  readonly runner: string;
  readonly command: string;
  readonly baseline?: Counts;
  readonly byHand?: Counts;
  /** Place of each fixed file among those of the briefing, from 1; absent: not there. `seen` of its `hunks` were visible. */
  readonly places: readonly { readonly path: string; readonly place?: number; readonly hunks: number; readonly seen: number }[];
  readonly filesShown: number;
  readonly forms: Partial<Record<Form, FormRecord>>;
}

const recordsFile = new URL('../../docs/results/real-projects.jsonl', import.meta.url);
const pageFile = new URL('../../docs/real-projects.md', import.meta.url);
const begin = '<!-- tables of docs/results/real-projects.jsonl made by npm run real-projects -->';
const end = '<!-- end of tables -->';

const recorded = (): readonly ProjectRecord[] =>
  (existsSync(recordsFile) ? readFileSync(recordsFile, 'utf8').split('\n').filter(Boolean) : []).map(
    (line) => JSON.parse(line) as ProjectRecord,
  );

/** What was counted by hand for a project at this fix, when it was tried before. */
export const countedByHand = (name: string, fix: string): Counts | undefined =>
  recorded().find((one) => one.name === name && one.fix === fix)?.byHand;

/** Puts a project's record in the place of an older one (forms that were not run keep theirs) and makes the tables anew, in the order of `names`. */
export function writeRecord(record: ProjectRecord, names: readonly string[]): void {
  const known = recorded();
  const older = known.find(({ name }) => name === record.name);
  const merged = older?.fix === record.fix ? { ...record, forms: { ...older.forms, ...record.forms } } : record;
  const records = names.flatMap((name) => (name === record.name ? [merged] : known.filter((one) => one.name === name)));
  writeFileSync(recordsFile, records.map((one) => `${JSON.stringify(one)}\n`).join(''));
  writePage(records);
}

function writePage(records: readonly ProjectRecord[]): void {
  const page = readFileSync(pageFile, 'utf8');
  const [before, rest] = page.split(begin);
  const at = rest?.indexOf(end) ?? -1;
  if (before === undefined || rest === undefined || at === -1)
    throw new Error(`docs/real-projects.md lacks "${begin}" or, after it, "${end}".`);
  writeFileSync(pageFile, `${before}${begin}\n\n${tables(records)}\n${rest.slice(at)}`);
}

const isGood = (form: FormRecord | undefined): boolean => form?.outcome === 'solved' && form.amiss.length === 0;

function tables(records: readonly ProjectRecord[]): string {
  const good = (form: Form): string => `${records.filter((record) => isGood(record.forms[form])).length} of ${records.length}`;
  const counts = (value: Counts | undefined): string => (value ? `${value.passed} / ${value.failed}` : '–');
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const shown = (form: FormRecord | undefined): string => {
    if (form === undefined) return '–';
    return `${form.outcome === 'solved' ? 'solved' : `**${form.outcome}**`}${form.amiss.length > 0 ? ' (!)' : ''}`;
  };
  const places = ({ places: all, filesShown }: ProjectRecord): string =>
    all.map(({ place, hunks, seen }) => `${place ?? 'absent'} of ${filesShown}, ${seen}/${hunks}`).join('; ');
  const found = records.map((record) =>
    [
      `[${record.name}](${record.url}/commit/${record.fix})`,
      record.kind,
      `\`${cell(record.command)}\` (${record.runner})`,
      counts(record.baseline),
      counts(record.byHand),
      places(record),
      record.set.length === 0 ? 'nothing' : `\`${cell(record.set.join(' '))}\``,
    ].join(' | '),
  );
  const ended = records.map((record) =>
    [record.name, ...forms.map((form) => shown(record.forms[form])), ...forms.map((form) => record.forms[form]?.seconds ?? '–')].join(
      ' | ',
    ),
  );
  const remarks = records.flatMap((record) =>
    forms.flatMap((form) => {
      const one = record.forms[form];
      const words = [...(one?.why === undefined ? [] : [one.why]), ...(one?.amiss ?? [])];
      return words.length === 0 ? [] : [`- ${record.name}, ${form}: ${words.join('; ')}`];
    }),
  );
  return [
    `Solved and applied with nothing else changed: weak ${good('weak')}, strong ${good('strong')}, weak after a wrong reply ${good('weak-wrong')}, strong after a wrong attempt ${good('strong-wrong')}.`,
    '',
    '| project and fix | kind | command found | baseline: passed / failed | by hand | fixed file: place in the briefing, hunks seen | set |',
    '|---|---|---|---|---|---|---|',
    ...found.map((row) => `| ${row} |`),
    '',
    '| project | weak | strong | weak, wrong first | strong, wrong first | s | s | s | s |',
    '|---|---|---|---|---|---|---|---|---|',
    ...ended.map((row) => `| ${row} |`),
    ...(remarks.length > 0 ? ['', ...remarks] : []),
    '',
  ].join('\n');
}
