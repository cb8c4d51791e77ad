import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { textAtNow } from '../process/index.ts';

const manifestSchema = z.object({ bin: z.union([z.string(), z.record(z.string(), z.string())]).optional() });

/** `from` and the folders around it up to `top`: where npm, and Node, look for what is installed. */
export function foldersUpTo(top: string, from: string): string[] {
  const folders = [from];
  for (let folder = from; folder !== top && folder !== dirname(folder); folder = dirname(folder)) folders.push(dirname(folder));
  return folders;
}

/**
 * A bare program name that a package in `node_modules` provides, here or in a folder around it up to `top`, becomes `node <its script>`: no shim, no
 * npm, the same on Windows. Anything else stays and is looked up in the PATH (which has each `node_modules/.bin` in front).
 */
export function resolveLocalProgram(argv: readonly string[], { top, cwd }: { readonly top: string; readonly cwd: string }): string[] {
  const [name = '', ...rest] = argv;
  // The package that brings Node itself brings no script.
  if (name === '' || name === 'node' || /[\\/]/.test(name)) return [...argv];
  for (const folder of foldersUpTo(top, cwd)) {
    const script = scriptOf(join(folder, 'node_modules', name), name);
    if (script !== undefined) return ['node', script, ...rest];
  }
  return [...argv];
}

function scriptOf(packageFolder: string, name: string): string | undefined {
  const manifestPath = join(packageFolder, 'package.json');
  const text = textAtNow(manifestPath);
  if (text === undefined) return undefined;
  const manifest = manifestSchema.safeParse(JSON.parse(text));
  if (!manifest.success) return undefined;
  const { bin } = manifest.data;
  const script = typeof bin === 'string' ? bin : bin?.[name];
  if (script === undefined) return undefined;
  const path = join(packageFolder, script);
  // Linked dependency folders: Node resolves the script's own imports from where it really lies.
  return existsSync(path) ? realpathSync(path) : undefined;
}
