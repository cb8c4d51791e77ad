import type { Fence } from './fences.ts';

const extensionless = /^(?:Makefile|Dockerfile|Gemfile|Rakefile|Procfile|LICENSE|README|Justfile|\.[A-Za-z][\w.-]*)$/;

/** A word that can only be a path: a name with an extension, or a well-known name, with folders or without. */
function isPathLike(word: string): boolean {
  if (word.length === 0 || word.length > 300 || /[<>|?*"'`{}();,=]|:\/\//.test(word) || /^\d+(\.\d+)*$/.test(word)) return false;
  const name = word.split(/[\\/]/).at(-1) ?? '';
  return (
    extensionless.test(name) ||
    /^[^\s.][^/\\]*\.[A-Za-z][A-Za-z0-9]{0,9}$/.test(name) ||
    (/[\\/]/.test(word) && /^[\w@.-]+$/.test(name) && word.split(/[\\/]/).every((part) => /^[\w@. -]+$/.test(part)))
  );
}

/** Longer lines name no file, and patterns are not held against them. */
const longestName = 400;

const tidy = (word: string): string =>
  word
    .trim()
    .replace(/^[`*_"'([]+|(?<![`*_"')\],:])[`*_"')\],:]+$/g, '')
    .replace(/^(?:\.[\\/])+/, '')
    .trim();

/** A line that names a file and little else: a heading, a bold or quoted path, `File: path`, `1. path:`. */
export function pathInLine(line: string, knownPaths: readonly string[]): string | undefined {
  const plain = line.trim();
  if (plain === '' || plain.length > longestName) return undefined;
  const known = knownPaths.filter((path) => namesPath(plain, path)).sort((a, b) => b.length - a.length)[0];
  const bare = tidy(
    plain
      .replace(/^(?:#{1,6}|[-*+]|\d+[.)])\s+/, '')
      .replace(
        /^\*{0,2}(?:file(?:name| path)?|path|updated file|new file|modified file|create|update|edit|\*\*\* (?:Add|Update) File)\*{0,2}\s*:\s*\*{0,2}/i,
        '',
      )
      .replace(/\s*\((?:new|updated|modified|fixed|changed)[^)]*\)\s*:?$/i, ''),
  );
  if (isPathLike(bare) && (!/\s/.test(bare) || knownPaths.includes(bare))) return bare;
  if (known !== undefined) return known;
  const quoted = [...plain.matchAll(/`([^`]+)`/g)].map((match) => tidy(match[1] ?? '')).filter(isPathLike);
  return quoted.length === 1 ? quoted[0] : undefined;
}

function namesPath(line: string, path: string): boolean {
  const at = line.indexOf(path);
  if (at < 0) return false;
  const before = line[at - 1] ?? ' ';
  const after = line[at + path.length] ?? ' ';
  return !/[\w/\\.-]/.test(before === '/' && line[at - 2] === '.' ? ' ' : before) && !/[\w/\\-]/.test(after);
}

/** The file a fenced block is for: from its info string, a comment in its first line, or the lines above it. */
export function pathOfFence(fence: Fence, knownPaths: readonly string[]): { path: string; body: string } | undefined {
  const inInfo = pathInInfo(fence.info, knownPaths);
  if (inInfo !== undefined) return { path: inInfo, body: fence.body };
  const nearest = fence.above[0] === undefined ? undefined : pathInLine(fence.above[0], knownPaths);
  const [firstLine = '', ...others] = fence.body.split('\n');
  const inComment = pathInComment(firstLine, knownPaths);
  if (inComment !== undefined) return { path: inComment, body: others.join('\n').replace(/^\n/, '') };
  if (nearest !== undefined) return { path: nearest, body: fence.body };
  for (const line of fence.above.slice(1)) {
    const path = /^\s*(#{1,6}\s|\*\*|File)/i.test(line) ? pathInLine(line, knownPaths) : undefined;
    if (path !== undefined) return { path, body: fence.body };
  }
  return undefined;
}

function pathInInfo(info: string, knownPaths: readonly string[]): string | undefined {
  if (info.length > longestName) return undefined;
  const known = knownPaths.filter((path) => namesPath(info.replace(/^[\w+#-]*:/, ''), path)).sort((a, b) => b.length - a.length)[0];
  if (known !== undefined) return known;
  const attribute = /(?:title|file(?:name)?|path)\s*[=:]\s*["']?([^"'\s]+(?:[^"']*?\.[A-Za-z0-9]+)?)["']?/i.exec(info)?.[1];
  if (attribute !== undefined) return tidy(attribute);
  const glued = /^[A-Za-z0-9+#-]+:(?!\/\/)(.+)$/.exec(info)?.[1];
  if (glued !== undefined && isPathLike(tidy(glued))) return tidy(glued);
  const words = info
    .split(/\s+/)
    .map(tidy)
    .filter((word) => word !== '' && !/^(\/\/|#)$/.test(word));
  const path = words.find((word, n) => isPathLike(word) && (n > 0 || /[./\\]/.test(word)));
  return path;
}

/** `// src/a.js` and the like, alone in a block's first line. */
function pathInComment(line: string, knownPaths: readonly string[]): string | undefined {
  if (line.length > longestName) return undefined;
  const comment = /^\s*(?:\/\/|#(?!!)|--|;|<!--|\/\*)\s*(?:file(?:name)?:\s*)?([^\s]+(?: [^\s]+)*?)\s*(?:-->|\*\/)?\s*$/i.exec(line)?.[1];
  if (comment === undefined) return undefined;
  const path = tidy(comment);
  if (knownPaths.includes(path)) return path;
  return !/\s/.test(path) && isPathLike(path) && /\.[A-Za-z]/.test(path) ? path : undefined;
}

/**
 * The path meant. A path without its folders stands for the one known file it is the end of; with one file in play, a bare name equal to
 * that file's name does as well. Everything else stays as the model wrote it.
 */
export function settlePath(path: string, knownPaths: readonly string[]): string {
  const plain = tidy(path)
    .replaceAll('\\', '/')
    .replace(/^(\.\/)+/, '');
  if (knownPaths.includes(plain)) return plain;
  const ends = knownPaths.filter((known) => known.endsWith(`/${plain}`));
  if (ends.length === 1 && (knownPaths.length === 1 || plain.includes('/'))) return ends[0] ?? plain;
  const below = knownPaths.filter((known) => plain.endsWith(`/${known}`));
  return below.length === 1 && plain.startsWith('/') ? (below[0] ?? plain) : plain;
}
