/** A question to the user, while the run waits without its clock. */
import * as z from 'zod';
import { tool } from './tool.ts';

/** What an agent is told where nobody can answer: it goes on by itself. */
export const nobodyToAsk = 'There is nobody to ask. Decide by yourself, and say what you took for granted.';

const said = 'The user answers: ';
export const answered = (answer: string | undefined): string => (answer ? `${said}${answer}` : nobodyToAsk);
/** The user's words in what an agent was told. */
export const answerIn = (told: string): string | undefined => (told.startsWith(said) ? told.slice(said.length) : undefined);

/** What an agent asks; whatever it offers to choose from, the user may answer in words of their own. */
export const askedSchema = z.strictObject({
  question: z.string().trim().min(1).max(1000),
  options: z.array(z.string().trim().min(1).max(200)).max(6).nullish().describe('Short answers to choose from'),
});

export const askTool = tool(
  'Ask the user one short question. Only where the request leaves open what you cannot find out: everything waits for the answer.',
  askedSchema,
  async ({ question, options }, { askUser }, signal) =>
    askUser === undefined ? nobodyToAsk : askUser({ question, options: [...new Set(options ?? [])] }, signal),
);
