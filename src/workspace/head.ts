import { isTeamwrightError } from '../errors.ts';
import { git } from './git.ts';

export interface Head {
  readonly commit: string;
  /** The commit goes on from `since`: one or more commits were made, and no other branch was taken. */
  readonly isLater: boolean;
}

/** The commit the user's repository stands on; undefined without a repository or a commit. Reads only. */
export async function headOf(workspace: string, since: string | undefined, signal: AbortSignal): Promise<Head | undefined> {
  const place = { cwd: workspace };
  const ask = async (...args: string[]): Promise<string | undefined> => {
    try {
      return (await git(place, args, { signal })).trim();
    } catch (error) {
      if (isTeamwrightError(error, 'git-failed')) return undefined;
      throw error;
    }
  };
  const commit = await ask('rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
  if (commit === undefined || commit === '') return undefined;
  if (since === undefined) return { commit, isLater: true };
  return { commit, isLater: commit !== since && (await ask('merge-base', since, commit)) === since };
}
