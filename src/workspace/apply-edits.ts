import { type HiddenSecrets, putBack } from '../redaction/index.ts';
import { unheld } from './charset.ts';
import type { FileEdit } from './edit-types.ts';
import { encodingName, recognise } from './encodings.ts';
import { exactlyPatched } from './exact-patch.ts';
import { type Content, deleteInside, type FileNow, modeFor, readInside, replaceInside, resolveInside } from './inside.ts';
import { findBlock, isMatch, type Match, nearestRegion } from './match.ts';
import { failure, isExecutable, makeMoves, readMoves, secretRefused } from './moves.ts';
import { readPatch } from './patch.ts';
import { globTest } from './scope.ts';
import { bytesOfText, readText, writeText } from './text.ts';
import type { EditProblem, EditReport, FileScope } from './types.ts';

/** One block to be found and replaced; `line` (from 0) is where a patch says it stands. */
interface Block {
  readonly search: string;
  readonly replace: string;
  readonly line?: number;
  /** Whether the file ends in a newline afterwards, where a patch says so of its last line. */
  readonly finalNewline?: boolean;
}

type Placed = Match & Pick<Block, 'finalNewline'>;

interface FileState {
  readonly text: string;
  readonly exists: boolean;
}

/**
 * Applies edits below `root`, which must be a real folder. Every file is written in one step or not at all; blocks are independent of each
 * other and of their order; what fails is told in `problems` and changes nothing. Never throws for what a model wrote.
 * @param hidden what the model did not see of the files: a placeholder becomes the value again that its file has, and is never written
 * @param onWrite told what each changed file now holds, as it is written
 */
export async function applyEdits(
  root: string,
  edits: readonly FileEdit[],
  scope: FileScope,
  hidden: HiddenSecrets = new Map(),
  onWrite: (path: string, content: Content) => void = () => undefined,
): Promise<EditReport> {
  const allowed = globTest(scope.allow);
  const levels: Record<string, number> = {};
  const problems: EditProblem[] = [];
  const refuse = (path: string): EditProblem | undefined => refusal(path, allowed, scope);
  const changed: string[] = [];
  const write = (path: string, content: Content): void => {
    onWrite(path, content);
    if (!changed.includes(path)) changed.push(path);
  };
  const each = async (some: readonly FileEdit[]): Promise<void> => {
    for (const [path, group] of await byFile(root, some, problems)) {
      const refused = refuse(path);
      if (refused !== undefined) {
        problems.push(refused);
        continue;
      }
      try {
        const content = await editFile(root, path, group, hidden, levels, problems);
        if (content !== undefined) write(path, content);
      } catch (error) {
        problems.push(failure(path, error));
      }
    }
  };
  // All that is moved has the content from before; a file may take the place, or the folder, of one that goes.
  const moves = await readMoves(root, edits, refuse, problems);
  const moved = new Set(moves.map(({ to }) => to));
  const others = edits.filter(({ kind }) => kind !== 'rename' && kind !== 'copy');
  const isDeleted = (path: string): boolean => others.every((edit) => edit.path !== path || edit.kind === 'delete');
  await each(others.filter((edit) => edit.kind === 'delete' && isDeleted(edit.path) && !moved.has(edit.path)));
  await makeMoves(root, moves, write, problems);
  const nameNow = (path: string): string =>
    moved.has(path) ? path : (moves.find(({ from, leaves }) => leaves && from === path)?.to ?? path);
  await each(others.filter((edit) => !isDeleted(edit.path)).map((edit) => ({ ...edit, path: nameNow(edit.path) })));
  return { changed, levels, problems };
}

function refusal(path: string, allowed: (path: string) => boolean, scope: FileScope): EditProblem | undefined {
  const refused = allowed(path) ? scope.refuse?.(path) : '';
  const because = refused === '' || refused === undefined ? '' : `: ${refused}`;
  if (refused !== undefined) return { path, kind: 'outside-scope', message: `${path} is outside the files that may be written${because}.` };
  return secretRefused(path);
}

/** Groups edits by the real file they mean, in the order of their first mention. */
async function byFile(root: string, edits: readonly FileEdit[], problems: EditProblem[]): Promise<Map<string, FileEdit[]>> {
  const files = new Map<string, FileEdit[]>();
  for (const edit of edits) {
    try {
      const { relative } = await resolveInside(root, edit.path);
      files.set(relative, [...(files.get(relative) ?? []), edit]);
    } catch (error) {
      problems.push(failure(edit.path, error));
    }
  }
  return files;
}

