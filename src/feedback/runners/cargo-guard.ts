import { accessSync, constants, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { openPool, readChannel } from '../channel.ts';
import { guardFile, guardVariable } from '../guard-files.ts';
import type { GuardRecord } from '../records.ts';
import type { Breach } from '../types.ts';
import type { CargoCall } from './cargo-call.ts';
import type { Ask, RunPlace } from './runner.ts';

/** A program that cargo said it runs. */
export interface TestProgram {
  /** Its source, relative to its package. */
  readonly source: string;
  /** Path of the program, relative to where cargo runs. */
  readonly path: string;
}

export interface CargoGuard {
  readonly env: Readonly<Record<string, string>>;
  readonly reportFile: string;
  /** To be called as soon as all is built: only then there are tickets. */
  onBuilt(): void;
  read(programs: readonly TestProgram[]): GuardedPrograms;
}

/** What the guard saw. */
export interface GuardedPrograms {
  /** Authentic records, their files as they are named in `sourceOf`. */
  readonly records: readonly GuardRecord[];
  readonly breaches: readonly Breach[];
  readonly overflow: boolean;
  /** Programs in which the guard came to its end. */
  readonly ended: ReadonlySet<TestProgram>;
  /** Programs that have the guard in them, whether they told of anything or not. */
  readonly guarded: ReadonlySet<TestProgram>;
  /** Path of a program's source, for a record's file. */
  sourceOf(file: string): string;
}

/** Its path is a part of how cargo names what it built with it. */
const wrapper = guardFile(join('rust', 'rustc.sh'));

/** Programs that can be run in one command; each takes a ticket. */
const mostPrograms = 1024;

/**
 * The guard of `cargo test`: a crate of ours that stands in the place of `test`, the crate every program of tests is compiled with. A wrapper around rustc
 * (`guards/rust/rustc.sh`) puts it there, for programs of tests alone. Gives why there can be none, in words.
 */
export async function cargoGuard({ rest, toolchain }: CargoCall, place: RunPlace, ask: Ask): Promise<CargoGuard | string> {
  const own = ownWay(rest, place);
  if (own !== undefined) return own;
  if (!mayBeStarted(wrapper)) return 'its wrapper around rustc may not be started';
  // RUSTC_BOOTSTRAP lets a stable rustc compile what belongs to its own libraries.
  const rustc = ['env', ...(toolchain === undefined ? [] : [`RUSTUP_TOOLCHAIN=${toolchain}`]), 'RUSTC_BOOTSTRAP=1', 'rustc'];
  const version = await ask([...rustc, '-vV']);
  const release = /^release: 1\.(\d+)\.\S+$/m.exec(version ?? '');
  if (version === undefined || release === null) return 'rustc says nothing of itself';
  const library = join(place.reports, 'libteamwright_guard.rlib');
  const target = targetOf(rest, place);
  const key = `${version}\0${target}`;
  const bytes = compiled.get(key) ?? (await compile(rustc, library, target, ask));
  if (bytes === undefined) return `no guard for ${release[0].replace('release: ', 'Rust ')}${target && ` and ${target}`}`;
  compiled.set(key, bytes);
  writeFileSync(library, bytes);
  let built = false;
  return {
    env: {
      RUSTC_WORKSPACE_WRAPPER: wrapper,
      TEAMWRIGHT_RUST_GUARD: library,
      TEAMWRIGHT_RUST_FEATURES: /-(nightly|dev)/.test(release[0]) ? '' : '-Zallow-features=',
      [guardVariable]: poolOf(place),
    },
    reportFile: place.channel.records,
    onBuilt() {
      if (built) return;
      built = true;
      // Programs wait for it: it is there at once, with all tickets in it.
      renameSync(openPool({ ...place.channel, ticket: `${poolOf(place)}.new` }, mostPrograms), poolOf(place));
    },
    read: (programs) => readPrograms(programs, place),
  };
}

/** The channel's own ticket lies there before all is built. */
const poolOf = ({ channel }: RunPlace): string => `${channel.ticket}.pool`;

// ---- the crate ------------------------------------------------------------------------------------------------------------------

/** The guard's crate, by what rustc said of itself and by target. It is compiled before any code of the workspace runs, and kept where none gets to. */
const compiled = new Map<string, Buffer>();

async function compile(rustc: readonly string[], library: string, target: string, ask: Ask): Promise<Buffer | undefined> {
  const options = ['--edition=2021', '--crate-type=rlib', '--crate-name=teamwright_guard', '-Copt-level=1', '-Ccodegen-units=1'];
  const forTarget = target === '' ? [] : [`--target=${target}`];
  const printed = await ask([...rustc, ...options, ...forTarget, '-o', library, guardFile(join('rust', 'lib.rs'))]);
  return printed === undefined ? undefined : readFileSync(library);
}

function targetOf(argv: readonly string[], { env }: RunPlace): string {
  const at = argv.findIndex((word) => /^--target(=|$)/.test(word));
  const given = at < 0 ? variable('CARGO_BUILD_TARGET', env) : (/^--target=(.*)$/.exec(argv[at] ?? '')?.[1] ?? argv[at + 1]);
  return given ?? '';
}

// ---- ways of the project's own --------------------------------------------------------------------------------------------------

const variable = (name: string, env: RunPlace['env']): string | undefined => (env[name] ?? process.env[name]) || undefined;

/** What of the project's own stands where the guard would. */
function ownWay(argv: readonly string[], place: RunPlace): string | undefined {
  if (process.platform === 'win32') return 'no guard for Windows';
  const name = ['RUSTC_WORKSPACE_WRAPPER', 'CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER', 'RUSTC', 'CARGO_BUILD_RUSTC'].find(
    (one) => variable(one, place.env) !== undefined,
  );
  if (name !== undefined) return `${name} is set`;
  const configured = configs(place).find(([, text]) => /(?:^|[\s.{,])rustc(?:-workspace-wrapper)?"?\s*=/m.test(text))?.[0];
  if (configured !== undefined || argv.some((word) => /\brustc(?:-workspace-wrapper)?\s*=/.test(word)))
    return `${configured ?? 'the command'} has a rustc of its own`;
  return foldersTo(place).some((folder) =>
    ['rust-toolchain', 'rust-toolchain.toml'].some((file) => /^[ \t]{0,40}path[ \t]{0,40}=/m.test(textOf(join(folder, file)))),
  )
    ? 'rust-toolchain.toml names a toolchain by its folder'
    : undefined;
}

function mayBeStarted(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // It was unpacked without its mode.
    return false;
  }
}

function configs(place: RunPlace): (readonly [string, string])[] {
  const home = variable('CARGO_HOME', place.env) ?? join(homedir(), '.cargo');
  return [...foldersTo(place).map((folder) => join(folder, '.cargo')), home].flatMap((folder) =>
    ['config.toml', 'config'].map((file) => [join(folder, file), textOf(join(folder, file))] as const),
  );
}

/** The folder of the command and those above it, up to the top of the workspace. */
function foldersTo({ root, cwd }: RunPlace): string[] {
  const parts = relative(root, cwd).split('/').filter(Boolean);
  return [root, ...parts.map((_, index) => join(root, ...parts.slice(0, index + 1)))];
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not there, mostly.
    return '';
  }
}

// ---- records --------------------------------------------------------------------------------------------------------------------

/** What a program has in it that was compiled with the guard. */
const mark = 'teamwright: these tests have a guard';

function readPrograms(programs: readonly TestProgram[], place: RunPlace): GuardedPrograms {
  const { records, breaches, overflow } = readChannel(place.channel);
  const byName = new Map(programs.map((program) => [basename(program.path), program]));
  const programOf = (file: string): TestProgram | undefined => byName.get(basename(file));
  const workers = new Map<string, string | undefined>();
  let mixed = false;
  for (const record of records) {
    const file = 'file' in record ? record.file : undefined;
    const known = workers.get(record.worker);
    mixed ||= known !== undefined && file !== undefined && known !== file;
    workers.set(record.worker, known ?? file);
  }
  const told = [...workers.values()].filter((file) => file !== undefined);
  // Cargo runs each program once, and says of which source it is.
  const isForged = mixed || new Set(told).size < told.length || workers.size > programs.length || byName.size < programs.length;
  const forged: Breach[] = isForged ? [{ kind: 'forged-record', detail: 'More programs told of tests than cargo started' }] : [];
  const of = (files: readonly string[]): ReadonlySet<TestProgram> => new Set(files.flatMap((file) => programOf(file) ?? []));
  const telling = of(told);
  return {
    // What passes is what the guard says: nothing else is asked.
    records: records.map((record) => (record.t === 'open' ? { t: 'open', worker: record.worker } : record)),
    breaches: [...breaches, ...forged],
    overflow,
    ended: of(records.flatMap((record) => (record.t === 'over' ? [record.file] : []))),
    guarded: new Set(programs.filter((program) => telling.has(program) || hasMark(join(place.cwd, program.path), program.path))),
    sourceOf: (file) => {
      const program = programOf(file);
      return program === undefined ? file : join(dirname(file), program.source);
    },
  };
}

/** A program that is gone, too, is none that could be believed by what it printed. */
function hasMark(joined: string, path: string): boolean {
  try {
    return readFileSync(path.startsWith('/') ? path : joined).includes(mark);
  } catch {
    return true;
  }
}
