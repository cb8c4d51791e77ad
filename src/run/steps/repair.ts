import { throwIfStopped } from '../../errors.ts';
import { redFiles, redIn } from '../../feedback/index.ts';
import type { TestReport } from '../../feedback/types.ts';
import type { StepOf } from '../../plan/schema.ts';
import { isDescribed } from '../../syntax/index.ts';
import type { Answer } from '../ask.ts';
import { candidateFromText, type Origin } from '../candidates.ts';
import { agentNamed, notesFor, type StepContext, type StepRunner, scopeOf } from '../context.ts';
import { isRefusal } from '../failures.ts';
import { testCandidate } from '../judge.ts';
import type { Point } from '../past.ts';
import { type Candidate, isSolved, isSound, type Verdict } from '../pool.ts';
import { coverageOfTests } from '../repair/cover.ts';
import { gapsOf } from '../repair/gaps.ts';
import { filled, fillingTokens, type Gap, gapKey, holeAt, isHole, openingIn } from '../repair/holes.ts';
import { writtenInWords } from '../repair/in-words.ts';
import { type SuspectFile, type SuspectPlace, suspects } from '../repair/localise.ts';
import { smallChanges } from '../repair/mutations.ts';
import { askOnePlace } from '../repair/one-place.ts';
import type { Base, Looked } from '../repair/progress.ts';
import { moreSurprising, suspectFile, suspectFiles, weighed } from '../repair/read.ts';
import { warmCopy } from '../repair/warm.ts';

/** Places that are named in the trace. */
const placesTold = 20;
/** A request that takes more places than these is none of one place at a time. */
const mostRounds = 8;

/**
 * One place at a time: the suspicious statements in order, each left out and written anew by the agent's model, then small changes of the first ones
 * without a model. Each text is tried at once; the first that solves the request ends the step. One that makes some failing tests pass and breaks
 * none is kept: when a whole file of tests passes by it, or half of the tries are spent, the rest begins from the best of these. A later step of the same plan goes on where this one ended.
 * Where the budget does not allow a place, cheaper ones are filled, and small changes, which cost nothing, are tried before the run ends of it.
 */
export const repair: StepRunner<'repair'> = async (step, place, context, signal) => {
  const { facts, pool } = context;
  const best = pool.best();
  if (best !== undefined && (pool.isDone(best) || isSolved(best))) return 'nothing speaks against the best candidate';
  const report = facts.baseline;
  if (!facts.test || report === undefined || redIn(report).length === 0) return 'no test is red that could show a repair';
  const work: Work = { step, place, context, signal, used: { fills: 0, changes: 0, asked: 0 } };
  const start = { name: 'start', snapshot: context.start, report };
  const own = step.from === 'best' ? await madeBefore(best, context, signal) : (partOf(best, report) ?? context.repairs.base);
  return rounds(work, own ?? start);
};

/** Gives why nothing was done, if so. */
async function rounds(work: Work, start: Base): Promise<string | undefined> {
  const { context } = work;
  const { pool } = context;
  let from = start;
  for (let round = 1; round <= mostRounds; round += 1) {
    const { looked, better } = await mend(work, from, round);
    if (!looked && round === 1) return 'no file that the agent may change can be read as statements';
    if (better?.verdict === undefined || isSolved(better) || pool.isDone(better)) return undefined;
    from = baseOf(better, better.verdict.report);
    context.repairs.base = from;
  }
  return undefined;
}

/** Where several mistakes are to be mended, what mends some of them and breaks nothing is where to go on from, whoever made it. */
function partOf(best: Candidate | undefined, before: TestReport): Base | undefined {
  if (best?.verdict === undefined || !isSound(best) || redFiles(before).size < 2) return undefined;
  const { report, delta } = best.verdict;
  return delta.fixed.length > 0 && delta.broken.length === 0 ? baseOf(best, report) : undefined;
}

/** What earlier steps made: where they wrote what was not there, a mistake is in what they wrote. */
async function madeBefore(best: Candidate | undefined, context: StepContext, signal: AbortSignal): Promise<Base | undefined> {
  if (best === undefined) return undefined;
  await testCandidate(best, context, signal);
  return isSound(best) && best.verdict !== undefined ? baseOf(best, best.verdict.report) : undefined;
}

const baseOf = ({ id, snapshot }: Candidate, report: TestReport): Base => ({ name: id, snapshot, report });

interface Work {
  readonly step: StepOf<'repair'>;
  readonly place: string;
  readonly context: StepContext;
  readonly signal: AbortSignal;
  /** Of all rounds together. */
  readonly used: { fills: number; changes: number; asked: number };
}

/** What the budget does not allow is not asked; undefined then. Time that is up ends the run at once. */
async function ifAllowed<T>({ context: { refused } }: Work, asking: () => Promise<T>): Promise<{ readonly given: T } | undefined> {
  try {
    return { given: await asking() };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    refused.by ??= error;
    return undefined;
  }
}

