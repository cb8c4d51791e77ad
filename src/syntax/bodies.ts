/** What functions do, each as a whole: what is left out of a text when a function is to be written anew. */
import type { Node } from 'web-tree-sitter';
import type { Language } from './languages.ts';
import { around, type Piece, type TreePart, treeParts } from './parts.ts';
import type { Body, SourceShape, Statement } from './types.ts';

/** Of functions whose body is a block, outer ones first. */
export function bodiesOf(root: Node, language: Language, text: string): readonly Body[] {
  const functions = treeParts(root, language, text).filter(({ kind }) => kind === 'function');
  const outermost = functions.filter(isOutermost);
  const [head] = root.namedChildren;
  const headDescribes =
    outermost.length === 1 && head !== undefined && head !== null && isDescription(head) && !/copyright|licen[cs]e|spdx/i.test(head.text);
  return functions.flatMap((part) =>
    part.pieces.flatMap((piece) => {
      const own = statementsIn(piece, language);
      const [first, last] = [own.statements[0], own.statements.at(-1)];
      if (first === undefined || last === undefined) return [];
      const described =
        own.described || saysSomething(commentsIn(text.slice(piece.start, piece.codeStart))) || (headDescribes && isOutermost(part));
      const lines = { line: first.startPosition.row + 1, endLine: last.endPosition.row + 1 };
      return [{ start: first.startIndex, end: last.endIndex, ...lines, described }];
    }),
  );
}

/** Whether words say what the function is for whose body begins with this statement. */
export const isDescribed = ({ bodies }: Pick<SourceShape, 'bodies'>, { start }: Statement): boolean =>
  bodies.some((body) => body.start === start && body.described);

const isOutermost = ({ inside }: TreePart): boolean => ![...around(inside)].some(({ kind }) => kind === 'function');

/** The statements of the block without its description; none where the body is no block. */
function statementsIn({ defined: { body } }: Piece, { blocks }: Language): { statements: readonly Node[]; described: boolean } {
  if (body === null || !(blocks.has(body.type) || body.type === 'block')) return { statements: [], described: false };
  const [only, ...others] = body.namedChildren;
  // In Go a block holds one list of statements.
  const children = others.length === 0 && only && blocks.has(only.type) ? only.namedChildren : body.namedChildren;
  const held = children.filter((child) => child !== null);
  const statements = held.filter((child) => !isDescription(child));
  const before = held.slice(0, statements[0] ? held.indexOf(statements[0]) : held.length);
  return { statements, described: before.some(({ text }) => saysSomething(text)) };
}

export const isDocstring = (node: Node): boolean =>
  node.type === 'expression_statement' && node.namedChildCount === 1 && node.firstNamedChild?.type === 'string';

const isDescription = (node: Node): boolean => /comment/.test(node.type) || isDocstring(node);

/** Of what stands above a function: no decorators and attributes. */
const commentsIn = (lead: string): string =>
  lead
    .split('\n')
    .filter((line) => !/^(?:@|#!?\[)/.test(line.trimStart()))
    .join('\n');

/** Three words at least: less names no task. */
const saysSomething = (text: string): boolean => (text.match(/\p{L}{2,}/gu)?.length ?? 0) >= 3;
