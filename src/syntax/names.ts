/** Where a name stands in a text as a name: not in a comment, not in a string, not as a part of another one. */
import type { Node } from 'web-tree-sitter';
import { definedBy } from './definitions.ts';
import { type Language, languageOf } from './languages.ts';
import { withTree } from './parser.ts';
import { longestText } from './parts.ts';

export interface NamePlace {
  /** From 1. */
  readonly line: number;
  /** What it defines there; `use` everywhere else. */
  readonly as: 'function' | 'class' | 'use';
}

/** The places of a name, by its letters alone: two things of one name are not told apart. Undefined: no grammar for the file, or it is too long. */
export async function placesOfName(path: string, text: string, name: string): Promise<readonly NamePlace[] | undefined> {
  const language = languageOf(path);
  if (language === undefined || text.length > longestText) return undefined;
  return withTree(language, text, (root) => {
    const lines = new Map<number, NamePlace['as']>();
    for (const node of named(root, name)) {
      const as = definitionAt(node, language) ?? 'use';
      const line = node.startPosition.row + 1;
      if (as !== 'use' || !lines.has(line)) lines.set(line, as);
    }
    return [...lines].map(([line, as]) => ({ line, as })).sort((a, b) => a.line - b.line);
  });
}

/** Names are leaves of the tree, and every grammar here calls them some kind of identifier. */
function* named(node: Node, name: string): Generator<Node> {
  if (node.childCount === 0) {
    if (/identifier$/.test(node.type) && node.text === name) yield node;
    return;
  }
  for (const child of node.children) if (child !== null && child.endIndex > child.startIndex) yield* named(child, name);
}

/** What is defined where its name stands. */
function definitionAt(node: Node, language: Language): Exclude<NamePlace['as'], 'use'> | undefined {
  for (let around = node.parent, steps = 0; around !== null && steps < 4; around = around.parent, steps += 1) {
    const found = definedBy(around, language);
    if (found === undefined || found.kind === 'frame') continue;
    const isName = found.name.split('.').at(-1) === node.text && node.endIndex <= (found.body?.startIndex ?? found.outer.endIndex);
    return isName ? found.kind : undefined;
  }
  return undefined;
}
