/** Tests that cannot be loaded because what the project says that it needs is not installed: no change can mend that. Pure. */
import { jsonIn } from '../text/index.ts';
import type { TestReport } from './types.ts';

/** How a language says that a package is missing: not a file of the project's own (`./x`). */
const missing =
  /Cannot find (?:module|package) '((?:@[\w.-]+\/)?[\w-][\w.-]*)|Failed to resolve import "((?:@[\w.-]+\/)?[\w-][\w.-]*)|No module named '([A-Za-z_]\w*)/;

/** Files that say what a project needs, in its own folder. */
export const manifests = ['package.json', 'pyproject.toml', 'requirements.txt', 'requirements-dev.txt', 'dev-requirements.txt', 'Pipfile'];

/** Where Python would find a module of the project's own. */
export const ownModule = (name: string): string[] => ['', 'src/'].flatMap((at) => [`${at}${name}.py`, `${at}${name}/__init__.py`]);

/** Of a report in which no test passed: the packages for want of which all failures came; empty where something else is the matter. */
export function missingIn({ cases, passed }: TestReport): string[] {
  const failed = cases.filter(({ outcome }) => outcome === 'failed');
  const names = failed.map(({ message = '' }) =>
    missing
      .exec(message)
      ?.slice(1)
      .find((name) => name !== undefined),
  );
  return passed > 0 || names.includes(undefined) ? [] : [...new Set(names.filter((name) => name !== undefined))];
}

/** Whether a manifest names this package among what the project needs. What is not named may be what the request asks to be made. */
export function needs(manifest: string, text: string, name: string): boolean {
  if (manifest !== 'package.json') {
    // Its own name, with which it is installed to be edited, is no need of it.
    const words: readonly string[] =
      text
        .replace(/^name *=.*$/m, '')
        .toLowerCase()
        .match(/[\w.]+/g) ?? [];
    return words.includes(name.toLowerCase());
  }
  const parsed = Object(jsonIn(text)) as Record<string, unknown>;
  return ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'].some((kind) =>
    Object.hasOwn(Object(parsed[kind]), name),
  );
}
