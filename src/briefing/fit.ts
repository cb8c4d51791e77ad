/** Lays the ranked files into the byte budget: whole where they fit, else the part that matters. */
import { throwIfStopped } from '../errors.ts';
import { isTestPath } from '../feedback/index.ts';
import type { Evidence } from './evidence.ts';
import { excerpt } from './excerpt.ts';
import { isGeneratedText, isSearchable } from './exclusions.ts';
import type { BriefingLimits } from './limits.ts';
import type { Query } from './query.ts';
import type { SourceReader, Unread } from './source.ts';
import type { Briefing, RelevanceReason, RelevantFile } from './types.ts';

export interface FitInput {
  readonly ranked: readonly { readonly path: string; readonly score: number; readonly reasons: readonly RelevanceReason[] }[];
  readonly evidence: Evidence;
  readonly query: Query;
  readonly reader: SourceReader;
  /** Files the user named: shown even when generated, and missed aloud. */
  readonly pointedAt: readonly string[];
  readonly limits: BriefingLimits;
}

/** One file may take this share of what is left, so that a long one does not push out all others. */
const largestShare = 0.6;
/** Tests show what is wanted, sources what has to change: a test that does not fit leaves the room to them. */
const largestShareOfTest = 0.25;
/** Files up to this many bytes are shown whole as long as there is room at all. */
const smallFile = 2_000;
/** The least that is worth showing of a file, bytes. */
const leastPart = 400;
const nearlyWhole = 1.4;
/** Scores below this are guesses: they get a glance, not a share. */
const guess = 20;
const glance = 2_500;

interface Fitted {
  readonly files: RelevantFile[];
  readonly leftOut: string[];
  readonly unusable?: Briefing['unusable'];
}

export function fitFiles(input: FitInput, signal: AbortSignal): Fitted {
  const { ranked, evidence, query, reader, limits } = input;
  const pointedAt = new Set(input.pointedAt);
  const files: RelevantFile[] = [];
  const leftOut: string[] = [];
  const noRoom: string[] = [];
  let left = limits.textBytes;
  for (const { path, score, reasons } of ranked) {
    throwIfStopped(signal);
    if (files.length >= limits.files || left < leastPart) {
      noRoom.push(path);
      continue;
    }
    if (!pointedAt.has(path) && !isSearchable(path)) continue;
    const source = reader.read(path);
    if (!source.ok) {
      if (pointedAt.has(path) || source.why === 'too-large') leftOut.push(unreadSentence(path, source.why, limits));
      continue;
    }
    if (!pointedAt.has(path) && isGeneratedText(source.text)) continue;
    if (source.damaged)
      leftOut.push(`${shown(path)} is in no one encoding: it is left as it is, and what could not be read stands as \uFFFD.`);
    const whole = Buffer.byteLength(source.text);
    const isTest = isTestPath(path);
    const part = left * (isTest && !pointedAt.has(path) ? largestShareOfTest : largestShare);
    const share = score < guess ? Math.min(glance, left) : Math.max(part, Math.min(left, smallFile));
    // Better whole than nearly whole: weak models write whole files back.
    const fits = whole <= share * nearlyWhole && whole <= left;
    const text = fits ? source.text : excerpt(source.text, Math.floor(share), evidence.focusOf(path), query.words);
    left -= Buffer.byteLength(text);
    const encoding = source.encoding === undefined ? {} : { encoding: { ...source.encoding } };
    files.push({ path, reasons: [...reasons], score, bytes: source.bytes, text, truncated: !fits, isTest, ...encoding });
  }
  const cut = files.filter(({ truncated }) => truncated);
  if (cut.length > 0) leftOut.push(`Shown in part: ${list(cut.map(({ path }) => path))}.`);
  if (noRoom.length > 0) {
    const limit = files.length >= limits.files ? `${limits.files} files` : `${limits.textBytes} bytes`;
    leftOut.push(
      `${noRoom.length} more ${noRoom.length === 1 ? 'file looks' : 'files look'} relevant but went over the limit of ${limit}: ${list(noRoom)}.`,
    );
  }
  return { files, leftOut, unusable: unusableFile(input) };
}

const meant: readonly RelevanceReason[] = ['selected', 'diagnostic', 'named-in-request'];

/** Whoever names a file wants it changed: one that could not be, where no other that was named could. */
function unusableFile({ ranked, reader }: FitInput): Briefing['unusable'] {
  const named = ranked.filter(({ path, reasons }) => isSearchable(path) && reasons.some((reason) => meant.includes(reason)));
  const isUnusable = (path: string): boolean => {
    const source = reader.read(path);
    return source.ok ? source.damaged : source.why === 'encoding';
  };
  const [first, ...others] = named.map(({ path }) => path);
  return first !== undefined && [first, ...others].every(isUnusable) ? first : undefined;
}

const sentences: Readonly<Record<Unread, string>> = {
  missing: 'does not exist',
  secret: 'may hold secrets and is never read',
  outside: 'lies outside the workspace and is never read',
  'not-a-file': 'is not a regular file',
  'too-large': 'is too large',
  binary: 'is binary',
  encoding: 'is in an encoding that cannot be told: it is left as it is',
  unreadable: 'cannot be read',
};

function unreadSentence(path: string, why: Unread, limits: BriefingLimits): string {
  return `${shown(path)} ${sentences[why]}${why === 'too-large' ? ` (limit ${limits.fileBytes} bytes)` : ''}.`;
}

function list(paths: readonly string[]): string {
  const named = paths.slice(0, 5).map(shown).join(', ');
  return paths.length > 5 ? `${named} and ${paths.length - 5} more` : named;
}

/** A path as it may stand on a screen or in a sentence: names with line feeds or control characters are quoted. */
export function shown(path: string): string {
  return /[\p{Cc}\p{Cf}\u2028\u2029]/u.test(path) ? JSON.stringify(path) : path;
}
