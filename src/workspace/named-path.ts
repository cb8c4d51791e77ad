import type { Fence } from './fences.ts';

/** Names without an extension that are files all the same. */
const extensionless = /^(?:Makefile|Dockerfile|Gemfile|Rakefile|Procfile|LICENSE|README|Justfile|\.[A-Za-z][\w.-]*)$/;

/** Longer lines name no file, and patterns are not held against them. */
const longestName = 400;

/** Characters around a path that belong to the sentence or to Markdown. Taken off one by one, and only as long as no known file is named. */
const before = /^(?:\.[\\/]|[`*_"'([])/;
const after = /[`*_"')\],:]$/;

/** A word that can only be a path: a name with an extension, or a well-known name, with folders or without. */
function isPathLike(word: string): boolean {
  if (word.length === 0 || word.length > 300 || /[<>|?*"'`{};,=]|:\/\//.test(word) || /^\d+(\.\d+)*$/.test(word)) return false;
  const name = word.split(/[\\/]/).at(-1) ?? '';
  // `f(x.y)` is code; `app/(auth)/page.tsx` is a path.
  if (/[()]/.test(name)) return false;
  return (
    extensionless.test(name) ||
    /^[^\s.][^/\\]*\.[A-Za-z][A-Za-z0-9]{0,9}$/.test(name) ||
    (/[\\/]/.test(word) && /^[\w@.[\]-]+$/.test(name) && word.split(/[\\/]/).every((part) => /^[\w@.()[\] -]+$/.test(part)))
  );
}

/**
 * The path in a word that may wear decorations (`**src/a.py**:`). What a known file is called is never taken for one, nor are marks that stand
 * on one side only (`_config.yml`) or belong to each other inside the path (`[id].ts`).
 */
function bare(word: string, knownPaths: readonly string[]): string {
  let plain = word.trim();
  for (;;) {
    if (knownPaths.includes(plain)) return plain;
    const pair =
      /^(\*{1,3}|_{1,2}|`+|"|')(.+?)\1[,:]*$/.exec(plain) ?? /^(\()(.+)\)[,:]*$/.exec(plain) ?? /^(\[)([^\][]+)\]:?$/.exec(plain);
    const next = (pair?.[2] ?? plain.replace(/^\.[\\/]/, '').replace(/[,:]+$/, '')).trim();
    // `__main__.py` begins and ends differently; `_a_` alone is no file.
    if (next === plain) return loosened(plain, knownPaths);
    plain = next;
  }
}

/** A mark that was opened and never closed, or the other way round (`**src/a.py:`): no path begins or ends so, unless it is a path with it. */
function loosened(word: string, knownPaths: readonly string[]): string {
  let plain = word;
  while (!knownPaths.includes(plain) && !isPathLike(plain)) {
    const next = before.test(plain) ? plain.replace(before, '') : plain.replace(after, '');
    if (next === plain || next === '') return word;
    plain = next.trim();
  }
  return plain;
}

/** What stands in front of a path in a line of its own: heading, list, `File:`. */
const lead = /^(?:#{1,6}|[-*+]|\d+[.)])\s+/;
const label =
  /^\*{0,2}(?:file(?:name| path)?|path|updated file|new file|modified file|create|update|edit|\*\*\* (?:Add|Update) File)\*{0,2}\s*:\s*\*{0,2}/i;
const remark = /\s*\((?:new|updated|modified|fixed|changed)[^)]*\)\s*:?$/i;

/**
 * The path of a line that holds nothing else but decorations: a heading, a bold or quoted path, `File: path`, `1. path:`. One with spaces must be
 * known or quoted: a heading may also be a sentence.
 */
export function pathAlone(line: string, knownPaths: readonly string[]): string | undefined {
  const plain = line.trim();
  if (plain === '' || plain.length > longestName) return undefined;
  const led = plain.replace(lead, '');
  for (const form of [plain, led]) if (knownPaths.includes(bare(form, knownPaths))) return bare(form, knownPaths);
  const rest = led.replace(label, '').replace(remark, '');
  const path = bare(rest, knownPaths);
  if (knownPaths.includes(path)) return path;
  return isPathLike(path) && (!/\s/.test(path) || /^(["'`]).+\1:?$/.test(rest)) ? path : undefined;
}

/** The one path that a line names, alone or in a sentence. */
export function pathInLine(line: string, knownPaths: readonly string[]): string | undefined {
  const alone = pathAlone(line, knownPaths);
  const plain = line.trim();
  if (alone !== undefined || plain === '' || plain.length > longestName) return alone;
  const known = longest(knownPaths.filter((path) => namesPath(plain, path)));
  if (known !== undefined) return known;
  const quoted = [...plain.matchAll(/`([^`]+)`/g)].map((match) => bare(match[1] ?? '', knownPaths)).filter(isPathLike);
  return quoted.length === 1 ? quoted[0] : undefined;
}

const longest = (paths: readonly string[]): string | undefined => paths.toSorted((a, b) => b.length - a.length)[0];

function namesPath(line: string, path: string): boolean {
  for (let at = line.indexOf(path); at >= 0; at = line.indexOf(path, at + 1)) {
    const ahead = line[at - 1] ?? ' ';
    const behind = line[at + path.length] ?? ' ';
    if (!/[\p{L}\p{N}_/\\.-]/u.test(ahead === '/' && line[at - 2] === '.' ? ' ' : ahead) && !/[\p{L}\p{N}_/\\-]/u.test(behind)) return true;
  }
  return false;
}

/** What a fenced block says of the file it is for. */
export interface NamedBlock {
  readonly path: string;
  /** Where: in the info string or a line of its own (sure), in a comment in the first line, in a sentence above. */
  readonly by: 'name' | 'comment' | 'sentence';
}

/** The file a fenced block is for: from its info string, a line of its own, a comment in its first line, or a sentence above it. */
export function pathOfFence(fence: Fence, knownPaths: readonly string[]): NamedBlock | undefined {
  const [above = '', ...further] = fence.above;
  const name = pathInInfo(fence.info, knownPaths) ?? pathAlone(above, knownPaths);
  if (name !== undefined) return { path: name, by: 'name' };
  const comment = pathInComment(fence.body.split('\n')[0] ?? '', knownPaths);
  if (comment !== undefined) return { path: comment, by: 'comment' };
  const headings = further.filter((line) => /^\s*(#{1,6}\s|\*\*|File)/i.test(line));
  const sentence = [above, ...headings].map((line) => pathInLine(line, knownPaths)).find((path) => path !== undefined);
  return sentence === undefined ? undefined : { path: sentence, by: 'sentence' };
}

function pathInInfo(info: string, knownPaths: readonly string[]): string | undefined {
  if (info.length > longestName) return undefined;
  const known = longest(knownPaths.filter((path) => namesPath(info.replace(/^[\w+#-]*:/, ''), path)));
  if (known !== undefined) return known;
  const attribute = /(?:title|file(?:name)?|path)\s*[=:]\s*(?:"([^"]+)"|'([^']+)'|(\S+))/i.exec(info);
  if (attribute !== null) return bare(attribute[1] ?? attribute[2] ?? attribute[3] ?? '', knownPaths);
  const glued = /^[A-Za-z0-9+#-]+:(?!\/\/)(.+)$/.exec(info)?.[1];
  if (glued !== undefined && isPathLike(bare(glued, knownPaths))) return bare(glued, knownPaths);
  const words = info
    .split(/\s+/)
    .map((word) => bare(word, knownPaths))
    .filter((word) => word !== '' && !/^(\/\/|#)$/.test(word));
  return words.find((word, n) => isPathLike(word) && (n > 0 || /[./\\]/.test(word)));
}

/** `// src/a.js` and the like, alone in a block's first line. */
function pathInComment(line: string, knownPaths: readonly string[]): string | undefined {
  if (line.length > longestName) return undefined;
  const comment = /^\s*(?:\/\/|#(?!!)|--|;|<!--|\/\*)\s*(?:file(?:name)?:\s*)?([^\s]+(?: [^\s]+)*?)\s*(?:-->|\*\/)?\s*$/i.exec(line)?.[1];
  if (comment === undefined) return undefined;
  const path = bare(comment, knownPaths);
  if (knownPaths.includes(path)) return path;
  return !/\s/.test(path) && isPathLike(path) && /\.[A-Za-z]/.test(path) ? path : undefined;
}

/**
 * The path meant. A known file is what it is called; a path without its folders stands for the one known file it is the end of; with one file in
 * play, a bare name equal to that file's name does as well. Everything else stays as the model wrote it, but for `./` and backslashes.
 */
export function settlePath(path: string, knownPaths: readonly string[]): string {
  if (knownPaths.includes(path) || path.length > longestName) return path;
  return settleName(bare(path, knownPaths), knownPaths);
}

/** The same for a name that wears no decorations. */
export function settleName(name: string, knownPaths: readonly string[]): string {
  if (knownPaths.includes(name) || name.length > longestName) return name;
  const plain = name.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
  if (knownPaths.includes(plain)) return plain;
  const ends = knownPaths.filter((known) => known.endsWith(`/${plain}`));
  if (ends.length === 1 && (knownPaths.length === 1 || plain.includes('/'))) return ends[0] ?? plain;
  const below = knownPaths.filter((known) => plain.endsWith(`/${known}`));
  return below.length === 1 && plain.startsWith('/') ? (below[0] ?? plain) : plain;
}
