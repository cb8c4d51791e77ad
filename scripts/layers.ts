/**
 * The layer check: rooms of `src/` know only what stands below them, and only through the other room's front door.
 * `node scripts/layers.ts` lists every breach and ends with 1 when there is one.
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/**
 * From the ground up: a room may import from rooms of an earlier line, never from its own line or a later one.
 * The way of a request (briefing → design → plan → run → trace → lessons) runs over this ground; what a lower room
 * needs from a higher one is passed in as a function.
 */
const order: readonly (readonly string[])[] = [
  ['process', 'plan', 'models', 'request'],
  ['local-model', 'trace', 'workspace', 'feedback'],
  ['briefing', 'model-choice'],
  ['design'],
  ['run'],
  ['lessons'],
  ['bench'],
  ['cli', 'editor', 'webviews'],
];

/** Programs wire rooms together: they may open every front door, and nobody imports them. */
const compositionRoots = ['cli.ts', 'extension.ts'];

/** Types and errors that everyone may name. */
const isVocabulary = (file: string): boolean =>
  file === 'errors.ts' || file === 'plan/schema.ts' || file === 'trace/events.ts' || /(^|\/)([\w-]+-)?types\.ts$/.test(file);

/** Rooms that only the rooms named here may open, whatever the order says. */
const reservedFor: Readonly<Record<string, readonly string[]>> = { bench: ['cli'] };

const editorOnly = /^(editor\/|extension\.ts$)/;

export interface SourceFile {
  /** Below `src/`, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface Breach {
  readonly file: string;
  readonly target: string;
  readonly reason: string;
}

function roomOf(file: string): string | undefined {
  const slash = file.indexOf('/');
  return slash < 0 ? undefined : file.slice(0, slash);
}

const levelOf = (room: string): number => order.findIndex((line) => line.includes(room));

function judgeModule(file: string, name: string): string | undefined {
  if (name === 'vscode' && !editorOnly.test(file)) return 'only editor/ and extension.ts may import vscode';
  return undefined;
}

function judgeFile(file: string, target: string): string | undefined {
  if (target.startsWith('..')) return 'sources import nothing from outside src/';
  if (isVocabulary(target)) return undefined;
  const from = roomOf(file);
  const to = roomOf(target);
  if (compositionRoots.includes(target)) return 'a composition root is a program; nobody imports it';
  if (from !== undefined && from === to) return undefined;
  if (to === undefined) return 'only errors.ts and the composition roots live at the top of src/';
  if (target !== `${to}/index.ts`) return `other rooms enter ${to}/ through ${to}/index.ts`;
  if (from === undefined) return compositionRoots.includes(file) ? undefined : 'vocabulary at the top of src/ imports no room';
  if (levelOf(from) < 0) return `room ${from}/ is missing from the order in scripts/layers.ts`;
  if (levelOf(to) < 0) return `room ${to}/ is missing from the order in scripts/layers.ts`;
  if (levelOf(to) >= levelOf(from)) return `${from}/ stands below or beside ${to}/; pass it in, or move the code`;
  const allowed = reservedFor[to];
  if (allowed !== undefined && !allowed.includes(from)) return `only ${allowed.join(', ')} may import ${to}/`;
  return undefined;
}

/** Every import, re-export and dynamic import that breaks the order, in the order of the files. */
export function findBreaches(files: readonly SourceFile[]): Breach[] {
  return files.flatMap((file) =>
    ts.preProcessFile(file.text, true, true).importedFiles.flatMap(({ fileName }) => {
      const relative = fileName.startsWith('.');
      const target = relative ? path.posix.normalize(path.posix.join(path.posix.dirname(file.path), fileName)) : fileName;
      // Data files (JSON) are private to their room but need no front door of their own inside it.
      const reason = relative ? judgeFile(file.path, target) : judgeModule(file.path, target);
      return reason === undefined ? [] : [{ file: file.path, target, reason }];
    }),
  );
}

if (import.meta.main) {
  const source = path.join(import.meta.dirname, '..', 'src');
  const names = globSync('**/*.{ts,tsx}', { cwd: source }).map((name) => name.split(path.sep).join('/'));
  const files = names.sort().map((name) => ({ path: name, text: readFileSync(path.join(source, name), 'utf8') }));
  const breaches = findBreaches(files);
  for (const { file, target, reason } of breaches) console.log(`src/${file} imports ${target}: ${reason}`);
  console.log(breaches.length === 0 ? `Layers hold in ${files.length} files.` : `${breaches.length} breaches of the layers.`);
  process.exitCode = breaches.length === 0 ? 0 : 1;
}
