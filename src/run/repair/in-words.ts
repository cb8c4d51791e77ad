/** A function that nobody has written yet, asked for in words: its agent reads what the request says of it and the file it stands in, no more, and writes it whole. */
import { estimateTokens } from '../../models/index.ts';
import { requestAbout } from '../../request/index.ts';
import type { Statement } from '../../syntax/types.ts';
import type { Answer } from '../ask.ts';
import { type Origin, readReply } from '../candidates.ts';
import type { StepContext } from '../context.ts';
import { askedPart, partInFile, partWith } from '../part.ts';
import { answerFormat, openingMessages, sharedPrompt } from '../prompts.ts';

/** A longer file is shown as its outline; tokens. */
const shownWhole = 800;
/** Longest reply, tokens: the function, and a few words that models add. */
const replyTokens = 400;

interface UnwrittenFunction {
  readonly path: string;
  /** Of the file. */
  readonly text: string;
  /** Stands in place of the body. */
  readonly statement: Statement;
  /** Words beside it say what it is for. */
  readonly described: boolean;
}

interface Written {
  /** The file with the function in it; undefined where the reply is not clear. */
  readonly text: string | undefined;
  readonly hidden: Answer['hidden'];
}

/** Undefined: no function holds the statement. */
export async function writtenInWords(
  { path, text, statement, described }: UnwrittenFunction,
  temperature: number,
  { step, agentName, agent, call }: Origin,
  context: StepContext,
  signal: AbortSignal,
): Promise<Written | undefined> {
  const one = await partWith(path, text, statement.line);
  if (one === undefined) return undefined;
  const { request, briefing, earlier } = context.facts;
  const isWhole = estimateTokens(text) <= shownWhole;
  const shown = { path, text: isWhole ? text : one.outline, truncated: !isWhole, isTest: false, bytes: text.length, score: 0, reasons: [] };
  // Why its tests fail is known: nothing is there.
  const about = { ...request, text: requestAbout(request.text, { path, name: one.part.name }) };
  const shared = sharedPrompt(about, { ...briefing, files: [shown], baseline: undefined }, earlier);
  const asked = askedPart(one);
  const answer = answerFormat(agent, asked.form, request.text);
  const messages = openingMessages({
    shared,
    agent: { ...agent, instructions: `Write the function ${one.part.name}${described ? ' as its description says' : ''}.` },
    notes: [],
    recalled: context.facts.recalled,
    answer,
  });
  const reply = await context.ask(
    { place: call, step, agent: agentName, tier: agent.tier, messages, temperature, maxTokens: replyTokens },
    signal,
  );
  const parsed = await partInFile(readReply(reply, asked), one);
  const [edit] = parsed.problems.length > 0 ? [] : parsed.edits;
  return { text: edit?.kind === 'whole-file' ? edit.text : undefined, hidden: reply.hidden };
}
