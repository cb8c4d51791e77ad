/** Files that the files with evidence import, and that import them. */

import { throwIfStopped } from '../errors.ts';
import { isTestPath } from '../feedback/index.ts';
import { type Evidence, weights } from './evidence.ts';
import { isSearchable } from './exclusions.ts';
import { importsOf, isBarrel, type Package, type Packages } from './imports.ts';
import type { Hit } from './scan.ts';
import type { SourceReader } from './source.ts';
import { baseName, type FileTree, folderOf, stemOf, withoutEndings } from './tree.ts';

export interface NeighbourInput {
  readonly reader: SourceReader;
  readonly tree: FileTree;
  /** Files of failing tests with their weight. */
  readonly failing: ReadonlyMap<string, number>;
  /** Files that were read in search of the request's words: importers are looked for among them. */
  readonly hits: readonly Hit[];
  readonly evidence: Evidence;
}

/** Files whose neighbours are looked at. */
const mostSeeds = 12;
/** Evidence that makes a file worth asking for its neighbours. */
const seedScore = 20;

/**
 * First what the failing tests import, then one hop along imports from every file with good evidence, both ways. A barrel (`index.ts`,
 * `__init__.py`) counts as what it passes on.
 */
export function addNeighbours({ reader, tree, failing, hits, evidence }: NeighbourInput, signal: AbortSignal): void {
  const packages = packagesOf(tree, reader);
  const importsOfFile = (path: string): string[] => {
    const source = reader.read(path);
    return source.ok ? importsOf(path, source.text, tree, packages).filter(isSearchable) : [];
  };
  /** Share by path: 1 for what is imported outright, less for what comes through a barrel. */
  const reachedFrom = (path: string): ReadonlyMap<string, number> => {
    const direct = importsOfFile(path);
    const passedOn = direct.filter(isBarrel).flatMap(importsOfFile);
    return new Map([...passedOn.map((file) => [file, 0.8] as const), ...direct.map((file) => [file, 1] as const)]);
  };
  const isNamedLike = (path: string, test: string): boolean => stemOf(path).toLowerCase() === stemOf(test).toLowerCase();

  for (const [test, weight] of failing) {
    throwIfStopped(signal);
    const reached = [...reachedFrom(test)].filter(([path]) => !isTestPath(path));
    // No import that is understood: then the file that goes by the test's name.
    const subjects = tree
      .endingWith(`${stemOf(test)}${test.slice(test.lastIndexOf('.'))}`)
      .filter((path) => !isTestPath(path) && isSearchable(path));
    const targets = reached.length > 0 ? reached : subjects.slice(0, 5).map((path) => [path, 1 / subjects.length] as const);
    for (const [path, share] of targets) {
      evidence.add(
        path,
        'imported',
        (weights.importedByFailingTest * share + (isNamedLike(path, test) ? weights.counterpart : 0)) * weight,
      );
    }
  }

  const ranked = evidence.ranked();
  const strong = ranked.filter(({ score }) => score >= seedScore);
  const seeds = new Set((strong.length > 0 ? strong : ranked.slice(0, 3)).slice(0, mostSeeds).map(({ path }) => path));
  for (const seed of seeds) {
    throwIfStopped(signal);
    for (const [path, share] of reachedFrom(seed)) evidence.add(path, 'imported', weights.imported * share);
  }
  const names = [...new Set([...seeds].map(importedAs))];
  for (const { path, text } of hits) {
    if (failing.has(path) || !names.some((name) => text.includes(name))) continue;
    const isSeeded = importsOf(path, text, tree, packages).some((target) => seeds.has(target) && !failing.has(target));
    if (isSeeded) evidence.add(path, 'importer', isTestPath(path) ? weights.testImporter : weights.importer);
  }
}

const mostPackages = 300;
const nameField = /"name"\s*:\s*"([^"]+)"/;
const mainField = /"main"\s*:\s*"([^"]+)"/;

function packagesOf(tree: FileTree, reader: SourceReader): Packages {
  const packages = new Map<string, Package>();
  for (const path of tree.endingWith('package.json').filter(isSearchable).slice(0, mostPackages)) {
    const source = reader.read(path);
    const written = (field: RegExp): string | undefined => (source.ok ? field.exec(source.text)?.[1] : undefined);
    const folder = folderOf(path);
    // Nobody imports one without a name but by its place.
    const name = written(nameField) ?? `./${folder}`;
    if (!packages.has(name)) packages.set(name, { folder, main: written(mainField) });
  }
  return packages;
}

/** What stands in an import of this file: its name, or its folder's when it is a barrel. */
function importedAs(path: string): string {
  return withoutEndings(baseName(isBarrel(path) ? folderOf(path) : path));
}
