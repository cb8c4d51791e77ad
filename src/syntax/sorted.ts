/** What was written, sorted: the part itself, imports, what it newly needs; and what it must not hold. */
import type { Node } from 'web-tree-sitter';
import { type Defined, definedBy } from './definitions.ts';
import type { Language } from './languages.ts';
import { around, isImport, type Piece, pieceOf, type TreePart } from './parts.ts';
import type { Span } from './types.ts';
import type { Reading } from './written.ts';

/** The file that the part is put into. */
export interface File {
  readonly root: Node;
  readonly text: string;
  readonly all: readonly TreePart[];
  readonly target: TreePart;
  readonly language: Language;
}

/** What stands in the reply beside the part. `member`: in the part's own class; `file`: beside what the part stands in. */
export interface Extra {
  readonly span: Span;
  readonly level: 'member' | 'file';
  readonly before: boolean;
}

export interface Found {
  readonly pieces: Piece[];
  readonly imports: Node[];
  readonly extras: Extra[];
  readonly doubts: string[];
}

/** The first line, to name a place. */
export const shortened = (text: string): string => {
  const line = text.trim().split('\n')[0] ?? '';
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
};

/** Whether a name as written, perhaps without what it stands in, is this one. */
const isName = (written: string, name: string): boolean => name === written || name.endsWith(`.${written}`);
const joined = (...names: readonly string[]): string => names.filter((name) => name !== '').join('.');

export function sorted(reading: Reading, file: File): Found {
  const found: Found = { pieces: [], imports: [], extras: [], doubts: [] };
  const { target } = file;
  const isBare = reading.scope.id !== reading.root.id;
  if (isBare) {
    for (const child of reading.root.namedChildren) if (child && isImport(child, file.language)) found.imports.push(child);
  }
  sort(reading.scope, { frame: isBare ? target.inside : undefined, prefix: '', isBare: true }, reading, file, found);
  return found;
}

/** A frame of the file whose members stand here; undefined: what stands beside all of them. */
interface Level {
  readonly frame: TreePart | undefined;
  readonly prefix: string;
  /** Nothing was written around them. */
  readonly isBare: boolean;
}

function sort(scope: Node, level: Level, reading: Reading, file: File, found: Found): void {
  const { target, language, all } = file;
  for (const node of scope.namedChildren) {
    if (node === null || /comment|^decorator$|^attribute_item$|^package_|^ellipsis$/.test(node.type)) continue;
    if (isImport(node, language)) {
      found.imports.push(node);
      continue;
    }
    const defined = definedBy(node, language);
    const name = defined && joined(level.prefix, defined.name);
    if (defined === undefined || name === undefined) {
      other(node, level, reading, file, found);
      continue;
    }
    const piece = pieceOf(reading.root, defined, reading.text);
    const frame = [...around(target.inside)].find(
      (outer) => (defined.name === '' ? outer.name === '' : isName(name, outer.name)) && isAround(defined, outer),
    );
    if (isName(name, target.name) && defined.kind === target.kind) found.pieces.push(piece);
    else if (frame !== undefined && defined.body !== null) {
      sameHeader(defined, frame, found);
      sort(defined.body, { frame, prefix: name, isBare: false }, reading, file, found);
    } else {
      const home = level.isBare && frameOfBare(defined, file) ? target.inside : level.frame;
      const full = joined((home ?? homeOf(target).inside)?.name ?? '', defined.name);
      const known = all.filter((one) => one.name === full);
      if (known.length === 0)
        found.extras.push({
          span: piece,
          level: home !== undefined && home === target.inside ? 'member' : 'file',
          before: found.pieces.length === 0,
        });
      else if (!known.some(({ pieces }) => pieces.some((own) => plain(own.defined.outer.text) === plain(defined.outer.text))))
        found.doubts.push(`The code changes ${known[0]?.name} as well. Write ${target.name} alone, and what it newly needs.`);
    }
  }
}

/** A class around the part, or what gives it its name. */
const isAround = (defined: Defined, outer: TreePart): boolean =>
  defined.kind === outer.kind || (defined.kind === 'frame') === (outer.kind === 'frame');

