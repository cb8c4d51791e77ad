/** What the lines before the hunks of a diff say: which file it is about, what becomes of it, and its mode. As git writes and reads them. */

export interface DiffHeader {
  /** What stands behind `diff --git`, `---`, `+++`, `rename to` and the like, as it stands there: with prefixes and quotes. */
  git?: string;
  before?: string;
  after?: string;
  from?: { readonly how: 'rename' | 'copy'; readonly path: string };
  to?: string;
  deleted: boolean;
  created: boolean;
  /** Whether the file may be executed afterwards, where that is said. */
  executable?: boolean;
  /** Why an edit of text cannot do it. */
  beyond?: string;
}

export interface DiffNames {
  readonly path?: string;
  readonly from?: { readonly how: 'rename' | 'copy'; readonly path: string };
  /** Why it is not clear which file is meant. */
  readonly unclear?: string | undefined;
}

const nothing = '/dev/null';

export const emptyHeader = (): DiffHeader => ({ deleted: false, created: false });

/** Takes a line of git's header; false: it is none. */
export function readHeaderLine(line: string, header: DiffHeader): boolean {
  const [, word, rest = ''] =
    /^(rename (?:from|to|old|new)|copy (?:from|to)|(?:deleted|new) file mode|(?:old|new) mode|index|similarity index|dissimilarity index) (.+)$/.exec(
      line,
    ) ?? [];
  if (/^(?:Binary files .+ differ|GIT binary patch)$/.test(line)) header.beyond = 'it is the diff of a binary file';
  else if (/^(?:new|deleted) file$/.test(line)) header[line.startsWith('new') ? 'created' : 'deleted'] = true;
  else if (word === undefined) return false;
  else if (/ (?:from|old)$/.test(word)) header.from = { how: word.startsWith('copy') ? 'copy' : 'rename', path: rest };
  else if (/ (?:to|new)$/.test(word)) header.to = rest;
  else if (word === 'index') readMode(/ (\d{6})$/.exec(rest)?.[1], header);
  else if (word.endsWith('mode')) {
    if (word === 'deleted file mode') header.deleted = true;
    if (word === 'new file mode') header.created = true;
    const mode = readMode(rest.trim(), header);
    // Of a file that was not there, "not executable" is nothing to say.
    if (word === 'new mode' || (word === 'new file mode' && mode?.executable)) header.executable = mode?.executable;
  }
  return true;
}

/** Models leave the kind of file out at times (`644`); then it is a plain one. */
function readMode(octal: string | undefined, header: DiffHeader): { readonly executable: boolean } | undefined {
  if (octal === undefined) return undefined;
  const mode = /^[0-7]{3,6}$/.test(octal) ? Number.parseInt(octal, 8) : Number.NaN;
  const kind = mode >> 12;
  if (kind === 0o12) header.beyond = 'it is the diff of a symbolic link';
  else if (kind === 0o16) header.beyond = 'it is the diff of a submodule';
  else if (kind !== 0o10 && kind !== 0) header.beyond = `files have no mode ${octal}`;
  return Number.isNaN(mode) ? undefined : { executable: (mode & 0o100) !== 0 };
}

/** Whether the two lines that name the file say that there was none, or is none. */
export function readNames(before: string, after: string, header: DiffHeader): void {
  Object.assign(header, { before, after });
  if (fieldOf(before) === nothing) header.created = true;
  if (fieldOf(after) === nothing) header.deleted = true;
}

