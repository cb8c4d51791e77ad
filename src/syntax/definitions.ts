/** Which nodes of a tree define a function or a class, what they are called, and what stands around them as their frame. */
import type { Node } from 'web-tree-sitter';
import type { Language } from './languages.ts';

export interface Defined {
  /** Its own name; '' for a frame that gives its members none. */
  readonly name: string;
  /** `frame`: no part by itself, it only holds some: a namespace, an object, a module. */
  readonly kind: 'function' | 'class' | 'frame';
  /** What can stand in its place: another declaration, another member, an assignment to the same. */
  readonly form: 'declaration' | 'member' | 'assignment';
  /** With what belongs to it in the tree: `export`, decorators of Python. */
  readonly outer: Node;
  /** The function or class itself. */
  readonly inner: Node;
  /** What its members stand in, or what it does; null for one without: a signature. */
  readonly body: Node | null;
}

type Define = (node: Node) => Defined | undefined;

const field = (node: Node, ...names: readonly string[]): Node | null => {
  for (const name of names) {
    const found = node.childForFieldName(name);
    if (found !== null) return found;
  }
  return null;
};

/** What `node` defines; undefined for everything else. */
export const definedBy = (node: Node, { grammar }: Language): Defined | undefined => byGrammar[grammar]?.(node);

function named(node: Node, kind: Defined['kind'], form: Defined['form'] = 'declaration'): Defined {
  const name = field(node, 'name')?.text ?? '';
  return { name, kind, form, outer: node, inner: node, body: field(node, 'body') };
}

/** The name of a type without what it points by and takes: `*Box[T]` and `&'a mut a::Box<T>` are `Box`. */
function bareType(node: Node | null): string {
  if (node === null || /^(type_)?identifier$/.test(node.type)) return node?.text ?? '';
  const named = field(node, 'type', 'name');
  const inner = named ?? node.namedChildren.find((child) => child !== null && /type|identifier/.test(child.type)) ?? null;
  return inner === null ? node.text : bareType(inner);
}

// ---- Python

const inPython: Define = (node) => {
  if (node.type === 'function_definition') return named(node, 'function');
  if (node.type === 'class_definition') return named(node, 'class');
  const held = node.type === 'decorated_definition' ? field(node, 'definition') : null;
  const own = held === null ? undefined : inPython(held);
  return own && { ...own, outer: node };
};

// ---- JavaScript and TypeScript

const scriptFunctions = new Set(['arrow_function', 'function_expression', 'generator_function']);

/** The function or class that a value is, also as the first argument of a call that wraps it: `memo(() => …)`, `React.forwardRef(…)`. */
function heldBy(value: Node | null): Node | undefined {
  if (value === null) return undefined;
  if (scriptFunctions.has(value.type) || value.type === 'class') return value;
  if (/^(parenthesized|as|satisfies)_expression$/.test(value.type)) return heldBy(value.firstNamedChild);
  if (value.type !== 'call_expression') return undefined;
  const called = field(value, 'function');
  const wraps = called?.type === 'identifier' || (called?.type === 'member_expression' && /^[A-Z]\w*\.\w+$/.test(called.text));
  const first = wraps ? field(value, 'arguments')?.firstNamedChild : undefined;
  return first && scriptFunctions.has(first.type) && field(first, 'body')?.type === 'statement_block' ? first : undefined;
}

function holding(node: Node, name: string, form: Defined['form'], value: Node | null): Defined | undefined {
  if (value?.type === 'object') return { name, kind: 'frame', form, outer: node, inner: value, body: value };
  const inner = heldBy(value);
  // What wraps it would be lost with another form of declaration.
  const own = value?.type === 'call_expression' && form === 'declaration' ? 'assignment' : form;
  return inner && { name, kind: inner.type === 'class' ? 'class' : 'function', form: own, outer: node, inner, body: field(inner, 'body') };
}

