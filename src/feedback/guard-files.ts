import { join } from 'node:path';

/** Names the ticket of a run (a guard takes the variable away as it takes the ticket). */
export const guardVariable = 'TEAMWRIGHT_GUARD';

/** Where the guards lie: real files, in the sources beside this one and in `dist/` beside the bundle. A fence has to let tests read them. */
export const guardFolder = join(import.meta.dirname, 'guards');

export const guardFile = (name: string): string => join(guardFolder, name);
