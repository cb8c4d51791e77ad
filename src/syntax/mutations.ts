/**
 * Small changes of one statement each, made without a model: what most one-place mistakes differ by from what was meant. Likelier kinds come
 * first (of 153 repairs in the benchmark's suites about two fifths are one token swapped, put in or left out).
 */
import type { Node } from 'web-tree-sitter';
import { type Language, languageOf } from './languages.ts';
import { withTree } from './parser.ts';
import { statementNodes } from './statements.ts';
import type { Mutation, MutationKind, Span, Statement } from './types.ts';

/**
 * Kinds in the order in which they are tried, and how many of a kind before the next one's: a statement has many names, and few operators, which are
 * wrong more often.
 */
const inARound: Readonly<Record<MutationKind, number>> = {
  operator: 2,
  constant: 2,
  'off-by-one': 1,
  'opposite-name': 1,
  'negated-condition': 1,
  'swapped-arguments': 1,
  'name-in-scope': 1,
  'deleted-statement': 1,
};
const kinds = Object.keys(inARound) as MutationKind[];

/** Other names tried in one statement. */
const namesTried = 12;

const alternatives: Readonly<Record<string, readonly string[]>> = {
  '<': ['<=', '>', '>='],
  '<=': ['<', '>=', '>'],
  '>': ['>=', '<', '<='],
  '>=': ['>', '<=', '<'],
  '==': ['!='],
  '!=': ['=='],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/', '+'],
  '/': ['*', '%'],
  '//': ['/', '%'],
  '%': ['/', '*'],
  '**': ['*'],
  '<<': ['>>'],
  '>>': ['<<'],
  '&': ['|', '^'],
  '|': ['&', '^'],
  '^': ['&', '|'],
  '&&': ['||'],
  '||': ['&&'],
  '??': ['||'],
  and: ['or'],
  or: ['and'],
  in: ['not in'],
  'not in': ['in'],
  is: ['is not'],
  'is not': ['is'],
  '+=': ['-=', '='],
  '-=': ['+=', '='],
  '*=': ['/=', '+='],
  '/=': ['*='],
  '&=': ['|=', '^='],
  '|=': ['&=', '^='],
  '^=': ['&=', '|='],
  '=': ['+='],
  '++': ['--'],
  '--': ['++'],
  '..': ['..='],
  '..=': ['..'],
  break: ['continue'],
  continue: ['break'],
};

/** Languages in which an operator means something else, or nothing. */
const without: Readonly<Record<string, readonly string[]>> = {
  python: [],
  typescript: ['//', '='],
  tsx: ['//', '='],
  go: ['//', '**', '='],
  rust: ['//', '**', '='],
  java: ['//', '**', '='],
};

const opposites: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ['min', 'max'],
    ['any', 'all'],
    ['some', 'every'],
    ['push', 'unshift'],
    ['pop', 'shift'],
    ['append', 'extend'],
    ['floor', 'ceil'],
    ['startsWith', 'endsWith'],
    ['startswith', 'endswith'],
    ['starts_with', 'ends_with'],
    ['indexOf', 'lastIndexOf'],
    ['find', 'rfind'],
    ['lower', 'upper'],
    ['toLowerCase', 'toUpperCase'],
    ['lstrip', 'rstrip'],
    ['trimStart', 'trimEnd'],
    ['padStart', 'padEnd'],
    ['ljust', 'rjust'],
    ['first', 'last'],
    ['left', 'right'],
    ['start', 'end'],
    ['true', 'false'],
    ['True', 'False'],
    ['keys', 'values'],
    ['slice', 'splice'],
    ['map', 'flatMap'],
    ['add', 'remove'],
    ['prev', 'next'],
    ['width', 'height'],
    ['less', 'greater'],
    ['HasPrefix', 'HasSuffix'],
    ['Min', 'Max'],
  ].flatMap(([a, b]) => [
    [a, b],
    [b, a],
  ]) as [string, string][],
);

