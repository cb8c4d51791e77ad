/**
 * A file as its parts: functions, methods and classes with what belongs to them (decorators, attributes, the comment right above). Definitions of
 * one name next to each other (a getter and its setter, overloads) are one part.
 */
import type { Node } from 'web-tree-sitter';
import { type Defined, definedBy } from './definitions.ts';
import { type Language, languageOf } from './languages.ts';
import { withTree } from './parser.ts';
import type { FileParts, Part, Span } from './types.ts';

/** A longer text is data, not code: it is read no further. */
export const longestText = 400_000;
const longestSignature = 200;

/** A part while its tree is there. */
export interface TreePart {
  readonly name: string;
  readonly kind: 'function' | 'class' | 'frame';
  readonly form: Defined['form'];
  readonly pieces: readonly Piece[];
  /** What it stands in; undefined at the top of the file. */
  readonly inside: TreePart | undefined;
  readonly start: number;
  readonly end: number;
  /** Nothing but blanks before it in its line; undefined otherwise. */
  readonly indent: string | undefined;
}

/** One definition of a part. */
export interface Piece extends Span {
  /** Where comments, decorators and attributes above it end. */
  readonly codeStart: number;
  readonly defined: Defined;
}

/** Undefined: there is no grammar for the file, or it is too long to be read. */
export async function partsOf(path: string, text: string): Promise<FileParts | undefined> {
  const language = languageOf(path);
  if (language === undefined || text.length > longestText) return undefined;
  return withTree(language, text, (root) => {
    const lineOf = lineCounter(text);
    const parts = treeParts(root, language, text)
      .filter(isWhole)
      .map((part) => described(part, text, lineOf));
    return { parts, imports: importNodes(root, language).map(({ text: own }) => own) };
  });
}

/** Can be asked for and put back by itself: it begins its line, is no frame, and the grammar could read all of it. */
export const isWhole = ({ kind, indent, pieces }: TreePart): boolean =>
  kind !== 'frame' && indent !== undefined && pieces.every(({ defined }) => !defined.outer.hasError);

function described(part: TreePart, text: string, lineOf: (at: number) => number): Part {
  const { name, kind, start, end, pieces, inside } = part;
  const main = pieces.findLast(({ defined }) => defined.body !== null) ?? pieces[0];
  const line = lineOf(start);
  const nested = [...around(inside)].some((outer) => outer.kind === 'function');
  return {
    name,
    kind: kind === 'class' ? 'class' : 'function',
    start,
    end,
    line,
    endLine: lineOf(end),
    nested,
    signature: main ? signatureOf(main, text) : '',
  };
}

/** A part's frames from the inside out, itself first. */
export function* around(part: TreePart | undefined): Generator<TreePart> {
  for (let at = part; at !== undefined; at = at.inside) yield at;
}

