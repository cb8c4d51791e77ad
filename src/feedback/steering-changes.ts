/** Changes of files that say, in part of them, which tests run and how. Wrong alarms are possible; a person decides. */
import { roleOf } from './file-roles.ts';
import { pythonModules } from './python-modules.ts';
import type { TestCommand } from './types.ts';

export interface ChangedFile {
  /** Relative to the workspace. */
  readonly path: string;
  /** Text before; absent for a new file. */
  readonly before?: string;
  /** Text after; absent for a deleted file. */
  readonly after?: string;
}

/** What the change of one file does to the tests, in words; empty when it does nothing to them. */
export function steeringChanges({ path, before, after }: ChangedFile, test: TestCommand | undefined): string[] {
  if (before === after) return [];
  const clean = path.replaceAll('\\', '/');
  const name = (clean.split('/').at(-1) ?? '').toLowerCase();
  const role = roleOf(clean);
  if (role === 'steering' || name === 'conftest.py') return [`Test configuration ${howChanged(before, after)}`];
  if (role === 'installed') return [`A file of an installed package was ${howChanged(before, after)}`];
  if (name === 'package.json') return packageChanges(before, after);
  if (/^[jt]sconfig(\..*)?\.json$/.test(name)) return [`What decides how imports are resolved was ${howChanged(before, after)}`];
  if (name === 'pyproject.toml' || name === 'setup.cfg')
    return sectionChanges(before, after, /^(tool[.:]pytest|pytest|tool[.:]coverage|project\.entry-points\.pytest)/);
  if (name === 'cargo.toml') return cargoChanges(before, after);
  if (name === 'go.mod') return goModuleChanges(before, after);
  if (isLinkedByItself(name, after, test) && !isLinkedByItself(name, before, test))
    return ['Native code that becomes a part of the tested program was added'];
  if (isBuildFile(name, test)) return [`The build that runs the tests was ${howChanged(before, after)}`];
  if (before === undefined && shadowsModule(clean)) return [`Python would load it in place of its own module ${name.replace(/\.py$/, '')}`];
  return [];
}

const howChanged = (before: string | undefined, after: string | undefined): string =>
  before === undefined ? 'added' : after === undefined ? 'deleted' : 'changed';

// ---- package.json ---------------------------------------------------------------------------------------------------------------

/** What a runner or Node reads there. */
const readKeys = [
  ...['jest', 'mocha', 'vitest', 'ava', 'tap', 'nyc', 'c8', 'babel', 'swc', 'config'],
  ...['imports', 'exports', 'main', 'module', 'type', 'workspaces', 'overrides', 'resolutions', 'pnpm', 'packageManager', 'devEngines'],
];

function packageChanges(before: string | undefined, after: string | undefined): string[] {
  const [old, now] = [objectOf(before), objectOf(after)];
  const [oldScripts, newScripts] = [scriptsOf(old), scriptsOf(now)];
  const changed: string[] = [];
  for (const name of new Set([...Object.keys(oldScripts), ...Object.keys(newScripts)])) {
    const [was, is] = [oldScripts[name], newScripts[name]];
    const stem = name.replace(/^(?:pre|post)/, '');
    // A new script weakens nothing, unless it runs before or after one that was there.
    if (was === is || (was === undefined && (stem === name || !(stem in oldScripts)))) continue;
    changed.push(`scripts.${name}: ${was ?? '(none)'} → ${is ?? '(none)'}`);
  }
  for (const key of readKeys) if (JSON.stringify(old[key]) !== JSON.stringify(now[key])) changed.push(`The section "${key}" was changed`);
  return changed;
}