/**
 * By statement, in the order they are to be tried. A place that the grammar cannot read has none. `statements` are those of `shapeOf` for the
 * same text.
 */
export async function mutationsOf(
  path: string,
  text: string,
  statements: readonly Statement[],
): Promise<Map<Statement, readonly Mutation[]>> {
  const language = languageOf(path);
  if (language === undefined || statements.length === 0) return new Map();
  const byStart = new Map(statements.map((statement) => [statement.start, statement]));
  return withTree(language, text, (root) => {
    const found = new Map<Statement, readonly Mutation[]>();
    for (const node of statementNodes(root, language)) {
      const statement = byStart.get(node.startIndex);
      if (statement !== undefined && !found.has(statement)) found.set(statement, mutate(node, statement, language, text));
    }
    return found;
  });
}

function mutate(node: Node, statement: Statement, language: Language, text: string): readonly Mutation[] {
  const found: Mutation[] = [];
  const put = (kind: MutationKind, { startIndex: start, endIndex: end }: Node, written: string): void => {
    if (text.slice(start, end) !== written) found.push({ start, end, text: written, kind });
  };
  const names = namesInScope(node, language);
  const inside = (at: Span): boolean => at.start >= statement.start && at.end <= statement.end;
  const mutating = { put, language, names };
  const visit = (at: Node): void => {
    if (at.startIndex >= statement.end) return;
    if (inside({ start: at.startIndex, end: at.endIndex })) mutateNode(at, mutating);
    for (const child of at.children) if (child !== null) visit(child);
  };
  visit(node);
  negate(node, mutating);
  if (statement.role === 'plain' && !/^return/.test(node.type)) put('deleted-statement', node, language.empty);
  const seen = new Set<string>();
  const fresh = found.filter(({ start, end, text: written }) => {
    const result = `${text.slice(statement.start, start)}${written}${text.slice(end, statement.end)}`;
    return !seen.has(result) && seen.add(result);
  });
  return inRounds(fresh);
}

function inRounds(mutations: readonly Mutation[]): readonly Mutation[] {
  const queues = kinds.map((kind) => ({ each: inARound[kind], all: mutations.filter((mutation) => mutation.kind === kind) }));
  const rounds = Math.max(0, ...queues.map(({ each, all }) => Math.ceil(all.length / each)));
  return Array.from({ length: rounds }, (_, round) =>
    queues.flatMap(({ each, all }) => all.slice(round * each, (round + 1) * each)),
  ).flat();
}

interface Mutating {
  put(kind: MutationKind, node: Node, written: string): void;
  readonly language: Language;
  readonly names: readonly string[];
}

/** The condition of a branch or a loop, whose own node ends behind its block. */
function negate(node: Node, { put, language }: Mutating): void {
  const condition = node.childForFieldName('condition');
  if (condition !== null && /^(if|elif|while)_/.test(node.type)) {
    const bare = condition.type === 'parenthesized_expression' ? condition.firstNamedChild : condition;
    if (bare) put('negated-condition', bare, language.not(bare.text));
  }
}

function mutateNode(node: Node, { put, language, names }: Mutating): void {
  const { type, text } = node;
  const parent = node.parent?.type ?? '';
  if (!node.isNamed || /^(break|continue)_statement$/.test(type)) {
    const word = text.replace(/;$/, '');
    const others = isOperator(node) ? (alternatives[word] ?? []) : [];
    if (!(without[language.grammar] ?? []).includes(word)) for (const other of others) put('operator', node, text.replace(word, other));
  }
  if (/^(integer|number|int_literal|integer_literal)$/.test(type) && /^\d+$/.test(text)) {
    const value = Number(text);
    for (const other of [value + 1, value - 1]) if (other >= 0 || value === 0) put('constant', node, String(other));
  }
  if (/^(identifier|property_identifier|field_identifier|true|false)$/.test(type)) {
    const opposite = Object.hasOwn(opposites, text) ? opposites[text] : undefined;
    if (opposite !== undefined) put('opposite-name', node, opposite);
    if (type === 'identifier' && isValue(node, parent)) {
      for (const name of names.filter((other) => other !== text).slice(0, namesTried)) put('name-in-scope', node, name);
    }
  }
  if (isCounted(node, parent)) for (const other of [`${text} + 1`, `${text} - 1`]) put('off-by-one', node, other);
  if (/^(argument_list|arguments)$/.test(type)) swapNeighbours(node, put);
  if (/^binary_(operator|expression)$/.test(type) && /^(-|\/|\/\/|%|\*\*|<<|>>)$/.test(node.child(1)?.text ?? '')) {
    put('swapped-arguments', node, [2, 1, 0].map((at) => node.child(at)?.text ?? '').join(' '));
  }
  if (/^(boolean_operator|binary_expression)$/.test(type) && /^(and|or|&&|\|\|)$/.test(node.child(1)?.text ?? '')) {
    for (const side of [node.child(0), node.child(2)]) if (side) put('negated-condition', node, side.text);
  }
}

