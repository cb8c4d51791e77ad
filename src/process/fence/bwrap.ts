/** The same through bubblewrap, which may be allowed to do what ordinary programs are not (AppArmor), and is setuid root on older machines. */
import { join } from 'node:path';
import { findProgram } from '../program.ts';
import { firstProcess } from './first-process.ts';
import { type Layout, rootFolder } from './layout.ts';
import type { Entry, FenceView } from './types.ts';

/** Absolute path of bubblewrap; undefined when it is not installed. A relative entry of the PATH is somebody else's folder. */
function findBwrap(path: string | undefined): string | undefined {
  return findProgram('bwrap', '/', {
    PATH: path
      ?.split(':')
      .filter((folder) => folder.startsWith('/'))
      .join(':'),
  });
}

/** A sentence when bubblewrap is not installed. `path`: the PATH of this process. */
export function enterByBwrap(view: FenceView, layout: Layout, scratch: string, path: string | undefined): Entry | string {
  const bwrap = findBwrap(path);
  if (bwrap === undefined) return 'bubblewrap (bwrap) is not installed';
  const binds = layout.mounts.flatMap(({ source, target, access }) => [access === 'write' ? '--bind' : '--ro-bind', source, target]);
  return {
    file: bwrap,
    args: [
      ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', ...(view.network ? [] : ['--unshare-net'])],
      ...['--die-with-parent', '--as-pid-1', '--cap-drop', 'ALL', '--info-fd', '3', ...(view.namespaces ? [] : ['--disable-userns'])],
      ...['--ro-bind', join(scratch, rootFolder), '/', '--proc', '/proc', '--remount-ro', '/proc', '--dev', '/dev'],
      ...binds,
      ...['--', '/bin/sh', '-c', firstProcess, 'fence'],
    ],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
  };
}
