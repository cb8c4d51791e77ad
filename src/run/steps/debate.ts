import type { StepOf } from '../../plan/schema.ts';
import { allEnded } from '../all-ended.ts';
import type { Answer } from '../ask.ts';
import { agentNamed, notesFor, type StepContext, type StepRunner } from '../context.ts';
import { isFatal } from '../failures.ts';
import { type DebateRound, importanceOf, isAgreed, mostPoints, type Rating, standingOf } from '../importance.ts';
import { releaseCopy, testCandidate } from '../judge.ts';
import { behaviourOf, type Candidate } from '../pool.ts';
import { renderFailures } from '../prompts.ts';
import { work } from '../work.ts';

/** Characters of a change that the others see. */
const shownCharacters = 6_000;

/**
 * Several agents write the change, see and rate each other's, and write it anew (DyLAN, arXiv 2310.02170). Tests rate too. Before the last round those
 * whose answers were rated lowest are out. An agent that gives nothing new in a round stays by what it wrote before.
 */
export const debate: StepRunner<'debate'> = async (step, place, context, signal) => {
  const best = step.from === 'best' ? context.pool.best() : undefined;
  const from = best ? { name: best.id, snapshot: best.snapshot } : { name: 'start', snapshot: context.start };
  const all = [step.agent, ...step.others].filter((name) => !context.troubles.dropped.has(name));
  const failures: unknown[] = [];
  const rounds: DebateRound[] = [];
  let active: readonly string[] = all;
  let answers: ReadonlyMap<string, Candidate> = new Map();
  let ended: 'passed' | 'agreed' | 'rounds' = 'rounds';
  for (let round = 1; round <= step.rounds && ended === 'rounds'; round += 1) {
    const shown = await shownTo(answers, context);
    const said = new Map<string, Candidate>();
    const ratings: Rating[] = [];
    const one = async (agentName: string): Promise<void> => {
      const agent = agentNamed(context, agentName);
      const peers = shown.filter(({ name }) => name !== agentName);
      const heard: Answer[] = [];
      let answer = answers.get(agentName);
      try {
        const made = await work(
          {
            origin: {
              ...{ step: step.id, agentName, agent, from, call: `${place}/round-${round}/${all.indexOf(agentName) + 1}` },
              onSame: (same) => {
                answer = same;
              },
            },
            notes: notesFor(context, step.uses),
            extra: shown.length === 0 ? undefined : discussion(shown, peers),
          },
          { ...context, ask: async (call, own) => heard[heard.push(await context.ask(call, own)) - 1] as Answer },
          signal,
        );
        answer = made ?? answer;
      } catch (error) {
        if (isFatal(error) || signal.aborted) throw error;
        failures.push(error);
      }
      if (answer !== undefined) said.set(agentName, answer);
      if (heard.length > 0) ratings.push(...ratingsOf(agentName, heard, shown));
    };
    /** Whether its answer leaves nothing to do. */
    const settle = async (agentName: string): Promise<boolean> => {
      await context.sideBySide(() => one(agentName));
      const answer = said.get(agentName);
      if (answer === undefined) return false;
      await (context.facts.test ? testCandidate(answer, context, signal) : releaseCopy(answer));
      return context.pool.isDone(answer);
    };
    if (step.stop === 'first-pass') {
      for (const agentName of active) {
        if (await settle(agentName)) break;
      }
    } else {
      await allEnded(active.map(settle));
    }
    const inOrder = active.filter((name) => said.has(name));
    rounds.push({ agents: inOrder, ratings });
    answers = new Map(inOrder.map((name) => [name, said.get(name) as Candidate]));
    if ([...answers.values()].some((answer) => context.pool.isDone(answer))) ended = 'passed';
    else if (isAgreed(mostAlike(answers), answers.size)) ended = 'agreed';
    const goesOn = ended === 'rounds' && round < step.rounds && answers.size > 0;
    const next = goesOn ? stayers(step, round, inOrder, answers, ratings) : inOrder;
    context.ports.trace.emit({
      ...{ type: 'debate.round', step: step.id, path: place, round, ratings: [...ratings] },
      answers: active.map((agent) => ({ agent, candidate: said.get(agent)?.id })),
      out: goesOn ? active.filter((name) => !next.includes(name)) : [],
    });
    active = next;
    if (active.length === 0) break;
  }
  if (answers.size === 0 && failures.length > 0) throw failures[0];
  const importance = importanceOf(rounds).map((one) => ({ ...one, role: agentNamed(context, one.agent).role }));
  context.ports.trace.emit({ type: 'debate.held', step: step.id, path: place, ended, rounds: rounds.length, importance });
  return undefined;
};

