/** The same through bubblewrap, which may be allowed to do what ordinary programs are not (AppArmor), and is setuid root on older machines. */
import { writeFileSync } from 'node:fs';
import { findProgram } from '../program.ts';
import { callFilter } from './filter.ts';
import { firstProcess } from './first-process.ts';
import { type Layout, type Places, rootFolder } from './layout.ts';
import type { Entry, FenceView } from './types.ts';
import { firstToEnd, masked } from './unshare.ts';

/** Absolute path of bubblewrap; undefined when it is not installed. A relative entry of the PATH is somebody else's folder. */
export function findBwrap(path: string | undefined): string | undefined {
  return findProgram('bwrap', '/', {
    PATH: path
      ?.split(':')
      .filter((folder) => folder.startsWith('/'))
      .join(':'),
  });
}

/** Opens the filter of system calls for bubblewrap, and becomes the rest of its arguments. */
const enter = `${firstToEnd}; exec 9<"$1"; shift; exec "$@"`;

/** Writes the filter to its place. A sentence when bubblewrap is not installed. `path`: the PATH of this process. */
export function enterByBwrap(view: FenceView, layout: Layout, at: Places, path: string | undefined): Entry | string {
  const bwrap = findBwrap(path);
  if (bwrap === undefined) return 'bubblewrap (bwrap) is not installed';
  const filter = callFilter(process.arch);
  if (filter === undefined) return `the system calls of ${process.arch} are not known`;
  const filterFile = at('filter');
  writeFileSync(filterFile, filter.program);
  const binds = layout.mounts.flatMap(({ source, target, access }) => [access === 'write' ? '--bind' : '--ro-bind', source, target]);
  return {
    file: '/bin/sh',
    args: [
      ...['-c', enter, 'fence', filterFile, bwrap, '--seccomp', '9'],
      ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', ...(view.network ? [] : ['--unshare-net'])],
      ...['--die-with-parent', '--as-pid-1', '--cap-drop', 'ALL', '--info-fd', '3', ...(view.namespaces ? [] : ['--disable-userns'])],
      ...[
        '--ro-bind',
        at(rootFolder),
        '/',
        '--proc',
        '/proc',
        ...masked.flatMap((path) => ['--ro-bind', '/dev/null', path]),
        '--remount-ro',
        '/proc',
        '--dev',
        '/dev',
      ],
      ...binds,
      ...['--', '/bin/sh', '-c', firstProcess, 'fence'],
    ],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
  };
}
