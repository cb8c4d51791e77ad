import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import type { SandboxProbe, SandboxRequest } from './types.ts';

/** Where keys usually lie; a sandboxed command sees these folders empty. */
const keyFolders = ['.ssh', '.gnupg', '.aws', '.azure', '.kube', '.docker', '.config/gcloud', '.config/gh', '.password-store'];

/** Options of bubblewrap for a tree that the kernel ends with its first process, and nothing else restricted. */
export function containmentArguments(): string[] {
  return ['--die-with-parent', '--unshare-pid', '--dev-bind', '/', '/', '--proc', '/proc'];
}

/** Options of bubblewrap for: read-only root, own /tmp, writable folders as asked, no network unless allowed, keys out of sight. */
export function sandboxArguments(request: SandboxRequest): string[] {
  const hidden = [...keyFolders.map((folder) => join(homedir(), folder)), ...(request.hidden ?? [])].filter((folder) => existsSync(folder));
  const writable = request.writable.filter((folder) => existsSync(folder)).map((folder) => realpathSync(folder));
  return [
    '--die-with-parent',
    '--unshare-pid',
    '--unshare-ipc',
    ...(request.network ? [] : ['--unshare-net']),
    ...['--ro-bind', '/', '/'],
    ...['--dev', '/dev'],
    ...['--proc', '/proc'],
    ...['--tmpfs', '/tmp'],
    ...programFolders('/tmp').flatMap((folder) => ['--ro-bind', folder, folder]),
    ...hidden.flatMap((folder) => ['--tmpfs', realpathSync(folder)]),
    ...writable.flatMap((folder) => ['--bind', folder, folder]),
    ...['--setenv', 'TMPDIR', '/tmp'],
  ];
}

/** Where programs on the PATH live, when that is below a folder the sandbox replaces. `bin` folders come with what stands beside them. */
function programFolders(below: string): string[] {
  const entries = (process.env.PATH ?? '').split(delimiter).filter((entry) => entry.startsWith(`${below}/`) && existsSync(entry));
  return [...new Set(entries.map((entry) => (/^\.?bin$/.test(basename(entry)) ? dirname(entry) : entry)))];
}

let probed: Promise<SandboxProbe> | undefined;

/** Runs real commands in both cages, once per process. Never trusts `--version`: bubblewrap may be there and forbidden to work. */
export function probeSandbox(): Promise<SandboxProbe> {
  probed ??= probe();
  return probed;
}

async function probe(): Promise<SandboxProbe> {
  if (process.platform !== 'linux') return { sandbox: false, containment: false, reason: 'bubblewrap exists on Linux only' };
  // In a namespace of its own the shell's id is tiny, and its /proc shows no one else.
  const contained = await attempt([...containmentArguments(), '--', '/bin/sh', '-c', '[ $$ -lt 20 ]']);
  if (contained !== undefined) return { sandbox: false, containment: false, reason: contained };
  const write = 'echo x > /teamwright-probe 2>/dev/null && exit 3; echo x > /tmp/teamwright-probe || exit 4; exit 0';
  const caged = await attempt([...sandboxArguments({ writable: [] }), '--', '/bin/sh', '-c', write]);
  return caged === undefined ? { sandbox: true, containment: true } : { sandbox: false, containment: true, reason: caged };
}

/** Undefined when it worked, else why not. */
function attempt(args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('bwrap', args, { timeout: 5000, killSignal: 'SIGKILL' }, (error, _stdout, stderr) => {
      if (error === null) resolve(undefined);
      else if (error.code === 'ENOENT') resolve('bubblewrap (bwrap) is not installed');
      else resolve(`bubblewrap does not work here: ${stderr.trim().split('\n')[0] || error.message}`);
    });
  });
}
