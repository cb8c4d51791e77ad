import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { jsonIn } from '../../text/index.ts';
import { openPool, type Readout, readChannel } from '../channel.ts';
import { guardFile, guardVariable } from '../guard-files.ts';
import { type Reading, readingOf, unguarded } from '../reading.ts';
import type { GuardRecord, Record } from '../records.ts';
import type { Breach, Doubt, TestCase } from '../types.ts';
import type { Ask, RunPlace } from './runner.ts';

/** What `go test` says of a package. */
export interface PackageRun {
  readonly name: string;
  readonly outcome?: TestCase['outcome'] | undefined;
  readonly wasBuilt: boolean;
}

/** Makes a reading of what `go test` printed, as records of the main process, and of what the guard saw. */
export type GoReading = (printed: readonly Record[], packages: readonly PackageRun[], cutShort: boolean) => Reading;

interface GoGuard {
  /** For `go test`, before the words of the command. */
  readonly options: readonly string[];
  /** It records the lines that tests run over, in programs that are built to count them. */
  readonly countsLines: boolean;
  readonly env: Readonly<{ [name: string]: string }>;
  readonly reportFile?: string;
  readonly read: GoReading;
}

/** Packages that can be tested in one run; each takes a ticket. */
const mostPackages = 4096;

/**
 * The guard of `go test`: three files that stand in the standard library for this run alone, by `-overlay`. `go-first.go` and `go-ticket.go` do their
 * part before any code of the workspace runs, `go-watch.go` sees the tests. Only what every program of tests is built from anew is changed, so that nothing else has
 * to be compiled again.
 */
export async function goGuard(argv: readonly string[], place: RunPlace, ask: Ask): Promise<GoGuard> {
  const { channel } = place;
  const naming = { root: place.root, normalise: place.normalise, separator: ' ', isFile: () => false };
  const overlay = await overlayFor(argv, ask);
  if (typeof overlay === 'string') {
    const read: GoReading = (printed, _, cutShort) => ({
      ...readingOf({ records: printed.map(byMain), breaches: [], overflow: false }, naming, undefined, cutShort),
      ...unguarded(overlay),
    });
    return { options: [], countsLines: false, env: {}, read };
  }
  const changed = join(place.reports, 'deps.go');
  const map = join(place.reports, 'overlay.json');
  writeFileSync(changed, overlay.changed);
  const counting = place.recordsLines === true ? overlay.counting : undefined;
  writeFileSync(map, JSON.stringify({ Replace: { ...overlay.added, ...counting, [overlay.path]: changed } }));
  return {
    options: [`-overlay=${map}`, ...(saysCount(argv) ? [] : ['-count=1'])],
    countsLines: counting !== undefined,
    env: { [guardVariable]: openPool(channel, mostPackages) },
    reportFile: channel.records,
    read: (printed, packages, cutShort) => {
      const readout = readChannel(channel);
      const { breaches, doubts } = signsOf(readout, packages);
      const opened: Record = { t: 'open', sees: true };
      const records = [...[opened, ...printed].map(byMain), ...withoutParents(readout.records)];
      const reading = readingOf({ ...readout, records, breaches: [...readout.breaches, ...breaches] }, naming, undefined, cutShort);
      return { ...reading, doubts: [...reading.doubts, ...doubts] };
    },
  };
}

const byMain = (record: Record): GuardRecord => ({ ...record, worker: 'm' });

/** The events tell a test with subtests by them; so does the guard's record. */
function withoutParents(records: readonly GuardRecord[]): GuardRecord[] {
  const parents = new Set<string>();
  for (const record of records) {
    if (record.t !== 'saw') continue;
    for (let cut = record.name.lastIndexOf('/'); cut > 0; cut = record.name.lastIndexOf('/', cut - 1))
      parents.add(`${record.file} ${record.name.slice(0, cut)}`);
  }
  return records.filter((record) => {
    if (record.t === 'start' || record.t === 'over') return false;
    return record.t !== 'saw' || record.outcome === 'failed' || !parents.has(`${record.file} ${record.name}`);
  });
}

/**
 * Each program of tests has one ticket, is of one package, and comes to its end by itself. One that is gone before it, though `go test` calls its
 * package passed, was ended from inside; more tickets than packages are somebody else's records.
 */
function signsOf({ records }: Readout, packages: readonly PackageRun[]): { breaches: Breach[]; doubts: Doubt[] } {
  const workers = new Map<string, string | undefined>();
  const ended = new Set<string>();
  let mixed = false;
  for (const record of records) {
    if (!workers.has(record.worker)) workers.set(record.worker, undefined);
    if (!('file' in record) || record.file === undefined) continue;
    const known = workers.get(record.worker);
    mixed ||= known !== undefined && known !== record.file;
    workers.set(record.worker, record.file);
    if (record.t === 'over') ended.add(record.file);
  }
  const told = [...workers.values()].filter((file) => file !== undefined);
  const started = packages.filter((one) => one.wasBuilt && one.outcome !== 'skipped').length;
  const breaches: Breach[] =
    mixed || new Set(told).size < told.length || workers.size > started
      ? [{ kind: 'forged-record', detail: 'More programs than packages told of tests' }]
      : [];
  const doubts = packages.flatMap(({ name, outcome }): Doubt[] =>
    outcome === 'passed' && !ended.has(name) ? [{ kind: 'early-exit', detail: `The tests of ${name} were ended from inside` }] : [],
  );
  return { breaches, doubts };
}

