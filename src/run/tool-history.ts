/**
 * What an agent with tools is shown of its work so far. Every turn is paid for with all that stands in front of it, so nothing is shown twice: of the same
 * question the last answer, of the tests the last run, and once the agent has changed something, of the files it was given those that it had to do with. Pure.
 */
import type { RelevantFile } from '../briefing/types.ts';
import type { ChatMessage } from '../models/types.ts';

export interface UsedTool {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  readonly answer: string;
}

/** One turn: what the model said, and what came of it. */
export type Turn =
  | { readonly said: ChatMessage; readonly used: readonly UsedTool[]; readonly native: boolean }
  | { readonly said: ChatMessage; readonly told: string };

/** Shorter answers stay. */
const worthLeavingOut = 200;

export function toolHistory(opening: readonly ChatMessage[], turns: readonly Turn[]): ChatMessage[] {
  const later = new Set<string>();
  const shown: ChatMessage[][] = [];
  for (const turn of turns.toReversed()) {
    if ('told' in turn) shown.push([turn.said, { role: 'user', content: turn.told }]);
    else {
      const answers = turn.used.toReversed().map((one) => {
        const key = one.name === 'test' ? 'test' : `${one.name}\0${one.arguments}`;
        const again = later.has(key) && one.answer.length > worthLeavingOut && one.name !== 'edit';
        later.add(key);
        return { ...one, text: again ? '(Asked again later: see there.)' : one.answer };
      });
      answers.reverse();
      shown.push([
        turn.said,
        ...(turn.native
          ? answers.map(({ id, text }): ChatMessage => ({ role: 'tool', content: text, toolCallId: id }))
          : [{ role: 'user', content: answers.map(({ name, text }) => `Result of ${name}:\n${text}`).join('\n\n') } as const]),
      ]);
    }
  }
  return [...opening, ...shown.toReversed().flat()];
}

/** The files of the briefing that an agent had to do with, and the tests that are red; the others it may read again. */
export function filesInUse(
  files: readonly RelevantFile[],
  turns: readonly Turn[],
  redFiles: ReadonlySet<string | undefined>,
): ReadonlySet<string> {
  const words = turns.flatMap((turn) => ('used' in turn ? turn.used.map((one) => one.arguments) : [turn.said.content]));
  const isNamed = ({ path }: RelevantFile): boolean => words.some((text) => text.includes(path));
  return new Set(files.filter((file) => isNamed(file) || redFiles.has(file.path)).map(({ path }) => path));
}
