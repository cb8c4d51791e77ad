/** Teams saved with the workspace, read for the review: each is a plan as text, and may be none. */
import { type SavedTeam, savedTeams } from '../../design/index.ts';
import { errorText } from '../../errors.ts';
import { type Plan, parsePlan, planHash, problemText } from '../../plan/index.ts';
import { textAt } from '../../process/index.ts';

export interface ReadTeam {
  readonly name: string;
  /** Absent where the file is no plan. */
  readonly plan?: Plan;
  readonly hash?: string;
  /** What is wrong with it. */
  readonly problem?: string;
}

export async function readSavedTeams(workspace: string): Promise<readonly ReadTeam[]> {
  return Promise.all((await savedTeams(workspace)).map(read));
}

async function read({ name, path }: SavedTeam): Promise<ReadTeam> {
  try {
    const { plan, problems } = parsePlan((await textAt(path)) ?? '', { format: /\.json$/i.test(path) ? 'json' : 'yaml' });
    if (plan) return { name, plan, hash: planHash(plan) };
    const [first] = problems;
    return { name, problem: first ? problemText(first) : '' };
  } catch (error) {
    return { name, problem: errorText(error) };
  }
}
