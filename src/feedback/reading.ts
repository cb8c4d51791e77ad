import { relative } from 'node:path';
import type { Readout } from './channel.ts';
import { isTestPath } from './file-roles.ts';
import type { Normalise } from './normalise.ts';
import { shorten } from './normalise.ts';
import type { GuardRecord } from './records.ts';
import type { Breach, Doubt, TestCase, TestReport } from './types.ts';

/** What a runner said, whatever its form. */
export interface Reading {
  readonly cases: TestCase[];
  /** Started, never ended: the suspects when a limit was reached. */
  readonly pending: readonly TestCase[];
  /** The report reaches to the runner's end. */
  readonly complete: boolean;
  /** There was more than is read: some cases may be missing. */
  readonly overflow?: boolean;
  readonly guard: TestReport['guard'];
  readonly breaches: readonly Breach[];
  readonly doubts: readonly Doubt[];
  /** Console text, where the process' own output is not readable (JSON streams). */
  readonly output?: string;
}

export interface Naming {
  /** Absolute top of the workspace; files are told relative to it. */
  readonly root: string;
  readonly normalise: Normalise;
  /** Between file and name; pytest's users know `::`. */
  readonly separator: string;
  /** False where the first part of an id is a package or the like; default: it is a file. */
  readonly isFile?: (shown: string) => boolean;
}

/**
 * What the guard's records say. `placed` puts a record's file where it belongs, for runners that name files relative to their folder. Of a run
 * that we ended (`cutShort`) the runner may live long enough to call a file failed whose process we had killed, and to say that all is over:
 * what the guard saw stands instead.
 */
export function readingOf(
  { records: all, breaches, overflow }: Readout,
  naming: Naming,
  placed = (file: string): string => file,
  cutShort = false,
): Reading {
  const records = cutShort ? withoutOurDoing(all) : all;
  const builder = caseBuilder(naming);
  const confirmed = confirm(records);
  const complete = records.some((record) => record.t === 'end' && record.worker === mainWorker);
  for (const record of records) {
    if (record.t === 'start') builder.start(placed(record.file), record.name);
    else if (record.t === 'over' || record.t === 'saw') builder.over(placed(record.file), record.name);
    else if (record.t === 'case') builder.add({ ...record, ...confirmed.changed.get(record), file: placed(record.file) });
  }
  if (!complete) for (const record of confirmed.unheard) builder.add({ ...record, file: placed(record.file) });
  const pending = suspects(builder.pending());
  if (complete) for (const one of pending.filter((each) => each.whole)) builder.add({ file: '', ...one, ...lostFile });
  const told = records.flatMap((record): Breach[] => (record.t === 'breach' ? [{ kind: record.kind, detail: record.detail }] : []));
  const doubts = records.flatMap((record): Doubt[] => {
    if (record.t !== 'doubt') return [];
    const file = record.file === undefined ? undefined : relativePath(naming.root, record.file);
    // What the guard takes for any other file may be a test by its name, or a part of one.
    if (record.kind === 'foreign-test' && file !== undefined && isTestPath(file)) return [];
    return [{ kind: record.kind, detail: record.detail, ...(file === undefined ? {} : { file }) }];
  });
  const guarded = records.some((record) => record.t === 'open');
  const shown = (one: Breach): Breach => ({ ...one, detail: shorten(naming.normalise(one.detail), detailLimit) });
  return {
    cases: builder.cases(),
    pending,
    complete,
    overflow,
    guard: guarded ? 'records' : 'exit-code',
    breaches: distinct([...breaches, ...told, ...confirmed.breaches].map(shown)),
    doubts: distinct(guarded ? doubts : [...doubts, { kind: 'unguarded', detail: 'The guard did not see the tests' }]),
  };
}

function withoutOurDoing(records: readonly GuardRecord[]): readonly GuardRecord[] {
  const ended = new Set(records.flatMap((record) => (record.t === 'over' ? [record.file] : [])));
  return records.filter(
    (record) => record.t !== 'end' && !(record.t === 'case' && record.whole && record.name === '' && !ended.has(record.file)),
  );
}

/** A file is a suspect only while no test in it is, a test only while no test inside it is. */
function suspects(pending: readonly TestCase[]): TestCase[] {
  const inner = new Set(pending.filter((one) => !one.whole).map((one) => one.file));
  return pending.filter((one) =>
    one.whole ? !inner.has(one.file) : !pending.some((other) => other.file === one.file && other.name.startsWith(`${one.name} > `)),
  );
}

/** What a file is whose process never came to its end though the runner did. */
const lostFile = { name: '', outcome: 'failed', whole: true, message: 'Its process ended before its tests did.' } as const;

/** What a reading says of itself that rests on no record of a guard, and why there is none. */
export function unguarded(detail: string): Pick<Reading, 'guard' | 'breaches' | 'doubts'> {
  return { guard: 'exit-code', breaches: [], doubts: [{ kind: 'unguarded', detail }] };
}

/** The runner's main process. */
const mainWorker = 'm';

const detailLimit = 300;

type CaseRecord = Extract<GuardRecord, { t: 'case' }>;
type SawRecord = Extract<GuardRecord, { t: 'saw' }>;

