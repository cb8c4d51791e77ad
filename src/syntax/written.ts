/** A written part as it came: its lines, its tree, and how its lines are laid into a file with another indentation. */
import type { Node } from 'web-tree-sitter';
import type { Language } from './languages.ts';
import { withTree } from './parser.ts';
import { isImport, type TreePart } from './parts.ts';
import type { Span } from './types.ts';

/** What was written, read by a grammar. `scope`: what holds its definitions; of members without their class, the class put around them. */
export interface Reading {
  readonly root: Node;
  readonly scope: Node;
  /** Without the indentation of the first line. */
  readonly text: string;
  /** As they came, in the lines of `text`. */
  readonly lines: readonly string[];
}

const indentOf = (line: string): string => /^[ \t]*/.exec(line)?.[0] ?? '';
const isBlank = (line: string): boolean => line.trim() === '';

/** What members are put into to be read without their class. */
const frames: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  script: [
    ['class $ {', '}'],
    ['({', '})'],
  ],
  java: [
    ['class $ {', '}'],
    ['record $() {', '}'],
  ],
};

/**
 * Gives `use` what was written in each way in which it can be read, until one gives a result; undefined: none of them can be read. Members without
 * their class are read as members first.
 */
export async function readings<T>(
  written: string,
  target: TreePart,
  old: string,
  language: Language,
  use: (reading: Reading) => T | undefined,
): Promise<T | undefined> {
  const lines = await withFirstIndent(
    written
      .replace(/^\s*\n/, '')
      .trimEnd()
      .split('\n'),
    target,
    old,
    language,
  );
  const ways: (readonly [string, string] | undefined)[] = [];
  if (target.form === 'member') ways.push(...(frames[language.grammar === 'java' ? 'java' : 'script'] ?? []));
  const imports = ways.length === 0 ? 0 : await leadingImports(lines, language);
  for (const way of [...ways, undefined]) {
    const all = way === undefined ? lines : [...lines.slice(0, imports), way[0], ...lines.slice(imports), way[1]];
    const base = indentOf(lines[0] ?? '');
    const text = all.map((line) => (line.startsWith(base) ? line.slice(base.length) : isBlank(line) ? '' : line)).join('\n');
    // The grammar of Go asks for the end of the last line.
    const result = await withTree(language, `${text}\n`, (root) => {
      if (root.hasError) return undefined;
      const scope = way === undefined ? root : framed(root, imports);
      return scope && use({ root, scope, text, lines: all });
    });
    if (result !== undefined) return result;
  }
  return undefined;
}

/** The body of the frame that stands in this row. */
function framed(root: Node, row: number): Node | undefined {
  let at: Node | null = root.namedChildren.find((child) => child?.startPosition.row === row) ?? null;
  while (at !== null && !/^(class_body|object)$/.test(at.type)) at = at.childForFieldName('body') ?? at.firstNamedChild;
  return at ?? undefined;
}

/** Lines of imports that stand before members: these cannot stand in their class. */
const leadingImports = (lines: readonly string[], language: Language): Promise<number> =>
  withTree(language, `${lines.join('\n')}\n`, (root) => {
    let rows = 0;
    for (const child of root.namedChildren) {
      if (child === null || !isImport(child, language)) break;
      rows = child.endPosition.row + 1;
    }
    return rows;
  });

/** A first line that lost its indentation while the others kept it gets it back. */
async function withFirstIndent(
  lines: readonly string[],
  { indent = '' }: TreePart,
  old: string,
  language: Language,
): Promise<readonly string[]> {
  const [first = '', ...rest] = lines;
  if (indent === '' || rest.length === 0 || indentOf(first) !== '') return lines;
  const least = async (text: string): Promise<number> => {
    const inside = await withTree(language, text, stringRows);
    const widths = text.split('\n').flatMap((line, row) => (row === 0 || isBlank(line) || inside.has(row) ? [] : [indentOf(line).length]));
    return Math.min(...widths);
  };
  const before = await least(old);
  const kept = before > 0 && Number.isFinite(before) && (await least(lines.join('\n'))) >= before;
  return kept ? [`${indent}${first}`, ...rest] : lines;
}

