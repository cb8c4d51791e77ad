/** The fence around foreign code: what it sees of the machine, and the ways to have it so. */
export { type Entered, enterFence } from './enter.ts';
export { allowText, type Grants, grantsByFolderSchema, grantsFor, noGrants } from './grants.ts';
export { offlineStart } from './offline.ts';
export { inheritedFiles } from './open-files.ts';
export { removeScratch, takeScratch } from './scratch.ts';
export type { Fence, Fenced, NoFence } from './types.ts';
export { fenceView, openFor } from './view.ts';
export { wantedBeyond } from './wanted.ts';
