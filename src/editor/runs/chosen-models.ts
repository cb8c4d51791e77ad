/** Which model a request was sent to by its name, kept for this workspace: a run that is resumed asks the same one, and no other. */
import type * as vscode from 'vscode';

const key = 'teamwright.chosenModels';
const most = 200;

export interface ChosenByRun {
  /** Undefined: the settings decided. */
  of(runId: string): string | undefined;
  keep(runId: string, model: string): Promise<void>;
}

export function chosenModels(memory: Pick<vscode.Memento, 'get' | 'update'>): ChosenByRun {
  const kept = (): readonly (readonly [string, string])[] => memory.get<[string, string][]>(key, []);
  return {
    of: (runId) => kept().find(([run]) => run === runId)?.[1],
    keep: async (runId, model) => memory.update(key, [[runId, model], ...kept()].slice(0, most)),
  };
}
