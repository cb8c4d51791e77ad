import type { Inner } from './types.ts';

/**
 * The first process of a fenced command's namespace: starts the command, hands its exit code on, and with it everything ends that is left. The
 * order (what to start, with which environment) is read from descriptor 4, so that no list of processes shows it. SIGTERM from outside reaches
 * every process of the command. A shell's own words about signals are not the command's output, and a shell takes the input from what it starts beside
 * itself.
 */
export const firstProcess = `
. /dev/fd/4 || exit 125
exec 4<&- 6>&2 2>/dev/null 7<&0
trap 'kill -TERM -1' TERM
echo ready >&5
exec 3>&- 5>&-
"$@" <&7 2>&6 6>&- 7<&- &
child=$!
while :; do
  wait "$child"
  code=$?
  kill -0 "$child" || exit "$code"
done
`;

/** Shell text that changes to the folder and makes the command line, environment included, the shell's arguments. */
export function orderFor({ program, argv, cwd, env }: Inner): string {
  const variables = Object.entries(env).map(([name, value]) => quote(`${name}=${value}`));
  // `env` would take a program with "=" in its path for a variable.
  const start = program.includes('=') ? ['/bin/sh', '-c', quote('exec "$@"'), 'sh', quote(program)] : [quote(program)];
  return `cd -- ${quote(cwd)} && set -- /usr/bin/env -i ${[...variables, ...start, ...argv.slice(1).map(quote)].join(' ')}\n`;
}

/** For a POSIX shell. Throws for what no program can be given. */
function quote(text: string): string {
  if (text.includes('\0')) throw new Error('A program cannot be given a text with a zero byte.');
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
