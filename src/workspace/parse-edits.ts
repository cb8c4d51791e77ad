import type { EditFormat, FileEdit } from './edit-types.ts';
import { type Fence, findFences } from './fences.ts';
import { pathInLine, pathOfFence, settlePath } from './named-path.ts';
import type { EditProblem } from './types.ts';

export interface ParsedEdits {
  readonly edits: readonly FileEdit[];
  /** What looked like an edit but could not be read; for the model's next try. */
  readonly problems: readonly EditProblem[];
  /** Paths whose block was not closed when the reply ended: complete only if the reply was not cut off. */
  readonly unclosed: readonly string[];
}

/**
 * Reads the edits out of a model's reply. `format` is what was asked for; a reply in another of the formats is understood too, since
 * models often answer as they were trained to. `knownPaths` are the files in play: they settle a block without a path, and a path that
 * lacks its folders. Never throws.
 */
export function parseEdits(reply: string, format: EditFormat, knownPaths: readonly string[]): ParsedEdits {
  const text = withoutThoughts(reply.replaceAll('\r\n', '\n'));
  const deletions = findDeletions(text);
  const read = /^[^\S\r\n\u2028\u2029]*<{5,9} ?(?:SEARCH|ORIGINAL|HEAD|search)?\s*$/m.test(text)
    ? searchReplace(text, knownPaths)
    : looksLikeDiff(text, format)
      ? unifiedDiffs(text, knownPaths)
      : wholeFiles(text, knownPaths);
  return { ...read, edits: [...read.edits, ...deletions] };
}

/** Think blocks are no answer; one that was never closed takes the rest with it only when nothing else is left. */
function withoutThoughts(text: string): string {
  const closed = text.replace(/<think(ing)?>[\s\S]*?<\/think(ing)?>/g, '');
  return closed.replace(/^[\s\S]*<\/think(ing)?>/, '');
}

function looksLikeDiff(text: string, format: EditFormat): boolean {
  const headers = /^--- \S.*\n\+\+\+ \S/m.test(text) || /^```(diff|patch|udiff)\b/m.test(text);
  const hunks = /^@@.*@@|^@@\s*$/m.test(text);
  return headers ? hunks || format === 'unified-diff' : format === 'unified-diff' && hunks;
}

/** `DELETE: path` or `*** Delete File: path` on a line of its own. */
function findDeletions(text: string): FileEdit[] {
  const found: FileEdit[] = [];
  for (const [, named = ''] of text.matchAll(/^(?:\*{3} Delete File:|DELETE(?: FILE)?:?|Delete file:)[ \t]([^\n]+)$/gm)) {
    const path = named
      .trim()
      .replace(/^[`"]|[`"]$/g, '')
      .trim();
    if (path !== '' && !/[`"]/.test(path)) found.push({ kind: 'delete', path });
  }
  return found;
}

// ---- whole files ----------------------------------------------------------------------------------------------------------------

function wholeFiles(text: string, knownPaths: readonly string[]): ParsedEdits {
  const fences = findFences(text);
  const named: { fence: Fence; path: string; body: string }[] = [];
  const nameless: Fence[] = [];
  for (const fence of fences) {
    const found = pathOfFence(fence, knownPaths);
    if (found === undefined) nameless.push(fence);
    else named.push({ fence, path: found.path, body: found.by === 'comment' ? withoutFirstLine(fence.body) : fence.body });
  }
  const only = knownPaths.length === 1 ? knownPaths[0] : undefined;
  if (named.length === 0 && only !== undefined) {
    const fence = likeliest(nameless, only);
    if (fence !== undefined) named.push({ fence, path: only, body: fence.body });
    else if (fences.length === 0 && looksLikeBareCode(text))
      return { edits: [{ kind: 'whole-file', path: only, text }], problems: [], unclosed: [only] };
  }
  // A file written twice: the last version counts, models correct themselves.
  const last = new Map(named.map((one) => [settlePath(one.path, knownPaths), one]));
  const edits = [...last].map(([path, one]): FileEdit => ({ kind: 'whole-file', path, text: one.body }));
  const problems: EditProblem[] =
    edits.length === 0 && nameless.length > 0
      ? [{ path: '', kind: 'unparseable', message: 'There is code in the reply, but no path says which file it is for.' }]
      : [];
  return { edits, problems, unclosed: [...last].filter(([, one]) => !one.fence.closed).map(([path]) => path) };
}

const withoutFirstLine = (body: string): string => body.replace(/^[^\n]*\n\n?/, '');

/** Of several blocks without a path the longest in the file's language is the file; shell commands and output are not. */
function likeliest(fences: readonly Fence[], path: string): Fence | undefined {
  const notCode = /^(sh|bash|shell|console|text|txt|output|plaintext|terminal|zsh)$/i;
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  const code = fences.filter((fence) => extension === 'sh' || extension === 'txt' || !notCode.test(fence.language));
  return code.reduce<Fence | undefined>(
    (best, fence) => (best === undefined || fence.body.length >= best.body.length ? fence : best),
    undefined,
  );
}

/** A weak model that answers with code alone, without fences. */
function looksLikeBareCode(text: string): boolean {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const code = lines.filter((line) => /[;{}()=]|^\s*(def|class|import|from|return|if|for|while|#|\/\/)\b/.test(line));
  return (
    lines.length >= 2 &&
    code.length / lines.length > 0.6 &&
    /^(\s*)(import|from|def|class|function|const|let|var|export|package|use|#|\/\/|\/\*|"use)/.test(lines[0] ?? '')
  );
}

// ---- search and replace ---------------------------------------------------------------------------------------------------------

/** Of a line without blanks around it. */
const searchMark = /^<{5,9} ?(SEARCH|ORIGINAL|HEAD|search)?\s*(?:[`"]?([^\s`"]+)[`"]?)?$/;
const middleMark = /^\s*={5,9}\s*$/;
const replaceMark = /^\s*>{5,9} ?(REPLACE|UPDATED|replace|[\w./-]+)?\s*$/;

function searchReplace(text: string, knownPaths: readonly string[]): ParsedEdits {
  const lines = text.split('\n');
  const edits: FileEdit[] = [];
  const problems: EditProblem[] = [];
  const unclosed: string[] = [];
  let path: string | undefined;
  for (let at = 0; at < lines.length; at++) {
    const opening = searchMark.exec((lines[at] ?? '').trim());
    if (opening === null) {
      path = pathInLine(lines[at] ?? '', knownPaths) ?? path;
      continue;
    }
    const middle = indexFrom(lines, at + 1, middleMark);
    const closing = middle < 0 ? -1 : indexFrom(lines, middle + 1, replaceMark, searchMark);
    const target = opening[2] ?? path ?? (knownPaths.length === 1 ? knownPaths[0] : undefined);
    if (middle < 0) {
      problems.push({ path: target ?? '', kind: 'unparseable', message: 'A SEARCH block has no ======= line.' });
      continue;
    }
    const end = closing < 0 ? endOfBlock(lines, middle + 1) : closing;
    if (target === undefined) {
      problems.push({ path: '', kind: 'unparseable', message: 'A SEARCH block has no path above it.' });
    } else {
      const settled = settlePath(target, knownPaths);
      const block = (from: number, to: number) =>
        lines
          .slice(from, to)
          .map((line) => `${line}\n`)
          .join('');
      edits.push({ kind: 'search-replace', path: settled, search: block(at + 1, middle), replace: block(middle + 1, end) });
      if (closing < 0) unclosed.push(settled);
    }
    at = closing < 0 ? end - 1 : end;
  }
  return { edits, problems, unclosed };
}

function indexFrom(lines: readonly string[], from: number, mark: RegExp, stop?: RegExp): number {
  for (let at = from; at < lines.length; at++) {
    const line = (lines[at] ?? '').trim();
    if (mark.test(line)) return at;
    if (stop?.test(line)) return -1;
  }
  return -1;
}

/** A block without its last mark ends at the fence, the next block or the end of the reply. */
function endOfBlock(lines: readonly string[], from: number): number {
  for (let at = from; at < lines.length; at++)
    if (/^\s*`{3,}\s*$/.test(lines[at] ?? '') || searchMark.test((lines[at] ?? '').trim())) return at;
  while (lines.length > from && (lines.at(-1) ?? '').trim() === '') return lines.length - 1;
  return lines.length;
}