/** What stands before the body, in one line. */
function signatureOf({ codeStart, end, defined: { body, inner } }: Piece, text: string): string {
  const head = body === null ? [] : inner.children.filter((child): child is Node => child !== null && child.endIndex <= body.startIndex);
  const last = head.findLast(({ type }) => !/comment/.test(type));
  const own = last ? text.slice(codeStart, last.endIndex) : (text.slice(codeStart, end).split('\n')[0] ?? '');
  const bare = own
    .split(/\s/)
    .filter((word) => word !== '')
    .join(' ')
    .replace(/(?:\{|:|=>)$/, '')
    .trimEnd();
  return bare.length > longestSignature ? `${bare.slice(0, longestSignature - 1)}…` : bare;
}

function lineCounter(text: string): (at: number) => number {
  const starts = [...text.matchAll(/\n/g)].map(({ index }) => index + 1);
  return (at) => {
    let [low, high] = [0, starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}

/** Parts and frames, outer ones first, in the order of the text. */
export function treeParts(root: Node, language: Language, text: string): readonly TreePart[] {
  const found: TreePart[] = [];
  const visit = (node: Node, inside: TreePart | undefined): void => {
    let last: { part: TreePart & { pieces: Piece[]; end: number } } | undefined;
    for (const child of node.namedChildren) {
      if (child === null) continue;
      const defined = definedBy(child, language);
      if (defined === undefined) {
        visit(child, inside);
        continue;
      }
      const piece = pieceOf(root, defined, text);
      const name = [inside?.name ?? '', defined.name].filter((word) => word !== '').join('.');
      if (last?.part.name === name && defined.kind !== 'frame' && /^\s*$/.test(text.slice(last.part.end, piece.start))) {
        last.part.pieces.push(piece);
        Object.assign(last.part, { end: piece.end, kind: defined.kind });
      } else {
        const before = text.slice(text.lastIndexOf('\n', piece.start - 1) + 1, piece.start);
        const part = {
          ...{ name, kind: defined.kind, form: defined.form, pieces: [piece], inside, start: piece.start, end: piece.end },
          indent: /^[\s\uFEFF]*$/.test(before) ? before.replace('\uFEFF', '') : undefined,
        };
        found.push(part);
        last = { part };
      }
      visit(defined.inner, last.part);
    }
  };
  visit(root, undefined);
  return found.filter(({ pieces }) => pieces.some(({ defined }) => defined.body !== null));
}

/** A definition with the comments, decorators and attributes above it, and the semicolon behind it. */
export function pieceOf(root: Node, defined: Defined, text: string): Piece {
  const { outer } = defined;
  const codeStart = codeStartOf(outer);
  const semicolon = /^[ \t]*;/.exec(text.slice(outer.endIndex, outer.endIndex + 20))?.[0].length ?? 0;
  return { start: leadStart(root, outer.startIndex, text), codeStart, end: outer.endIndex + semicolon, defined };
}

/** Behind the decorators and annotations that are children of the definition. */
function codeStartOf(outer: Node): number {
  if (outer.type === 'decorated_definition') return outer.childForFieldName('definition')?.startIndex ?? outer.startIndex;
  const children = outer.children.flatMap((child) => (child?.type === 'modifiers' ? child.children : [child]));
  return children.find((child) => child !== null && !/^decorator$|annotation$|comment$/.test(child.type))?.startIndex ?? outer.startIndex;
}

/** Blanks at the beginning of the line. */
export const indentAt = (text: string, at: number): string => /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1, at))?.[0] ?? '';

const isLead = (node: Node): boolean => /comment|^decorator$|^attribute_item$/.test(node.type);

/** Where what belongs to a definition begins: decorators and attributes above it, and comments with no empty line below them. */
export function leadStart(root: Node, start: number, text: string): number {
  let from = start;
  for (;;) {
    let at = from - 1;
    while (at >= 0 && /\s/.test(text[at] ?? '')) at--;
    if (at < 0) return from;
    let lead: Node | null = root.descendantForIndex(at);
    while (lead !== null && !isLead(lead)) lead = lead.parent;
    // Of nested ones (a doc comment inside a line comment) the outermost.
    while (lead?.parent && isLead(lead.parent)) lead = lead.parent;
    if (lead === null || lead.startIndex >= from) return from;
    const lines = text.slice(at + 1, from).split('\n').length - 1;
    const lineStart = text.lastIndexOf('\n', lead.startIndex - 1) + 1;
    const isComment = /comment/.test(lead.type);
    if (!/^[\s\uFEFF]*$/.test(text.slice(lineStart, lead.startIndex)) && (lines > 0 || isComment)) return from;
    const isApart = lines > 1 || (lines === 1 && text.slice(lineStart, lead.startIndex) !== indentAt(text, from));
    if (isComment && (isApart || /^(\/\/!|\/\*!|#!)/.test(lead.text))) return from;
    from = lead.startIndex;
  }
}

const importTypes: Readonly<Record<string, RegExp>> = {
  python: /^(import_statement|import_from_statement|future_import_statement)$/,
  typescript: /^import_statement$/,
  tsx: /^import_statement$/,
  go: /^import_declaration$/,
  rust: /^(use_declaration|extern_crate_declaration)$/,
  java: /^import_declaration$/,
};

/** `const fs = require('fs')` imports as well. */
export const isImport = (node: Node, { grammar }: Language): boolean =>
  importTypes[grammar]?.test(node.type) === true ||
  (/^(lexical|variable)_declaration$/.test(node.type) &&
    node.namedChildren.every((one) => one?.childForFieldName('value')?.childForFieldName('function')?.text === 'require'));

/** Imports among the children of a node. */
export const importNodes = (scope: Node, language: Language): readonly Node[] =>
  scope.namedChildren.filter((child): child is Node => child !== null && isImport(child, language));

/** The innermost function around a line that no other function holds; of none, the innermost class. */
export function partAt({ parts }: FileParts, line: number): Part | undefined {
  const holding = parts.filter((part) => part.line <= line && line <= part.endLine);
  return holding.findLast(({ kind, nested }) => kind === 'function' && !nested) ?? holding.at(-1);
}
