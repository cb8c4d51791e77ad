/**
 * A text as statements. What a block holds are statements; of one that holds a block itself only what stands before it counts,
 * so that an `if` can be wrong without its branches.
 */
import type { Node } from 'web-tree-sitter';
import { bodiesOf, isDocstring } from './bodies.ts';
import { type Language, languageOf } from './languages.ts';
import { withTree } from './parser.ts';
import type { SourceShape, Statement } from './types.ts';

/** A longer one is data, not code: it is read no further. */
const longestText = 400_000;
/** A statement over more lines is taken apart into its entries: a table, a list. */
const manyLines = 6;

/** Undefined: there is no grammar for the file, or it is too long to be read. */
export async function shapeOf(path: string, text: string): Promise<SourceShape | undefined> {
  const language = languageOf(path);
  if (language === undefined || text.length > longestText) return undefined;
  return withTree(language, text, (root) => ({
    broken: root.hasError,
    bodies: bodiesOf(root, language, text),
    statements: statementsOf(root, language, text),
  }));
}

/** Statements of a tree, with the node each is the beginning of. */
export function* statementNodes(root: Node, language: Language): Generator<Node> {
  for (const child of root.namedChildren) {
    if (child === null) continue;
    if (isStatement(child, root, language)) yield child;
    yield* statementNodes(child, language);
  }
}

function isStatement(node: Node, parent: Node, language: Language): boolean {
  if (/comment/.test(node.type) || language.blocks.has(node.type)) return language.clauses.has(node.type);
  // `case 1:` is a block of statements and has a value as well.
  if (parent.type === 'switch_case' && parent.childForFieldName('value')?.id === node.id) return false;
  if (language.clauses.has(node.type) || language.blocks.has(parent.type)) return true;
  if (entries.has(node.type) && lines(statementAbove(parent, language)) > manyLines) return true;
  if (!/_statement$/.test(node.type)) return false;
  return [...language.bareBodies].some((field) => parent.childForFieldName(field)?.id === node.id) || parent.type === 'else_clause';
}

const entries = new Set(['pair', 'keyed_element']);
const lines = (node: Node | undefined): number => (node === undefined ? 0 : node.endPosition.row - node.startPosition.row + 1);

function statementAbove(node: Node, language: Language): Node | undefined {
  for (let at: Node | null = node; at?.parent; at = at.parent) if (language.blocks.has(at.parent.type)) return at;
  return undefined;
}

function statementsOf(root: Node, language: Language, text: string): Statement[] {
  const found: Statement[] = [];
  for (const node of statementNodes(root, language)) {
    const end = ownEnd(node, language);
    const start = node.startIndex;
    const own = withoutBrace(text.slice(start, end));
    if (own.trim() === '' || isDocstring(node)) continue;
    const before = found.at(-1);
    // What stands inside an earlier one is a part of it: a function handed over in a call, a branch inside an expression.
    if (before !== undefined && start < before.end) continue;
    const line = node.startPosition.row + 1;
    found.push({
      start,
      end: start + own.length,
      line,
      endLine: line + own.split('\n').length - 1,
      role: roleOf(node, own, end, language),
      ...(isStub(node, own, language) ? { stub: true } : {}),
    });
  }
  return found;
}

/** Without the blanks, and the brace that opens the block, at its end. */
function withoutBrace(text: string): string {
  const trimmed = text.trimEnd();
  return trimmed.endsWith('{') ? trimmed.slice(0, -1).trimEnd() : trimmed;
}

/** Where the statements inside a statement begin. */
function ownEnd(node: Node, language: Language): number {
  let end = node.endIndex;
  const visit = (at: Node): void => {
    for (const child of at.namedChildren) {
      if (child === null || child.startIndex >= end) continue;
      if (isStatement(child, at, language) || holdsStatements(child, language)) end = Math.min(end, child.startIndex);
      else visit(child);
    }
  };
  visit(node);
  return end;
}

/** A block that has statements; an empty one, `{}`, stays a part of what it stands in. */
const holdsStatements = (node: Node, language: Language): boolean =>
  (language.blocks.has(node.type) || node.type === 'block') && node.namedChildCount > 0;

/** Nothing in them can be wrong. */
const bareWord = /^(?:else|try|finally|default|do|loop)\s*:?$/;

function roleOf(node: Node, own: string, end: number, language: Language): Statement['role'] {
  const defines = (at: Node): boolean =>
    language.functions.has(at.type) || language.classes.has(at.type) || language.passive.has(at.type) || at.type === 'decorated_definition';
  if (defines(node)) return 'definition';
  if (/^export_/.test(node.type) && node.namedChildren.some((child) => child !== null && defines(child))) return 'definition';
  if (bareWord.test(own) || (/=>$/.test(own) && node.type !== 'match_arm')) return 'definition';
  return end < node.endIndex ? 'header' : 'plain';
}

/** `pass`, `...`, and what fails with the words for it, in the languages' own forms. */
const saysUnwritten =
  /^(?:pass|\.\.\.|raise NotImplementedError\b.*|throw (?:new )?\w*(?:NotImplemented|UnsupportedOperation)\w*\(.*|(?:todo|unimplemented)!\(.*|(?:throw new \w*Error|panic)\(.*\b(?:not (?:yet )?implemented|unimplemented|implement (?:me|this)|todo)\b.*)$/i;

/** The one statement of a function beside its description. */
function isStub(node: Node, own: string, language: Language): boolean {
  const block = node.parent;
  if (own.length > 200 || !saysUnwritten.test(own.trim()) || !block?.parent) return false;
  const above = block.parent.type === 'block' ? block.parent.parent : block.parent;
  const others = block.namedChildren.filter((child) => child !== null && child.id !== node.id && !isDocstring(child));
  return above !== null && language.functions.has(above.type) && others.every((child) => /comment/.test(child?.type ?? ''));
}
