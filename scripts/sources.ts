/** The sources that checks look through. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface SourceFile {
  /** Below `src/`, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** Every file of `src/`, by name. */
export function sourceFiles(): SourceFile[] {
  const source = path.join(import.meta.dirname, '..', 'src');
  const names = globSync('**/*.{ts,tsx}', { cwd: source }).map((name) => name.split(path.sep).join('/'));
  return names.sort().map((name) => ({ path: name, text: readFileSync(path.join(source, name), 'utf8') }));
}
