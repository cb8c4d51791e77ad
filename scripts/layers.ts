/**
 * The layer check: rooms of `src/` know only what stands below them, and only through the other room's front door; no file imports itself by
 * way of others; a front door opens to what another room goes in for, and to nothing else. Types count as much as values, tests and scripts not at
 * all. `node scripts/layers.ts` lists every breach and ends with 1 when there is one.
 */
import path from 'node:path';
import ts from 'typescript';
import { type SourceFile, sourceFiles } from './sources.ts';

/**
 * From the ground up: a room may import from rooms of an earlier line, never from its own line or a later one.
 * The way of a request (briefing → design → plan → run → trace → lessons) runs over this ground; what a lower room
 * needs from a higher one is passed in as a function.
 */
export const order: readonly (readonly string[])[] = [
  ['text', 'process', 'syntax'],
  ['redaction'],
  ['models', 'request'],
  ['plan', 'local-model', 'workspace', 'feedback'],
  ['briefing', 'model-choice'],
  ['trace', 'learning'],
  ['design'],
  ['run'],
  ['lessons'],
  ['bench', 'webviews'],
  ['cli', 'editor'],
];

/** Programs wire rooms together: they may open every front door, and nobody imports them. */
const compositionRoots = ['cli.ts', 'extension.ts'];

/** Everyone may name them, and they name no room. */
const errors = ['errors.ts', 'error-facts.ts'];

/**
 * What several rooms write down and read, as schemas and words that load no more than a schema needs: rooms above may take these files as they
 * are, past the front door. Of other `types.ts` files they may take types.
 */
const vocabulary = [
  'request/types.ts',
  'feedback/types.ts',
  'briefing/types.ts',
  'model-choice/types.ts',
  'plan/schema.ts',
  'plan/estimate.ts',
  'design/designers.ts',
  'trace/events.ts',
  'trace/badge.ts',
  'webviews/messages-types.ts',
  'webviews/strings.ts',
];
const holdsTypes = /(^|\/)([\w-]+-)?types\.ts$/;

/** Rooms that only the rooms named here may open, whatever the order says. */
const reservedFor: Readonly<Record<string, readonly string[]>> = { bench: ['cli'] };

/** Modules that only these files may import: everybody else has them by way of these. */
const reservedModules: Readonly<Record<string, { readonly files: RegExp; readonly types?: RegExp; readonly reason: string }>> = {
  vscode: {
    files: /^extension\.ts$/,
    types: /^editor\//,
    reason:
      'vscode enters in extension.ts, and editor/ (which may take its types) is handed it with hidden characters named (editor/visible.ts)',
  },
  'simple-git': { files: /^workspace\/git\.ts$/, reason: 'git is started in workspace/git.ts only' },
  'node:child_process': {
    files: /^(process\/|(briefing\/ask-program|cli\/editor|local-model\/serve)\.ts$)/,
    reason: 'programs are started by process/',
  },
};

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

interface Import {
  readonly name: string;
  /** Gone when the program runs. */
  readonly typeOnly: boolean;
  /** What is taken, by the names it has where it comes from. */
  readonly takes: ReadonlySet<string>;
}

const parse = ({ path: name, text }: SourceFile): ts.SourceFile => ts.createSourceFile(name, text, ts.ScriptTarget.Latest);

/** Imports, re-exports, dynamic imports and import types, in the order of the file. */
function importsOf(file: SourceFile): Import[] {
  const found: Import[] = [];
  // A module that is taken whole gives what the file says a name of, anywhere.
  const words = new Set<string>();
  const add = (specifier: ts.Node | undefined, typeOnly: boolean, bindings?: ts.Node): void => {
    if (specifier && ts.isStringLiteralLike(specifier)) found.push({ name: specifier.text, typeOnly, takes: namesIn(bindings) ?? words });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) words.add(node.text);
    else if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node.importClause?.isTypeOnly ?? false, node.importClause?.namedBindings);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly, node.exportClause);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    ts.forEachChild(node, visit);
  };
  visit(parse(file));
  return found;
}

function namesIn(bindings: ts.Node | undefined): ReadonlySet<string> | undefined {
  if (bindings === undefined || !(ts.isNamedImports(bindings) || ts.isNamedExports(bindings))) return undefined;
  return new Set(bindings.elements.map(({ propertyName, name }) => (propertyName ?? name).text));
}

/** The names that a file exports; `*` for a star. */
function exportsOf(file: SourceFile): string[] {
  return parse(file).statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) {
      const clause = statement.exportClause;
      return clause !== undefined && ts.isNamedExports(clause) ? clause.elements.map(({ name }) => name.text) : ['*'];
    }
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    const declared = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [statement as ts.DeclarationStatement];
    return declared.flatMap(({ name }) => (name !== undefined && ts.isIdentifier(name) ? [name.text] : []));
  });
}

const isRelative = ({ name }: Import): boolean => name.startsWith('.');

const targetOf = (file: string, { name }: Import): string => path.posix.normalize(path.posix.join(path.posix.dirname(file), name));