interface Confirmed {
  /** What is otherwise than the runner said. */
  readonly changed: ReadonlyMap<GuardRecord, Pick<CaseRecord, 'outcome' | 'message'>>;
  /** What the guard saw and the runner said nothing of. */
  readonly unheard: readonly SawRecord[];
  readonly breaches: readonly Breach[];
}

/**
 * Holds what the runner said against what the guard saw, where the guard sees the tests run: a test the runner calls passed counts only when it
 * was seen to pass. Seen to fail, yet called passed: somebody took a hand in it.
 */
function confirm(records: readonly GuardRecord[]): Confirmed {
  const changed = new Map<GuardRecord, Pick<CaseRecord, 'outcome' | 'message'>>();
  const breaches: Breach[] = [];
  const saws = records.filter((record): record is SawRecord & GuardRecord => record.t === 'saw');
  const heard = records.filter((record): record is CaseRecord & GuardRecord => record.t === 'case');
  const passed = heard.filter((record) => record.outcome === 'passed');
  const used = new Set<SawRecord>();
  const unheard = (): SawRecord[] => saws.filter((record) => !used.has(record));
  if (!records.some((record) => record.t === 'open' && record.sees)) return { changed, breaches, unheard: [] };

  const keyOf = (file: string, { id, name }: { id?: string; name: string }): string => id ?? `${file}\0${name}`;
  const seen = new Map<string, SawRecord[]>();
  for (const saw of saws) {
    for (const key of new Set([keyOf(saw.file, saw), keyOf(saw.at ?? saw.file, saw)])) seen.set(key, [...(seen.get(key) ?? []), saw]);
  }
  const take = (record: CaseRecord, outcome: SawRecord['outcome']): boolean => {
    const found = seen.get(keyOf(record.file, record))?.find((saw) => saw.outcome === outcome && !used.has(saw));
    if (found !== undefined) used.add(found);
    return found !== undefined;
  };
  // Of tests of one name, the failures are matched first: what failed after its function had ended (a hook) was seen to pass.
  for (const record of heard.filter((one) => one.outcome === 'failed')) if (!take(record, 'failed')) take(record, 'passed');
  for (const record of heard.filter((one) => one.outcome === 'skipped')) if (!take(record, 'passed')) take(record, 'failed');
  for (const record of passed) {
    if (take(record, 'passed')) continue;
    if (take(record, 'failed')) breaches.push({ kind: 'contradiction', detail: `Called passed, but seen to fail: ${record.name}` });
    const message = record.whole ? lostFile.message : 'The runner called this test passed, but it was not seen to pass.';
    changed.set(record, { outcome: 'failed', message });
  }
  return { changed, breaches, unheard: unheard() };
}

function distinct<T extends { kind: string; detail: string; file?: string }>(all: readonly T[]): T[] {
  return [...new Map(all.map((one) => [signKey(one), one])).values()].slice(0, mostSigns);
}

/** The same sign twice is one. */
export function signKey({ kind, detail, file }: { kind: string; detail: string; file?: string }): string {
  return [kind, detail, file ?? ''].join('\0');
}

/** Kept of one run's breaches and of its doubts. */
const mostSigns = 50;

interface NewCase {
  readonly file: string;
  readonly name: string;
  readonly outcome: TestCase['outcome'];
  readonly message?: string | null;
  readonly ms?: number | null;
  readonly whole?: boolean | null;
}

/** Gives every case its stable id; tests of one name in one file get `#2`, `#3` in the order they ran. */
export function caseBuilder({ root, normalise, separator, isFile = () => true }: Naming) {
  const cases: TestCase[] = [];
  const started = new Map<string, TestCase>();
  const seen = new Map<string, number>();
  const identify = (file: string, name: string): { id: string; file?: string; name: string } => {
    const shown = file === '' ? undefined : relativePath(root, file);
    const cleanName = normalise(name).replaceAll('\n', ' ') || '(unnamed)';
    if (shown === undefined) return { id: cleanName, name: cleanName };
    const place = isFile(shown) ? { file: shown } : {};
    return { id: name === '' ? shown : `${shown}${separator}${cleanName}`, ...place, name: name === '' ? shown : cleanName };
  };
  return {
    start(file: string, name: string): void {
      const who = identify(file, name);
      started.set(who.id, { ...who, outcome: 'failed', ...(name === '' ? { whole: true } : {}) });
    },
    over(file: string, name: string): void {
      started.delete(identify(file, name).id);
    },
    add(one: NewCase): void {
      const who = identify(one.file, one.name);
      started.delete(who.id);
      const count = (seen.get(who.id) ?? 0) + 1;
      seen.set(who.id, count);
      cases.push({
        ...who,
        id: count === 1 ? who.id : `${who.id} #${count}`,
        outcome: one.outcome,
        ...(one.whole && one.outcome !== 'passed' ? { whole: true } : {}),
        ...(one.message ? { message: shorten(normalise(one.message)) } : {}),
        ...(one.ms == null ? {} : { ms: Math.round(one.ms * 100) / 100 }),
      });
    },
    // Files run side by side and end in any order; the report does not.
    cases: () => cases.sort((one, other) => compareText(one.file ?? '', other.file ?? '')),
    pending: () => [...started.values()],
  };
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Forward slashes, relative to the workspace; a path outside of it stays as it is. */
export function relativePath(root: string, file: string): string {
  const inside = file.startsWith(root) ? relative(root, file) : file;
  return inside.replaceAll('\\', '/').replace(/^\.\//, '');
}
