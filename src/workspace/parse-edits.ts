import { isPatchStart, readPatches } from './apply-patch.ts';
import { blockOpening, isFound, isStrayMark, readBlock, type Unread } from './blocks.ts';
import type { FileEdit } from './edit-types.ts';
import { closesFence, type Fence, fenceOpening, readFence } from './fences.ts';
import { type NamedBlock, pathAlone, pathInLine, pathOfFence, settlePath } from './named-path.ts';
import { readPatch } from './patch.ts';
import { editsOfDiff, isDiffStart, type OneFileDiff, readDiffs } from './reply-diffs.ts';
import { examplePath, type KnownFile, type ReplyForm } from './reply-form.ts';
import type { EditProblem } from './types.ts';

export interface ParsedEdits {
  /** None where there is a problem: of a reply that could be meant in two ways nothing is taken. */
  readonly edits: readonly FileEdit[];
  /** What looked like an edit but could not be read, or in more than one way; for the model's next try. */
  readonly problems: readonly EditProblem[];
  /** Paths whose block was not closed when the reply ended: complete only if the reply was not cut off. */
  readonly unclosed: readonly string[];
}

/**
 * Reads the edits out of a model's reply, in one pass from the top: a block in the form that was asked for is taken whole, whatever stands inside
 * it; other known forms are understood where they can mean one thing. `files` are the files in play: they settle a block without a path, a path
 * that lacks its folders, and where a block ends. Never throws.
 */
export function parseEdits(reply: string, form: ReplyForm, files: readonly KnownFile[]): ParsedEdits {
  const answer = withoutThoughts(/(^|[^\r])\n/.test(reply) ? reply : reply.replaceAll('\r\n', '\n'));
  const known = files.map(({ path }) => path);
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const found: Found = { fences: [], blocks: [], edits: [], problems: [], unclosed: [] };
  const about: About = { form, known, texts, only: form.named ? undefined : (form.only ?? (known.length === 1 ? known[0] : undefined)) };
  const lines = answer.split('\n');
  if (lines.filter((line) => fenceOpening(line) !== undefined || blockOpening(line) !== undefined).length > mostMarks)
    return { edits: [], problems: [unreadable('', `The reply has more than ${mostMarks} fences and marks of blocks.`)], unclosed: [] };
  scan(lines, about, found);
  takeFences(found, about);
  if (found.edits.length === 0 && found.problems.length === 0 && about.only !== undefined && looksLikeBareCode(answer)) {
    if (!lines.some((line) => fenceOpening(line) !== undefined))
      return { edits: [{ kind: 'whole-file', path: about.only, text: answer }], problems: [], unclosed: [about.only] };
  }
  const problems = [...found.problems, ...contradictions(found.edits, about)];
  return { edits: problems.length > 0 ? [] : found.edits, problems, unclosed: found.unclosed };
}

/** Every one is held against the lines that follow it. */
const mostMarks = 1000;

interface About {
  readonly form: ReplyForm;
  readonly known: readonly string[];
  readonly texts: ReadonlyMap<string, string | undefined>;
  readonly only: string | undefined;
}

interface Found {
  readonly fences: { readonly fence: Fence; readonly named: NamedBlock | undefined }[];
  readonly blocks: string[];
  readonly edits: FileEdit[];
  readonly problems: EditProblem[];
  readonly unclosed: string[];
}

/** Models' adapters know more of thoughts; here only those that open the reply and are closed. */
const withoutThoughts = (text: string): string => text.replace(/^\s*(?:<think(ing)?>[\s\S]*?<\/think(?:ing)?>\s*?\n?)+/, '');

const doubt = (path: string, message: string): EditProblem => ({ path, kind: 'ambiguous', message });
const unreadable = (path: string, message: string): EditProblem => ({ path, kind: 'unparseable', message });

const exampleNamed = doubt(
  examplePath,
  `The path "${examplePath}" is that of the example. Put the path of the file that is meant in its place.`,
);

// ---- one pass -------------------------------------------------------------------------------------------------------------------

