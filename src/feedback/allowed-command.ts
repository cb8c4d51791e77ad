/** Running a command that is no test and no check, with what the project has installed in front of the PATH. */
import { delimiter, join } from 'node:path';
import { type CommandResult, type Fenced, openFor, runCommand } from '../process/index.ts';
import { foldersUpTo, resolveLocalProgram } from './local-program.ts';
import { movedVariables, moveOf } from './moved.ts';
import { normaliserFor } from './normalise.ts';
import type { RunLimits } from './types.ts';

export interface AllowedCommandOptions {
  /** Real path of the top of what `root` is a folder of, where that is copied too. */
  readonly top?: string;
  /** What the command sees of the machine; it writes below `top`. Absent: it runs as the user. */
  readonly fence?: Fenced;
  readonly env?: Readonly<Record<string, string>>;
  /** The user's folder that `root` is a copy of. */
  readonly workspace?: string;
}

/** `cwd`: absolute real path, `root` or below it. Never throws for what the command does. Its words are the same wherever the copy lies. */
export async function runAllowedCommand(
  argv: readonly string[],
  { root, cwd }: { readonly root: string; readonly cwd: string },
  limits: RunLimits,
  { top = root, fence, env, workspace }: AllowedCommandOptions,
  signal: AbortSignal,
): Promise<CommandResult> {
  const move = moveOf(workspace, root, top);
  const bins = foldersUpTo(top, cwd).map((folder) => join(folder, 'node_modules', '.bin'));
  const PATH = [...bins, process.env.PATH ?? process.env.Path ?? ''].join(delimiter);
  const result = await runCommand(
    {
      ...limits,
      argv: resolveLocalProgram(argv, { top, cwd }),
      cwd,
      env: { PATH, ...(move && movedVariables(process.env, move)), ...env },
    },
    fence === undefined ? {} : { fence: { ...fence, view: openFor(fence.view, [top]) } },
    signal,
  );
  const normalise = normaliserFor(root, []);
  return { ...result, stdout: normalise(result.stdout), stderr: normalise(result.stderr) };
}
