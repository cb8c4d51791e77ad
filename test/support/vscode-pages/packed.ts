/** Before tests of the packed extension: it is packed as users get it, anew when a source is newer. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { bootstrap, toolEnvironment } from '../../../scripts/bootstrap.mjs';

const root = resolve(import.meta.dirname, '../../..');

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the packed extension. */
    vsix: string;
  }
}

export default function setup(project: TestProject): void {
  project.provide('vsix', packedExtension());
}

/** Path of the packed extension. */
export function packedExtension(): string {
  bootstrap();
  const vsix = join(root, 'dist', 'teamwright.vsix');
  const newest = Math.max(
    ...['package.json', 'dist/extension.js', 'dist/webviews/pages.js', '.vscodeignore'].map((file) => timeOf(join(root, file))),
  );
  if (timeOf(vsix) < newest) {
    const packed = spawnSync('npm', ['run', '--silent', 'package'], { cwd: root, encoding: 'utf8', env: toolEnvironment() });
    if (packed.status !== 0) throw new Error(`The extension could not be packed:\n${packed.stdout}${packed.stderr}`);
  }
  return vsix;
}

const timeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
