/**
 * A team that earlier runs proved better than the usual one is taken again, not designed anew: what names the files of its first request names those
 * of this one, its limits and its name are this run's (SCALE, arXiv 2601.11147: a small library of proven workflows).
 */
import type { Briefing } from '../briefing/types.ts';
import { type BetterTeam, betterThan } from '../learning/index.ts';
import { budgetSchema, checkPlan, isError, type Plan } from '../plan/index.ts';
import { isScheduled, teamIdOf } from './fallback.ts';
import { difficultyOf } from './kind.ts';
import { knownAtStart } from './situation.ts';
import type { Design, DesignInput } from './types.ts';

/** Files whose names a plan may hold. */
const mostFiles = 3;

/** What a request is about, sources and tests by themselves, the most relevant first. */
export function namedFiles({ files }: Pick<Briefing, 'files'>): { readonly sources: string[]; readonly tests: string[] } {
  const paths = (isTest: boolean): string[] => files.flatMap((file) => (file.isTest === isTest ? [file.path] : [])).slice(0, mostFiles);
  return { sources: paths(false), tests: paths(true) };
}

type Named = ReturnType<typeof namedFiles>;

const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Old names and the new ones, whole paths before their last parts; what has no counterpart is left out. */
function renames(then: Named, now: Named): (readonly [string, string])[] {
  const pairs = (['sources', 'tests'] as const).flatMap((which) =>
    then[which].flatMap((old, at) => (now[which][at] === undefined || now[which][at] === old ? [] : [[old, now[which][at]] as const])),
  );
  return [...pairs, ...pairs.map(([old, new_]) => [baseOf(old), baseOf(new_)] as const)];
}

/** Each name at once, so that one that was put in is not taken for an old one; never a part of a longer name. */
function renamed(text: string, names: readonly (readonly [string, string])[]): string {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const startsName = at === 0 || !/[\w./-]/.test(text.charAt(at - 1));
    const found = startsName ? names.find(([old]) => text.startsWith(old, at) && !/[\w-]/.test(text.charAt(at + old.length))) : undefined;
    parts.push(found === undefined ? text.charAt(at) : found[1]);
    at += found === undefined ? 1 : found[0].length;
  }
  return parts.join('');
}

/** A file of the first request that has no counterpart here opens the scope again: the run's own walls hold all the same. */
function scopeHere(write: readonly string[], names: readonly (readonly [string, string])[], then: Named, now: Named): string[] {
  const gone = [...then.sources, ...then.tests].filter((path) => ![...now.sources, ...now.tests].includes(path));
  const scope = write.map((glob) => names.find(([old]) => old === glob)?.[1] ?? (gone.includes(glob) ? '**' : glob));
  return [...new Set(scope)];
}

export function fitted(plan: Plan, then: Named, now: Named): Plan {
  const names = renames(then, now);
  const agents = Object.entries(plan.agents).map(([name, agent]) => {
    const write = scopeHere(agent.write, names, then, now);
    return [name, { ...agent, instructions: renamed(agent.instructions, names), write }] as const;
  });
  return { ...plan, agents: Object.fromEntries(agents), budget: budgetSchema.parse({}) };
}

/** The proven team in place of the usual one, where it is clearly better; the usual one as it is otherwise. */
export async function provenOr(usual: Design, input: DesignInput): Promise<Design> {
  const { request, briefing, models, proven } = input;
  if (proven === undefined) return usual;
  const { kind, language } = knownAtStart(request, briefing);
  const library = await proven();
  const situation = { workspace: library.workspace, kind, language, model: models.worker.model };
  const usually = teamIdOf(usual);
  // Of a way to plan only the first plan is kept, which was made for another request.
  const uses = library.uses.filter(({ team }) => team === usually || !isScheduled(team));
  const better = betterThan(usually, uses, situation);
  if (better === undefined) return usual;
  const known = library.team(better.team);
  if (known === undefined) return usual;
  const difficulty = difficultyOf(input);
  const team = fitted(known.plan, known.files, namedFiles(briefing));
  const plan = { ...team, name: `${kind}-proven`, difficulty, reason: reasonOf(better, known.runId) };
  if (checkPlan(plan, { request: request.text }).some(isError)) return usual;
  return { plan, origin: 'library', reason: plan.reason, difficulty, rounds: [], proven: { team: better.team, hit: better.hit } };
}

function reasonOf({ hit, proved, usual }: BetterTeam, runId: string): string {
  const where = hit === 'exact' ? 'here' : 'in your workspaces';
  const ofOthers = proved.others > 0 ? ` (${Math.round(proved.others)} of them by what others in this workspace say)` : '';
  const usually =
    usual.runs === 0 ? 'of the usual one nothing is known' : `the usual one ${Math.round(usual.solved)} of ${Math.round(usual.runs)}`;
  return `The team of ${runId}: it solved ${Math.round(proved.solved)} of ${Math.round(proved.runs)} such requests ${where}${ofOthers}, ${usually}.`;
}
