/**
 * Which roles are worth their place in a debate (team selection, DyLAN, arXiv 2310.02170): what each contributed to changes that were kept, run after run.
 * Pure; plain numbers, kept as JSON.
 */

/** What one role contributed in one run: its share of the importance times the number of agents, so that 1 is a fair share. */
export interface Contribution {
  readonly role: string;
  readonly relative: number;
}

interface Tally {
  readonly runs: number;
  readonly relative: number;
}

export type Roles = Readonly<Record<string, Tally>>;

/** Before anything is seen a role is as good as any, as if it had been so in two runs. */
const before: Tally = { runs: 2, relative: 2 };
/** Runs before a role can be left out. */
const enoughRuns = 3;
/** Less than half of a fair share is too little. */
const tooLittle = 0.5;
/** Roles that are remembered; the one that was heard longest ago is forgotten first. */
const most = 50;

/** `kept`: what is left of earlier runs. */
export function rolesAfter(roles: Roles, contributions: readonly Contribution[], kept: number): Roles {
  const all = new Map(Object.entries(roles).map(([role, { runs, relative }]) => [role, { runs: runs * kept, relative: relative * kept }]));
  for (const { role, relative } of contributions) {
    const tally = all.get(role) ?? { runs: 0, relative: 0 };
    all.delete(role);
    all.set(role, { runs: tally.runs + 1, relative: tally.relative + relative });
  }
  return Object.fromEntries([...all].slice(-most));
}

/** What a role contributes on average, 1 being a fair share. */
export function worthOf(roles: Roles, role: string): number {
  const { runs, relative } = (Object.hasOwn(roles, role) ? roles[role] : undefined) ?? { runs: 0, relative: 0 };
  return (before.relative + relative) / (before.runs + runs);
}

/** Heard in enough runs, and it contributed little to what was kept. */
export const isIdle = (roles: Roles, role: string): boolean =>
  Object.hasOwn(roles, role) && (roles[role] as Tally).runs >= enoughRuns - 0.5 && worthOf(roles, role) < tooLittle;
