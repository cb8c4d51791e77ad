/**
 * The kernel's namespaces through util-linux (`unshare`, `mount`, `pivot_root`, `setpriv`), which nearly every Linux has. The command gets a
 * root of its own, put together from what the view shows, its own table of processes, its own network, and no right over any of them.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { callFilter } from './filter.ts';
import { firstProcess } from './first-process.ts';
import { type Layout, type Mount, type Places, rootFolder } from './layout.ts';
import { type MountPoint, optionsAt } from './mount-table.ts';
import type { Entry, FenceView } from './types.ts';

const places = ['/usr/bin', '/usr/sbin', '/bin', '/sbin', '/run/current-system/sw/bin'];

/** Never from the PATH: a folder of the workspace may be on it. */
export function tool(name: string): string | undefined {
  return places.map((place) => join(place, name)).find((path) => existsSync(path));
}

/**
 * The two steps that need system calls no program of util-linux makes: the loopback of the new network is switched on, and the filter of calls
 * (`callFilter`, as hexadecimal digits) is loaded. Then it becomes the rest of its arguments. The first whose interpreter is there is taken.
 */
const closers: readonly (readonly [string, ...string[]])[] = [
  [
    'perl',
    '-e',
    `
my ($loopback, $prctl, $filter) = splice @ARGV, 0, 3;
if ($loopback) {
  socket(my $any, 2, 2, 0) or die "loopback: $!";
  my $up = pack "a16sx22", "lo", 0x41;
  ioctl($any, 0x8914, $up) or die "loopback: $!";
}
my $program = pack "H*", $filter;
my $described = pack "Sx![P]P", length($program) / 8, $program;
syscall(0 + $prctl, 22, 2, $described) == 0 or die "filter: $!";
exec { $ARGV[0] } @ARGV or die "$ARGV[0]: $!";
`,
  ],
  [
    'python3',
    '-ISc',
    `
import ctypes, fcntl, os, socket, struct, sys
loopback, prctl, digits = sys.argv[1:4]
if loopback:
  with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any: fcntl.ioctl(any, 0x8914, struct.pack("16sh22x", b"lo", 0x41))
program = ctypes.create_string_buffer(bytes.fromhex(digits))
if ctypes.CDLL(None).syscall(int(prctl), 22, 2, struct.pack("@HP", len(digits) // 16, ctypes.addressof(program))): sys.exit("filter")
os.execv(sys.argv[4], sys.argv[4:])
`,
  ],
];

interface Tools {
  readonly unshare: string;
  readonly setpriv: string;
  readonly mount: string;
  readonly umount: string;
  readonly pivot: string;
  readonly closer: readonly string[];
}

/** The programs this fence is made with; a sentence when one is missing. */
function unshareTools(): Tools | string {
  const names = ['unshare', 'setpriv', 'mount', 'umount', 'pivot_root'].map((name) => ({ name, path: tool(name) }));
  const missing = names.filter(({ path }) => path === undefined).map(({ name }) => name);
  if (missing.length > 0) return `util-linux lacks ${missing.join(', ')}`;
  const closer = closers.flatMap(([name, ...rest]) => {
    const path = tool(name);
    return path === undefined ? [] : [[path, ...rest]];
  })[0];
  if (closer === undefined) return 'nothing here can load a filter of system calls (perl or python3)';
  const [unshare = '', setpriv = '', mount = '', umount = '', pivot = ''] = names.map(({ path }) => path ?? '');
  return { unshare, setpriv, mount, umount, pivot, closer };
}

