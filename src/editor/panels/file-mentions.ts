/** Files that a text speaks of: `src/a.js`, `src/a.js:3-5`, `docs/my notes.md#L3-L5`. Only those that are there become links. Pure. */

interface Mention {
  /** As it stands in the text. */
  readonly text: string;
  /** In the workspace, forward slashes. */
  readonly path: string;
  /** From 1. */
  readonly line?: number | undefined;
  readonly endLine?: number | undefined;
}

/** The file that a name means: its path in the workspace when it is there, else undefined. */
export type FindFile = (name: string) => string | undefined;

/** `:3`, `:3-5`, `:3:7` (the last is a column), `#L3`, `#L3-L5`. */
const lines = /(?::(\d{1,7})(?:[-–](\d{1,7})|:\d{1,7})?|#L(\d{1,7})(?:C\d+)?(?:[-–]L?(\d{1,7})(?:C\d+)?)?)$/u;

/** A text that means one file as a whole: the target of a link, or what stands between backticks. */
export function mentioned(text: string, find: FindFile): Mention | undefined {
  const name = text.trim();
  const found = lines.exec(name);
  const [, line = found?.[3], endLine = found?.[4]] = found ?? [];
  // A file may be called like this.
  const whole = find(name);
  if (whole !== undefined) return { text, path: whole };
  const path = found === null ? undefined : find(name.slice(0, found.index));
  if (path === undefined) return undefined;
  const [first, last] = [Number(line), Number(endLine)];
  return { text, path, ...(first > 0 && { line: first, ...(last >= first && { endLine: last }) }) };
}

/** The target of a link, which may be written as an address. */
export function mentionedByLink(target: string, find: FindFile): Mention | undefined {
  return mentioned(target, find) ?? mentioned(decoded(target).replace(/^file:\/\//i, ''), find);
}

function decoded(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch (error) {
    if (error instanceof URIError) return target;
    throw error;
  }
}

/** Words that a name with spaces may have before its last one. */
const mostSpaces = 4;
const opening = /^[([{<"'“„‘«*_]+/u;
const closing = new Set([...`)]}>"'”“’»*_.,;:!?…`]);
/** A name in a script that sets no spaces. */
const plainName = /[\w@+~./-]+(?::\d+(?:-\d+)?|#L\d+(?:-L?\d+)?)?/g;
/** It has a folder or an ending; all else is a word like others. */
const looksLikeFile = /[\\/.]./;

/** The text in pieces, those that mention a file apart. */
export function piecesOf(text: string, find: FindFile): (string | Mention)[] {
  const pieces: (string | Mention)[] = [];
  const words = [...text.matchAll(/\S+/gu)].map(({ 0: word, index }) => ({ start: index, end: index + word.length }));
  let done = 0;
  for (const [index, { start, end }] of words.entries()) {
    if (start < done || !looksLikeFile.test(text.slice(start, end))) continue;
    const hit = hitIn(text, words.slice(Math.max(0, index - mostSpaces), index + 1), done, find);
    if (hit === undefined) continue;
    const { mention, from } = hit;
    if (from > done) pieces.push(text.slice(done, from));
    pieces.push(mention);
    done = from + mention.text.length;
  }
  if (done < text.length) pieces.push(text.slice(done));
  return pieces;
}

/** The longest name that ends with the last word. */
function hitIn(
  text: string,
  words: readonly { readonly start: number; readonly end: number }[],
  done: number,
  find: FindFile,
): { readonly mention: Mention; readonly from: number } | undefined {
  const last = words.at(-1);
  if (last === undefined) return undefined;
  for (const { start } of words) {
    if (start < done) continue;
    const raw = text.slice(start, last.end);
    // Brackets and marks at its ends may belong to the sentence, or to the name.
    for (const from of [0, opening.exec(raw)?.[0].length ?? 0])
      for (const cut of [raw, withoutClosing(raw)]) {
        const mention = cut.length > from ? mentioned(cut.slice(from), find) : undefined;
        if (mention !== undefined) return { mention, from: start + from };
      }
  }
  for (const { 0: name, index } of text.slice(last.start, last.end).matchAll(plainName)) {
    const mention = looksLikeFile.test(name) ? mentioned(withoutClosing(name), find) : undefined;
    if (mention !== undefined) return { mention, from: last.start + index };
  }
  return undefined;
}

/** Without the brackets and marks at the end. */
function withoutClosing(text: string): string {
  const characters = [...text];
  const last = characters.findLastIndex((character) => !closing.has(character));
  return characters.slice(0, last + 1).join('');
}
