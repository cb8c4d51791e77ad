import { caseBuilder, type Naming, type Reading, readingOf, unguarded } from '../reading.ts';
import type { GuardRecord } from '../records.ts';
import type { Doubt, TestCase } from '../types.ts';
import { type CargoGuard, cargoGuard, type TestProgram } from './cargo-guard.ts';
import { lineReader } from './lines.ts';
import { type Prepared, programName, type Runner, type RunPlace } from './runner.ts';

/**
 * Stable Rust has no machine-readable report. Programs of tests are told of by their guard; what is printed gives messages, and tells of the tests of
 * programs that have none.
 */
export const cargoTest: Runner = {
  name: 'cargo-test',
  recognises: (words) => programName(words[0]) === 'cargo' && (words[1] === 'test' || words[1] === 't'),
  async prepare(argv, place, ask) {
    const [program = 'cargo', , ...rest] = argv;
    const first = rest.includes('--no-fail-fast') ? [] : ['--no-fail-fast'];
    const guard = await cargoGuard(argv, place, ask);
    const { env = {}, ...reportFile } = typeof guard === 'string' ? {} : { env: guard.env, reportFile: guard.reportFile };
    return {
      argv: [program, 'test', ...first, ...rest.filter((word) => !/^(?:-q|--quiet|-v+|--verbose)$/.test(word))],
      env: { ...plainly, ...env },
      ...reportFile,
      ...textReader(place, guard),
    };
  },
};

/** Settings that would change what is read of cargo. */
const plainly = {
  CARGO_TERM_COLOR: 'never',
  CARGO_TERM_PROGRESS_WHEN: 'never',
  CARGO_TERM_QUIET: 'false',
  CARGO_TERM_VERBOSE: 'false',
  RUST_BACKTRACE: '0',
};

const keptMessage = 8000;

interface Line {
  /** Number of the block it stands in, from 1. */
  readonly block: number;
  readonly name: string;
  readonly outcome: TestCase['outcome'];
  readonly message?: string | undefined;
}

/** What cargo runs: a program, or the tests in the documentation of a crate. */
interface Target extends TestProgram {
  readonly isDoc: boolean;
}

interface Printed {
  readonly targets: readonly Target[];
  /** Tests by block and name: those of one block run side by side. */
  readonly lines: readonly Line[];
  readonly blocks: number;
  /** Blocks that came to their end. */
  readonly results: number;
  /** What the compiler and programs said. */
  readonly errors: string;
}

