/** What an agent may write, and what its work never needs. */
import { english, type Say } from '../text/index.ts';
import type { Agent } from './agent.ts';
import type { Plan } from './schema.ts';

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

/** Whether a glob is about files that only a glob which names them grants; the runtime knows which they are, the validator does not. */
type NeedsNaming = (glob: string) => boolean;
const nothingNeeds: NeedsNaming = () => false;

/** What an agent may do that the other one may not: a stand-in gets no right that the one it stands in for lacks. */
export const rightsBeyond = (agent: Rights, other: Rights, t: Say = english, needsNaming = nothingNeeds): string[] => [
  ...agent.tools.filter((name) => !other.tools.includes(name)).map((name) => t('the tool "{0}"', name)),
  ...agent.write.filter((glob) => !other.write.some((theirs) => isBelow(glob, theirs, needsNaming))).map((glob) => t('writing {0}', glob)),
  ...outwardBeyond(agent, [other], t),
];

/**
 * What agents of a plan reach for that nobody in these plans could, outside of the copies and in files that must be named. For a plan that nobody
 * looks at: whoever designed it gives no right that it was not given.
 */
export function reachBeyond(plan: Team, before: readonly Team[], needsNaming: NeedsNaming, t: Say = english): ReachedFor[] {
  const others = before.flatMap(({ agents }) => Object.values(agents));
  const isGiven = (glob: string): boolean => others.some(({ write }) => write.some((theirs) => isBelow(glob, theirs, needsNaming)));
  return Object.entries(plan.agents).flatMap(([agent, own]) => {
    const named = own.write.filter((glob) => needsNaming(glob) && !isGiven(glob)).map((glob) => t('writing {0}', glob));
    return [...named, ...outwardBeyond(own, others, t)].map((what) => ({ agent, what }));
  });
}

interface ReachedFor {
  readonly agent: string;
  /** In words. */
  readonly what: string;
}

/** What is started for an agent, and what that may use, beyond what these may. */
function outwardBeyond({ commands = [], servers = [], network }: Outward, others: readonly Outward[], t: Say): string[] {
  const anyRuns = (grant: string): boolean =>
    others.some((other) => (other.commands ?? []).some((theirs) => `${grant} `.startsWith(`${theirs} `)));
  return [
    ...commands.filter((grant) => !anyRuns(grant)).map((grant) => t('the command "{0}"', grant)),
    ...servers.filter((name) => !others.some((other) => other.servers?.includes(name))).map((name) => t('the server "{0}"', name)),
    ...(network && !others.some((other) => other.network) ? [t('the network')] : []),
  ];
}

type Team = Pick<Plan, 'agents'>;
type Outward = Pick<Agent, 'commands' | 'servers' | 'network'>;
type Rights = Outward & Pick<Agent, 'tools' | 'write'>;

/** Whether all that a glob means is meant by the other one too, as far as their text shows it. */
const isBelow = (glob: string, other: string, needsNaming: NeedsNaming): boolean => {
  if (glob === other) return true;
  if (needsNaming(glob) && !needsNaming(other)) return false;
  const top = other.replace(/\/?\*\*$/, '').replace(/\/$/, '');
  return top === '' || (!/[*?{[]/.test(top) && glob.startsWith(`${top}/`));
};

/** Where a plan's rights cannot be kept as they are written. */
export interface Here {
  /** What is foreign runs in a fence. */
  readonly fenced: boolean;
  /** The settings of the user open the network to what runs in this workspace. */
  readonly network: boolean;
}

interface LooseRight {
  readonly agent: string;
  /** `open`: it has the network although it is not granted. `closed`: it has none although it is. */
  readonly network: 'open' | 'closed';
}

/** Agents whose right to the network is not kept here as the plan writes it. Pure. */
export function looseRights(plan: Team, here: Here): LooseRight[] {
  return Object.entries(plan.agents).flatMap(([agent, { commands = [], servers = [], network = false }]): LooseRight[] => {
    if (!network) return !here.fenced && commands.length + servers.length > 0 ? [{ agent, network: 'open' }] : [];
    return here.fenced && !here.network && commands.length > 0 ? [{ agent, network: 'closed' }] : [];
  });
}

/** In words, as a whole sentence. */
export const looseRightText = ({ agent, network }: LooseRight, t: Say): string =>
  network === 'open'
    ? t('What "{0}" runs has the network although the plan does not grant it: without a fence nothing keeps it out.', agent)
    : t('What "{0}" runs has no network although the plan grants it: your settings do not open it in this workspace.', agent);
