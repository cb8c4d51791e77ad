/** What an agent may write, and what its work never needs. */
import { english, type Say } from '../text/index.ts';
import type { Agent } from './agent.ts';

/** Agents that hand over files must write; the others must not. */
export const mustWrite = (agent: Pick<Agent, 'output'>): boolean => agent.output === 'edits' || agent.output === 'tests';

/** Why a glob is no scope inside the workspace, or undefined when it is one. */
export function scopeEscape(glob: string, t: Say = english): string | undefined {
  if (/^([/\\~]|[a-z]:)/i.test(glob)) return t('it is absolute');
  if (glob.split(/[/\\{},]/).includes('..')) return t('it contains ".."');
  if (glob.includes('\\')) return t('it contains a backslash (use "/")');
  if (glob.startsWith('!')) return t('it excludes (a scope only lists what may be written)');
  return undefined;
}

/** True when a glob names test files rather than merely covering them: `test/**`, `src/a.test.ts`, but not `**` or `src/**`. */
export const namesTests = (glob: string): boolean =>
  /(^|\/)(tests?|specs?|__tests__)(\/|$)/i.test(glob) || /[._-](test|spec)s?\.[^/]*$/i.test(glob) || /(^|\/)test_[^/]*\.py$/i.test(glob);

/** Programs that run whatever they are told: granting one grants everything. */
const shells =
  /^(?:.*\/)?(?:sh|bash|dash|zsh|fish|ksh|csh|tcsh|cmd|powershell|pwsh|busybox|env|xargs|eval|exec|nohup|setsid|sudo|su|doas)(?:\.exe)?$/i;

/** Why a command must not be granted, or undefined when it may. */
export function commandEscape(grant: string, t: Say = english): string | undefined {
  const [program = '', ...words] = grant.split(' ');
  if (shells.test(program)) return t('it starts any other program');
  if (/^(?:\/|[a-z]:)/i.test(program)) return t('its path is absolute (use the name of the program, or a path in the workspace)');
  if ([program, ...words].some((word) => word.split('/').includes('..'))) return t('it leaves the workspace');
  return undefined;
}

/** Programs that run any code they are given where nothing follows them. */
export const runsAnyCode = (grant: string): boolean =>
  /^(?:node|nodejs|deno|bun|tsx|ts-node|npx|bunx|pnpx|python[\d.]*|py|uv|uvx|pipx|ruby|perl|php|lua|java|go|cargo|make|npm|pnpm|yarn)$/i.test(
    grant,
  );

/** What an agent may do that the other one may not: a stand-in gets no right that the one it stands in for lacks. */
export function rightsBeyond(agent: Rights, other: Rights, t: Say = english): string[] {
  const lacking = (
    mine: readonly string[] = [],
    theirs: readonly string[] = [],
    covers = (one: string) => theirs.includes(one),
  ): string[] => mine.filter((one) => !covers(one));
  const within = (grant: string): boolean => (other.commands ?? []).some((theirs) => `${grant} `.startsWith(`${theirs} `));
  return [
    ...lacking(agent.tools, other.tools).map((name) => t('the tool "{0}"', name)),
    ...lacking(agent.write, other.write, (glob) => other.write.some((theirs) => isBelow(glob, theirs))).map((glob) =>
      t('writing {0}', glob),
    ),
    ...lacking(agent.commands, other.commands, within).map((grant) => t('the command "{0}"', grant)),
    ...lacking(agent.servers, other.servers).map((name) => t('the server "{0}"', name)),
  ];
}

type Rights = Pick<Agent, 'tools' | 'write' | 'commands' | 'servers'>;

/** Whether all that a glob means is meant by the other one too, as far as their text shows it. */
const isBelow = (glob: string, other: string): boolean => {
  const top = other.replace(/\/?\*\*$/, '').replace(/\/$/, '');
  return glob === other || top === '' || (!/[*?{[]/.test(top) && glob.startsWith(`${top}/`));
};