/** A token that works on what stands beside it; not the `=` of a default, the `<` of a type, the `*` of an import. */
function isOperator(node: Node): boolean {
  if (/^(break|continue)_statement$/.test(node.type)) return true;
  return /(binary|comparison|boolean|assignment|augmented|update|range|inc_|dec_|compound|not_operator|unary)/.test(
    node.parent?.type ?? '',
  );
}

const isValue = (node: Node, parent: string): boolean =>
  !/(parameter|declarator|function|definition|import|attribute|keyword|type|label)/.test(parent) &&
  !(/^(call|call_expression)$/.test(parent) && node.parent?.childForFieldName('function')?.id === node.id) &&
  !(/assignment|short_var/.test(parent) && node.parent?.childForFieldName('left')?.id === node.id);

/** Where one more or one less is the usual mistake: bounds, indexes, counts, what is handed back. */
const isCounted = (node: Node, parent: string): boolean =>
  /^(identifier|call|call_expression|member_expression|attribute)$/.test(node.type) &&
  !/^(None|nil|null|undefined|NaN)$/.test(node.text) &&
  (/(comparison|slice|subscript|range|index_expression)/.test(parent) ||
    (/^(argument_list|arguments)$/.test(parent) && node.type !== 'attribute') ||
    /^return/.test(parent) ||
    (parent === 'binary_expression' && /^[<>]=?$/.test(node.parent?.child(1)?.text ?? '')));

function swapNeighbours(list: Node, put: Mutating['put']): void {
  const values = list.namedChildren.filter((child): child is Node => child !== null && !/comment|keyword|spread|splat/.test(child.type));
  for (const [index, left] of values.entries()) {
    const right = values[index + 1];
    if (right === undefined || left.text === right.text) continue;
    const written = values.map((value, at) => (at === index ? right.text : at === index + 1 ? left.text : value.text));
    if (values.length === list.namedChildCount) put('swapped-arguments', list, `(${written.join(', ')})`);
  }
}

/** What the function around it names: parameters and what is assigned, the nearest first. */
function namesInScope(node: Node, language: Language): readonly string[] {
  let around: Node | null = node;
  while (around && !language.functions.has(around.type)) around = around.parent;
  if (around === null) return [];
  const names = new Map<string, number>();
  const visit = (at: Node, bound: boolean): void => {
    const binds = bound || /parameter|pattern/.test(at.type);
    if (at.type === 'identifier') {
      const parent = at.parent;
      const assigned = /assignment|declarator|let_declaration|short_var|for_/.test(parent?.type ?? '') && isTarget(at, parent);
      if (binds || assigned) names.set(at.text, Math.abs(at.startIndex - node.startIndex));
    }
    for (const child of at.namedChildren) if (child !== null) visit(child, binds);
  };
  visit(around, false);
  return [...names].sort(([, a], [, b]) => a - b).map(([name]) => name);
}

const isTarget = (node: Node, parent: Node | null): boolean =>
  ['left', 'name', 'pattern'].some((field) => parent?.childForFieldName(field)?.id === node.id);
