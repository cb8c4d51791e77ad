/** Finds the files that hold the request's words: all files are read when there are few, a search program narrows them when there are many. */
import { setImmediate } from 'node:timers/promises';
import { throwIfStopped } from '../errors.ts';
import { askGit } from '../workspace/index.ts';
import { askProgram } from './ask-program.ts';
import { isGeneratedText } from './exclusions.ts';
import type { BriefingLimits, Deadline } from './limits.ts';
import type { SourceReader } from './source.ts';

export interface ScanInput {
  readonly reader: SourceReader;
  /** Files worth searching, sorted. */
  readonly paths: readonly string[];
  /** Lower-case text that makes a file a candidate: identifiers of the request, names met elsewhere (failures, modules), plain words. */
  readonly names: readonly string[];
  readonly modules: readonly string[];
  readonly words: readonly string[];
  /** There is evidence of where the work is already; then a large workspace is not searched for plain words. */
  readonly evident: boolean;
  /** How much a path itself promises, 0 for nothing. */
  readonly promise: (path: string) => number;
  readonly inRepository: boolean;
  /** Programs that may be ripgrep, tried in this order. */
  readonly ripgrep: readonly string[];
  readonly limits: BriefingLimits;
}

export interface Hit {
  readonly path: string;
  readonly text: string;
  /** Positions in `names` followed by `modules` and `words`. */
  readonly needles: readonly number[];
}

export interface ScanResult {
  /** In order of promise, then path. */
  readonly hits: readonly Hit[];
  readonly leftOut: readonly string[];
}

const batchSize = 32;
/** So many of the most promising files are read even when the time is up: it takes milliseconds and saves the briefing. */
const leastRead = 256;

/** The same tree gives the same hits unless the deadline cuts in, which `leftOut` says. */
export async function scan(input: ScanInput, deadline: Deadline, signal: AbortSignal): Promise<ScanResult> {
  const { reader, limits, names, modules, words, promise } = input;
  const needles = [...names, ...modules, ...words];
  if (needles.length === 0) return { hits: [], leftOut: [] };
  const leftOut: string[] = [];
  const order = input.paths.length <= limits.scannedFiles ? input.paths : await narrowed(input, leftOut, deadline, signal);
  const ordered = byPromise(order, promise).slice(0, limits.scannedFiles);
  const hits: Hit[] = [];
  let bytes = 0;
  let read = 0;
  for (let at = 0; at < ordered.length; at += batchSize) {
    if ((deadline.over() && at >= leastRead) || bytes > limits.scannedBytes) {
      leftOut.push(
        `${ordered.length - read} of ${ordered.length} files were not searched for the request's words (${deadline.over() ? 'time' : 'size'} limit).`,
      );
      break;
    }
    throwIfStopped(signal);
    for (const path of ordered.slice(at, at + batchSize)) {
      const source = reader.read(path);
      read += 1;
      if (!source.ok) continue;
      bytes += source.bytes;
      const lower = source.text.toLowerCase();
      const found = needles.flatMap((needle, position) => (lower.includes(needle) ? [position] : []));
      if ((found.length > 0 || promise(path) > 0) && !isGeneratedText(source.text)) hits.push({ path, text: source.text, needles: found });
    }
    await setImmediate();
  }
  return { hits, leftOut };
}

function byPromise(paths: readonly string[], promise: (path: string) => number): string[] {
  return paths
    .map((path) => ({ path, score: promise(path) }))
    .sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1))
    .map(({ path }) => path);
}

/** The search program may take this share of the time that is left; the rest is for reading what it found. */
const searchShare = 0.6;

/** Too many files to read: those whose paths promise something, and those a search program finds. */
async function narrowed(input: ScanInput, leftOut: string[], deadline: Deadline, signal: AbortSignal): Promise<readonly string[]> {
  const { names, words, evident, limits, promise } = input;
  const promising = input.paths.filter((path) => promise(path) > 0);
  const needles = names.length > 0 ? names : evident ? [] : words;
  if (needles.length === 0) return promising;
  const rest = deadline.left() * (1 - searchShare);
  const answer = await search(
    input,
    needles,
    { left: () => Math.max(0, deadline.left() - rest), over: () => deadline.left() <= rest },
    signal,
  );
  if (answer === undefined) {
    leftOut.push(
      `Of ${input.paths.length} files only the ${limits.scannedFiles} with the most promising names were searched for the request's words.`,
    );
    return input.paths;
  }
  if (answer.cut) leftOut.push("The search for the request's words took too long and is not complete.");
  const searchable = new Set(input.paths);
  const found = answer.paths.filter((path) => searchable.has(path));
  if (found.length > limits.scannedFiles) {
    leftOut.push(
      `${found.length} files hold words of the request; the ${limits.scannedFiles} with the most promising names were compared.`,
    );
  }
  return [...new Set([...found, ...promising])];
}

/** Files that hold any of the texts, by ripgrep or git; undefined when neither can search here. */
async function search(
  { ripgrep, inRepository, reader, limits }: ScanInput,
  needles: readonly string[],
  deadline: Deadline,
  signal: AbortSignal,
): Promise<{ paths: readonly string[]; cut: boolean } | undefined> {
  const patterns = needles.flatMap((needle) => ['-e', needle]);
  const bytes = limits.listedFiles * 300;
  for (const program of ripgrep) {
    const size = ['--max-filesize', String(limits.fileBytes)];
    const flags = [
      '--no-config',
      '-l',
      '-0',
      '-i',
      '-F',
      '--hidden',
      '--no-require-git',
      '--no-messages',
      '--no-ignore-parent',
      '-g',
      '!.git',
    ];
    const answer = await askProgram(
      [program, ...flags, ...size, ...patterns, '--', './'],
      reader.root,
      { ms: deadline.left(), bytes },
      signal,
    );
    // 1: nothing found; 2: some files could not be read.
    if (answer.ending !== 'not-found' && (answer.ending !== 'failed' || (answer.exitCode ?? 9) <= 2)) {
      return {
        paths: answer.stdout
          .split('\0')
          .slice(0, -1)
          .map((path) => path.replace(/\\/g, '/').replace(/^\.\//, '')),
        cut: isCut(answer.ending),
      };
    }
  }
  if (!inRepository) return undefined;
  const answer = await askGit(
    { cwd: reader.root },
    ['grep', '-l', '-z', '-i', '-I', '-F', '--untracked', '--no-color', '--no-recurse-submodules', ...patterns, '--', '.'],
    { ms: deadline.left(), bytes },
    signal,
  );
  if (answer.ending === 'not-found' || (answer.ending === 'failed' && answer.exitCode !== 1)) return undefined;
  return { paths: answer.stdout.split('\0').slice(0, -1), cut: isCut(answer.ending) };
}

const isCut = (ending: string): boolean => ending === 'too-long' || ending === 'too-much';
