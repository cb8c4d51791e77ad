/**
 * What tools take from outside of the copies: the user's answers, and what an editor says. None of it follows from what was recorded before, so a
 * replay, and a resumed run as far as the old one went, has it from the trace.
 */
import pLimit from 'p-limit';
import type { Meter } from './meter.ts';
import type { Past } from './past.ts';
import type { ServersAsked } from './servers/servers.ts';
import { answered, answerIn, askedSchema } from './tools/ask.ts';
import type { Asked, Diagnose, ServerTools, ToolAnswer } from './tools/tool.ts';
import type { RunPorts } from './types.ts';

export interface Outside {
  readonly diagnose?: Diagnose;
  /** The tools of these servers. Rejects with `server-failed`. */
  serverTools(asked: ServersAsked, signal: AbortSignal): Promise<ServerTools>;
  /** Gives what the agent is told. Rejects as soon as the signal fires. */
  askUser(asked: Asked, agent: string, call: string, signal: AbortSignal): Promise<string>;
  /** The recorded answer, each once. */
  recorded(call: string, agent: string, tool: string, argumentText: string): ToolAnswer | undefined;
}

export function createOutside(
  { trace, askUser, diagnose, servers }: Pick<RunPorts, 'trace' | 'askUser' | 'diagnose' | 'servers'>,
  meter: Pick<Meter, 'whileWaiting'>,
  past?: Past,
): Outside {
  const oneAtATime = pLimit(1);
  return {
    ...(diagnose && { diagnose }),
    serverTools: (asked, signal) => servers.tools(asked, (server) => past?.offered?.(server), signal),
    recorded: (call, agent, tool, argumentText) => {
      const found = past?.outside?.(call, tool, argumentText);
      if (found && tool === 'ask') {
        const { question, options } = askedIn(argumentText);
        const answer = answerIn(found.text);
        trace.emit({ type: 'question.asked', agent, call, question, ...(options.length > 0 && { options }) });
        trace.emit({ type: 'question.answered', agent, call, question, answer, by: answer === undefined ? 'nobody' : 'replay' });
      }
      return found;
    },
    askUser: ({ question, options }, agent, call, signal) =>
      oneAtATime(async () => {
        signal.throwIfAborted();
        const about = { agent, call, question };
        trace.emit({ type: 'question.asked', ...about, ...(options.length > 0 && { options: [...options] }) });
        const answer = askUser && (await meter.whileWaiting(() => askUser({ agent, text: question, options }, signal)))?.trim();
        signal.throwIfAborted();
        trace.emit({ type: 'question.answered', ...about, answer: answer || undefined, by: askUser ? 'user' : 'nobody' });
        return answered(answer);
      }),
  };
}

function askedIn(argumentText: string): { readonly question: string; readonly options: string[] } {
  const asked = askedSchema.safeParse(JSON.parse(argumentText));
  return { question: asked.data?.question ?? '', options: asked.data?.options ?? [] };
}