/** What the file holds now; undefined when it was left as it was. */
async function editFile(
  root: string,
  path: string,
  edits: readonly FileEdit[],
  hidden: HiddenSecrets,
  levels: Record<string, number>,
  problems: EditProblem[],
): Promise<Content | undefined> {
  const now = await readInside(root, path);
  if (edits.every((edit) => edit.kind === 'delete')) {
    if (now === undefined) {
      problems.push({ path, kind: 'not-found', message: `${path} cannot be deleted: there is no such file.` });
      return undefined;
    }
    await deleteInside(root, path);
    return { kind: 'absent' };
  }
  const executable = edits.findLast((edit) => edit.kind === 'mode')?.executable;
  const ofText = edits.filter((edit) => edit.kind !== 'mode');
  if (now === undefined && ofText.length === 0) {
    problems.push({ path, kind: 'not-found', message: `There is no file ${path} whose mode could be changed.` });
    return undefined;
  }
  const told = problems.length;
  const bytes = ofText.length === 0 ? now?.bytes : editedBytes(path, now, ofText, hidden, levels, problems);
  // A file that is to be changed in two ways is not changed in one.
  if (bytes === undefined && (now === undefined || problems.length > told)) return undefined;
  const written = bytes ?? now?.bytes ?? Buffer.alloc(0);
  const mode = modeFor(executable === undefined ? undefined : executable ? 0o755 : 0o644, now?.mode);
  const isSame = now !== undefined && written.equals(now.bytes) && mode === now.mode;
  if (isSame && (executable === undefined || isExecutable(now.mode) === executable)) return undefined;
  await replaceInside(root, path, written, mode);
  return { kind: 'file', bytes: written, mode: mode ?? 0o644, ...(executable === undefined ? {} : { executable }) };
}

/** The new bytes of a text file; undefined when nothing is to be written. */
function editedBytes(
  path: string,
  now: FileNow | undefined,
  edits: readonly FileEdit[],
  hidden: HiddenSecrets,
  levels: Record<string, number>,
  problems: EditProblem[],
): Buffer | undefined {
  const like = now === undefined ? undefined : readText(now.bytes);
  if (now !== undefined && like === undefined && !edits.some((edit) => edit.kind === 'delete')) {
    const why = recognise(now.bytes) === 'binary' ? 'is no text file' : 'is in an encoding that cannot be told';
    problems.push({ path, kind: 'binary', message: `${path} ${why}; it was left as it is.` });
    return undefined;
  }
  const before: FileState = { text: like?.text ?? '', exists: now !== undefined };
  const meant = withSecrets(path, before.text, edits, hidden, problems);
  const exact = meant.length === edits.length ? patchedExactly(now, meant) : undefined;
  if (exact !== undefined) count(levels, 'exact');
  const after = exact ?? edited(path, before, meant, levels, problems);
  if (after === undefined) return undefined;
  if (after.trim() === '' && before.text.trim() !== '') {
    problems.push({
      path,
      kind: 'unparseable',
      message: `The edit would leave ${path} empty; it was left as it is. Delete the file expressly if that is meant.`,
    });
    return undefined;
  }
  if (exact === undefined && before.exists && after === before.text) return undefined;
  const foreign = like === undefined ? [] : unheld(like.encoding.charset, after);
  if (like !== undefined && foreign.length > 0) {
    problems.push({
      path,
      kind: 'unparseable',
      message: `${path} is kept in ${encodingName(like.encoding)}, which has no ${foreign.slice(0, 10).join(' ')}; it was left as it is. Write it with other characters.`,
    });
    return undefined;
  }
  return exact === undefined ? writeText(withFinalNewline(after, before, edits), like, now?.bytes) : bytesOfText(exact, like?.encoding);
}

/** What patches make that fit as git wants it: to the byte, with line ends and byte order mark as they say. */
function patchedExactly(now: FileNow | undefined, edits: readonly FileEdit[]): string | undefined {
  const found = now === undefined ? undefined : recognise(now.bytes);
  if (typeof found === 'string' || edits.length === 0) return undefined;
  const mark = found?.encoding.bom ? '\ufeff' : '';
  const patched = (text: string): string | undefined =>
    edits.reduce<string | undefined>(
      (before, edit) => (before === undefined || edit.kind !== 'unified-diff' ? undefined : exactlyPatched(before, edit.patch)),
      text,
    );
  const text = found?.text ?? '';
  const unmarked = mark === '' ? undefined : patched(text);
  return patched(mark + text) ?? (unmarked === undefined ? undefined : mark + unmarked);
}

