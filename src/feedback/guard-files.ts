import { join } from 'node:path';

/** Names the ticket of a run (a guard takes the variable away as it takes the ticket). */
export const guardVariable = 'TEAMWRIGHT_GUARD';

/** Where the guards lie: real files, in the sources beside this one and in `dist/` beside the bundle. A fence has to let tests read them. */
export const guardFolder = join(import.meta.dirname, 'guards');

export const guardFile = (name: string): string => join(guardFolder, name);

/** For a run that records the lines of the project at `root` into `folder`. `env` is what is set already. */
export const recorderEnv = (
  folder: string,
  root: string,
  { NODE_OPTIONS = '' }: Readonly<Record<string, string>>,
): Record<string, string> => ({
  TEAMWRIGHT_COVER: folder,
  TEAMWRIGHT_COVER_ROOT: root,
  NODE_OPTIONS: `${NODE_OPTIONS} --require ${JSON.stringify(guardFile('recorder.cjs'))}`.trim(),
});
