import { createHash, randomBytes } from 'node:crypto';
import { throwIfStopped } from '../../errors.ts';
import { type ChangedFile, callableIn, inputsIn, inputText, type OwnInput, ownTrials } from '../../feedback/index.ts';
import { allEnded } from '../all-ended.ts';
import { agentNamed, notesFor, type StepContext, type StepRunner } from '../context.ts';
import type { Candidate } from '../pool.ts';
import { openingMessages } from '../prompts.ts';

/** Characters of the changes that the agent sees, all together. */
const shownCharacters = 12_000;
/** Tokens of one call with plain values. */
const inputTokens = 60;
/** For all inputs of a file: some of them may never come to an end, ms. */
const longestMs = 15_000;

type Said = readonly (string | undefined)[];

/**
 * Tells equally good candidates apart where tests do not (S*, arXiv 2502.14382): an agent thinks of inputs, these are run on each in a copy of its own,
 * and those that answer alike act alike from then on. Nothing of that is part of a candidate, and it makes none of them solved.
 */
export const tellApart: StepRunner<'tell-apart'> = async (step, place, context, signal) => {
  const { pool, ports } = context;
  const survivors = pool.survivors().filter(({ foundation }) => foundation !== true);
  if (survivors.length < 2) return 'no two candidates are equally good by the tests';
  const callable = callableIn((await Promise.all(survivors.map((candidate) => changedFiles(candidate, context)))).flat());
  if (callable.size === 0)
    return 'nothing in these changes can be run by itself: only functions at the top of files in JavaScript, TypeScript and Python can';
  const agent = agentNamed(context, step.agent);
  const messages = openingMessages({
    ...{ shared: context.shared, agent, recalled: context.facts.recalled, notes: notesFor(context, step.uses) },
    extra: await shownChanges(survivors, context),
    answer: `Answer with up to ${step.inputs} calls, one in each line, and nothing else. Call only these functions, with plain values as they are written in the code, and choose inputs for which the changes may give different answers: ${[...callable.keys()].join(', ')}`,
  });
  const call = { place: `${place}/1`, step: step.id, agent: step.agent, tier: agent.tier, messages, temperature: agent.temperature };
  const maxTokens = Math.min(context.settings.replyTokens, step.inputs * inputTokens);
  const { text } = await context.sideBySide(() => context.ask({ ...call, maxTokens }, signal));
  const read = inputsIn(text, callable);
  const inputs = read.inputs.slice(0, step.inputs);
  if (inputs.length === 0) {
    context.troubles.note(step.id, 'format');
    return 'no line of the reply is a call with plain values';
  }
  const said = await allEnded(survivors.map((candidate) => answersOf(candidate, inputs, step.id, context, signal)));
  // What no change answers tells nothing.
  const heard = inputs.flatMap((input, at) => (said.some((own) => own[at] !== undefined) ? [{ text: inputText(input), at }] : []));
  if (heard.length === 0) return 'none of these inputs gives an answer that can be compared';
  const texts = heard.map(({ text }) => text);
  const keyed = survivors.map((candidate, index) => {
    const answers = heard.map(({ at }) => said[index]?.[at] ?? null);
    return { candidate, answers, key: keyOf(texts, answers) };
  });
  for (const { candidate, key } of keyed) candidate.answers = key;
  const classes = [...Map.groupBy(keyed, ({ key }) => key).values()].map((alike) => ({
    candidates: alike.map(({ candidate }) => candidate.id),
    votes: alike.reduce((sum, { candidate }) => sum + candidate.votes, 0),
    answers: [...(alike[0]?.answers ?? [])],
  }));
  ports.trace.emit({
    ...{ type: 'candidates.told-apart', step: step.id, path: place },
    ...{ inputs: texts, unread: read.unread },
    classes: classes.sort((a, b) => b.votes - a.votes),
  });
  return undefined;
};

const keyOf = (inputs: readonly string[], answers: readonly (string | null)[]): string =>
  createHash('sha256')
    .update(JSON.stringify([inputs, answers]))
    .digest('hex')
    .slice(0, 16);

const changedFiles = ({ changed, snapshot }: Candidate, { ports, start }: StepContext): Promise<ChangedFile[]> =>
  Promise.all(
    changed.map(async (path) => ({
      path,
      before: await ports.copies.read(start, path),
      after: await ports.copies.read(snapshot, path),
    })),
  );

async function shownChanges(candidates: readonly Candidate[], { ports, facts }: StepContext): Promise<string> {
  const each = Math.floor(shownCharacters / candidates.length);
  const patches = await Promise.all(candidates.map(({ snapshot }) => ports.copies.diff(facts.base, snapshot)));
  const shown = patches.map(({ patch }, at) => `## Change ${at + 1}\n${patch.length > each ? `${patch.slice(0, each)}\n…` : patch}`);
  return ['# Changes of which nobody knows yet which is right', ...shown].join('\n');
}

/** What it answers to each input, in a copy that goes afterwards. */
function answersOf(
  candidate: Candidate,
  inputs: readonly OwnInput[],
  step: string,
  context: StepContext,
  signal: AbortSignal,
): Promise<Said> {
  const { ports, settings, steering } = context;
  return context.sideBySide(async () => {
    await steering.ready(signal);
    const copy = await ports.copies.create(`${candidate.id}-${step}`, candidate.snapshot, signal);
    try {
      const said = new Map<OwnInput, string | undefined>();
      for (const trial of ownTrials(inputs, copy.root, `apart${randomBytes(8).toString('hex')}`)) {
        await copy.edit([{ kind: 'whole-file', path: trial.path, text: trial.text, exact: true }], { allow: ['**'] });
        const wallMs = Math.min(settings.testLimits.wallMs, longestMs);
        const report = await ports.runTests(trial.command, copy.root, { ...settings.testLimits, wallMs }, signal);
        throwIfStopped(signal);
        for (const [at, answer] of trial.answers(report).entries()) said.set(trial.inputs[at] as OwnInput, answer);
      }
      return inputs.map((input) => said.get(input));
    } finally {
      await copy.remove();
    }
  });
}
