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

export interface Definition extends Span {
  readonly name: string;
  readonly kind: 'function' | 'class';
  readonly line: number;
  readonly endLine: number;
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

export interface SourceShape {
  /** The grammar found places that it could not read. */
  readonly broken: boolean;
  /** In the order of the text; never one inside another, so that each unit of text belongs to one statement at most. */
  readonly statements: readonly Statement[];
  /** Outer ones first. */
  readonly definitions: readonly Definition[];
}