/** The edits as they are meant for a file with secrets in it; one that names a secret the file does not have, or not only one, is left out. */
function withSecrets(
  path: string,
  before: string,
  edits: readonly FileEdit[],
  hidden: HiddenSecrets,
  problems: EditProblem[],
): readonly FileEdit[] {
  return edits.flatMap((edit) => {
    const [absent, unclear] = [new Set<string>(), new Set<string>()];
    const meant = withTexts(edit, (text) => {
      const put = putBack(text, before, edit.kind === 'unified-diff' ? new Map() : hidden);
      for (const placeholder of put.absent) absent.add(placeholder);
      for (const placeholder of put.unclear) unclear.add(placeholder);
      return put.text;
    });
    const refuse = (placeholders: ReadonlySet<string>, reason: string): void => {
      if (placeholders.size > 0) problems.push({ path, kind: 'unparseable', message: `${[...placeholders].join(', ')} ${reason}` });
    };
    const advice = `Change ${path} with SEARCH/REPLACE blocks that leave out the lines with it.`;
    refuse(absent, `stands for a secret that is not shown and must not be written. ${advice}`);
    refuse(unclear, `stands for a secret that is not shown, and may mean more than one thing in ${path}. ${advice}`);
    return absent.size + unclear.size > 0 ? [] : [meant];
  });
}

function withTexts(edit: FileEdit, change: (text: string) => string): FileEdit {
  switch (edit.kind) {
    case 'whole-file':
      return { ...edit, text: change(edit.text) };
    case 'search-replace':
      return { ...edit, search: change(edit.search), replace: change(edit.replace) };
    case 'unified-diff':
      return { ...edit, patch: change(edit.patch) };
    case 'delete':
    case 'rename':
    case 'copy':
    case 'mode':
      return edit;
  }
}

/** The new text, or undefined when nothing applies. Whole texts come first, blocks are laid over them. */
function edited(
  path: string,
  before: FileState,
  edits: readonly FileEdit[],
  levels: Record<string, number>,
  problems: EditProblem[],
): string | undefined {
  let text = before.text;
  let any = false;
  for (const edit of edits) {
    if (edit.kind !== 'whole-file') continue;
    const whole = before.exists ? edit.text.replaceAll('\r\n', '\n').replace(/^\ufeff/, '') : edit.text;
    const placeholder = placeholderLine(whole, before.text);
    if (placeholder !== undefined) {
      problems.push({
        path,
        kind: 'unparseable',
        message: `The text for ${path} leaves parts out ("${placeholder}"); the whole file is needed.`,
      });
      return undefined;
    }
    if (hasLostReturn(before.text, whole)) {
      problems.push({
        path,
        kind: 'unparseable',
        message: `${path} has carriage returns inside lines, and the whole text lost one. Change it with SEARCH/REPLACE blocks.`,
      });
      return undefined;
    }
    text = whole;
    any = true;
    count(levels, 'whole-file');
  }
  const blocks = edits.flatMap((edit) => blocksOf(edit));
  const exists = before.exists || any;
  const laid = layBlocks(path, text, exists, blocks, levels, problems);
  return laid.any || any ? laid.text : undefined;
}

function blocksOf(edit: FileEdit): Block[] {
  if (edit.kind === 'search-replace')
    return [{ search: edit.search.replaceAll('\r\n', '\n'), replace: edit.replace.replaceAll('\r\n', '\n') }];
  if (edit.kind === 'unified-diff') return readPatch(edit.patch);
  return [];
}

/** A line of the file with a carriage return in it stands in the new text as two, or without it. */
const hasLostReturn = (before: string, after: string): boolean =>
  before.includes('\r') &&
  before
    .split('\n')
    .filter((line) => line.includes('\r') && !after.includes(line))
    .some((line) => ['\n', ' ', ''].some((instead) => `\n${after}\n`.includes(`\n${line.replaceAll('\r', instead)}\n`)));