/** Where the mistake may be; asked once for each state of the files. */
async function look(origin: Origin, from: Base, { step, context, signal }: Work): Promise<Looked> {
  const { tier } = origin.agent;
  const known = context.repairs.of(from, tier);
  if (known !== undefined) return known;
  const coverage = await coverageOfTests(`${step.id}-lines`, from.snapshot, context, signal);
  const files = await weighed(await suspectFiles(origin, from.report, coverage, context), origin, context, signal);
  const places = suspects(files, coverage?.failing ?? from.report.failed);
  return context.repairs.keep(from, tier, { files, places, tried: new Set(), said: new Set(), begun: [] });
}

/** Tries texts that differ from `from` in one place. `better`: the candidate that solves the request, or else the one that fails fewest tests. */
async function mend(work: Work, from: Base, round: number): Promise<{ looked: boolean; better?: Candidate }> {
  const { step, place, context, signal, used } = work;
  const { ports, facts, repairs } = context;
  const agent = agentNamed(context, step.agent);
  const { infill } = ports.models[agent.tier].capabilities;
  const origin: Origin = { step: step.id, agentName: step.agent, agent, call: round === 1 ? place : `${place}/round-${round}`, from };
  const tried = { id: `${step.id}-tries`, from, scope: scopeOf(agent, facts.testSources) };
  const { files, places, tried: triedBefore, said, begun } = await look(origin, from, work);
  if (places.length === 0) return { looked: false };
  tellPlaces(places, work);
  const known = new Map(files.map((file) => [file.path, file]));
  const textOf = (path: string): string => known.get(path)?.text ?? '';
  const keyOf = (gap: Gap): string => `${agent.tier} ${gapKey(gap, textOf(gap.place.path))}`;
  const warm = await warmCopy(tried, triedBefore, context, signal);
  let better: Candidate | undefined;
  const mayGoOn = (spent: number, all: number): boolean => spent < all && !(better !== undefined && spent >= all / 2);
  try {
    for await (const text of fills()) if (await settles(text)) return { looked: true, better };
    const changes = await smallChanges(places, files, step.mutations - used.changes);
    for (const { place: suspect, kind, text } of changes) {
      if (!mayGoOn(used.changes, step.mutations) || used.asked >= mostAsked) break;
      used.changes += 1;
      const at = { path: suspect.path, line: suspect.statement.line };
      if (await settles({ ...at, text, how: kind, small: true, call: `${place}/${step.samples + used.changes}` }))
        return { looked: true, better };
    }
    return { looked: true, better };
  } finally {
    await warm.remove();
  }

  async function* fills(): AsyncGenerator<Text> {
    const queue = [...begun, ...gapsOf(places, (path) => known.get(path))].filter(
      (gap) => (infill !== undefined || gap.kind === 'function') && !repairs.filled.has(keyOf(gap)),
    );
    while (mayGoOn(used.fills, step.samples)) {
      const at = `${place}/${used.fills + 1}`;
      const point = context.steering.pointAt(at);
      const here = point && (await placeAt(point));
      const pointed = here && ({ pointed: true } as const);
      if (here && infill !== undefined) queue.unshift({ kind: 'statement', place: here }, { kind: 'before', place: here });
      const gap = queue.shift();
      if (infill !== undefined && gap === undefined) return;
      if (gap === undefined) {
        const asking = { ...origin, call: at };
        const asked = await ifAllowed(work, () => askedFor(asking, [...known.values()], here ? [here, ...places] : places, said, work));
        if (asked === undefined) return;
        used.fills += 1;
        yield { ...asked.given, ...pointed };
        continue;
      }
      const { path, statement } = gap.place;
      const answer = await ifAllowed(work, () => writtenAt(gap, at));
      if (answer === undefined) continue;
      used.fills += 1;
      repairs.filled.add(keyOf(gap));
      const written = answer.given;
      if (written?.opening !== undefined) {
        const block: Gap = { ...gap, kind: 'block', opening: written.opening };
        begun.push(block);
        queue.unshift(block);
      }
      if (written !== undefined) yield { path, line: statement.line, how: hows[gap.kind], call: at, ...written, ...pointed };
    }
  }

  /** The text with something new in its gap; undefined where it is none that a model can be asked for. */
  async function writtenAt(gap: Gap, at: string): Promise<(Pick<Text, 'text' | 'hidden'> & { opening?: string }) | undefined> {
    const { path, statement } = gap.place;
    const text = textOf(path);
    const temperature = gap.again ? agent.temperature : 0;
    if (!isHole(gap)) {
      const shape = known.get(path)?.shape;
      const described = shape !== undefined && isDescribed(shape, statement);
      return writtenInWords({ path, text, statement, described }, temperature, { ...origin, call: at }, context, signal);
    }
    if (infill === undefined) return undefined;
    const hole = { messages: [], hole: holeAt(text, gap, infill), maxTokens: fillingTokens(gap, text) };
    const { tier } = agent;
    const reply = await context.ask({ place: at, step: step.id, agent: step.agent, tier, temperature, ...hole }, signal);
    const opening = openingIn(text, gap, reply.text);
    return opening === undefined
      ? { text: filled(text, gap, reply.text), hidden: reply.hidden }
      : { text: undefined, hidden: undefined, opening };
  }

  /** The statement that the user pointed at, or the one behind it; undefined where the agent may not change the file. */
  async function placeAt({ file: path, line }: Point): Promise<SuspectPlace | undefined> {
    const file = known.get(path) ?? (await suspectFile(path, origin, context));
    const statement = file?.shape.statements.find(({ endLine }) => endLine >= line);
    if (file === undefined || statement === undefined) return undefined;
    known.set(path, file);
    return { path, statement, suspicion: 1, because: [] };
  }

  /** Small changes are many and tests are few: whether the model would rather have written one that passes than what stood there; undefined: it will not say. */
  async function vouchesFor(texts: readonly [string, string], line: number, asking: Origin): Promise<boolean | undefined> {
    used.asked += 1;
    const more = await moreSurprising(texts, line, asking, context, signal);
    return more === undefined ? undefined : more <= 0;
  }

  /** Whether this round is over: the text solves the request, or a part of it. One that only helps is kept as `better`. */
  async function settles({ path, line, text, how, call: at, hidden, pointed, small }: Text): Promise<boolean> {
    throwIfStopped(signal);
    const trial = text === undefined ? undefined : await warm.try(path, text, hidden, signal);
    throwIfStopped(signal);
    const { passed, failed, ms } = trial ?? {};
    ports.trace.emit({ type: 'place.tried', step: step.id, call: at, file: path, line, how, passed, failed, ms, pointed });
    if (text === undefined || trial?.promising !== true) return false;
    // A change after which its one file of tests is still red ends nothing, however likely it is.
    const mayEnd = trial.failed === 0 || redFiles(from.report).size > 1;
    const vouched = small && mayEnd ? await vouchesFor([textOf(path), text], line, { ...origin, call: at }) : true;
    const unlikely = vouched === true ? undefined : true;
    const candidate = await candidateFromText(path, text, { ...origin, call: at, unlikely }, context, signal, hidden);
    if (candidate === undefined) return false;
    await testCandidate(candidate, context, signal);
    // Where nobody vouches for any, a further one that passes says no more than this one.
    if (candidate.unlikely && isSolved(candidate)) return vouched === undefined;
    const isDone = context.pool.isDone(candidate);
    const mendsOne = mendsFile(from.report, candidate.verdict);
    // A whole function that is right in part is no place to go on from: the mistake may be anywhere in it now.
    const mayGoFrom = how !== hows.anew || mendsOne;
    const failing = ({ verdict }: Candidate): number => verdict?.report.failed ?? Number.POSITIVE_INFINITY;
    const least = Math.min(from.report.failed, better ? failing(better) : Number.POSITIVE_INFINITY);
    if (isDone || (mayGoFrom && failing(candidate) < least)) better = candidate;
    return isDone || (better === candidate && mendsOne);
  }
}

