/** A question to the user, while the run waits without its clock. */
import * as z from 'zod';
import { tool } from './tool.ts';

/** What an agent is told where nobody can answer: it goes on by itself. */
export const nobodyToAsk = 'There is nobody to ask. Decide by yourself, and say what you took for granted.';

const said = 'The user answers: ';
export const answered = (answer: string | undefined): string => (answer ? `${said}${answer}` : nobodyToAsk);
/** The user's words in what an agent was told. */
export const answerIn = (told: string): string | undefined => (told.startsWith(said) ? told.slice(said.length) : undefined);

export const askTool = tool(
  'Ask the user one short question. Only where the request leaves open what you cannot find out: everything waits for the answer.',
  z.strictObject({ question: z.string().trim().min(1).max(1000) }),
  async ({ question }, { askUser }, signal) => (askUser === undefined ? nobodyToAsk : askUser(question, signal)),
);
