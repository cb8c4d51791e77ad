import { spawn } from 'node:child_process';
import { tagName } from './processes.ts';

/**
 * Where no PID namespace dies with us, a small `sh` stands beside each command (about 2 ms, no CPU while it waits). It holds the reading end of
 * a pipe; when this process ends, however it ends, the pipe closes and the guard kills the command's group and everything with its tag.
 */
export interface Guard {
  /** Tells the guard which process group to end. */
  watch(group: number): void;
  /** The command is over: the guard leaves without killing anything. */
  dismiss(): void;
}

// Reads: the tag, then the group, then `done`. End of input without `done` means the parent is gone.
const script = `
trap '' INT TERM HUP
read -r tag || exit 0
group=
while read -r line; do
  [ "$line" = done ] && exit 0
  group=$line
done
[ -n "$group" ] && kill -9 -- "-$group" 2>/dev/null
round=0
while [ $round -lt 20 ]; do
  left=
  if [ -r /proc/self/environ ]; then
    for file in $(grep -laF -e "${tagName}=$tag" /proc/[0-9]*/environ 2>/dev/null); do
      pid=\${file#/proc/}
      kill -9 "\${pid%/environ}" 2>/dev/null && left=1
    done
  else
    for pid in $(ps -axwwE -o pid=,command= | while read -r pid rest; do case $rest in *"${tagName}=$tag"*) echo "$pid";; esac; done); do
      kill -9 "$pid" 2>/dev/null && left=1
    done
  fi
  [ -z "$left" ] && exit 0
  round=$((round + 1))
  sleep 0.05
done
`;

export function startGuard(tag: string): Guard {
  // Own session: a signal to our group or terminal must not take the guard with it.
  const guard = spawn('/bin/sh', ['-c', script], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
  });
  // Without a guard the command is still ended by us; only our own sudden death would leave it.
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  guard.unref();
  guard.stdin.write(`${tag}\n`);
  return {
    watch: (group) => void guard.stdin.write(`${group}\n`),
    dismiss: () => void guard.stdin.end('done\n'),
  };
}