/** Another class than the file's would be lost: its first line may only say less. */
function sameHeader({ outer, body }: Defined, frame: TreePart, found: Found): void {
  const head = (node: Node, inside: Node | null): string =>
    node.text
      .slice(0, (inside?.startIndex ?? node.endIndex) - node.startIndex)
      .replace(/[{:]\s*$/, '')
      .replace(/\s+/g, '');
  const [piece] = frame.pieces;
  if (piece === undefined) return;
  const [own, written] = [head(piece.defined.outer, piece.defined.body), head(outer, body)];
  if (!own.includes(written)) found.doubts.push(`The code changes the first line of ${frame.name}: ${shortened(outer.text)}`);
}

/** Written without a class, but for one: it takes the object it works on. */
function frameOfBare({ inner }: Defined, { target, language }: File): boolean {
  if (target.inside === undefined || target.inside.kind === 'function') return false;
  const parameters = inner.childForFieldName('parameters');
  if (language.grammar === 'python') return /^\(\s*(self|cls)\b/.test(parameters?.text ?? '');
  if (language.grammar === 'rust') return parameters?.namedChildren.some((one) => one?.type === 'self_parameter') === true;
  return language.grammar === 'java';
}

/** Lines without what does not matter: blanks at their ends, their common indentation, empty ones. */
function plain(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const [first = '', ...rest] = lines.map((line) => line.trimEnd());
  const least = Math.min(...rest.map((line) => line.length - line.trimStart().length));
  return [first.trimStart(), ...rest.map((line) => line.slice(least))].join('\n');
}

/** No definition of a function or class: what the file has already, a constant or a type that is new, or too much. */
function other(node: Node, { frame, isBare }: Level, reading: Reading, file: File, found: Found): void {
  const { target, root } = file;
  if (/^(pass_statement|empty_statement)$/.test(node.type) || /^\.{3}$/.test(node.text.trim())) return;
  const places =
    frame === undefined
      ? [root, ...[...around(target.inside)].flatMap(({ pieces }) => pieces.flatMap(({ defined }) => defined.body ?? []))]
      : frame.pieces.flatMap(({ defined }) => defined.body ?? []);
  const known = places.flatMap((place) => place.namedChildren.filter((child): child is Node => child !== null));
  if (known.some((child) => plain(child.text) === plain(node.text))) return;
  const names = declaredBy(node);
  if (names.length === 0) {
    found.doubts.push(`The code holds more than was asked for: ${shortened(node.text)} Leave it out.`);
    return;
  }
  const twice = known.flatMap(declaredBy).find((name) => names.includes(name));
  if (twice !== undefined) found.doubts.push(`The code changes ${twice} as well. Write ${target.name} alone, and what it newly needs.`);
  const isMember = frame !== undefined && frame === target.inside && !(isBare && reading.scope.id === reading.root.id);
  found.extras.push({ span: { start: pieceStart(node, reading), end: node.endIndex }, level: isMember ? 'member' : 'file', before: true });
}

const pieceStart = (node: Node, { root, text }: Reading): number =>
  pieceOf(root, { name: '', kind: 'frame', form: 'declaration', outer: node, inner: node, body: null }, text).start;

/** Names that a statement gives to a value or a type. */
function declaredBy(node: Node): readonly string[] {
  const held = /^(expression_statement|export_statement)$/.test(node.type) ? node.firstNamedChild : node;
  if (held === null) return [];
  if (held.type === 'assignment') return identifiers(held.childForFieldName('left'));
  if (!/declaration$|^(const|static|type|struct|enum|trait|union|mod)_item$|definition$|^type_alias_statement$/.test(held.type)) return [];
  const own = held.childForFieldName('name') ?? held.childForFieldName('property');
  if (own !== null) return [own.text];
  return held.namedChildren.flatMap((child) => identifiers(child?.childForFieldName('name') ?? null));
}

const identifiers = (node: Node | null): readonly string[] =>
  node === null
    ? []
    : /identifier/.test(node.type)
      ? [node.text]
      : node.descendantsOfType(['identifier', 'shorthand_property_identifier_pattern']).flatMap((one) => one?.text ?? []);

/** What a helper stands beside: the outermost class or object around the part. */
export function homeOf(target: TreePart): TreePart {
  let home = target;
  for (const outer of around(target.inside)) {
    const type = outer.pieces[0]?.defined.inner.type ?? '';
    if (outer.kind === 'function' || /^(mod_item|internal_module|module)$/.test(type) || outer.indent === undefined) break;
    home = outer;
  }
  return home;
}
