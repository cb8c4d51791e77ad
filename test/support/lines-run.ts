/** Lines that the tests of a small project ran over, told by its real runner. */
import { rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, expect } from 'vitest';
import { coverageOf, testCommandFromText } from '../../src/feedback/index.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from './workspaces.ts';

const opened: TemporaryWorkspace[] = [];
afterAll(() => {
  for (const one of opened) one.dispose();
});

const limits = { wallMs: 30_000, idleMs: 30_000, outputBytes: 64_000 };

interface Options {
  readonly wallMs?: number;
  /** Folder whose `node_modules` the project uses. */
  readonly modulesOf?: string;
}

/** Lines of `file` as `line:failing/passing`. */
export async function linesRun(
  files: Readonly<Record<string, string>>,
  command: string,
  file: string,
  { wallMs = limits.wallMs, modulesOf }: Options = {},
): Promise<string[]> {
  const workspace = temporaryWorkspace(files, { git: false });
  opened.push(workspace);
  const before = workspace.contents();
  const modules = join(workspace.root, 'node_modules');
  if (modulesOf !== undefined) symlinkSync(resolve(modulesOf, 'node_modules'), modules);
  const signal = new AbortController().signal;
  const coverage = await coverageOf(
    testCommandFromText(command),
    workspace.root,
    { ...limits, wallMs, idleMs: Math.max(limits.idleMs, wallMs) },
    {},
    signal,
  );
  rmSync(modules, { force: true });
  expect(workspace.contents()).toEqual(before);
  const lines = [...(coverage?.files.get(file) ?? [])].sort(([a], [b]) => a - b);
  return lines.map(([line, { failing, passing }]) => `${line}:${failing}/${passing}`);
}
