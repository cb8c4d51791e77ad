/** Stack frames and file positions in what test runners print: Node, browsers, Python, Go, Rust, Java, and anything that says `file.ext:12`. */
import { type FileTree, folderOf, joinPath } from './tree.ts';

export interface Frame {
  /** As printed, with forward slashes. */
  readonly path: string;
  readonly line: number;
}

export interface PlacedFrame extends Frame {
  /** 0 for the innermost frame that lies in the workspace. */
  readonly depth: number;
}

const python = /\bFile "([^"]+)", line (\d+)/;
const java = /\bat\s+(?:[\w.@-]+\/{1,2})?([\w.$]+)\.[\w$<>]+\(([\w$]+\.(?:java|kt|scala|groovy)):(\d+)\)/;
const nodeInBrackets = /\bat\s.*?\(((?:file:\/\/)?[^()]+?):(\d+):\d+\)\s*$/;
const nodeBare = /\bat\s+(?:async\s+)?((?:file:\/\/|\/|\.|[A-Za-z]:[\\/]).*?):(\d+):\d+\s*$/;
const anywhere =
  /(?:(?<![^\s"'`()<>:|,;=])|(?=file:\/\/|[A-Za-z]:[\\/]))((?:file:\/\/)?(?:[A-Za-z]:[\\/])?[^\s"'`()<>:|,;=]*[^\s"'`()<>:|,;=/\\]\.[A-Za-z]{1,5}):(\d{1,7})\b/;

const longestLine = 1000;
const mostLines = 400;

/** Frames in the order printed. */
export function framesIn(text: string): Frame[] {
  const frames: Frame[] = [];
  for (const full of text.split('\n', mostLines)) {
    const line = full.slice(0, longestLine);
    const inJava = java.exec(line);
    if (inJava !== null) {
      const folder = (inJava[1] ?? '').split('.').slice(0, -1).join('/');
      frames.push({ path: folder === '' ? (inJava[2] ?? '') : `${folder}/${inJava[2]}`, line: Number(inJava[3]) });
      continue;
    }
    const match = python.exec(line) ?? nodeInBrackets.exec(line) ?? nodeBare.exec(line) ?? anywhere.exec(line);
    if (match?.[1] === undefined) continue;
    frames.push({ path: plainPath(match[1]), line: Number(match[2]) });
  }
  return frames;
}

function plainPath(printed: string): string {
  if (!printed.startsWith('file://')) return printed.replace(/\\/g, '/');
  const path = printed.slice('file://'.length).replace(/^\/(?=[A-Za-z]:)/, '');
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return path; // a per cent sign that is part of the name
    throw error;
  }
}

/** What a printed path may be relative to. */
export interface FrameContext {
  readonly tree: FileTree;
  /** Absolute paths the workspace goes by, forward slashes. */
  readonly roots: readonly string[];
  /** Folder the tests ran in, relative to the workspace. */
  readonly cwd: string;
  /** File of the failing test: runners such as `go test` print bare file names of its folder. */
  readonly testFile?: string;
}

/** The workspace's file that a printed path means; undefined for frames elsewhere (the runner, the standard library, dependencies). */
export function placeOf(printed: string, { tree, roots, cwd, testFile }: FrameContext): string | undefined {
  if (printed.startsWith('/') || /^[A-Za-z]:\//.test(printed)) {
    const root = roots.find((top) => printed.startsWith(`${top}/`) || printed.toLowerCase().startsWith(`${top.toLowerCase()}/`));
    const inside = root === undefined ? undefined : joinPath('', printed.slice(root.length + 1));
    return inside !== undefined && tree.has(inside) ? inside : undefined;
  }
  const bases = [...(testFile === undefined || printed.includes('/') ? [] : [folderOf(testFile)]), cwd, ''];
  for (const base of bases) {
    const path = joinPath(base, printed);
    if (path !== undefined && tree.has(path)) return path;
  }
  if (/(?:^|\/)(?:node_modules|site-packages)\/|^node:|^<|^\.\./.test(printed)) return undefined;
  const found = tree.endingWith(printed.replace(/^(?:\.\/)+/, ''));
  return found.length === 1 ? found[0] : undefined;
}

/** Frames that lie in the workspace, innermost first: Python prints its innermost frame last. */
export function placedFrames(text: string, context: FrameContext): PlacedFrame[] {
  const placed = framesIn(text).flatMap(({ path, line }) => {
    const place = placeOf(path, context);
    return place === undefined || line < 1 ? [] : [{ path: place, line }];
  });
  const ordered = /^Traceback \(most recent call last\)|\bFile "[^"]+", line \d+/m.test(text) ? placed.reverse() : placed;
  return ordered.map((frame, depth) => ({ ...frame, depth }));
}
