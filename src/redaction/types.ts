/** What leaves this machine goes through a redaction first: secrets and names out, stable placeholders in. */

export type SecretKind = string;

/** What was replaced by what: `<secret-1>`, `<email-2>`, `<path-3>`, `<user>`, `<host>`, `<home>`, `<workspace>`. */
export type PlaceholderKind = 'secret' | 'email' | 'path' | 'name' | 'user' | 'host' | 'home' | 'workspace' | 'data';

export interface RedactionOptions {
  /** Exact values (API keys, passwords) that must never leave, whatever they look like. */
  readonly known: readonly string[];
  /** The user's login name. */
  readonly user?: string;
  readonly host?: string;
  /** Absolute; what lies below becomes `<path-N>`. */
  readonly home?: string;
  /** Absolute; what lies below keeps its path inside the workspace: `<workspace>/src/sum.js`. */
  readonly workspace?: string;
  /** Our own data folder; copies of the workspace lie in it, and show as `<workspace>` too. */
  readonly dataDir?: string;
  /** Other names of people: the author in git, for example. */
  readonly names?: readonly string[];
  /** Goes on with the numbers of an earlier redaction, so that an export that goes on after a crash uses the same placeholders. */
  readonly memory?: RedactionMemory;
}

/** Which placeholder belongs to which value, without the values: hashes under a random salt. Never leaves this machine. */
export interface RedactionMemory {
  readonly salt: string;
  /** Hash of kind and value → number of the placeholder. */
  readonly numbers: Readonly<Record<string, number>>;
}

export interface RedactionReport {
  /** Occurrences replaced, by kind of placeholder. */
  readonly replaced: Readonly<Partial<Record<PlaceholderKind, number>>>;
  /** Occurrences of secrets by what recognised them: `known`, `github-token`, `assignment`, … */
  readonly secrets: Readonly<Record<SecretKind, number>>;
  /** Different values, by kind of placeholder. */
  readonly distinct: Readonly<Partial<Record<PlaceholderKind, number>>>;
}

export interface Redaction {
  /** A text without what must not leave. A text that is JSON stays JSON. */
  text(text: string): Promise<string>;
  /** A plain JSON value with every string and key redacted; a string under a key such as `password` goes as a whole. */
  value<T>(value: T): Promise<T>;
  /** What was replaced since this redaction was made. */
  report(): RedactionReport;
  memory(): RedactionMemory;
}

/** A part of a text that must go, in places of that text. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly placeholder: PlaceholderKind;
  /** What recognised it. */
  readonly kind: SecretKind;
  /** What the placeholder stands for: the same value gets the same number, however it is written. */
  readonly value: string;
}
