import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

let known: string | undefined;

/** The version in the package's own package.json, found above this file: the sources and the bundle lie at different depths. */
export function programVersion(): string {
  known ??= versionAbove(path.dirname(fileURLToPath(import.meta.url)));
  return known;
}

function versionAbove(folder: string): string {
  const file = path.join(folder, 'package.json');
  if (existsSync(file)) {
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
    if (manifest.name === 'teamwright') return manifest.version ?? 'unknown';
  }
  const parent = path.dirname(folder);
  return parent === folder ? 'unknown' : versionAbove(parent);
}
