/** Teams that the user saved with a workspace: plans as files, which git may carry to others. They are read as any plan's text is: nothing in them is trusted. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../process/index.ts';

/** Below the workspace, with `/` on every system. */
export const teamsFolder = '.teamwright/teams';

export interface SavedTeam {
  /** The name of its file: `review` of `review.team.yaml`. */
  readonly name: string;
  /** Absolute. `designerFor` takes it as it is. */
  readonly path: string;
}

const ending = /\.team\.(ya?ml|json)$/i;

/** The name of a team, of the path of its file. */
export const teamNameOf = (file: string): string => path.basename(file).replace(ending, '');

/** The saved teams of a workspace (an absolute path) by name; none where nothing was saved. What is no regular file counts as absent. */
export async function savedTeams(workspace: string): Promise<readonly SavedTeam[]> {
  const folder = path.join(workspace, teamsFolder);
  const names = (await ifThere(readdir(folder)))?.filter((name) => ending.test(name)) ?? [];
  const found = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      return (await ifThere(stat(file)))?.isFile() ? { name: teamNameOf(file), path: file } : undefined;
    }),
  );
  return found.filter((team) => team !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
}
