/**
 * Says a text with `{0}`, `{1}` … filled in, in somebody's language; `vscode.l10n.t` is one. The text is a literal where it is written, so that
 * the bundles of the editor can be held against it.
 */
export type Say = (text: string, ...values: (string | number)[]) => string;

/** As it is written. */
export const english: Say = (text, ...values) => text.replace(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)]));

/** Words as one text: each pair of neighbours is joined by `pair`. */
export const chain = (words: readonly string[], pair: (before: string, word: string) => string): string => words.reduce(pair);
