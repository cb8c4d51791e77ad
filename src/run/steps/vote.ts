import { insteadOfVote, textWords } from '../../plan/index.ts';
import { type Cast, type Held, isTooLong, mostVoteTemperature, voteInRun } from '../ballot.ts';
import { agentNamed, notesFor, type StepRunner } from '../context.ts';
import { keepNote } from '../note.ts';
import { openingMessages } from '../prompts.ts';
import { answerFormOf } from '../vote-answers.ts';

/** A small question, asked until one answer is far enough ahead; those after it read the answer as a note. */
export const vote: StepRunner<'vote'> = async (step, place, context, signal) => {
  const agent = agentNamed(context, step.agent);
  const form = answerFormOf(
    step,
    context.facts.briefing.files.map(({ path }) => path),
  );
  const { recalled } = context.facts;
  const messages = openingMessages({ shared: context.shared, agent, recalled, notes: notesFor(context, step.uses), answer: form.ask });
  const temperature = Math.min(agent.temperature, mostVoteTemperature);
  const common = { step: step.id, agent: step.agent, tier: agent.tier, messages, temperature, maxTokens: step.longest };
  const reply = async (call: string): Promise<Cast<string>> => {
    const said = await context.ask({ ...common, place: call }, signal);
    if (isTooLong(said, step.longest)) return { flag: 'too-long' };
    const answer = form.read(said.text);
    return answer === undefined ? { flag: 'not-exact' } : { key: answer, shown: shortened(answer), value: answer };
  };
  const held = await voteInRun(step, place, reply, context, signal);
  const [first] = held.answers;
  if (held.ended !== 'agreed' || first === undefined) return undecided(held);
  keepNote({ step, agent, call: `${place}/${first.first}`, text: first.value }, context);
  return undefined;
};

const shortened = (answer: string): string => (answer.length <= 200 ? answer : `${answer.slice(0, 199)}…`);

/** Why nothing came of a vote. */
export function undecided({ ended, lead, replies, flagged, accuracy, answers: [first] }: Held<unknown>): string {
  const discarded = flagged === 0 ? '' : `, ${flagged} of them discarded`;
  if (ended === 'refused')
    return `no vote where the replies agree in ${Math.round(accuracy * 100)} of 100 cases (${replies} replies${discarded}). ${insteadOfVote(textWords)}`;
  return `no answer is ahead by ${lead} after ${replies} replies${discarded}; the first has ${first?.votes ?? 0}`;
}