/** Rows that begin inside of a text in quotes: their blanks are content. Not those of a docstring, which moves with its function. */
export function stringRows(root: Node): ReadonlySet<number> {
  const rows = new Set<number>();
  const visit = (node: Node): void => {
    const isText = /^(string|template_string|string_literal|raw_string_literal|interpreted_string_literal)$/.test(node.type);
    const isDocstring = node.type === 'string' && node.parent?.type === 'expression_statement' && node.parent.namedChildCount === 1;
    if (isText && !isDocstring) {
      for (let row = node.startPosition.row + 1; row <= node.endPosition.row; row++) rows.add(row);
      return;
    }
    for (const child of node.namedChildren) if (child !== null && child.endPosition.row > child.startPosition.row) visit(child);
  };
  visit(root);
  return rows;
}

/** How lines stand where they are put. */
export interface Manner {
  readonly indent: string;
  /** The file's own character of indentation; undefined where it has none. */
  readonly tabs: boolean | undefined;
  /** Spaces that stand for a tab, and the other way round. */
  readonly width: number;
  /** Lines that stand there now. */
  readonly old: ReadonlySet<string>;
}

/** A span of what was written, in lines for the file; the first one without its indentation. */
export function laid({ root, text, lines }: Reading, { start, end }: Span, { indent, tabs, width, old }: Manner): string[] {
  const row = (at: number): number => text.slice(0, at).split('\n').length - 1;
  const [first, last] = [row(start), row(end)];
  const own = indentOf(lines[first] ?? '');
  const inText = stringRows(root);
  const cut = text.slice(end).split('\n')[0]?.length ?? 0;
  const spanned = lines.slice(first, last + 1).map((line, n) => (first + n === last && cut > 0 ? line.slice(0, -cut) : line));
  const code = spanned
    .filter((line, n) => n > 0 && !isBlank(line) && !inText.has(first + n))
    .map((line) => indentOf(line.startsWith(own) ? line.slice(own.length) : line));
  const indented = code.filter((blanks) => blanks !== '');
  const written = indented.length === 0 ? undefined : indented.filter((blanks) => blanks.startsWith('\t')).length > indented.length / 2;
  const isOther = tabs !== undefined && written !== undefined && tabs !== written;
  const unit = Math.min(8, ...indented.map(({ length }) => length));
  const converted = (line: string): string => {
    const blanks = indentOf(line);
    const rest = line.slice(blanks.length);
    if (!isOther) return line;
    if (!tabs) return `${blanks.replaceAll('\t', ' '.repeat(width))}${rest}`;
    const spaces = blanks.replaceAll('\t', ' '.repeat(unit)).length;
    return `${'\t'.repeat(Math.floor(spaces / unit))}${' '.repeat(spaces % unit)}${rest}`;
  };
  const moved = (line: string): string => `${indent}${converted(line.startsWith(own) ? line.slice(own.length) : line.trimStart())}`;
  const withTheirFunction = movedRows(
    spanned.map((line, n) => (inText.has(first + n) ? line : undefined)),
    moved,
    old,
  );
  return spanned.map((line, n) => {
    if (n === 0) return text.slice(start, end).split('\n')[0] ?? '';
    if (own === indent && !isOther) return line;
    if (inText.has(first + n)) return withTheirFunction.has(n) ? moved(line) : line;
    return isBlank(line) ? '' : moved(line);
  });
}

/** Rows of texts in quotes that were moved together with their function: laid back, some of them are lines of the old part, and as they are none. */
function movedRows(rows: readonly (string | undefined)[], moved: (line: string) => string, old: ReadonlySet<string>): ReadonlySet<number> {
  const found = new Set<number>();
  let texts: number[] = [];
  for (let n = 0; n <= rows.length; n++) {
    if (rows[n] !== undefined) {
      texts.push(n);
      continue;
    }
    const lines = texts.flatMap((at) => rows[at] ?? []).filter((line) => !isBlank(line));
    if (lines.some((line) => old.has(moved(line))) && !lines.some((line) => old.has(line))) for (const at of texts) found.add(at);
    texts = [];
  }
  return found;
}
