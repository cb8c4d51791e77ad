/** Whether a reference is one: its own runner, started without Teamwright, must say red before the change and green after it. */
import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { temporaryWorkspace } from '../support/workspaces.ts';
import type { Files, Reference } from './reference.ts';

/** Why it is none; undefined for one. `modules`: a folder of installed packages that the project gets as its own. */
export function noReference({ command, files, reference }: Reference, modules: string | undefined): string | undefined {
  if (isGreen(command, files, modules)) return 'its tests pass before the change';
  return isGreen(command, { ...files, ...reference }, modules) ? undefined : 'its tests fail with the change, started by hand';
}

function isGreen(command: string, files: Files, modules: string | undefined): boolean {
  const workspace = temporaryWorkspace(files);
  try {
    if (modules !== undefined) symlinkSync(modules, join(workspace.root, 'node_modules'));
    const programs = [join(workspace.root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter);
    const { status } = spawnSync('sh', ['-c', command], {
      cwd: workspace.root,
      env: { ...process.env, PATH: programs },
      timeout: 180_000,
      stdio: 'ignore',
    });
    return status === 0;
  } finally {
    workspace.dispose();
  }
}
