/** What an agent may write, and what its work never needs. */
import type { Agent } from './agent.ts';

/** Agents that hand over files must write; the others must not. */
export const mustWrite = (agent: Pick<Agent, 'output'>): boolean => agent.output === 'edits' || agent.output === 'tests';

/** Why a glob is no scope inside the workspace, or undefined when it is one. */
export function scopeEscape(glob: string): string | undefined {
  if (/^([/\\~]|[a-z]:)/i.test(glob)) return 'it is absolute';
  if (glob.split(/[/\\{},]/).includes('..')) return 'it contains ".."';
  if (glob.includes('\\')) return 'it contains a backslash (use "/")';
  if (glob.startsWith('!')) return 'it excludes (a scope only lists what may be written)';
  return undefined;
}

/** True when a glob names test files rather than merely covering them: `test/**`, `src/a.test.ts`, but not `**` or `src/**`. */
export const namesTests = (glob: string): boolean =>
  /(^|\/)(tests?|specs?|__tests__)(\/|$)/i.test(glob) || /[._-](test|spec)s?\.[^/]*$/i.test(glob) || /(^|\/)test_[^/]*\.py$/i.test(glob);