function objectOf(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    // A package.json that is no JSON has no scripts; its tests will fail loudly enough.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function scriptsOf({ scripts }: Record<string, unknown>): Readonly<Record<string, string>> {
  if (typeof scripts !== 'object' || scripts === null) return {};
  return Object.fromEntries(Object.entries(scripts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

// ---- other manifests ------------------------------------------------------------------------------------------------------------

/** The sections of an INI or TOML file whose name matches and whose text is not what it was. */
function sectionChanges(before: string | undefined, after: string | undefined, wanted: RegExp): string[] {
  const [old, now] = [sectionsOf(before ?? ''), sectionsOf(after ?? '')];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((name) => wanted.test(name) && old.get(name) !== now.get(name))
    .map((name) => `The section "${name}" was changed`);
}

/** By name. Above the first section stand keys that may name one (`lib.test = false`). */
function sectionsOf(text: string): Map<string, string> {
  const sections = new Map<string, string>();
  let name: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const head = /^\s*\[\[?([^\]]+)\]/.exec(line)?.[1]?.trim();
    if (head !== undefined) name = head.replaceAll('"', '');
    const bare = line.trim();
    const within = name ?? keyOf(bare);
    if (bare !== '' && !bare.startsWith('#')) sections.set(within, `${sections.get(within) ?? ''}${bare}\n`);
  }
  return sections;
}

const keyOf = (line: string): string => (line.split('=')[0] ?? '').replaceAll(/["'\s]/g, '');

const cargoSections = /^(lib|bin|test|bench|example|features|patch|replace|profile|workspace|build-dependencies|lints)\b/;
/** Of a package: what is built, and by which rules. */
const packageKeys = /^package\.(?:build|edition|resolver|links|workspace|auto(?:lib|bins|examples|tests|benches))$/;
/** Crates of Rust's own, in whose place others would be used. */
const ownCrates = /(?:^|\.)(?:dev-|build-)?dependencies\.(?:test|std|core|alloc|proc_macro)(?:\.|$)/;

function cargoChanges(before: string | undefined, after: string | undefined): string[] {
  const changed = (wanted: RegExp): boolean => linesOf(before, wanted) !== linesOf(after, wanted);
  return [
    ...sectionChanges(before, after, cargoSections),
    ...(changed(packageKeys) ? ['How the package is built was changed'] : []),
    ...(changed(ownCrates) ? ["A crate of Rust's own was replaced"] : []),
  ];
}

/** The lines whose key, with the section it stands in, matches. */
function linesOf(text: string | undefined, wanted: RegExp): string {
  return [...sectionsOf(text ?? '')]
    .flatMap(([section, lines]) =>
      lines.split('\n').filter((line) => line !== '' && wanted.test(keyOf(line) === section ? section : `${section}.${keyOf(line)}`)),
    )
    .join('\n');
}

/** Go links such files of a package by itself; a constructor in C runs before everything else. */
function isLinkedByItself(name: string, text: string | undefined, test: TestCommand | undefined): boolean {
  if (text === undefined) return false;
  if (/\.syso$/.test(name) || (test?.runner === 'go-test' && /\.s$/.test(name))) return true;
  const isNative = /\.(?:c|cc|cpp|cxx|m|mm|h|hh|hpp|hxx|inc)$/.test(name);
  return isNative && /(?:__attribute(?:__)?\s{0,20}\(\(|\[\[)[^)\]]{0,200}(?:constructor|section)|\.(?:pre)?init_array|\.ctors/.test(text);
}

/** Directives that put other code in the place of a package. */
function goModuleChanges(before: string | undefined, after: string | undefined): string[] {
  const directives = (text: string): string =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => /^(?:replace|exclude|tool|module)\b/.test(line) || line.includes('=>'))
      .join('\n');
  return directives(before ?? '') === directives(after ?? '') ? [] : ['Which modules are used was changed'];
}

const buildFiles: Readonly<Record<string, RegExp>> = {
  make: /^(gnu)?makefile$|\.mk$/,
  just: /^\.?justfile$/,
  task: /^taskfile\.ya?ml$/,
  cmake: /^cmakelists\.txt$|\.cmake$/,
  ctest: /^cmakelists\.txt$|\.cmake$/,
  ninja: /^build\.ninja$|^meson\.build$/,
  mvn: /^pom\.xml$/,
  gradle: /\.gradle(\.kts)?$|^gradle\.properties$/,
  rake: /^rakefile$|\.rake$/,
  tox: /^tox\.(ini|toml)$/,
  nox: /^noxfile\.py$/,
  bazel: /^(build|workspace|module)(\.bazel)?$|\.bzl$/,
};

/** A file that the test command itself obeys. */
function isBuildFile(name: string, test: TestCommand | undefined): boolean {
  if (test === undefined) return false;
  if (name === 'manage.py' && test.argv?.[1]?.toLowerCase().endsWith(name)) return true;
  const words = `${test.before ?? ''} ${test.shell ?? test.argv?.join(' ') ?? test.display}`.toLowerCase();
  return Object.entries(buildFiles).some(([program, file]) => file.test(name) && new RegExp(`\\b${program}w?\\b`).test(words));
}

/** A new module where Python looks first, with the name of one that it or its test tools load. */
function shadowsModule(path: string): boolean {
  const found = /^(?:src\/|lib\/|tests?\/)?([A-Za-z_]\w*)(?:\.pyi?|\/__init__\.py)$/.exec(path)?.[1];
  return found !== undefined && pythonModules.has(found);
}