/** Writes the list of mounts to its place. A sentence when a program is missing. */
export function enterByUnshare(view: FenceView, layout: Layout, at: Places, table: readonly MountPoint[]): Entry | string {
  const tools = unshareTools();
  if (typeof tools === 'string') return tools;
  const filter = callFilter(process.arch);
  if (filter === undefined) return `the system calls of ${process.arch} are not known`;
  writeFileSync(at('fstab'), tableOf(layout.mounts, at, table));
  const namespaces = [
    '--user',
    '--map-current-user',
    '--keep-caps',
    '--mount',
    '--pid',
    '--ipc',
    '--uts',
    ...(view.network ? [] : ['--net']),
  ];
  const drop = [tools.setpriv, '--no-new-privs', '--ambient-caps=-all', '--inh-caps=-all', '--bounding-set=-all', '--'];
  return {
    file: tools.setpriv,
    args: [
      ...['--pdeathsig', 'KILL', '--', tools.unshare, ...namespaces, '--fork', '--kill-child', '--'],
      ...['/bin/sh', '-c', enter(tools, view), 'fence', dirname(at('fstab')), at(rootFolder), String(process.pid)],
      ...[...tools.closer, view.network ? '' : '1', String(filter.prctl), filter.program.toString('hex')],
      ...[...drop, '/bin/sh', '-c', firstProcess, 'fence'],
    ],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
  };
}

/**
 * Runs as the namespace's first process, still with all rights inside of it, and becomes `"$@"`. The parent is looked at once more: a death that
 * came before the kernel was asked to tell of it would leave us behind.
 */
function enter(tools: Tools, view: FenceView): string {
  return `
set -e
read -r own name state parent rest </proc/self/stat
read -r own_ name state grandparent rest <"/proc/$parent/stat"
[ "$grandparent" = "$3" ]
echo "$own" >&3
${firstToEnd}
cd "$1"
${tools.mount} -a -T fstab
${view.namespaces ? '' : 'echo 0 >/proc/sys/user/max_user_namespaces'}
cd "$2"
shift 3
${tools.pivot} . .
${tools.umount} -l .
cd /
exec "$@"
`;
}

/** When memory runs out, the kernel ends foreign code before anything of the user's. */
export const firstToEnd = 'echo 1000 >/proc/self/oom_score_adj';

/** Files of `/proc` that tell of the user's session. */
export const masked = ['/proc/keys', '/proc/key-users'].filter((path) => existsSync(path));

/** Devices a program may expect; never disks, cameras or what else a group of the user may open. */
export const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];
export const deviceLinks = [
  ['fd', '/proc/self/fd'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
  ['ptmx', 'pts/ptmx'],
] as const;

/** What `mount -a` does, in order, in the folder of the list. Overlays name their folders relative to it: their options know no escapes. */
function tableOf(mounts: readonly Mount[], at: Places, table: readonly MountPoint[]): string {
  const root = at(rootFolder);
  const line = (source: string, target: string, type: string, options: readonly string[]): string =>
    `${escaped(source)} ${escaped(target)} ${type} ${options.join(',')} 0 0\n`;
  const readOnly = (path: string): string[] => ['ro', ...optionsAt(table, path)];
  const lines = [
    line(root, root, 'none', ['bind', ...readOnly(root)]),
    line('proc', `${root}/proc`, 'proc', ['ro', 'nosuid', 'nodev', 'noexec']),
    ...masked.map((path) => line('/dev/null', root + path, 'none', ['bind'])),
    ...devices.map((name) => line(`/dev/${name}`, `${root}/dev/${name}`, 'none', ['bind'])),
    line('devpts', `${root}/dev/pts`, 'devpts', ['newinstance', 'ptmxmode=0666', 'nosuid', 'noexec']),
    line('shm', `${root}/dev/shm`, 'tmpfs', ['nosuid', 'nodev']),
  ];
  mounts.forEach(({ source, target, access, nested }, index) => {
    const place = root + target;
    const bind = nested ? 'rbind' : 'bind';
    if (access === 'write') lines.push(line(source, place, 'none', [bind]));
    else if (access === 'read') lines.push(line(source, place, 'none', [bind, ...readOnly(source)]));
    else {
      const layer = (kind: string): string => `layers/${index}/${kind}`;
      lines.push(line(source, at(layer('lower')), 'none', ['rbind']));
      const options = [`lowerdir=${layer('lower')}`, `upperdir=${layer('upper')}`, `workdir=${layer('work')}`, 'userxattr'];
      lines.push(line('overlay', place, 'overlay', options));
    }
  });
  return lines.join('');
}

/** As fstab(5) wants it. */
function escaped(text: string): string {
  return text.replace(/[ \t\n\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
