import { createHash } from 'node:crypto';
import type { Answer } from '../ask.ts';
import { type Cast, isTooLong, mostVoteTemperature, voteInRun } from '../ballot.ts';
import { candidateFromText, type Origin, readReply } from '../candidates.ts';
import { acceptInChain } from '../chain.ts';
import { agentNamed, notesFor, type StepRunner } from '../context.ts';
import { releaseCopy } from '../judge.ts';
import { askedPart, partAsked, partInFile, sharedWithPart, tellPart } from '../part.ts';
import type { Candidate } from '../pool.ts';
import { answerFormat, openingMessages } from '../prompts.ts';
import { undecided } from './vote.ts';

/** One function or class, asked for until one text of it is far enough ahead: that one becomes a candidate. Equal is what makes the same file. */
export const votePart: StepRunner<'vote-part'> = async (step, place, context, signal) => {
  const best = context.chain?.accepted ?? (step.from === 'best' ? context.pool.best() : undefined);
  const from = best ? { name: best.id, snapshot: best.snapshot } : { name: 'start', snapshot: context.start };
  const agent = agentNamed(context, step.agent);
  const origin: Origin = { step: step.id, agentName: step.agent, agent, call: place, from };
  const one = await partAsked(origin, best?.verdict?.report ?? context.facts.baseline, context);
  if (one === undefined) return 'it is not clear which function or class is meant';
  tellPart(one, origin, context);
  const asked = askedPart(one);
  const answer = answerFormat(agent, asked.form, context.facts.request.text);
  const { recalled } = context.facts;
  const messages = openingMessages({ shared: sharedWithPart(one, context), agent, recalled, notes: notesFor(context, step.uses), answer });
  const temperature = Math.min(agent.temperature, mostVoteTemperature);
  const common = { step: step.id, agent: step.agent, tier: agent.tier, messages, temperature, maxTokens: step.longest };
  const reply = async (call: string): Promise<Cast<Written>> => {
    const said = await context.ask({ ...common, place: call }, signal);
    if (isTooLong(said, step.longest)) return { flag: 'too-long' };
    const parsed = await partInFile(readReply(said, asked), one);
    const [edit] = parsed.edits;
    if (parsed.problems.length > 0 || edit?.kind !== 'whole-file') return { flag: 'not-exact' };
    return { key: edit.text, shown: `${one.part.name} ${shortHash(edit.text)}`, value: { text: edit.text, hidden: said.hidden } };
  };
  const held = await voteInRun(step, place, reply, context, signal);
  const [first] = held.answers;
  if (held.ended !== 'agreed' || first === undefined) return undecided(held);
  const { text, hidden } = first.value;
  let same: Candidate | undefined;
  const onSame = (known: Candidate): void => {
    same = known;
  };
  const candidate = await candidateFromText(
    one.path,
    text,
    { ...origin, call: `${place}/${first.first}`, onSame },
    context,
    signal,
    hidden,
  );
  if (same !== undefined) await acceptInChain(same, context);
  if (candidate === undefined) return context.chain && !same && text !== one.text ? 'what is ahead makes no candidate' : undefined;
  candidate.votes = first.votes;
  await acceptInChain(candidate, context);
  // Nobody will ask for its files when there is nothing to judge it by.
  if (!context.facts.test) await releaseCopy(candidate);
  return undefined;
};

interface Written {
  /** Of the whole file. */
  readonly text: string;
  readonly hidden: Answer['hidden'];
}

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);
