/** Source text as statements and functions. All places are in UTF-16 units of the text, all lines count from 1. */

export interface Span {
  readonly start: number;
  /** Behind the last unit. */
  readonly end: number;
}

export interface Statement extends Span {
  readonly line: number;
  readonly endLine: number;
  /**
   * `plain`: all of it; `header`: what stands before the block of a branch, a loop or a case; `definition`: what stands before the body of a
   * function or a class, or an import.
   */
  readonly role: 'plain' | 'header' | 'definition';
  /** It only says that the body of its function is not written yet. */
  readonly stub?: true;
}

/** What one mutation does to a text: `text` in place of the span. */
export interface Mutation extends Span {
  readonly text: string;
  readonly kind: MutationKind;
}

export type MutationKind =
  | 'operator'
  | 'constant'
  | 'off-by-one'
  | 'opposite-name'
  | 'swapped-arguments'
  | 'negated-condition'
  | 'name-in-scope'
  | 'deleted-statement';

/** All that a function does: from its first statement behind its description to its last one. */
export interface Body extends Span {
  readonly line: number;
  readonly endLine: number;
  /** Words say what the function is for: its docstring, a comment right above it, or the head of a file of which it is the only function. */
  readonly described: boolean;
}

export interface SourceShape {
  /** The grammar found places that it could not read. */
  readonly broken: boolean;
  /** Bodies of functions that stand in blocks; outer ones before those inside them. */
  readonly bodies: readonly Body[];
  /** In the order of the text; never one inside another, so that each unit of text belongs to one statement at most. */
  readonly statements: readonly Statement[];
}

/** A function, a method or a class, with the comments, decorators and attributes that belong to it. */
export interface Part extends Span {
  /** With the names of what it stands in: `Class.method`. Several parts of a file can have one name. */
  readonly name: string;
  readonly kind: 'function' | 'class';
  readonly line: number;
  readonly endLine: number;
  /** Inside of another function. */
  readonly nested: boolean;
  /** What stands before its body, in one line. */
  readonly signature: string;
}

export interface FileParts {
  /** Outer ones first, in the order of the text. */
  readonly parts: readonly Part[];
  /** Imports at the top of the file, as they stand. */
  readonly imports: readonly string[];
}

/** A text with a part put into it, or why that is in doubt: a sentence for whoever wrote the part. */
export type Spliced = { readonly text: string } | { readonly doubt: string };
