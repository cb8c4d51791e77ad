import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** This process's folder for what lives as long as one command; made on first use, gone with the process however it ends. */
let base: string | undefined;
let count = 0;

/** A new empty folder, absolute and real, for one command. Whoever takes it gives it back (`removeScratch`). */
export function takeScratch(): string {
  base ??= begin();
  count += 1;
  const folder = join(base, String(count));
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

/** The folder is on its way out: deleting what a command left may take longer than the command did, and nobody waits for it. */
export function removeScratch(folder: string): void {
  rm(folder, options).catch(() => removeNow(folder));
}

const options = { recursive: true, force: true, maxRetries: 3, retryDelay: 20 } as const;

/** Links are removed, never followed. Folders that the command closed are opened first. */
function removeNow(folder: string): void {
  if (!existsSync(folder)) return;
  openFolders(folder);
  rmSync(folder, options);
}

function openFolders(folder: string): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) openFolders(join(folder, entry.name));
}

function begin(): string {
  const made = realpathSync(mkdtempSync(join(tmpdir(), 'teamwright-')));
  process.once('exit', () => removeNow(made));
  if (process.platform !== 'win32') watchOver(made);
  return made;
}

// End of input means that this process is gone. What it had started may be writing for a moment more.
const janitor = `
trap '' INT TERM HUP
read -r nothing
round=0
while [ -e "$1" ] && [ $round -lt 50 ]; do
  chmod -R u+rwX "$1" 2>/dev/null
  rm -rf "$1" 2>/dev/null
  round=$((round + 1))
  [ -e "$1" ] && sleep 0.1
done
`;

/** Beside this process, waiting on a pipe from it: removes the folder when the process was killed and could not. */
function watchOver(folder: string): void {
  const child = spawn('/bin/sh', ['-c', janitor, 'teamwright', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
  });
  // Without it only our own sudden death would leave a folder in the temporary one.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
}
