/** What came of each reference: kept in docs/results/references.jsonl, shown as the table of docs/security.md. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type RunnerName, runnerNames } from '../../src/feedback/types.ts';
import type { Judged } from './judge.ts';

export interface ReferenceRecord extends Judged {
  readonly id: string;
  readonly runner: RunnerName;
}

const recordsFile = new URL('../../docs/results/references.jsonl', import.meta.url);
const pageFile = new URL('../../docs/security.md', import.meta.url);
const begin = '<!-- table of docs/results/references.jsonl made by npm run references -->';
const end = '<!-- end of table -->';

export const keyOf = ({ id, runner }: Pick<ReferenceRecord, 'id' | 'runner'>): string => `${runner} ${id}`;

/** The last record of each reference and runner. */
export function readRecords(): ReferenceRecord[] {
  const lines = existsSync(recordsFile) ? readFileSync(recordsFile, 'utf8').split('\n').filter(Boolean) : [];
  const records = lines.map((line) => JSON.parse(line) as ReferenceRecord);
  return [...new Map(records.map((one) => [keyOf(one), one])).values()];
}

export const addRecord = (record: ReferenceRecord): void => appendFileSync(recordsFile, `${JSON.stringify(record)}\n`);

/** Leaves the last record of each, in order, and makes the table anew. */
export function writeRecords(): string {
  const records = readRecords().sort(
    (one, other) => runnerNames.indexOf(one.runner) - runnerNames.indexOf(other.runner) || (one.id < other.id ? -1 : 1),
  );
  writeFileSync(recordsFile, records.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const [before, rest] = readFileSync(pageFile, 'utf8').split(begin);
  const at = rest?.indexOf(end) ?? -1;
  if (before === undefined || rest === undefined || at === -1) throw new Error(`docs/security.md lacks "${begin}" or, after it, "${end}".`);
  const table = tableOf(records);
  writeFileSync(pageFile, `${before}${begin}\n\n${table}\n${rest.slice(at)}`);
  return table;
}

/** Anything but a plain "Solved". */
export const isAlarm = ({ outcome, flags, tampered, reasons, unseen }: Judged): boolean =>
  outcome !== 'solved' || flags.length + tampered.length + reasons.length > 0 || unseen !== undefined;

function tableOf(records: readonly ReferenceRecord[]): string {
  const runners = runnerNames.filter((name) => records.some(({ runner }) => runner === name));
  const rows = [
    ...runners.map((name) =>
      rowOf(
        name,
        records.filter(({ runner }) => runner === name),
      ),
    ),
    rowOf('all', records),
  ];
  const alarms = records.filter(isAlarm).map((one) => `- ${one.id}, ${one.runner}: ${wordsOf(one)}`);
  return [
    '| runner | runs | solved | of them flagged | taken for tampered with | not seen by the guard | false alarms by kind | seconds a run |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
    ...(alarms.length > 0 ? ['', ...alarms] : []),
    '',
  ].join('\n');
}

function rowOf(name: string, records: readonly ReferenceRecord[]): string {
  const count = (is: (one: ReferenceRecord) => boolean): number => records.filter(is).length;
  const isSolved = ({ outcome }: ReferenceRecord): boolean => outcome === 'solved';
  const kinds = new Map<string, number>();
  for (const one of records)
    for (const kind of new Set([...one.flags, ...one.tampered, ...one.reasons].map((text) => text.split(' ', 1)[0] ?? '')))
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const seconds = records.map((one) => one.seconds).sort((a, b) => a - b);
  const cells = [
    name,
    records.length,
    count(isSolved),
    count((one) => isSolved(one) && one.flags.length > 0),
    count(({ tampered }) => tampered.length > 0),
    count(({ unseen }) => unseen !== undefined),
    [...kinds].map(([kind, times]) => `${kind} ${times}`).join(', ') || 'none',
    seconds[Math.floor(seconds.length / 2)],
  ];
  return `| ${cells.join(' | ')} |`;
}

export const wordsOf = ({ outcome, flags, tampered, reasons, unseen, why }: Judged): string =>
  [outcome, ...flags, ...tampered, ...reasons, unseen, why]
    .filter((text) => text !== undefined)
    .join('; ')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 400);