const inScript: Define = (node) => {
  switch (node.type) {
    case 'function_declaration':
    case 'generator_function_declaration':
    case 'function_signature':
      return named(node, 'function');
    case 'class_declaration':
    case 'abstract_class_declaration':
      return named(node, 'class');
    case 'method_definition':
    case 'method_signature':
      return named(node, 'function', 'member');
    case 'internal_module':
    case 'module':
      return named(node, 'frame');
    case 'public_field_definition':
    case 'field_definition':
      return holding(node, field(node, 'name', 'property')?.text ?? '', 'member', field(node, 'value'));
    case 'pair':
      return holding(node, (field(node, 'key')?.text ?? '').replace(/^(['"])(.*)\1$/, '$2'), 'member', field(node, 'value'));
    case 'lexical_declaration':
    case 'variable_declaration': {
      const [only, ...others] = node.namedChildren.filter((child) => child?.type === 'variable_declarator');
      const name = only && field(only, 'name');
      return only && others.length === 0 && name?.type === 'identifier'
        ? holding(node, name.text, 'declaration', field(only, 'value'))
        : undefined;
    }
    case 'expression_statement': {
      const held = node.firstNamedChild;
      if (held?.type === 'internal_module') return { ...named(held, 'frame'), outer: node };
      return held?.type === 'assignment_expression'
        ? holding(node, assignedName(field(held, 'left')?.text ?? ''), 'assignment', field(held, 'right'))
        : undefined;
    }
    case 'export_statement': {
      const held = field(node, 'declaration', 'value');
      const own = held && (inScript(held) ?? holding(node, held.type === 'object' ? '' : 'default', 'declaration', held));
      return own ? { ...own, name: own.name || (own.kind === 'frame' ? '' : 'default'), outer: node } : undefined;
    }
    default:
      return undefined;
  }
};

/** `exports.read` is `read`, `Box.prototype.add` is `Box.add`. */
const assignedName = (left: string): string =>
  /^(?:module\.)?exports$/.test(left)
    ? ''
    : left
        .replace(/^(?:module\.)?exports\./, '')
        .replace('.prototype.', '.')
        .replace(/\.prototype$/, '');

// ---- Go

const inGo: Define = (node) => {
  if (node.type === 'function_declaration') return named(node, 'function');
  if (node.type === 'method_declaration') {
    const type = bareType(field(node, 'receiver')?.namedChildren[0] ?? null);
    const own = named(node, 'function');
    return { ...own, name: `${type}.${own.name}` };
  }
  if (node.type === 'type_declaration' || node.type === 'var_declaration') {
    const [only, ...others] = node.namedChildren.filter((child) => child !== null && !/comment/.test(child.type));
    if (!only || others.length > 0) return undefined;
    if (only.type === 'type_spec') {
      const type = field(only, 'type');
      const isClass = type?.type === 'struct_type' || type?.type === 'interface_type';
      return isClass ? { ...named(only, 'class'), outer: node, inner: node, body: type } : undefined;
    }
    const value = only.type === 'var_spec' ? field(only, 'value')?.firstNamedChild : null;
    return value?.type === 'func_literal'
      ? { ...named(only, 'function'), outer: node, inner: value, body: field(value, 'body') }
      : undefined;
  }
  return undefined;
};

// ---- Rust

const inRust: Define = (node) => {
  switch (node.type) {
    case 'function_item':
      return named(node, 'function');
    case 'macro_definition':
      return { ...named(node, 'function'), body: node };
    case 'struct_item':
    case 'enum_item':
    case 'union_item':
      return named(node, 'class');
    case 'trait_item':
      return named(node, 'class');
    case 'mod_item':
      return field(node, 'body') === null ? undefined : named(node, 'frame');
    case 'impl_item':
      return { ...named(node, 'frame'), name: bareType(field(node, 'type')) };
    default:
      return undefined;
  }
};

// ---- Java

const inJava: Define = (node) => {
  switch (node.type) {
    case 'method_declaration':
    case 'constructor_declaration':
    case 'compact_constructor_declaration':
      return named(node, 'function', 'member');
    case 'class_declaration':
    case 'interface_declaration':
    case 'enum_declaration':
    case 'record_declaration':
      return named(node, 'class');
    default:
      return undefined;
  }
};

const byGrammar: Readonly<Record<string, Define>> = {
  python: inPython,
  typescript: inScript,
  tsx: inScript,
  go: inGo,
  rust: inRust,
  java: inJava,
};
