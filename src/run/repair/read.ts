/** What a repair looks at: the files its agent may change, as statements, with what is known of their lines. */
import { isTeamwrightError } from '../../errors.ts';
import { servesTests } from '../../feedback/index.ts';
import type { Coverage, LineRuns, TestReport } from '../../feedback/types.ts';
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
/** Of a longer file, characters, the model weighs the worst lines with some around them: weighing is slow. */
const weighedWhole = 1_500;
const linesWeighed = 60;
const linesBefore = 8;
const linesBehind = 3;
/** As suspicious as the worst line, as a share of it. */
const nearWorst = 0.9;

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
  const named = nothingRan(report) && found.some(({ frames }) => frames.length > 0);
  const isAside = (file: SuspectFile): boolean => servesTests(file.path, file.text) || (named && file.frames.length === 0);
  const aside = found.map(isAside);
  return aside.every(Boolean) ? found : found.map((file, index) => (aside[index] ? { ...file, aside: true } : file));
}

/** Every failure is of a build, or of a file that could not be loaded. */
const nothingRan = ({ passed, cases }: TestReport): boolean =>
  passed === 0 && cases.every(({ outcome, whole }) => outcome !== 'failed' || whole === true);

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
function filesRun({ files }: Coverage): readonly string[] {
  return [...files]
    .map(([path, lines]) => ({ path, worst: worstOf(lines) }))
    .filter(({ worst }) => worst > 0)
    .sort((a, b) => b.worst - a.worst || a.path.localeCompare(b.path))
    .map(({ path }) => path);
}

/** How much more failing tests than passing ones ran over a line; the number of failing tests is the same for all lines. */
const worthOf = (runs: LineRuns): number => ochiai(runs, 1);

const worstOf = (lines: ReadonlyMap<number, LineRuns>): number =>
  [...lines.values()].reduce((most, runs) => Math.max(most, worthOf(runs)), 0);

/** The same files with the model's surprise, as far as it is asked: each file is one call that writes nothing. */
export async function weighed(
  files: readonly SuspectFile[],
  origin: Origin,
  context: StepContext,
  signal: AbortSignal,
): Promise<readonly SuspectFile[]> {
  if (context.ports.models[origin.agent.tier].capabilities.weighs !== true) return files;
  let room = mostWeighed;
  const worst = Math.max(0, ...files.map((file) => worstOf(new Map(linesRun(file)))));
  const all: SuspectFile[] = [];
  for (const [index, file] of files.entries()) {
    const pieces = piecesOf(file, worst);
    const text = pieces.map(({ start, end }) => file.text.slice(start, end)).join('');
    room -= text.length;
    if (room < 0 || text === '') {
      all.push(file);
      continue;
    }
    const weights = await weightsOf(text, `${origin.call}/0/${index + 1}`, origin, context, signal);
    all.push(weights === undefined ? file : { ...file, weights: inFile(weights, pieces) });
  }
  return all;
}

/** Asked once for each text. Undefined where the server will not say, or something was hidden from the model, so that its places are not ours. */
async function weightsOf(
  text: string,
  place: string,
  { step, agentName, agent }: Origin,
  { ask, repairs }: StepContext,
  signal: AbortSignal,
): Promise<readonly TokenWeight[] | undefined> {
  const key = `${agent.tier} ${text}`;
  if (repairs.weights.has(key)) return repairs.weights.get(key);
  const call = { place, step, agent: agentName, tier: agent.tier, messages: [], weigh: text, temperature: 0, maxTokens: 1 };
  const reply = await ask(call, signal).catch((error: unknown) => {
    // A server that will not weigh takes one kind of evidence away, no more. So does a budget that does not allow it.
    if (isTeamwrightError(error, 'budget-exceeded')) return 'refused' as const;
    if (isFatal(error)) throw error;
    return undefined;
  });
  if (reply === 'refused') return undefined;
  const weights = reply?.hidden.size === 0 ? reply.weights : undefined;
  repairs.weights.set(key, weights);
  return weights;
}

/** Lines around a small change by which it is compared with what stood there. */
const comparedAround = 40;

/**
 * How much more surprising the model finds the second text, in which one line of the first is changed: above 0, less likely. Undefined where the server
 * does not say. The first text is asked for once.
 */
export async function moreSurprising(
  [before, after]: readonly [string, string],
  line: number,
  origin: Origin,
  context: StepContext,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (context.ports.models[origin.agent.tier].capabilities.weighs !== true) return undefined;
  const around = (text: string): string =>
    text.length <= weighedWhole
      ? text
      : text
          .split('\n')
          .slice(Math.max(0, line - 1 - comparedAround), line + comparedAround)
          .join('\n');
  const surprise = async (text: string, call: string): Promise<number | undefined> =>
    (await weightsOf(around(text), `${origin.call}/${call}`, origin, context, signal))?.reduce((sum, { logprob }) => sum - logprob, 0);
  const [was, is] = [await surprise(before, 'before'), await surprise(after, 'after')];
  return was === undefined || is === undefined ? undefined : is - was;
}

/**
 * What of a file is weighed: where its lines are known, those that are about as suspicious as the worst of all files, with some around them, or the
 * whole of a short one that has such a line; signatures and imports do not count. Nothing of a file with a body that is not written yet: that is where to begin.
 */
function piecesOf(file: SuspectFile, worst: number): readonly Span[] {
  const { text, spectrum, shape } = file;
  const isRun = (line: number): boolean => spectrum === undefined || (spectrum.get(line)?.failing ?? 0) > 0;
  if (shape.statements.some(({ stub, line }) => stub && isRun(line))) return [];
  if (spectrum === undefined) return [{ start: 0, end: text.length }];
  const suspicious = linesRun(file)
    .filter(([, runs]) => worthOf(runs) >= nearWorst * worst)
    .sort(([, a], [, b]) => worthOf(b) - worthOf(a));
  if (text.length <= weighedWhole && suspicious.length > 0) return [{ start: 0, end: text.length }];
  const starts = [...text.matchAll(/^/gm)].map(({ index }) => index);
  const lines = new Set<number>();
  for (const [line] of suspicious) {
    if (lines.size >= linesWeighed) break;
    for (let near = line - linesBefore; near <= line + linesBehind; near += 1) if (near >= 1 && near <= starts.length) lines.add(near);
  }
  const pieces: { start: number; end: number }[] = [];
  for (const line of [...lines].sort((a, b) => a - b)) {
    const [start = 0, end = text.length] = [starts[line - 1], starts[line]];
    const last = pieces.at(-1);
    if (last?.end === start) last.end = end;
    else pieces.push({ start, end });
  }
  return pieces;
}

/** Without the lines of signatures and imports: who only loads the file runs over them as well. */
function linesRun({ spectrum = new Map(), shape: { statements } }: SuspectFile): readonly (readonly [number, LineRuns])[] {
  const loaded = statements.filter(({ role }) => role === 'definition');
  return [...spectrum].filter(([at]) => !loaded.some(({ line, endLine }) => line <= at && at <= endLine));
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