/** Small changes that pass and that a model would not have written, before the rest is left: then these tests tell too little. */
const mostAsked = 4;

/** All failing tests of a file pass now, and none fails that passed: one of several mistakes is mended. */
function mendsFile(before: TestReport, verdict: Verdict | undefined): boolean {
  if (verdict === undefined || verdict.delta.broken.length > 0) return false;
  const fixed = new Set(verdict.delta.fixed);
  const files = Map.groupBy(redIn(before), ({ file }) => file);
  return [...files].some(([file, tests]) => file !== undefined && tests.every(({ id }) => fixed.has(id)));
}

/** As the trace names them. */
const hows = { statement: 'fill', block: 'fill', before: 'new-line', anew: 'anew', body: 'new-body', function: 'new-function' } as const;

/** A text that is tried. */
interface Text {
  readonly path: string;
  readonly line: number;
  /** Undefined: the model wrote nothing new. */
  readonly text: string | undefined;
  /** How it was made. */
  readonly how: string;
  readonly call: string;
  /** The user pointed at it. */
  readonly pointed?: true;
  /** Made without a model. */
  readonly small?: true;
  readonly hidden?: Answer['hidden'];
}

async function askedFor(
  origin: Origin,
  files: readonly SuspectFile[],
  places: readonly SuspectPlace[],
  said: Set<string>,
  { step, context, signal }: Work,
): Promise<Text> {
  const found = await askOnePlace({ origin, notes: notesFor(context, step.uses), files, places, said: [...said] }, context, signal);
  if (found !== undefined) said.add(found.said);
  const [first] = places;
  const at = found ?? { path: first?.path ?? '', line: first?.statement.line ?? 1, text: undefined };
  return { ...at, how: 'written', call: origin.call };
}

function tellPlaces(places: readonly SuspectPlace[], { step, place: path, context }: Work): void {
  context.ports.trace.emit({
    type: 'places.ranked',
    step: step.id,
    path,
    places: places.slice(0, placesTold).map(({ path: file, statement, suspicion, because }) => ({
      path: file,
      line: statement.line,
      endLine: statement.endLine,
      suspicion,
      because: [...because],
    })),
  });
}
