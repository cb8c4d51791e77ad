import { caseBuilder, type Naming, type Reading, readingOf, unguarded } from '../reading.ts';
import type { GuardRecord } from '../records.ts';
import type { Doubt } from '../types.ts';
import { cargoCall, plainly } from './cargo-call.ts';
import { type CargoGuard, cargoGuard } from './cargo-guard.ts';
import { nextest } from './cargo-nextest.ts';
import { cargoOutput, type Line, type Printed, type Target } from './cargo-output.ts';
import type { Prepared, Runner, RunPlace } from './runner.ts';

/**
 * Stable Rust has no machine-readable report. Programs of tests are told of by their guard; what is printed gives messages, and tells of the tests of
 * programs that have none.
 */
export const cargoTest: Runner = {
  name: 'cargo-test',
  recognises: (words) => cargoCall(words) !== undefined,
  async prepare(argv, place, ask) {
    const call = cargoCall(argv);
    if (call === undefined) throw new Error('No command of cargo.');
    if (call.runs === 'nextest') return nextest(call, place);
    const { front, rest } = call;
    const first = rest.includes('--no-fail-fast') ? [] : ['--no-fail-fast'];
    const guard = await cargoGuard(call, place, ask);
    const { env = {}, ...reportFile } = typeof guard === 'string' ? {} : { env: guard.env, reportFile: guard.reportFile };
    return {
      argv: [...front, 'test', ...first, ...rest.filter((word) => !/^(?:-q|--quiet|-v+|--verbose)$/.test(word))],
      env: { ...plainly, ...env },
      ...reportFile,
      ...textReader(place, guard),
    };
  },
};

function textReader(place: RunPlace, guard: CargoGuard | string): Pick<Prepared, 'onOutput' | 'read'> {
  const output = cargoOutput(() => typeof guard !== 'string' && guard.onBuilt());
  return {
    onOutput: output.add,
    read(cutShort, killed): Reading {
      const printed = output.read();
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

// ---- without a guard ------------------------------------------------------------------------------------------------------------

function believed(printed: Printed, naming: Naming, why: string): Reading {
  const { targets, lines, blocks, unfinished } = printed;
  const builder = caseBuilder(naming);
  const fileOf = (block: number): string => targets[block - 1]?.source ?? '';
  for (const { block, name, outcome, message } of unmoved(lines, fileOf))
    builder.add({ file: fileOf(block), name, outcome, ...(outcome === 'failed' && message ? { message } : {}) });
  // One that ended without its summary was aborted (stack overflow, exit in a test).
  for (const { block, words } of unfinished)
    builder.add({ file: fileOf(block), name: '', outcome: 'failed', message: lostMessage(targets[block - 1], words), whole: true });
  const broken = blocks === 0 && isBroken({ ...printed, targets: [] });
  if (broken) builder.add(failedBuild(printed));
  return {
    cases: builder.cases(),
    pending: builder.pending(),
    ...unguarded(why),
    complete: broken || (blocks > 0 && (blocks === targets.length || unfinished.length === 0)),
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
  for (const [index, program] of lost.entries()) {
    // Those that are gone left their blocks open, in the order in which they ran.
    const said = lost.length === printed.unfinished.length ? (printed.unfinished[index]?.words ?? '') : '';
    for (const one of lostProgram(program, records, said)) add(one);
  }
  for (const program of unseen.filter(
    ({ source, end }) => end !== undefined && !others.some((one) => one.outcome === 'failed' && one.file.startsWith(source)),
  ))
    add({ file: `${program.source} (as printed)`, name: '', outcome: 'failed', message: lostMessage(program, ''), whole: true });
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

const docTestLine = / ?\(line (\d+)\)/;
const isDocTest = ({ name }: Line): boolean => /^\S+ - (?:.* )?\(line \d+\)/.test(name);

/** Names of tests in documentation hold the line they stand in, which every change above it moves: they are told apart by their order instead. */
function unmoved(lines: readonly Line[], fileOf: (block: number) => string): Line[] {
  const lineOf = ({ name }: Line): number => Number(docTestLine.exec(name)?.[1] ?? 0);
  const times = new Map<string, number>();
  return lines
    .toSorted((one, other) => one.block - other.block || lineOf(one) - lineOf(other))
    .map((line) => {
      if (!isDocTest(line)) return line;
      const name = line.name.replace(docTestLine, '').replace(/ -$/, '');
      const key = `${fileOf(line.block)}\0${name}`;
      const nth = (times.get(key) ?? 0) + 1;
      times.set(key, nth);
      return { ...line, name: nth === 1 ? name : `${name} (${nth})` };
    });
}

/** They are run last, by a program of rustdoc's that no guard is in. */
function docTests({ targets, lines, blocks }: Printed): PrintedCase[] {
  const docs = targets.filter((target) => target.isDoc);
  const fileOf = (block: number): string => (docs.length === 1 ? docs[0] : docs.at(block - blocks - 1))?.source ?? 'doc-tests';
  return docs.length === 0 ? [] : unmoved(lines.filter(isDocTest), fileOf).map((line) => caseOf(fileOf(line.block), line));
}

/**
 * Tests of programs that have no guard: what was printed and that nobody else told of. They are not called by the name of the file, so that nothing
 * printed can pass for a test that the guard sees.
 */
function printedBy(programs: readonly Target[], { lines }: Printed, records: readonly GuardRecord[]): PrintedCase[] {
  const told = new Set(records.flatMap((record) => (record.t === 'case' ? [record.name] : [])));
  const [only, ...more] = programs.map(({ source }) => source);
  if (only === undefined) return [];
  const file = more.length === 0 ? `${only} (as printed)` : 'as printed';
  return lines.filter((line) => !isDocTest(line) && !told.has(line.name)).map((line) => caseOf(file, line));
}

/** Most tests named of a program that was ended. */
const mostNamed = 5;

/** A program that has the guard, and was gone before the guard came to its end: as a whole, and the one test that it ended in. */
function lostProgram(program: Target, records: readonly GuardRecord[], said: string): (PrintedCase & { whole: boolean })[] {
  const name = program.path.slice(program.path.lastIndexOf('/') + 1);
  const own = records.filter((record) => 'file' in record && record.file?.endsWith(`/${name}`));
  const file = own.flatMap((record) => ('file' in record ? (record.file ?? []) : []))[0] ?? program.source;
  const over = new Set(own.flatMap((record) => (record.t === 'case' ? [record.name] : [])));
  const during = own.flatMap((record) => (record.t === 'start' && !over.has(record.name) ? [record.name] : []));
  const message = lostMessage(program, said, during.slice(0, mostNamed));
  const [only, ...more] = during;
  const whole = { file, name: '', outcome: 'failed', message, whole: true } as const;
  return only === undefined || more.length > 0 ? [whole] : [whole, { ...whole, name: only, whole: false }];
}

/** How a program ended, in which tests, and with what words: to cargo, and (`said`) beside the results of its tests. */
function lostMessage(program: Target | undefined, said: string, during: readonly string[] = []): string {
  const inTests = during.length > 0 ? `, during ${during.join(', ')}` : '';
  const how = program?.end === undefined ? '' : ` (${program.end})`;
  return [`Its program ended before its tests did${inTests}${how}.`, said, program?.words ?? ''].filter((part) => part !== '').join('\n');
}
