/** A program of the user's own without the network: it keeps everything else that the user has, files and environment among it. */
import { findBwrap } from './bwrap.ts';
import type { Fence, NoFence } from './types.ts';
import { tool } from './unshare.ts';

/** The words in front of a command line; it becomes the process that they start. Undefined where nothing here can do it. */
export function offlineStart({ by }: Fence | NoFence): readonly string[] | undefined {
  if (by === 'unshare') {
    const unshare = tool('unshare');
    return unshare === undefined ? undefined : [unshare, '--user', '--map-current-user', '--net', '--'];
  }
  if (by === 'bwrap') {
    const bwrap = findBwrap(process.env.PATH);
    return bwrap === undefined ? undefined : [bwrap, '--dev-bind', '/', '/', '--unshare-user', '--unshare-net', '--die-with-parent', '--'];
  }
  return undefined;
}
