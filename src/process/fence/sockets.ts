import { existsSync, readFileSync } from 'node:fs';
import { isWithin } from '../files.ts';
import { resolveLinks } from './paths.ts';
import type { FenceView } from './types.ts';

const list = '/proc/net/unix';

/**
 * The view without the sockets of this machine's programs that lie in what it shows: whoever only reads a folder may still talk to the servers in
 * it. Those of folders that the command writes, and those that are shown by their own name, were meant. Read anew for every command, about 1 ms.
 */
export function withoutSockets(view: FenceView): FenceView {
  const paths = existsSync(list) ? socketPaths(readFileSync(list, 'utf8')) : [];
  const hidden = paths.flatMap((named) => {
    const found = resolveLinks(named);
    if (!found?.stats.isSocket()) return [];
    const { path } = found;
    const [nearest] = view.shown.filter((shown) => isWithin(shown.path, path)).sort((a, b) => b.path.length - a.path.length);
    return nearest === undefined || nearest.path === path || nearest.access === 'write' ? [] : [{ path, folder: false }];
  });
  return { ...view, hidden: [...view.hidden, ...hidden] };
}

/** See proc(5). Abstract sockets begin with "@", those without a name end before it. */
function socketPaths(text: string): string[] {
  const paths = text.split('\n').map((line) => /^\w+: (?:\S+ +){6}(\/.*)$/.exec(line)?.[1]);
  return [...new Set(paths)].filter((path) => path !== undefined);
}