const count = (levels: Record<string, number>, level: string): void => {
  levels[level] = (levels[level] ?? 0) + 1;
};

/**
 * Lays blocks into a text whatever their order: all that match the text as it is go in together, what overlaps or matches nothing yet is
 * tried again on the result, until nothing moves.
 */
function layBlocks(
  path: string,
  start: string,
  exists: boolean,
  blocks: readonly Block[],
  levels: Record<string, number>,
  problems: EditProblem[],
): { text: string; any: boolean } {
  let text = start;
  let any = false;
  let waiting = blocks.filter((block) => {
    if (block.search.trim() !== '') return true;
    if (text.trim() !== '') {
      problems.push({ path, kind: 'ambiguous', message: `A block for ${path} has nothing to search for, and the file has text already.` });
      return false;
    }
    text = block.replace;
    any = true;
    count(levels, 'new-file');
    return false;
  });
  for (let moved = true; moved && waiting.length > 0; ) {
    const { placed, others } = place(text, waiting);
    moved = placed.length > 0;
    waiting = others;
    for (const match of placed.sort((a, b) => b.start - a.start)) {
      const isLast = match.end === text.length;
      text = text.slice(0, match.start) + match.replacement + text.slice(match.end);
      if (isLast && match.finalNewline !== undefined) text = text.replace(/\n?$/, match.finalNewline ? '\n' : '');
      count(levels, match.level);
      any = true;
    }
  }
  for (const block of waiting) problems.push(unmatched(path, text, exists || any, block));
  return { text, any };
}

function place(text: string, blocks: readonly Block[]): { placed: Placed[]; others: Block[] } {
  const placed: Placed[] = [];
  const others: Block[] = [];
  for (const block of blocks) {
    const result = findBlock(text, block.search, block.replace, block.line);
    const free = isMatch(result) && placed.every((other) => result.end <= other.start || result.start >= other.end);
    if (isMatch(result) && free) placed.push({ ...result, finalNewline: block.finalNewline });
    else others.push(block);
  }
  return { placed, others };
}

function unmatched(path: string, text: string, exists: boolean, block: Block): EditProblem {
  if (!exists) return { path, kind: 'not-found', message: `There is no file ${path} to search in.` };
  const first = block.search.trim().split('\n')[0]?.slice(0, 120) ?? '';
  const result = findBlock(text, block.search, block.replace, block.line);
  if (!isMatch(result) && result.failed === 'ambiguous') {
    const where = result.lines.slice(0, 5).join(', ');
    return {
      path,
      kind: 'ambiguous',
      message: `The block that begins "${first}" matches ${result.lines.length} places in ${path} (lines ${where}); give more lines around it.`,
    };
  }
  const near = nearestRegion(text, block.search);
  const hint = near === undefined ? '' : ` The nearest lines are:\n${near}`;
  return { path, kind: 'not-found', message: `The block that begins "${first}" was not found in ${path}.${hint}` };
}

/** A fence cannot say that a text ends without a newline: a file that has none keeps to that. What a tool wrote is taken to the byte. */
function withFinalNewline(text: string, before: FileState, edits: readonly FileEdit[]): string {
  const whole = edits.findLast((edit) => edit.kind === 'whole-file');
  if (whole === undefined || whole.exact) return text;
  if (before.exists && before.text !== '' && !before.text.endsWith('\n')) return text.replace(/\n$/, '');
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

const placeholder =
  /^\s*(?:\/\/|#|--|;|%|\/\*|<!--|\{\/\*)?\s*(?:\.\.\.|\u2026)\s*\(?(?:the\s+)?(?:rest|remaining|remainder|other|existing|previous|unchanged|same|your)\b.*$|^\s*(?:\/\/|#|--|\/\*|<!--)\s*(?:the\s+)?(?:rest of (?:the|your) (?:code|file|function|class|implementation)|(?:existing|previous) code)(?:\s+(?:remains?|stays?|is)?\s*(?:unchanged|the same|here|as before)?)?\s*(?:\.\.\.|\u2026)?\s*(?:\*\/|-->)?\s*$/i;

/** A line that stands for code the model did not write out, unless the file has that very line already. */
function placeholderLine(text: string, before: string): string | undefined {
  for (const line of text.split('\n')) {
    if (line.length < 200 && placeholder.test(line) && !before.includes(line.trim())) return line.trim();
  }
  return undefined;
}