// ---- unified diffs --------------------------------------------------------------------------------------------------------------

function unifiedDiffs(text: string, knownPaths: readonly string[]): ParsedEdits {
  const fences = findFences(text).filter((fence) => /^(diff|patch|udiff)?$/i.test(fence.language) && /^(@@|[-+])/m.test(fence.body));
  const sources = fences.length > 0 ? fences.map((fence) => fence.body) : [text];
  const edits: FileEdit[] = [];
  const problems: EditProblem[] = [];
  for (const source of sources) {
    for (const { path, deleted, patch } of splitDiff(source)) {
      const target = path ?? (knownPaths.length === 1 ? knownPaths[0] : undefined);
      if (target === undefined)
        problems.push({ path: '', kind: 'unparseable', message: 'A diff has no --- and +++ lines that name its file.' });
      else if (deleted) edits.push({ kind: 'delete', path: settlePath(target, knownPaths) });
      else edits.push({ kind: 'unified-diff', path: settlePath(target, knownPaths), patch });
    }
  }
  return { edits, problems, unclosed: [] };
}

interface OneFileDiff {
  path: string | undefined;
  deleted: boolean;
  patch: string;
}

function splitDiff(text: string): OneFileDiff[] {
  const lines = text.split('\n');
  const files: { path: string | undefined; deleted: boolean; lines: string[] }[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const next = lines[at + 1] ?? '';
    if (line.startsWith('--- ') && next.startsWith('+++ ')) {
      const before = headerPath(line.slice(4));
      const after = headerPath(next.slice(4));
      files.push({ path: after ?? before, deleted: after === undefined, lines: [] });
      at++;
    } else if (files.length === 0 && line.startsWith('@@')) files.push({ path: undefined, deleted: false, lines: [line] });
    else if (!/^(diff --git |index [0-9a-f]+\.\.)/.test(line)) files.at(-1)?.lines.push(line);
  }
  return files.map((file) => ({ path: file.path, deleted: file.deleted, patch: file.lines.join('\n') }));
}

/** The path of a `---` or `+++` line without `a/`, `b/` and a time; undefined for /dev/null. */
function headerPath(field: string): string | undefined {
  const path = (field.split('\t')[0] ?? '').trim().replace(/^"(.*)"$/, '$1');
  return path === '/dev/null' ? undefined : path.replace(/^[ab]\//, '');
}