function scan(lines: readonly string[], about: About, found: Found): void {
  /** Marks of a fence around blocks: its end opens nothing. */
  let around: string | undefined;
  const place: Place = { alone: undefined, inSentence: undefined, last: undefined };
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    const fence = fenceOpening(line);
    if (around !== undefined && closesFence(line, around)) {
      around = undefined;
      at++;
    } else if (blockOpening(line) !== undefined) at = takeBlock(lines, at, place, about, found);
    else if (isPatchStart(lines, at)) at = takePatches(lines, at, around, about, found);
    else if (isDiffStart(lines, at) || (about.form.format === 'unified-diff' && /^@@ -\d/.test(line))) {
      const { files, end } = readDiffs(lines, at, about.known, around);
      takeDiffs(files, about, found);
      at = end;
    } else if (fence !== undefined && (holdsBlocks(lines, at, about) || holdsPatch(lines, at, about))) {
      around = fence.marks;
      place.alone = pathOfInfo(lines, at, about) ?? place.alone;
      at++;
    } else if (fence !== undefined && wrapsFence(lines, at, about)) at++;
    else if (fence !== undefined) at = takeFence(lines, at, about, found);
    else {
      const order = orderIn(line, about);
      if (order !== undefined) found.edits.push(order);
      else if (isStrayMark(line) || /^(?:\*\*\* (?:Begin Patch|Update File: )|diff --git "?[\w.-]+\/)/.test(line))
        found.problems.push(unreadable('', `The line "${line.trim().slice(0, 80)}" belongs to no edit that can be read.`));
      else {
        const alone = pathAlone(line, about.known);
        if (alone !== undefined) Object.assign(place, { alone, inSentence: undefined });
        else place.inSentence = pathInLine(line, about.known) ?? place.inSentence;
      }
      at++;
    }
  }
}

/** Which file the text before a block names: in a line of its own, in a sentence, by the block before. */
interface Place {
  alone: string | undefined;
  inSentence: string | undefined;
  last: string | undefined;
}

const whyUnread: Readonly<Record<Unread, (marks: number) => string>> = {
  'no-middle': (marks) => `A SEARCH block has no ${'='.repeat(marks)} line.`,
  'two-ways': (marks) =>
    `A SEARCH block can be read in two ways, because lines inside it look like its marks. Use marks of ${marks} characters, and longer ones where the text has such lines.`,
};

function takeBlock(lines: readonly string[], at: number, place: Place, about: About, found: Found): number {
  const own = blockOpening(lines[at] ?? '')?.path;
  const settle = (path: string | undefined) => (path === undefined ? undefined : settlePath(path, about.known));
  const sure = settle(own ?? place.alone);
  // A model that copied the form with its path may mean any file, but only one that has what is looked for.
  const isExample = sure === examplePath && !about.known.includes(examplePath);
  const candidates = isExample
    ? [...about.known]
    : sure !== undefined
      ? [sure]
      : [...new Set([settle(place.inSentence), place.last].filter((path) => path !== undefined))];
  if (candidates.length === 0 && about.only !== undefined) candidates.push(about.only);
  const block = readBlock(
    lines,
    at,
    about.form,
    candidates.map((path) => about.texts.get(path)),
  );
  if (typeof block === 'string') {
    found.problems.push(unreadable(candidates[0] ?? '', whyUnread[block](about.form.marks)));
    return block === 'no-middle' ? at + 1 : afterLastMark(lines, at);
  }
  const fits = candidates.length < 2 && !isExample ? candidates : candidates.filter((path) => isFound(about.texts.get(path), block.search));
  const [path] = fits;
  Object.assign(place, { alone: undefined, inSentence: undefined, last: path ?? place.last });
  if (path === undefined || fits.length > 1)
    found.problems.push(
      candidates.length === 0
        ? unreadable('', 'A SEARCH block has no path above it.')
        : isExample
          ? exampleNamed
          : doubt(candidates[0] ?? '', `A SEARCH block may be for ${candidates.join(' or ')}: put the path on a line of its own above it.`),
    );
  else {
    found.edits.push({ kind: 'search-replace', path, search: block.search, replace: block.replace });
    found.blocks.push(path);
    if (!block.closed) found.unclosed.push(path);
  }
  return block.end;
}

/** What follows a block that cannot be read up to the last mark of any is no text to read orders or files from. */
function afterLastMark(lines: readonly string[], at: number): number {
  const last = lines.findLastIndex((line) => /^\s*>{5,}/.test(line));
  return Math.max(at, last) + 1;
}

function pathOfInfo(lines: readonly string[], at: number, { known }: About): string | undefined {
  const opening = fenceOpening(lines[at] ?? '');
  if (opening === undefined || opening.info === '') return undefined;
  const named = pathOfFence({ info: opening.info, language: '', body: '', above: [], closed: true, end: at, doubtful: false }, known);
  return named?.path;
}

/** A fence around search and replace blocks. Where whole files were asked for, only one whose first block is found in its file. */
function holdsBlocks(lines: readonly string[], at: number, about: About): boolean {
  const { form, known, texts } = about;
  const marks = fenceOpening(lines[at] ?? '')?.marks ?? '';
  let first = at + 1;
  let path: string | undefined;
  while (first < lines.length && ((lines[first] ?? '').trim() === '' || pathAlone(lines[first] ?? '', known) !== undefined)) {
    path = pathAlone(lines[first] ?? '', known) ?? path;
    first++;
  }
  if (form.format === 'search-replace') {
    for (let n = first; n < lines.length && !closesFence(lines[n] ?? '', marks); n++) {
      const opening = blockOpening(lines[n] ?? '');
      if (opening !== undefined && (n === first || (opening.labelled && opening.count >= form.marks))) return true;
    }
    return false;
  }
  if (blockOpening(lines[first] ?? '')?.labelled !== true) return false;
  const above = lines.slice(0, at).findLast((line) => line.trim() !== '') ?? '';
  const target = path ?? pathOfInfo(lines, at, about) ?? pathInLine(above, known) ?? about.only;
  const text = target === undefined ? undefined : texts.get(settlePath(target, known));
  if (text?.split('\n').some(isStrayMark)) return false;
  const block = readBlock(lines, first, form, [text]);
  return (
    typeof block !== 'string' &&
    block.closed &&
    (target === undefined || !texts.has(settlePath(target, known)) || text === undefined || isFound(text, block.search))
  );
}

/** A fence without a language around the heading and the fence of the one file it can be for: only the inner one is meant. */
function wrapsFence(lines: readonly string[], at: number, { known, only }: About): boolean {
  if (fenceOpening(lines[at] ?? '')?.info !== '') return false;
  const heading = lines[at + 1] ?? '';
  const path = /^(?:#{1,6} |\*\*)/.test(heading) ? pathAlone(heading, known) : undefined;
  return path !== undefined && known.includes(path) && (only ?? path) === path && (fenceOpening(lines[at + 2] ?? '')?.info ?? '') !== '';
}

function takeFence(lines: readonly string[], at: number, about: About, found: Found): number {
  const opening = fenceOpening(lines[at] ?? '');
  const limit = nextNamed(lines, at + 1, about, opening?.marks ?? '```');
  const read = (end: number, path: string | undefined) =>
    readFence(lines, at, end, { before: about.texts.get(path ?? '') ?? '', prose: isProse(path, opening?.info ?? '') });
  const head = read(limit, undefined);
  const named = pathOfFence(head, about.known);
  const path = named === undefined ? about.only : settlePath(named.path, about.known);
  const diff = /^(diff|patch|udiff)$/i.test(head.language);
  if (!/\.(diff|patch)$/i.test(path ?? '') && (diff || isDiffOf(head, named, about))) {
    const { files, end } = readDiffs(lines, at + 1, about.known, opening?.marks ?? '```');
    const above = named === undefined ? undefined : settlePath(named.path, about.known);
    takeDiffs(
      files.map((file) => ({ ...file, path: file.path ?? above })),
      about,
      found,
    );
    return end;
  }
  const fence = read(limit, path);
  const orders = fence.body
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => orderIn(line, about));
  const isOrder = orders.length > 0 && orders.every((order) => order !== undefined && order.path === path);
  if (named !== undefined && isOrder && about.known.includes(path ?? ''))
    found.problems.push(doubt(path ?? '', `An order in a block may be the text of ${path}. Write the line outside of a block.`));
  else if (named === undefined && orders.length > 0 && orders.every((order) => order !== undefined && about.known.includes(order.path))) {
    if (about.form.format === 'whole-file' && about.only !== undefined)
      found.problems.push(doubt(about.only, `An order in a block may be the text of ${about.only}. Write the line outside of a block.`));
    else found.edits.push(...orders.filter((order) => order !== undefined));
  } else if (fence.doubtful)
    found.problems.push(
      doubt(
        path ?? '',
        `The block for ${path ?? 'a file'} can end in several places. Fence it with ${'`'.repeat(about.form.fence + 1)}, more backticks than any line inside has.`,
      ),
    );
  else found.fences.push({ fence, named });
  return fence.end;
}

/** The next block that says which file it is for, as the form for several files has it; the end of the reply otherwise. */
function nextNamed(lines: readonly string[], from: number, { known }: About, marks: string): number {
  for (let at = from; at < lines.length; at++) {
    if (pathAlone(lines[at] ?? '', known) === undefined || !/^(#{1,6} |\*\*|`)/.test(lines[at] ?? '')) continue;
    const next = lines.findIndex((line, n) => n > at && line.trim() !== '');
    if (fenceOpening(lines[next] ?? '')?.marks.startsWith(marks) && closesBefore(lines, from, at, marks)) return at;
  }
  return lines.length;
}

const closesBefore = (lines: readonly string[], from: number, to: number, marks: string): boolean =>
  lines.slice(from, to).some((line) => closesFence(line, marks));

const isProse = (path: string | undefined, info: string): boolean =>
  /\.(md|mdx|markdown|rst|adoc|txt|textile|org|qmd|rmd|ipynb)$/i.test(path ?? '') || /^(md|markdown|rst)\b/i.test(info);

/** A block without a language that is a diff of a file in play, or of any where diffs were asked for. */
function isDiffOf({ language, body }: Fence, named: NamedBlock | undefined, { known, form }: About): boolean {
  const lines = body.split('\n');
  const first = lines.findIndex((line) => line.trim() !== '');
  if (language !== '' || !isDiffStart(lines, first)) return false;
  if (form.format === 'unified-diff') return true;
  const { path, from } = readDiffs(lines, first, known).files[0] ?? {};
  if (path === undefined) return false;
  return named === undefined ? known.includes(from?.path ?? path) : path === settlePath(named.path, known);
}

function takeDiffs(files: readonly OneFileDiff[], { only, texts }: About, found: Found): void {
  for (const file of files) {
    const path = file.path ?? only;
    if (file.unclear !== undefined)
      found.problems.push(
        unreadable(file.path ?? '', `The diff${file.path === undefined ? '' : ` of ${file.path}`} cannot be taken: ${file.unclear}.`),
      );
    else if (path === undefined) found.problems.push(unreadable('', 'A diff has no --- and +++ lines that name its file.'));
    else if (file.deleted && !takesAll(file.patch, texts.get(path)))
      found.problems.push(doubt(path, `The diff deletes ${path}, but the lines that it takes away are not all of it.`));
    else if (file.patch !== '' && !/^[-+]/m.test(file.patch) && !shows(file.patch, texts.get(path)))
      found.problems.push(unreadable(path, `The diff of ${path} has no line with + or - before it.`));
    else found.edits.push(...editsOfDiff(file, path));
  }
}

/** Whether lines without a sign are such as the file has: small models show them beside what they change. */
function shows(patch: string, text: string | undefined): boolean {
  const known = new Set(text?.split('\n').map((line) => line.trim()));
  return patch.split('\n').every((line) => line.startsWith('@@') || line.trim() === '' || known.has(line.trim()));
}

/** Whether a diff that deletes a file shows as many lines as it has, or none. */
function takesAll(patch: string, text: string | undefined): boolean {
  if (text === undefined || patch.trim() === '') return true;
  const lines = (some: string): number => some.split('\n').filter((line) => line.trim() !== '').length;
  return readPatch(patch).reduce((sum, { search }) => sum + lines(search), 0) >= lines(text);
}

/** A patch that breaks off in the middle is not half meant. */
function takePatches(lines: readonly string[], at: number, around: string | undefined, about: About, found: Found): number {
  const { files, end, unclear } = readPatches(lines, at, (line) => around !== undefined && closesFence(line, around));
  if (unclear !== undefined)
    found.problems.push(
      unreadable('', `The line "${unclear.trim().slice(0, 80)}" has no sign (+, - or a blank) before it, so the patch cannot be read.`),
    );
  const settle = (path: string): string => settlePath(path, about.known);
  takeDiffs(
    files.map(({ path = '', from, ...file }) => ({
      ...file,
      path: settle(path),
      ...(from === undefined ? {} : { from: { ...from, path: settle(from.path) } }),
    })),
    about,
    found,
  );
  return end;
}

/** A fence around a patch, where that is not the new text of the one file asked for, or of one that is named above it. */
function holdsPatch(lines: readonly string[], at: number, about: About): boolean {
  const first = [at + 1, at + 2].find((n) => isPatchStart(lines, n));
  if (first === undefined || (first === at + 2 && !/^(?:\$ )?apply_patch\b/.test(lines[at + 1] ?? ''))) return false;
  if (about.form.format !== 'whole-file') return true;
  const above = lines.slice(0, at).findLast((line) => line.trim() !== '') ?? '';
  if (pathAlone(above, about.known) !== undefined || pathOfInfo(lines, at, about) !== undefined) return false;
  const { files, unclear } = readPatches(lines, first, (line) => closesFence(line, fenceOpening(lines[at] ?? '')?.marks ?? '```'));
  const meant = about.only === undefined ? about.known : [about.only];
  return (
    unclear === undefined &&
    files.every(({ path = '', from, created }) =>
      created ? about.only === undefined : meant.includes(settlePath(from?.path ?? path, about.known)),
    )
  );
}

/** `DELETE: path` or `RENAME: path -> path` on a line of its own; without the colon only for a known file. */
function orderIn(line: string, { known }: About): FileEdit | undefined {
  const [, order = '', colon, rest = ''] =
    /^(DELETE(?: FILE)?|Delete file|\*{3} Delete File|RENAME(?: FILE)?|Rename file)(:?)[ \t](.+)$/.exec(line) ?? [];
  if (rest.trim() === '') return undefined;
  if (/rename/i.test(order)) {
    const [from = '', to = '', more] = rest.split(/ (?:->|→|=>) /).map((path) => settlePath(path.trim(), known));
    return colon === ':' && from !== '' && to !== '' && more === undefined ? { kind: 'rename', path: from, to } : undefined;
  }
  const path = settlePath(rest.trim(), known);
  return colon === ':' || known.includes(path) ? { kind: 'delete', path } : undefined;
}

// ---- whole files ----------------------------------------------------------------------------------------------------------------

function takeFences({ fences, blocks, edits, problems, unclosed }: Found, about: About): void {
  const { known, texts, only } = about;
  const whole: { path: string; text: string; closed: boolean }[] = [];
  const nameless: Fence[] = [];
  for (const { fence, named } of fences) {
    const path = named === undefined ? undefined : settlePath(named.path, known);
    // With one file asked for, a first line that names a file is a line of it.
    const isContent = named?.by === 'comment' && only !== undefined;
    if (path === undefined || isContent) nameless.push(fence);
    else
      whole.push({ path, text: named?.by === 'comment' ? withoutComment(fence.body, texts.get(path)) : fence.body, closed: fence.closed });
  }
  if (blocks.length > 0 || edits.length > 0) {
    // Beside blocks, a fence shows what is there or will be; only a new file can be meant.
    const made = whole.filter(({ path }) => !texts.has(path));
    if (about.form.format !== 'whole-file') whole.splice(0, whole.length, ...made);
  } else if (whole.length === 0 && only !== undefined) {
    const above = nameless.map(({ above: [line = ''] }) => line).find((line) => looksLikeName(line));
    if (above !== undefined)
      problems.push(doubt('', `The line "${above.trim().slice(0, 80)}" above a block does not say clearly which file it is for.`));
    const fence = likeliest(nameless, only, texts.get(only));
    if (fence === 'two') problems.push(doubt(only, `There are several blocks that could be the whole text of ${only}. Give one.`));
    else if (fence !== undefined) whole.push({ path: only, text: fence.body, closed: fence.closed });
  }
  const last = new Map(whole.map((one) => [one.path, one]));
  for (const { path, text, closed } of last.values()) {
    const longest = Math.max(...whole.filter((one) => one.path === path).map((one) => one.text.length));
    // A file written twice: the last version counts, models correct themselves; but a part shown afterwards is none.
    if (text.length < longest / 2) problems.push(doubt(path, `There are several blocks for ${path}, and the last is no whole file.`));
    edits.push({ kind: 'whole-file', path, text });
    if (!closed) unclosed.push(path);
  }
  if (edits.length === 0 && problems.length === 0 && nameless.length > 0)
    problems.push(unreadable('', 'There is code in the reply, but no path says which file it is for.'));
  for (const fence of nameless) {
    const other =
      edits.length === 0
        ? undefined
        : known.find((path) => !edits.some((edit) => edit.path === path) && isVersionOf(fence.body, texts.get(path)));
    if (other !== undefined)
      problems.push(doubt(other, `A block without a path looks like a new text of ${other}. Put its path above it.`));
  }
}

/** The comment that names the file goes, unless the file has it. */
const withoutComment = (body: string, before: string | undefined): string =>
  before?.split('\n')[0] === body.split('\n')[0] ? body : body.replace(/^[^\n]*\n\n?/, '');

/** A heading or quoted line that ends like the name of a file. */
const looksLikeName = (line: string): boolean =>
  /^(?:#{1,6}\s|\*\*|`)/.test(line.trim()) && /\.[A-Za-z0-9]{1,10}[`*:]{0,4}$/.test(line.trim());

/** More than half of the file's lines, and not the file as it is. */
function isVersionOf(body: string, before: string | undefined): boolean {
  const old = (before ?? '').split('\n').filter((line) => line.trim() !== '');
  const lines = new Set(body.split('\n'));
  return old.length > 2 && body !== before && old.filter((line) => lines.has(line)).length > old.length / 2;
}

/** Of several blocks without a path the longest in the file's language is the file; shell commands, output and the old text are not. */
function likeliest(fences: readonly Fence[], path: string, before: string | undefined): Fence | 'two' | undefined {
  const notCode = /^(sh|bash|shell|console|text|txt|output|plaintext|terminal|zsh)$/i;
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  const [only] = fences;
  if (fences.length === 1 && only !== undefined && (only.language === '' || !notCode.test(only.language))) return only;
  const code = fences.filter(
    ({ language, body }) => (extension === 'sh' || extension === 'txt' || !notCode.test(language)) && body.trim() !== before?.trim(),
  );
  const [longest, second] = code.toSorted((a, b) => b.body.length - a.body.length);
  const rival =
    second !== undefined && longest !== undefined && second.body !== longest.body && second.body.length > longest.body.length / 2;
  return rival && isVersionOf(second.body, before) ? 'two' : longest;
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

// ---- the whole -------------------------------------------------------------------------------------------------------------------

/** Edits that cannot all be meant: a file that is deleted and changed, or changed in blocks beside a whole text. */
function contradictions(edits: readonly FileEdit[], { texts }: About): EditProblem[] {
  const problems: EditProblem[] = [];
  for (const path of new Set(edits.map((edit) => edit.path))) {
    // Of a file that is copied nothing is changed.
    const kinds = new Set(edits.filter((edit) => edit.path === path && edit.kind !== 'copy').map(({ kind }) => kind));
    if (path === examplePath && !texts.has(path)) problems.push(exampleNamed);
    else if (kinds.has('delete') && kinds.size > 1) problems.push(doubt(path, `The reply deletes ${path} and changes it as well.`));
    else if (kinds.has('whole-file') && kinds.has('search-replace') && texts.has(path))
      problems.push(doubt(path, `The reply has a whole text and SEARCH blocks for ${path}; only one of them can be meant.`));
  }
  return problems;
}
