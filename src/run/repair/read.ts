/** What a repair looks at: the files its agent may change, as statements, with what is known of their lines. */
import type { Coverage, TestReport } from '../../feedback/types.ts';
import type { TokenWeight } from '../../models/types.ts';
import { shapeOf } from '../../syntax/index.ts';
import type { Span } from '../../syntax/types.ts';
import { globTest } from '../../workspace/index.ts';
import type { Origin } from '../candidates.ts';
import { type StepContext, scopeOf } from '../context.ts';
import { isFatal } from '../failures.ts';
import { framesIn, ochiai, type SuspectFile } from './localise.ts';

/** Files looked at, and characters of all of them together that a model weighs. */
const mostFiles = 12;
const mostWeighed = 12_000;
/** Of a longer file the model weighs what the failing tests ran over, the likeliest functions first, up to so many characters. */
const weighedWhole = 4_000;

/**
 * Files that failing tests ran over, where that is known, the most suspicious first; then those of the briefing, in its order: files that something
 * points at come first. Without the model's surprise.
 */
export async function suspectFiles(
  origin: Origin,
  report: TestReport,
  coverage: Coverage | undefined,
  context: StepContext,
): Promise<readonly SuspectFile[]> {
  const messages = report.cases.flatMap(({ outcome, message }) => (outcome === 'failed' && message !== undefined ? [message] : []));
  const ran = coverage === undefined ? [] : filesRun(coverage);
  const briefed = context.facts.briefing.files.flatMap(({ path, isTest }) => (isTest ? [] : [path]));
  const found: SuspectFile[] = [];
  for (const path of new Set([...ran, ...briefed])) {
    if (found.length >= mostFiles) break;
    const file = await suspectFile(path, origin, context);
    const spectrum = coverage && (coverage.files.get(path) ?? new Map());
    if (file !== undefined) found.push({ ...file, frames: framesIn(messages, path), spectrum });
  }
  return found;
}

/** A file by itself; undefined when the agent may not change it, or it cannot be read as statements. */
export async function suspectFile(path: string, origin: Origin, { facts, ports }: StepContext): Promise<SuspectFile | undefined> {
  const { allow, refuse } = scopeOf(origin.agent, facts.testSources);
  if (facts.testSources.files.has(path) || !globTest(allow)(path) || refuse?.(path) !== undefined) return undefined;
  const text = await ports.copies.read(origin.from.snapshot, path);
  // A text with characters that its bytes did not say cannot be written back as it was.
  const shape = text === undefined || text.includes('\uFFFD') ? undefined : await shapeOf(path, text);
  return text === undefined || shape === undefined ? undefined : { path, text, shape, frames: [] };
}

/** By the most suspicious of their lines. */
function filesRun({ files, failing }: Coverage): readonly string[] {
  const worst = [...files].map(([path, lines]) => ({
    path,
    most: Math.max(0, ...[...lines.values()].map((runs) => ochiai(runs, failing))),
  }));
  return worst
    .filter(({ most }) => most > 0)
    .sort((a, b) => b.most - a.most || a.path.localeCompare(b.path))
    .map(({ path }) => path);
}

/** The same files with the model's surprise, as far as it is asked: each file is one call that writes nothing. */
export async function weighed(
  files: readonly SuspectFile[],
  origin: Origin,
  context: StepContext,
  signal: AbortSignal,
): Promise<readonly SuspectFile[]> {
  if (context.ports.models[origin.agent.tier].capabilities.weighs !== true) return files;
  let room = mostWeighed;
  const all: SuspectFile[] = [];
  for (const [index, file] of files.entries()) {
    const pieces = piecesOf(file);
    const text = pieces.map(({ start, end }) => file.text.slice(start, end)).join('');
    room -= text.length;
    if (room < 0 || text === '') {
      all.push(file);
      continue;
    }
    const call = {
      place: `${origin.call}/0/${index + 1}`,
      step: origin.step,
      agent: origin.agentName,
      tier: origin.agent.tier,
      messages: [],
      weigh: text,
      temperature: 0,
      maxTokens: 1,
    };
    const reply = await context.ask(call, signal).catch((error: unknown) => {
      // A server that will not weigh takes one kind of evidence away, no more.
      if (isFatal(error)) throw error;
      return undefined;
    });
    // Where something was hidden from the model its places are not ours.
    all.push(reply?.hidden.size === 0 && reply.weights ? { ...file, weights: inFile(reply.weights, pieces) } : file);
  }
  return all;
}

/** What of a file is weighed: the whole where it is short or nothing is known of its lines; else functions that failing tests ran over. */
function piecesOf({ text, shape, spectrum }: SuspectFile): readonly Span[] {
  if (text.length <= weighedWhole || spectrum === undefined) return [{ start: 0, end: text.length }];
  const functions = shape.definitions
    .filter(({ kind }) => kind === 'function')
    .map(({ start, end, line, endLine }) => ({ start: text.lastIndexOf('\n', start - 1) + 1, end: lineEnd(text, end), line, endLine }));
  const suspicious = functions
    .map((span) => ({ ...span, worth: worthOf(span.line, span.endLine, spectrum) }))
    .filter(({ worth }) => worth > 0)
    .sort((a, b) => b.worth - a.worth || a.end - a.start - (b.end - b.start));
  const taken: Span[] = [];
  let length = 0;
  for (const { start, end } of suspicious) {
    const isInside = taken.some((other) => start < other.end && end > other.start);
    if (isInside || length + end - start > weighedWhole) continue;
    length += end - start;
    taken.push({ start, end });
  }
  return taken.sort((a, b) => a.start - b.start);
}

const lineEnd = (text: string, from: number): number => {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at + 1;
};

/** How much more failing tests than passing ones ran over its lines: the most of them. */
function worthOf(line: number, endLine: number, spectrum: NonNullable<SuspectFile['spectrum']>): number {
  let most = 0;
  for (let at = line + 1; at <= endLine; at += 1) {
    const { failing = 0, passing = 0 } = spectrum.get(at) ?? {};
    if (failing > 0) most = Math.max(most, failing / Math.sqrt(failing + passing));
  }
  return most;
}

/** Weights of the joined pieces at their places in the file. */
function inFile(weights: readonly TokenWeight[], pieces: readonly Span[]): readonly TokenWeight[] {
  let joined = 0;
  return pieces.flatMap(({ start, end }) => {
    const from = joined;
    joined += end - start;
    const own = weights.filter((weight) => weight.start >= from && weight.start < joined);
    return own.map((weight) => ({ ...weight, start: weight.start - from + start }));
  });
}