/** The file a header is about, without the prefixes of the two sides. Those that are known decide where a name could be read in two ways. */
export function namesOf(header: DiffHeader, known: readonly string[]): DiffNames {
  const { git, from } = header;
  if (from !== undefined && header.to === undefined) return { unclear: 'it says from where, and not where to' };
  const [before, after] = [header.before, header.after].map(fieldOf).map((field) => (field === nothing ? undefined : field));
  const path =
    (header.to === undefined ? undefined : unquoted(header.to)) ??
    (before === undefined || after === undefined ? undefined : ofSides(before, after, header, known)) ??
    (git === undefined ? undefined : ofGitLine(git, header, known)) ??
    [after, before].flatMap((field) => (field === undefined ? [] : [withoutPrefix(field, known)]))[0];
  const old = before === undefined ? undefined : withoutPrefix(before, known);
  if (path === undefined) return { unclear: git === undefined ? undefined : `which file it is about cannot be told from "${git}"` };
  if (from === undefined && old !== undefined && path !== old && !known.includes(path) && known.includes(old))
    return { unclear: `it is about two files, ${old} and ${path}, and does not say that one is renamed` };
  const prefix = ['a/', 'b/'].find((one) => git === `${one}${path} ${one}${path}`);
  if (header.created && prefix !== undefined) return { unclear: `it may be about ${prefix}${path} or ${path}` };
  const named = [path, from?.path].join('\n');
  const hasBackslash = [git, header.before, header.after, from?.path, header.to].some(
    (field) => /^"|"$/.test(field ?? '') && /\\\\/.test(field ?? ''),
  );
  if (hasBackslash || named.includes('\ufffd')) return { unclear: `a file of that name cannot be written: ${path}` };
  return { path, ...(from === undefined ? {} : { from: { how: from.how, path: unquoted(from.path) } }) };
}

/** Of a `---` or `+++` line: what follows a tab is a time. */
const fieldOf = (field: string | undefined): string | undefined =>
  field === undefined ? undefined : unquoted(field.includes('\t') ? (field.split('\t')[0] ?? '') : field.trimEnd());

/** Two names for one file: what both end in, from the first folder on that they share. */
function ofSides(left: string, right: string, { created }: DiffHeader, known: readonly string[]): string | undefined {
  if (left === right) return withoutPrefix(left, known);
  const [a, b] = [left.split('/'), right.split('/')];
  let shared = 0;
  while (shared < Math.min(a.length, b.length) && a.at(-1 - shared) === b.at(-1 - shared)) shared++;
  const endings = Array.from({ length: shared }, (_, n) => b.slice(b.length - shared + n).join('/'));
  // With one folder before each this is what git takes off; longer prefixes are asked for by an option.
  const isUsual = Math.max(a.length, b.length) - shared === 1;
  return (created || isUsual ? undefined : endings.find((path) => known.includes(path))) ?? endings[0];
}

/** A lone name: `a/` and `b/` are prefixes, unless there is such a file, or such a folder. */
function withoutPrefix(name: string, known: readonly string[]): string {
  const plain = name.replace(/^[ab]\//, '');
  if (known.includes(name)) return name;
  return !known.includes(plain) && known.some((path) => path.startsWith(name.slice(0, 2))) ? name : plain;
}

/** Both names stand in one line, and may have blanks in them: where they part shows by what they share. */
function ofGitLine(line: string, header: DiffHeader, known: readonly string[]): string | undefined {
  const between = line.startsWith('"') ? closingQuote(line) + 1 : line.endsWith('"') ? line.indexOf(' "') : -1;
  if (between > 0) return ofSides(unquoted(line.slice(0, between)), unquoted(line.slice(between + 1)), header, known);
  const blanks = [...line.matchAll(/ /g)].map(({ index }) => index);
  const pairs = blanks.map((at) => [line.slice(0, at), line.slice(at + 1)] as const);
  const tail = (name: string): string => name.slice(name.indexOf('/') + 1);
  const alike = pairs.filter(
    ([left, right]) => left === right || (left.includes('/') && right.includes('/') && tail(left) === tail(right)),
  );
  const names = (some: typeof pairs) => [...new Set(some.map(([left, right]) => ofSides(left, right, header, known)))];
  const found = names(alike.length > 0 ? alike : pairs).filter((path) => path !== undefined);
  return found.length === 1 ? found[0] : found.find((path) => known.includes(path));
}

/** Of a text that begins with one; -1 where it is never closed. */
function closingQuote(text: string): number {
  let at = 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at < text.length ? at : -1;
}

const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };

/** A name in quotes, in which git writes bytes as octal numbers. */
export function unquoted(text: string): string {
  const inner = /^"(.*)"$/.exec(text)?.[1];
  if (inner === undefined) return text;
  const pieces = [...inner.matchAll(/\\([0-7]{3})|\\([abtnvfr"\\])|[^\\]+|\\/g)].map(([whole, octal, letter]) =>
    octal !== undefined ? Buffer.from([Number.parseInt(octal, 8)]) : Buffer.from(letter === undefined ? whole : [escapes[letter] ?? 0]),
  );
  return Buffer.concat(pieces).toString('utf8');
}
