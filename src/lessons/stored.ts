/** What Teamwright keeps on this machine, place by place. Only what is recognised as ours is listed, and only that is ever deleted. */
import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../process/index.ts';
import { copiesFolder } from '../workspace/index.ts';

export interface StoredPlace {
  readonly name: string;
  /** What it holds, for people. */
  readonly title: string;
  readonly path: string;
  /** Runs, payloads, files: what one would count. */
  readonly items: number;
  readonly files: number;
  readonly bytes: number;
}

/** One thing that is ours: a file, or a folder with all that is in it. */
export interface StoredItem {
  readonly place: string;
  readonly path: string;
}

interface PlaceRule {
  readonly name: string;
  readonly title: string;
  /** Where it lies, by the data folder. */
  readonly folder: (dataDir: string) => string;
  /** TEAMWRIGHT_DATA may name a folder with things of others in it. */
  readonly owns: (entry: Dirent, inside: readonly string[]) => boolean;
}

const below =
  (name: string) =>
  (dataDir: string): string =>
    path.join(dataDir, name);
const isFile = (pattern: RegExp) => (entry: Dirent) => entry.isFile() && pattern.test(entry.name);
const anyOf = (inside: readonly string[], pattern: RegExp): boolean => inside.length === 0 || inside.some((name) => pattern.test(name));

const runRules: readonly PlaceRule[] = [
  {
    name: 'runs',
    title: 'runs: requests, prompts, replies, changes, tests',
    folder: below('runs'),
    owns: (entry, inside) =>
      entry.isDirectory() &&
      (entry.name.startsWith('.deleted-') || anyOf(inside, /^(?:events\.jsonl|blobs\.jsonl|summary\.json|lock\.\d+)$/)),
  },
  { name: 'ends', title: 'where the record of each run ends', folder: below('ends'), owns: isFile(/\.json$|^\.without$/) },
  {
    name: 'copies',
    title: 'copies of workspaces that runs work in',
    folder: copiesFolder,
    owns: (entry, inside) => entry.isDirectory() && (entry.name === '.trash' || anyOf(inside, /^\.owner\.\d+$/)),
  },
  {
    name: 'stores',
    title: 'snapshots of workspaces, for diffs and undo',
    folder: below('stores'),
    owns: (entry, inside) =>
      entry.isDirectory() && /\.git(?:\.[0-9a-f]+\.new)?$/.test(entry.name) && anyOf(inside, /^(?:teamwright\.json|HEAD)$/),
  },
];

const rules: readonly PlaceRule[] = [
  ...runRules,
  { name: 'index', title: 'index over the runs', folder: below(''), owns: isFile(/^runs\.v\d+\.sqlite(?:-wal|-shm|-journal)?$/) },
  {
    name: 'sharing',
    title: 'opt-ins, queue and list of what was shared, with the payloads',
    folder: below('sharing'),
    owns: (entry) =>
      /^(?:consent\.json|log\.jsonl)(?:\..*\.tmp)?$/.test(entry.name) || (entry.isDirectory() && /^(?:payloads|sender)$/.test(entry.name)),
  },
  { name: 'learned', title: 'what your runs taught: numbers, no text', folder: below(''), owns: isFile(/^learned\.json(?:\..*\.tmp)?$/) },
  {
    name: 'memory',
    title: 'lessons of your runs: words of requests and changes',
    folder: below(''),
    owns: isFile(/^memory\.json(?:\..*\.tmp)?$/),
  },
  {
    name: 'reliability',
    title: 'how far models were to be relied on in their roles',
    folder: below(''),
    owns: isFile(/^reliability\.json(?:\..*\.tmp)?$/),
  },
  { name: 'teams', title: 'teams of your runs, and what came of them', folder: below(''), owns: isFile(/^teams\.json(?:\..*\.tmp)?$/) },
  {
    name: 'contributor',
    title: 'the random word that your evidence in workspaces is named by',
    folder: below(''),
    owns: isFile(/^contributor\.json(?:\..*\.tmp)?$/),
  },
  { name: 'consents', title: 'folders you trust, or let run without a fence', folder: below(''), owns: isFile(/^consents\.json$/) },
  { name: 'models', title: 'what model servers can do', folder: below('models'), owns: isFile(/^capabilities\.json/) },
  { name: 'exports', title: 'how far exports were sent', folder: below('exports'), owns: isFile(/^otlp.*\.json/) },
  { name: 'crashes', title: 'details of failures', folder: below('crashes'), owns: isFile(/^\d{4}-\d\d-\d\dT.*\.txt$/) },
  ...runRules.map((rule) => ({
    ...rule,
    name: 'bench',
    title: 'runs and results of benchmarks',
    folder: (dataDir: string) => rule.folder(path.join(dataDir, 'bench')),
  })),
  {
    name: 'bench',
    title: 'runs and results of benchmarks',
    folder: below('bench'),
    owns: isFile(/\.jsonl$|^last-tidy$|^runs\.v\d+\.sqlite/),
  },
  {
    name: 'rules',
    title: 'rules for keeping, time of the last clean-up',
    folder: below(''),
    owns: isFile(/^(?:retention\.json(?:\..*\.tmp)?|last-tidy)$/),
  },
];

/** Everything of ours below the data folder. */
export async function storedItems(dataDir: string): Promise<StoredItem[]> {
  const items: StoredItem[] = [];
  for (const rule of rules) {
    const folder = rule.folder(dataDir);
    for (const entry of await entriesOf(folder)) {
      const at = path.join(folder, entry.name);
      const inside = entry.isDirectory() ? (await entriesOf(at)).map(({ name }) => name) : [];
      if (rule.owns(entry, inside)) items.push({ place: rule.name, path: at });
    }
  }
  return items;
}

/** The same, counted and weighed, one line a place. */
export async function storedPlaces(dataDir: string): Promise<StoredPlace[]> {
  const places = new Map<string, StoredPlace>();
  for (const { place, path: at } of await storedItems(dataDir)) {
    const { files, bytes } = await weigh(at);
    const rule = rules.find(({ name }) => name === place) as PlaceRule;
    const before = places.get(place);
    places.set(place, {
      name: place,
      title: rule.title,
      path: place === 'bench' ? path.join(dataDir, place) : rule.folder(dataDir),
      items: (before?.items ?? 0) + 1,
      files: (before?.files ?? 0) + files,
      bytes: (before?.bytes ?? 0) + bytes,
    });
  }
  return [...places.values()];
}

/** Folders that hold ours, the deepest first: removed when they are empty. */
export const ownFolders = (dataDir: string): string[] =>
  [...new Set(rules.map(({ folder }) => folder(dataDir)))].sort((a, b) => b.length - a.length);

/** Files and bytes at and below a path; links are not followed. */
export async function weigh(at: string): Promise<{ files: number; bytes: number }> {
  const stats = await ifThere(lstat(at));
  if (stats === undefined) return { files: 0, bytes: 0 };
  if (!stats.isDirectory()) return { files: 1, bytes: stats.size };
  let files = 0;
  let bytes = 0;
  for (const entry of await entriesOf(at)) {
    const below = await weigh(path.join(at, entry.name));
    files += below.files;
    bytes += below.bytes;
  }
  return { files, bytes };
}

export async function entriesOf(folder: string): Promise<Dirent[]> {
  return (await ifThere(readdir(folder, { withFileTypes: true }))) ?? [];
}