function judgeModule(file: string, { name, typeOnly }: Import): string | undefined {
  const reserved = reservedModules[name];
  if (reserved === undefined || reserved.files.test(file) || (typeOnly && reserved.types?.test(file))) return undefined;
  return reserved.reason;
}

function judgeFile(file: string, target: string, typeOnly: boolean): string | undefined {
  if (target.startsWith('..')) return 'sources import nothing from outside src/';
  if (errors.includes(target)) return undefined;
  const from = roomOf(file);
  const to = roomOf(target);
  if (compositionRoots.includes(target)) return 'a composition root is a program; nobody imports it';
  if (from !== undefined && from === to) return undefined;
  if (to === undefined) return 'only errors.ts, error-facts.ts and the composition roots live at the top of src/';
  return judgeEntry(to, target, typeOnly) ?? judgeDirection(file, from, to);
}

function judgeEntry(room: string, target: string, typeOnly: boolean): string | undefined {
  if (target === `${room}/index.ts` || vocabulary.includes(target)) return undefined;
  if (!holdsTypes.test(target)) return `other rooms enter ${room}/ through ${room}/index.ts`;
  return typeOnly ? undefined : `only types come from ${target}; values come through ${room}/index.ts`;
}

function judgeDirection(file: string, from: string | undefined, to: string): string | undefined {
  if (from === undefined) return compositionRoots.includes(file) ? undefined : 'vocabulary at the top of src/ imports no room';
  if (levelOf(from) < 0) return `room ${from}/ is missing from the order in scripts/layers.ts`;
  if (levelOf(to) < 0) return `room ${to}/ is missing from the order in scripts/layers.ts`;
  if (levelOf(to) >= levelOf(from)) return `${from}/ stands below or beside ${to}/; pass it in, or move the code`;
  const allowed = reservedFor[to];
  if (allowed !== undefined && !allowed.includes(from)) return `only ${allowed.join(', ')} may import ${to}/`;
  return undefined;
}

/** The shortest way from each file back to itself; a file that stands in one already is not told of again. */
function findCycles(imports: ReadonlyMap<string, readonly string[]>): Breach[] {
  const told = new Set<string>();
  return [...imports.keys()].flatMap((file) => {
    if (told.has(file)) return [];
    const way = wayBack(file, imports);
    if (way === undefined) return [];
    for (const member of way) told.add(member);
    return [{ file, target: way[1] ?? file, reason: `a cycle: ${way.join(' → ')}` }];
  });
}

function wayBack(file: string, imports: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const seen = new Set<string>();
  let ways: readonly string[][] = [[file]];
  while (ways.length > 0) {
    const longer: string[][] = [];
    for (const way of ways) {
      for (const target of imports.get(way.at(-1) ?? file) ?? []) {
        if (target === file) return [...way, file];
        if (seen.has(target)) continue;
        seen.add(target);
        longer.push([...way, target]);
      }
    }
    ways = longer;
  }
  return undefined;
}

/** Every import that breaks the order, in the order of the files, then every cycle. */
export function findBreaches(files: readonly SourceFile[]): Breach[] {
  const imports = files.map((file) => ({ file: file.path, found: importsOf(file) }));
  const misplaced = imports.flatMap(({ file, found }) =>
    found.flatMap((each) => {
      const target = isRelative(each) ? targetOf(file, each) : each.name;
      const reason = isRelative(each) ? judgeFile(file, target, each.typeOnly) : judgeModule(file, each);
      return reason === undefined ? [] : [{ file, target, reason }];
    }),
  );
  const graph = imports.map(({ file, found }) => [file, found.filter(isRelative).map((each) => targetOf(file, each))] as const);
  return [...misplaced, ...findCycles(new Map(graph))];
}

/** What front doors export and nobody outside the room takes through them. */
export function findIdleExports(files: readonly SourceFile[]): Breach[] {
  const visits = files.flatMap((file) =>
    importsOf(file).map((each) => ({ from: roomOf(file.path), door: targetOf(file.path, each), takes: each.takes })),
  );
  return files.flatMap((file) => {
    const room = roomOf(file.path);
    if (file.path !== `${room}/index.ts`) return [];
    const taken = visits.filter(({ from, door }) => door === file.path && from !== room);
    const idle = exportsOf(file).filter((name) => !taken.some(({ takes }) => takes.has(name)));
    return idle.map((target) => ({
      file: file.path,
      target,
      reason: target === '*' ? 'a front door names what it exports' : 'no other room takes it',
    }));
  });
}

if (import.meta.main) {
  const files = sourceFiles();
  const breaches = findBreaches(files);
  const idle = findIdleExports(files);
  for (const { file, target, reason } of breaches) console.log(`src/${file} imports ${target}: ${reason}`);
  for (const { file, target, reason } of idle) console.log(`src/${file} exports ${target}: ${reason}`);
  const count = breaches.length + idle.length;
  console.log(count === 0 ? `Layers hold in ${files.length} files.` : `${count} breaches of the layers.`);
  process.exitCode = count === 0 ? 0 : 1;
}