const settingsSchema = z.object({
  GOROOT: z.string(),
  GOVERSION: z.string(),
  GOFLAGS: z.string(),
  GOOS: z.string(),
  GOARCH: z.string(),
  GOHOSTOS: z.string(),
  GOHOSTARCH: z.string(),
});

interface Overlay {
  /** The file of the standard library that is changed, and its text. */
  readonly path: string;
  readonly changed: string;
  /** Files that are added, and where ours lie. */
  readonly added: Readonly<{ [path: string]: string }>;
  /** Those beside them that record lines; undefined: this Go counts otherwise. */
  readonly counting?: Readonly<{ [path: string]: string }> | undefined;
}

/** Where the begin and the end of the tests are told in `testing/internal/testdeps/deps.go`. */
const runAt = '\ttestlog.SetPanicOnExit0(v)\n';
/** What `go-watch.go` relies on in `testing/testing.go`. */
const reliedOn = [
  /\bchatty +\*chattyPrinter\b/,
  /\btype chattyPrinter struct \{\n\tw +io\.Writer\b/,
  /"--- %s: %s \(%s\)\\n"/,
  /\bmarker = byte\(0x16\)/,
];
/** What `go-counters.go` calls in `internal/coverage/cfile/emit.go`. */
const prepared = /^func prepareForMetaEmit\(\) /m;

/** The overlay, or why there can be none. */
async function overlayFor(argv: readonly string[], ask: Ask): Promise<Overlay | string> {
  const printed = await ask([argv[0] ?? 'go', 'env', '-json', ...settingsSchema.keyof().options]);
  const settings = printed === undefined ? undefined : settingsOf(printed);
  if (settings === undefined) return 'Read from what go test prints: go env says nothing of itself';
  const { GOROOT, GOVERSION, GOFLAGS, GOOS, GOARCH, GOHOSTOS, GOHOSTARCH } = settings;
  const version = /^go1\.(\d+)/.exec(GOVERSION)?.[1];
  if (GOOS === 'windows' || GOOS !== GOHOSTOS || GOARCH !== GOHOSTARCH || version === undefined || Number(version) < 22)
    return `Read from what go test prints: no guard for ${GOVERSION} and ${GOOS}/${GOARCH} here`;
  const own = [...GOFLAGS.split(/\s+/), ...beforeArguments(argv)].find((word) => /^--?(overlay|exec|compiler)(=|$)/.test(word));
  if (own !== undefined) return `Read from what go test prints: the command has its own ${own.replace(/=.*/, '')}`;
  const source = join(GOROOT, 'src');
  const folder = join(source, 'testing', 'internal', 'testdeps');
  const counters = join(source, 'internal', 'coverage', 'cfile');
  const path = join(folder, 'deps.go');
  const [deps, testing] = [path, join(source, 'testing', 'testing.go')].map(textOf);
  if (deps?.split(runAt).length !== 2 || testing === undefined || !reliedOn.every((one) => one.test(testing)))
    return `Read from what go test prints: ${GOVERSION} is not known to the guard`;
  return {
    path,
    changed: deps.replace(runAt, `\tguardRun(v)\n${runAt}`),
    added: {
      [join(source, '0', 'first.go')]: guardFile('go-first.go'),
      [join(source, '0', 'ticket', 'ticket.go')]: guardFile('go-ticket.go'),
      [join(folder, 'watch.go')]: guardFile('go-watch.go'),
    },
    counting: prepared.test(textOf(join(counters, 'emit.go')) ?? '')
      ? { [join(folder, 'lines.go')]: guardFile('go-lines.go'), [join(counters, 'prepare.go')]: guardFile('go-counters.go') }
      : undefined,
  };
}

function settingsOf(json: string): z.infer<typeof settingsSchema> | undefined {
  return settingsSchema.safeParse(jsonIn(json)).data;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // A Go without its sources.
    return undefined;
  }
}

/** What stands behind `-args` is for the tests. */
export function beforeArguments(argv: readonly string[]): readonly string[] {
  const end = argv.findIndex((word) => /^--?args$/.test(word));
  return end < 0 ? argv : argv.slice(0, end);
}

const saysCount = (argv: readonly string[]): boolean => beforeArguments(argv).some((word) => /^--?(test\.)?count(=|$)/.test(word));
