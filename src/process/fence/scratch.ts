import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTemporary, temporaryFailure } from '../make-temporary.ts';
import { removeTree } from '../removal.ts';

/** On `disk` lies what a command writes; `memory` is quicker, and for the few points it is mounted on. */
type Where = 'disk' | 'memory';

/** This process's folders for what lives as long as one command; made on first use, gone with the process however it ends. */
const bases: Partial<Record<Where, string>> = {};
let count = 0;

/**
 * A new empty folder, absolute and real, for one command. Whoever takes it gives it back (`removeScratch`). Throws `temporary-folder-unusable`.
 * `name`: what its own name begins with. A long-lived process may find that what it had was cleared away: it begins anew.
 */
export function takeScratch(where: Where, name?: string): string {
  count += 1;
  const make = (base: string): string => {
    const folder = join(base, name === undefined ? String(count) : `${name}-${count}`);
    mkdirSync(folder, { mode: 0o700 });
    return folder;
  };
  try {
    bases[where] ??= begin(where);
    return make(bases[where]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw temporaryFailure(error, tmpdir()) ?? error;
    bases[where] = begin(where);
    return make(bases[where]);
  }
}

/** The folder is on its way out: deleting what a command left may take longer than the command did, and nobody waits for it. */
export function removeScratch(folder: string): void {
  // What stays goes with this process's folder.
  removeTree(folder).catch(() => undefined);
}

const memory = '/dev/shm';

function begin(where: Where): string {
  const top = where === 'memory' && isWritable(memory) ? memory : tmpdir();
  const made = makeTemporary(top);
  process.once('exit', () => removeAtExit(made));
  if (process.platform !== 'win32') watchOver(made);
  return made;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return false;
  }
}

/** What it cannot remove, the shell beside this process does. */
function removeAtExit(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}

// End of input means that this process is gone. What it had started may be writing for a moment more.
const janitor = `
trap '' INT TERM HUP
read -r nothing
round=0
while [ -e "$1" ] && [ $round -lt 50 ]; do
  rm -rf "$1" 2>/dev/null || chmod -R u+rwX "$1" 2>/dev/null
  round=$((round + 1))
  [ -e "$1" ] && sleep 0.1
done
`;

/** Beside this process, waiting on a pipe from it: removes the folder when the process has ended, however it did. */
function watchOver(folder: string): void {
  const child = spawn('/bin/sh', ['-c', janitor, 'teamwright', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
  });
  // Where no shell can be started, a folder stays in the temporary one.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
}
