/** The requests made before, newest first; kept by VS Code for all windows of this user, never sent anywhere. */
import type * as vscode from 'vscode';

const key = 'teamwright.requests';
const most = 50;

export interface RequestHistory {
  list(): readonly string[];
  add(text: string): Promise<void>;
  remove(text: string): Promise<void>;
}

export function requestHistory(memory: Pick<vscode.Memento, 'get' | 'update'>): RequestHistory {
  const list = (): readonly string[] => {
    const kept: unknown = memory.get(key);
    return Array.isArray(kept) ? kept.filter((entry) => typeof entry === 'string') : [];
  };
  const without = (text: string): string[] => list().filter((entry) => entry !== text);
  return {
    list,
    add: async (text) => memory.update(key, [text, ...without(text)].slice(0, most)),
    remove: async (text) => memory.update(key, without(text)),
  };
}
