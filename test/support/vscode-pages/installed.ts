/**
 * Before the browser tests: VS Code installs the packed extension once, as it does for users. Every VS Code of a test has that folder by a link:
 * an installation for each of them took a tenth of the time of all these tests.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { installPacked } from '../../../scripts/vscode/start.ts';
import { packedExtension } from './packed.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the extension as VS Code installed it. */
    installed: string;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'teamwright-installed-'));
  project.provide('installed', await installPacked(packedExtension(), folder));
  return () => rmSync(folder, { recursive: true, force: true });
}
