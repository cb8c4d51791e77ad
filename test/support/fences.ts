import { homedir } from 'node:os';
import type { Fence, FenceView } from '../../src/process/fence/types.ts';
import { fenceView } from '../../src/process/fence/view.ts';
import { tryFence } from '../../src/process/find-fence.ts';

const candidates: readonly Fence[] =
  process.platform === 'linux'
    ? [
        { by: 'unshare', discards: true },
        { by: 'bwrap', discards: false },
      ]
    : [];

/** Every fence that works on this machine. Bubblewrap is tried where it is on the PATH; a line says what is not. */
export const fences: readonly Fence[] = (
  await Promise.all(
    candidates.map(async (fence) => {
      const reason = await tryFence(fence);
      if (reason !== undefined) console.log(`Tests in a fence by ${fence.by} are left out: ${reason}`);
      return reason === undefined ? [fence] : [];
    }),
  )
).flat();

/** Runs of our own tests go without where none works, as a user would say it: for the command line by a variable, for VS Code by its setting. */
export const worksHere = fences.length > 0;

/** What a fence shows of this machine to the tests of a project without dependencies. */
export const viewHere = (): FenceView => fenceView({ environment: process.env, homes: [homedir()], hidden: [] });
