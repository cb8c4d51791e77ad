import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { textAtNow } from '../process/index.ts';

const manifestSchema = z.object({ bin: z.union([z.string(), z.record(z.string(), z.string())]).optional() });

/**
 * A bare program name that a package in `node_modules` provides becomes `node <its script>`: no shim, no npm, the same on Windows.
 * Anything else stays and is looked up in the PATH (which has `node_modules/.bin` in front).
 */
export function resolveLocalProgram(argv: readonly string[], place: { readonly root: string; readonly cwd: string }): string[] {
  const [name = '', ...rest] = argv;
  // The package that brings Node itself brings no script.
  if (name === '' || name === 'node' || /[\\/]/.test(name)) return [...argv];
  for (let folder = place.cwd; ; folder = dirname(folder)) {
    const script = scriptOf(join(folder, 'node_modules', name), name);
    if (script !== undefined) return ['node', script, ...rest];
    if (folder === place.root || folder === dirname(folder)) return [...argv];
  }
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
