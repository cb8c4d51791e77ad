import { relative } from 'node:path';
import type { Readout } from './channel.ts';
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

/** What the guard's records say. `placed` puts a record's file where it belongs, for runners that name files relative to their folder. */
export function readingOf({ records, breaches, overflow }: Readout, naming: Naming, placed = (file: string): string => file): Reading {
  const builder = caseBuilder(naming);
  const confirmed = confirm(records);
  for (const record of records) {
    if (record.t === 'start') builder.start(placed(record.file), record.name);
    else if (record.t === 'over') builder.over(placed(record.file), record.name);
    else if (record.t === 'case') builder.add({ ...record, ...confirmed.changed.get(record), file: placed(record.file) });
  }
  const { cases, pending } = builder.result();
  // A file is a suspect only while no test inside it is.
  const inner = new Set(pending.filter((one) => !one.whole).map((one) => one.file));
  const told = records.flatMap((record): Breach[] => (record.t === 'breach' ? [{ kind: record.kind, detail: record.detail }] : []));
  const doubts = records.flatMap((record): Doubt[] =>
    record.t === 'doubt'
      ? [
          {
            kind: record.kind,
            detail: record.detail,
            ...(record.file === undefined ? {} : { file: relativePath(naming.root, record.file) }),
          },
        ]
      : [],
  );
  const guarded = records.some((record) => record.t === 'open') && !confirmed.blind;
  return {
    cases,
    pending: pending.filter((one) => !one.whole || !inner.has(one.file)),
    complete: records.some((record) => record.t === 'end' && record.worker === mainWorker),
    overflow,
    guard: guarded ? 'records' : 'exit-code',
    breaches: distinct(
      [...breaches, ...told, ...confirmed.breaches].map((one) => ({ ...one, detail: shorten(naming.normalise(one.detail), detailLimit) })),
    ),
    doubts: distinct(guarded ? doubts : [...doubts, { kind: 'unguarded', detail: 'The guard did not see the tests' }]),
  };
}

/** What a reading says of itself that rests on no record of a guard, and why there is none. */
export function unguarded(detail: string): Pick<Reading, 'guard' | 'breaches' | 'doubts'> {
  return { guard: 'exit-code', breaches: [], doubts: [{ kind: 'unguarded', detail }] };
}

/** The runner's main process. */
const mainWorker = 'm';

const detailLimit = 300;

type CaseRecord = Extract<GuardRecord, { t: 'case' }>;

/**
 * Holds what the runner said against what the guard saw, where the guard sees the tests run: a test the runner calls passed counts only when it
 * was seen to pass. Seen to fail, yet called passed: somebody took a hand in it. `blind`: the guard saw no test at all of those that passed.
 */
function confirm(records: readonly GuardRecord[]): {
  changed: ReadonlyMap<GuardRecord, Pick<CaseRecord, 'outcome' | 'message'>>;
  breaches: Breach[];
  blind: boolean;
} {
  const changed = new Map<GuardRecord, Pick<CaseRecord, 'outcome' | 'message'>>();
  const breaches: Breach[] = [];
  if (!records.some((record) => record.t === 'open' && record.sees)) return { changed, breaches, blind: false };
  const seen = new Map<string, { passed: number; failed: number }>();
  const keyOf = (record: { file: string; name: string; id?: string }): string => record.id ?? `${record.file}\0${record.name}`;
  const seenOf = (key: string) => {
    const one = seen.get(key) ?? { passed: 0, failed: 0 };
    seen.set(key, one);
    return one;
  };
  for (const record of records) if (record.t === 'saw') seenOf(keyOf(record))[record.outcome] += 1;
  const heard = records.filter((record): record is CaseRecord & { worker: string } => record.t === 'case');
  const passed = heard.filter((record) => record.outcome === 'passed');
  if (seen.size === 0) return { changed, breaches, blind: passed.length > 0 };
  // Of tests of one name, the failures are matched first: what failed after its function had ended (a hook) was seen to pass.
  for (const record of heard.filter((one) => one.outcome === 'failed')) {
    const one = seenOf(keyOf(record));
    if (one.failed > 0) one.failed -= 1;
    else if (one.passed > 0) one.passed -= 1;
  }
  for (const record of passed) {
    const one = seenOf(keyOf(record));
    if (one.passed > 0) {
      one.passed -= 1;
      continue;
    }
    if (one.failed > 0) breaches.push({ kind: 'contradiction', detail: `Called passed, but seen to fail: ${record.name}` });
    changed.set(record, { outcome: 'failed', message: 'The runner called this test passed, but it was not seen to pass.' });
  }
  return { changed, breaches, blind: false };
}

function distinct<T extends { kind: string; detail: string }>(all: readonly T[]): T[] {
  return [...new Map(all.map((one) => [`${one.kind}\0${one.detail}`, one])).values()].slice(0, mostSigns);
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
    result: () => ({ cases: cases.sort((one, other) => compareText(one.file ?? '', other.file ?? '')), pending: [...started.values()] }),
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