interface Shown {
  readonly name: string;
  readonly candidate: Candidate;
  readonly text: string;
  /** Of the tests asked for; undefined: there are no tests. */
  readonly points: number | undefined;
}

const testPoints = ({ verdict }: Candidate): number | undefined =>
  verdict === undefined ? undefined : Math.ceil(mostPoints * verdict.score);

async function shownTo(answers: ReadonlyMap<string, Candidate>, { ports, facts, pool }: StepContext): Promise<readonly Shown[]> {
  const shown: Shown[] = [];
  for (const [name, candidate] of answers) {
    const { patch } = await ports.copies.diff(facts.base, candidate.snapshot);
    const change = patch.length > shownCharacters ? `${patch.slice(0, shownCharacters)}\n…` : patch;
    const { verdict } = candidate;
    const tests =
      verdict === undefined ? '' : pool.isDone(candidate) ? '\nThe tests pass.' : `\nFailing tests:\n${renderFailures(verdict.report)}`;
    shown.push({ name, candidate, text: `${change}${tests}`, points: testPoints(candidate) });
  }
  return shown;
}

function discussion(shown: readonly Shown[], peers: readonly Shown[]): string {
  const each = shown.map(({ name, text }) => `## The change of ${name}\n${text}`);
  const ask =
    peers.length === 0
      ? []
      : [
          `Before your answer write one line that rates the other changes from 1 (of no use) to 5 (right): \`RATINGS: ${peers.map(({ name }) => `${name} 3`).join(', ')}\`. Then answer with the change as it should be, from the files as they were.`,
        ];
  return ['# What was written so far', ...each, ...ask].join('\n\n');
}

const ratingsWord = 'RATINGS';
/** Characters of a line of ratings that are read; what may stand before the word. */
const ratingsCharacters = 600;
const before = 6;

/** The first line that begins so counts; a name that was not asked about, and a number outside of the scale, do not. */
export function readRatings(text: string, names: readonly string[]): ReadonlyMap<string, number> {
  const isRatings = (line: string): boolean =>
    line
      .slice(0, before + ratingsWord.length)
      .toUpperCase()
      .includes(ratingsWord);
  const line = text.split('\n').find(isRatings)?.slice(0, ratingsCharacters) ?? '';
  const found = new Map<string, number>();
  for (const part of line.slice(line.toUpperCase().indexOf(ratingsWord) + ratingsWord.length).split(/[,;]/)) {
    const [name, points] = part.split(/[^\w-]+/).filter((word) => word !== '');
    if (name === undefined || !names.includes(name) || found.has(name)) continue;
    if (Number(points) >= 1 && Number(points) <= mostPoints) found.set(name, Number(points));
  }
  return found;
}

function ratingsOf(by: string, heard: readonly Answer[], shown: readonly Shown[]): readonly Rating[] {
  const names = shown.flatMap(({ name }) => (name === by ? [] : [name]));
  const said = heard.map(({ text }) => readRatings(text, names)).find(({ size }) => size > 0);
  return shown.map(({ name, points }) => ({ by, of: name, peer: said?.get(name), tests: points }));
}

/**
 * Who goes on: everybody who answered, but in the last round only the best. They are rated by the tests of what they wrote now, and by what was said of
 * what they wrote before.
 */
function stayers(
  { rounds, keep }: StepOf<'debate'>,
  round: number,
  agents: readonly string[],
  answers: ReadonlyMap<string, Candidate>,
  ratings: readonly Rating[],
): readonly string[] {
  if (round + 1 < rounds) return agents;
  const byTests = agents.map((of): Rating => ({ by: 'tests', of, tests: testPoints(answers.get(of) as Candidate) }));
  const opinions = ratings.flatMap(({ by, of, peer }) => (peer === undefined ? [] : [{ by, of, peer }]));
  const standing = standingOf(agents, [...byTests, ...opinions]);
  const kept = agents.toSorted((a, b) => (standing.get(b) ?? 0) - (standing.get(a) ?? 0)).slice(0, keep);
  return agents.filter((name) => kept.includes(name));
}

/** How many act like the most common answer. */
function mostAlike(answers: ReadonlyMap<string, Candidate>): number {
  const classes = Map.groupBy(answers.values(), behaviourOf);
  return Math.max(0, ...[...classes.values()].map((alike) => alike.length));
}
