/**
 * Where in a plan a position of its YAML text is, by indentation alone: the text is being typed, so it often cannot be parsed. Understands
 * block mappings and lists, and flow forms (`{ id: x, do: test }`, `[read, edit]`) that stand in one line. Pure.
 */

export interface TextPlace {
  /** Keys from the top; `[]` for an item of a list. */
  readonly path: readonly string[];
  /** Keys and plain values of the mapping the position is in. */
  readonly siblings: Readonly<Record<string, string>>;
  /** key: a key is being written; value: the value of the last key of `path` (or an item of its list). */
  readonly kind: 'key' | 'value';
  /** What is written of it before the position. */
  readonly written: string;
}

interface Shape {
  readonly indent: number;
  readonly dash: boolean;
  /** Column of the key, behind the dash. */
  readonly column: number;
  readonly key?: string;
  readonly value: string;
}

const shapeOf = (line: string): Shape | undefined => {
  const found = /^( *)((?:- +)*)(?:([\w-]+|"[^"]*"):(?=\s|$))?\s*(.*)$/.exec(line);
  if (!found || line.trim() === '' || line.trimStart().startsWith('#')) return undefined;
  const [, spaces = '', dashes = '', key, value = ''] = found;
  const bare = /^ *-\s*$/.test(line);
  return {
    indent: spaces.length,
    dash: dashes !== '' || bare,
    column: spaces.length + (bare ? 2 : dashes.length),
    ...(key !== undefined && { key: key.replaceAll('"', '') }),
    value: bare ? '' : value,
  };
};

/** `line` and `character` count from 0. */
export function placeInText(text: string, line: number, character: number): TextPlace {
  const lines = text.split(/\r?\n/);
  const current = lines[line] ?? '';
  const before = current.slice(0, character);
  const opening = openBracket(before);
  const shape = shapeOf(before);
  const column = shape?.column ?? before.length;
  const outer = pathTo(lines, line, column, shape);
  const block = siblingsOf(lines, line, column);
  if (opening) {
    const head = shapeOf(before.slice(0, opening.at));
    const owner = head?.key === undefined ? outer : [...outer, head.key];
    if (opening.bracket === '[') {
      // Inside a flow mapping the list belongs to the key before the bracket.
      const outerMap = openBracket(before.slice(0, opening.at));
      const key = /([\w-]+):\s*$/.exec(before.slice(0, opening.at))?.[1];
      const path = outerMap && key !== undefined ? [...flowOwner(before.slice(0, outerMap.at), outer), key] : owner;
      return {
        path,
        siblings: outerMap ? flowPairs(current.slice(outerMap.at)) : block,
        kind: 'value',
        written: lastPart(before.slice(opening.at + 1)),
      };
    }
    const own = before.slice(opening.at + 1);
    const pairs = flowPairs(current.slice(opening.at));
    const value = /(?:^|,)\s*([\w-]+):\s*([^,{}[\]]*)$/.exec(own);
    if (value) return { path: [...owner, value[1] ?? ''], siblings: pairs, kind: 'value', written: (value[2] ?? '').trim() };
    return { path: owner, siblings: pairs, kind: 'key', written: lastPart(own) };
  }
  if (shape?.key !== undefined) return { path: [...outer, shape.key], siblings: block, kind: 'value', written: shape.value };
  const typed = before.slice(column).trim();
  // A bare word behind a dash may be an item of a list of words, or the first key of a mapping.
  return { path: outer, siblings: block, kind: 'key', written: typed };
}

const flowOwner = (before: string, outer: readonly string[]): readonly string[] => {
  const head = shapeOf(before);
  return head?.key === undefined ? outer : [...outer, head.key];
};

/** The innermost bracket of the line that is still open. */
function openBracket(before: string): { readonly bracket: '{' | '['; readonly at: number } | undefined {
  const open: { bracket: '{' | '['; at: number }[] = [];
  let quote = '';
  for (const [at, letter] of [...before].entries()) {
    if (quote !== '') quote = letter === quote ? '' : quote;
    else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === '{' || letter === '[') open.push({ bracket: letter, at });
    else if (letter === '}' || letter === ']') open.pop();
  }
  return open.at(-1);
}

const flowPairs = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/([\w-]+):\s*([^,{}[\]]*)/g)].map(([, key = '', value = '']) => [key, value.trim()]));

const lastPart = (text: string): string => (text.split(',').at(-1) ?? '').trim();

/** The keys above a column, from the top. */
function pathTo(lines: readonly string[], line: number, column: number, own: Shape | undefined): string[] {
  const path: string[] = [];
  let limit = column;
  // The key of a list may stand in the same column as its dashes.
  let atDash = false;
  if (own?.dash === true) {
    path.unshift('[]');
    limit = own.indent;
    atDash = true;
  }
  for (let index = line - 1; index >= 0 && (limit > 0 || atDash); index -= 1) {
    const shape = shapeOf(lines[index] ?? '');
    if (!shape) continue;
    if (!atDash && shape.dash && shape.column === limit) {
      path.unshift('[]');
      limit = shape.indent;
      atDash = true;
      continue;
    }
    const isOwner = shape.key !== undefined && (shape.column < limit || (atDash && !shape.dash && shape.column === limit));
    if (!isOwner || shape.key === undefined) continue;
    path.unshift(shape.key);
    limit = shape.column;
    atDash = false;
    if (shape.dash) {
      path.unshift('[]');
      limit = shape.indent;
      atDash = true;
    }
  }
  return path;
}

/** Keys of the block mapping whose keys stand in this column. */
function siblingsOf(lines: readonly string[], line: number, column: number): Record<string, string> {
  const found: Record<string, string> = {};
  const take = (index: number): boolean => {
    const shape = shapeOf(lines[index] ?? '');
    if (!shape) return true;
    if (shape.column < column) return false;
    if (shape.column === column && shape.key !== undefined && index !== line) found[shape.key] = shape.value;
    return true;
  };
  const startsItem = (index: number): boolean => {
    const shape = shapeOf(lines[index] ?? '');
    return shape?.dash === true && shape.column === column;
  };
  if (!startsItem(line)) {
    for (let index = line - 1; index >= 0; index -= 1) {
      if (!take(index) || startsItem(index)) break;
    }
  }
  for (let index = line + 1; index < lines.length; index += 1) {
    if (startsItem(index) || !take(index)) break;
  }
  return found;
}