function textReader(place: RunPlace, guard: CargoGuard | string): Pick<Prepared, 'onOutput' | 'read'> {
  // Targets are named on stderr and run on stdout, in the same order.
  const targets: Target[] = [];
  const lines: Line[] = [];
  const messages = new Map<string, string>();
  let errors = '';
  let blocks = 0;
  let results = 0;
  let current: string | undefined;

  const stdout = lineReader((line) => {
    if (/^running \d+ tests?$/.test(line)) blocks += 1;
    const test = /^test (.+?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)\b/.exec(line);
    const section = /^---- (.+?) stdout ----$/.exec(line);
    if (section !== null) current = `${blocks}\0${section[1]}`;
    else if (/^(failures:|test result: )/.test(line)) current = undefined;
    else if (test !== null)
      lines.push({
        block: blocks,
        name: test[1] ?? '',
        outcome: test[2] === 'ok' ? 'passed' : test[2] === 'FAILED' ? 'failed' : 'skipped',
      });
    else if (current !== undefined) messages.set(current, `${messages.get(current) ?? ''}${line}\n`.slice(0, keptMessage));
    if (line.startsWith('test result: ')) results += 1;
  });
  const stderr = lineReader((line) => {
    const [, source, path, crate] = /^\s+(?:Running (?:unittests )?(\S+) \((.+)\)$|Doc-tests (\S+))/.exec(line) ?? [];
    if (typeof guard !== 'string' && (source !== undefined || /^\s+Finished /.test(line))) guard.onBuilt();
    if (source !== undefined && path !== undefined) targets.push({ source: source.replaceAll('\\', '/'), path, isDoc: false });
    else if (crate !== undefined) targets.push({ source: `doc-tests ${crate}`, path: '', isDoc: true });
    else if (/^\s+(Compiling|Finished|Updating|Downloading|Downloaded|Blocking|Locking|Adding|Fresh) /.test(line)) return;
    else if (/^warning: unused|^note: run with/.test(line)) return;
    else errors = errors.length < 4 * keptMessage ? `${errors}${line}\n` : errors;
  });

  return {
    onOutput: (chunk, stream) => (stream === 'stdout' ? stdout : stderr).add(chunk),
    read(cutShort, killed): Reading {
      stdout.end();
      stderr.end();
      const told = lines
        .map((line) => ({ ...line, message: messages.get(`${line.block}\0${line.name}`)?.replace(/^(thread '[^']*') \(\d+\)/gm, '$1') }))
        .sort((one, other) => one.block - other.block || (one.name < other.name ? -1 : 1));
      const printed: Printed = { targets, lines: told, blocks, results, errors: errorsOf(errors) };
      const naming = { root: place.root, normalise: place.normalise, separator: ' ', isFile: (shown: string) => shown.endsWith('.rs') };
      return typeof guard === 'string'
        ? believed(printed, naming, `Read from what cargo test prints: ${guard}`)
        : guarded(printed, guard, naming, cutShort, killed);
    },
  };
}

/** Nothing was built, so nothing ran. */
const isBroken = ({ targets, errors }: Printed): boolean => targets.length === 0 && /^error/m.test(errors);
const failedBuild = ({ errors }: Printed) => ({ file: '', name: 'cargo build', outcome: 'failed', message: errors, whole: true }) as const;

/** Compiler output from its first error on: warnings before it are noise for a repair. */
function errorsOf(text: string): string {
  const at = text.search(/^error/m);
  return at > 0 ? text.slice(at) : text;
}

// ---- without a guard ------------------------------------------------------------------------------------------------------------

function believed(printed: Printed, naming: Naming, why: string): Reading {
  const { targets, lines, blocks, results, errors } = printed;
  const builder = caseBuilder(naming);
  const fileOf = (block: number): string => targets[block - 1]?.source ?? '';
  for (const { block, name, outcome, message } of lines)
    builder.add({ file: fileOf(block), name, outcome, ...(outcome === 'failed' && message ? { message } : {}) });
  // One target that ended without its summary was aborted (stack overflow, exit in a test).
  if (blocks > results) builder.add({ file: fileOf(blocks), name: '', outcome: 'failed', message: errors, whole: true });
  const broken = blocks === 0 && isBroken({ ...printed, targets: [] });
  if (broken) builder.add(failedBuild(printed));
  return {
    cases: builder.cases(),
    pending: builder.pending(),
    ...unguarded(why),
    complete: broken || (blocks > 0 && (blocks === targets.length || blocks === results)),
  };
}

// ---- with it --------------------------------------------------------------------------------------------------------------------

function guarded(printed: Printed, guard: CargoGuard, naming: Naming, cutShort: boolean, killed: boolean): Reading {
  const programs = printed.targets.filter((target) => !target.isDoc);
  const seen = guard.read(programs);
  const unseen = programs.filter((program) => !seen.guarded.has(program));
  const lost = cutShort ? [] : programs.filter((program) => seen.guarded.has(program) && !seen.ended.has(program));
  const messageOf = messagesOf(printed);
  const records: GuardRecord[] = seen.records.map((record) =>
    record.t === 'case' && record.outcome === 'failed' ? { ...record, message: messageOf(record.name) ?? record.message } : record,
  );
  const docs = docTests(printed);
  const others = printedBy(unseen, printed, records);
  const add = (one: Omit<Extract<GuardRecord, { t: 'case' }>, 't' | 'worker'>): void =>
    void records.push({ t: 'case', worker: 'm', ...one });
  for (const one of [...docs, ...others]) add(one);
  for (const program of lost) add({ ...lostProgram(program, records, printed), whole: true });
  const broken = isBroken(printed);
  if (broken) add(failedBuild(printed));
  if (seen.guarded.size > 0 || unseen.length === 0) records.push({ t: 'open', worker: 'm' });
  if (broken || (programs.length > 0 && !killed)) records.push({ t: 'end', worker: 'm' });
  const reading = readingOf({ ...seen, records }, naming, seen.sourceOf, cutShort);
  const doubts: Doubt[] = [
    ...(docs.length > 0 ? ['the tests in documentation, which are read from what cargo test prints'] : []),
    ...(others.length > 0 ? [`those of ${unseen.map(({ source }) => source).join(', ')}, which are read from what they print`] : []),
  ].map((detail) => ({ kind: 'unguarded', detail }));
  return { ...reading, doubts: [...reading.doubts, ...doubts] };
}

/** Messages by name, in the order in which they were printed; each is given once. */
function messagesOf({ lines }: Printed): (name: string) => string | undefined {
  const waiting = lines.filter((line) => line.outcome === 'failed' && line.message);
  return (name) => {
    const at = waiting.findIndex((line) => line.name === name);
    return at < 0 ? undefined : waiting.splice(at, 1)[0]?.message;
  };
}

type PrintedCase = Pick<Extract<GuardRecord, { t: 'case' }>, 'file' | 'name' | 'outcome' | 'message'>;

const caseOf = (file: string, { name, outcome, message }: Line): PrintedCase => ({
  ...{ file, name, outcome },
  ...(outcome === 'failed' && message ? { message } : {}),
});

const isDocTest = ({ name }: Line): boolean => /^\S+ - (?:.* )?\(line \d+\)/.test(name);

/** They are run last, by a program of rustdoc's that no guard is in. */
function docTests({ targets, lines, blocks }: Printed): PrintedCase[] {
  const docs = targets.filter((target) => target.isDoc);
  const fileOf = (block: number): string => (docs.length === 1 ? docs[0] : docs.at(block - blocks - 1))?.source ?? 'doc-tests';
  return docs.length === 0 ? [] : lines.filter(isDocTest).map((line) => caseOf(fileOf(line.block), line));
}

/**
 * Tests of programs that have no guard: what was printed and that nobody else told of. They are not called by the name of the file, so that nothing
 * printed can pass for a test that the guard sees.
 */
function printedBy(programs: readonly TestProgram[], { lines }: Printed, records: readonly GuardRecord[]): PrintedCase[] {
  const told = new Set(records.flatMap((record) => (record.t === 'case' ? [record.name] : [])));
  const [only, ...more] = programs.map(({ source }) => source);
  if (only === undefined) return [];
  const file = more.length === 0 ? `${only} (as printed)` : 'as printed';
  return lines.filter((line) => !isDocTest(line) && !told.has(line.name)).map((line) => caseOf(file, line));
}

/** Most tests named of a program that was ended. */
const mostNamed = 5;

/** A program that has the guard, and was gone before the guard came to its end. */
function lostProgram({ source, path }: TestProgram, records: readonly GuardRecord[], { errors }: Printed): PrintedCase {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const own = records.filter((record) => 'file' in record && record.file?.endsWith(`/${name}`));
  const file = own.flatMap((record) => ('file' in record ? (record.file ?? []) : []))[0] ?? source;
  const over = new Set(own.flatMap((record) => (record.t === 'case' ? [record.name] : [])));
  const during = own.flatMap((record) => (record.t === 'start' && !over.has(record.name) ? [record.name] : [])).slice(0, mostNamed);
  const message = `Its program ended before its tests did${during.length > 0 ? `, during ${during.join(', ')}` : ''}.`;
  return { file, name: '', outcome: 'failed', message: errors.startsWith('error') ? `${message}\n${errors}` : message };
}
