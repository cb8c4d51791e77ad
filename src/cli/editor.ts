/** Opens the user's editor on a text. */
import { spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorText, throwIfStopped } from '../errors.ts';
import { takeScratch } from '../process/index.ts';
import { badArgument } from './bad-argument.ts';
import type { Cli } from './context.ts';

/** The text as the editor left it. Throws `bad-argument` when there is no editor or it fails, `stopped` when the command is being stopped. */
export async function editText(cli: Cli, name: string, text: string, signal: AbortSignal): Promise<string> {
  const folder = takeScratch('disk');
  const file = path.join(folder, name);
  try {
    await writeFile(file, text, { mode: 0o600 });
    await runEditor(cli, file, signal);
    throwIfStopped(signal);
    return await readFile(file, 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** VISUAL, EDITOR, or what the system has. The variable may hold arguments (`code --wait`), so a shell reads it; the file name is no part of its text. */
function runEditor(cli: Cli, file: string, signal: AbortSignal): Promise<void> {
  const windows = cli.platform === 'win32';
  const editor = cli.env.VISUAL || cli.env.EDITOR || (windows ? 'notepad' : 'vi');
  const next = 'Set EDITOR to a program that waits until the file is closed, for example EDITOR="code --wait".';
  const [program, args]: [string, string[]] = windows ? [`${editor} "${file}"`, []] : ['/bin/sh', ['-c', `${editor} "$1"`, 'sh', file]];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', shell: windows, signal });
    child.on('error', (error) =>
      signal.aborted ? resolve() : reject(badArgument(`The editor "${editor}" could not be started: ${errorText(error)}.`, next)),
    );
    child.on('exit', (code) =>
      code === 0 || signal.aborted ? resolve() : reject(badArgument(`The editor "${editor}" ended with ${code ?? 'a signal'}.`, next)),
    );
  });
}
