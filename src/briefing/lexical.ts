/** Words of code and text, and BM25 over them (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009; by minisearch). */
import MiniSearch from 'minisearch';

const chain = /[\p{L}\p{N}_$]{2,80}/gu;
const hump = /\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lu}+|\p{N}+|[\p{Lo}\p{Lm}]+/gu;
const plain = /^[a-z]+$/;

/**
 * Names split at case changes, underscores and digits, beside the whole name; lower case, stemmed.
 * @param known words of names met before; pass one map for many texts, code repeats its names
 */
export function wordsOf(text: string, known = new Map<string, readonly string[]>()): string[] {
  const words: string[] = [];
  for (const name of text.match(chain) ?? []) {
    let parts = known.get(name);
    if (parts === undefined) {
      parts = wordsOfName(name);
      known.set(name, parts);
    }
    for (const part of parts) words.push(part);
  }
  return words;
}

function wordsOfName(name: string): string[] {
  if (plain.test(name)) return name.length > 2 ? [stem(name)] : [];
  const parts = name.match(hump) ?? [];
  const words = parts.filter((part) => part.length > 2 || /\p{Lo}/u.test(part)).map((part) => stem(part.toLowerCase()));
  return parts.length > 1 ? [name.toLowerCase(), ...words] : words;
}

/** Cuts the commonest English endings, so that "rounding", "rounds" and "rounded" meet. What is left is a beginning of the word. */
export function stem(word: string): string {
  if (word.length < 5 || !plain.test(word)) return word;
  const cut = word.replace(/(?<=.{4})(?:ing|ed)$|(?<=[^s])s$/, '');
  return cut.replace(/(?<=.{3})e$/, '');
}

export interface LexicalDocument {
  readonly path: string;
  readonly text: string;
}

/**
 * Scores documents between 0 and 1 (the best has 1) by the weighted words of a query. Words in a path count twice those in a text.
 * @param query weight by stemmed word
 */
export function rankByWords(documents: readonly LexicalDocument[], query: ReadonlyMap<string, number>): Map<string, number> {
  const known = new Map<string, readonly string[]>();
  const index = new MiniSearch<LexicalDocument>({
    idField: 'path',
    fields: ['path', 'text'],
    extractField: (document, field) => (field === 'text' ? document.text : document.path),
    tokenize: (text) => wordsOf(text, known),
    // Words nobody asks for need no index; they still count for a document's length.
    processTerm: (term) => (query.has(term) ? term : null),
  });
  index.addAll(documents.map(({ path, text }) => ({ path, text })));
  const results = index.search(
    { combineWith: 'OR', queries: [...query.keys()] },
    {
      boost: { path: 2 },
      tokenize: (word) => [word],
      processTerm: (term) => term,
      boostTerm: (term) => query.get(term) ?? 1,
      prefix: false,
      fuzzy: false,
    },
  );
  const best = results[0]?.score ?? 1;
  return new Map(results.map(({ id, score }) => [String(id), score / best]));
}
