import type { MountPoint } from './mount-table.ts';
import type { Access, FenceView, Link } from './types.ts';

/** Put together in this order, each at its own path of the root that the command will see. */
export interface Mount {
  readonly target: string;
  /** A path of this machine. */
  readonly source: string;
  readonly access: Access;
  /** Other file systems are mounted below the source. */
  readonly nested: boolean;
}

/** What has to be made first, so that every mount has a place. Paths are places (`Places`). */
export interface Layout {
  readonly folders: readonly string[];
  readonly files: readonly string[];
  readonly links: readonly { readonly at: string; readonly to: string }[];
  readonly mounts: readonly Mount[];
}

/** The command's root: empty folders and files to mount on; never written itself. */
export const rootFolder = 'root';
/** What stands in for what is hidden: empty as well. */
const hiddenFolder = 'hidden';

/** Absolute path of a place in what the command needs on disk or in memory: a relative path whose first word says what it is for. */
export type Places = (place: string) => string;

/** Whether a place holds nothing but points to mount on. */
export const isBare = (place: string): boolean => [rootFolder, hiddenFolder].includes(place.split('/', 1)[0] ?? '');

/** Folders of the command's own, on disk: their place, and where the command sees it. */
const ownFolders = (home: string): readonly { readonly place: string; readonly target: string }[] => [
  { place: 'home', target: home },
  { place: 'tmp', target: '/tmp' },
  { place: 'var-tmp', target: '/var/tmp' },
];

/** Where anything that the command sees lies in shared memory, a folder of ours stands in for the fence's own: there it has its place. */
const sharedMemory = { place: 'shm', target: '/dev/shm' } as const;
const isInMemory = ({ shown, links, home }: FenceView): boolean =>
  [home, ...shown.map(({ path }) => path), ...links.map(({ at }) => at)].some((path) => isWithin(sharedMemory.target, path));

interface Piece {
  readonly target: string;
  readonly access: Access;
  readonly folder: boolean;
  /** Its place; absent for a path of this machine. */
  readonly own?: string;
}

const strength: Readonly<Record<Access, number>> = { read: 0, discard: 1, write: 2 };

/** Where everything goes. Pure. `discards`: whether the fence can throw away what is written. */
export function layOut(view: FenceView, at: Places, discards: boolean, table: readonly MountPoint[]): Layout {
  const pieces = withNested(chosen(view, discards), table);
  const folders = new Set([rootFolder, `${rootFolder}/proc`, `${rootFolder}/dev`, `${rootFolder}/sys`]);
  const files = new Set<string>();
  const mounts: Mount[] = [];
  for (const piece of pieces) {
    const { target, own, access, folder } = piece;
    const point = placeOf(target, pieces, false);
    for (const place of [own, point]) if (place !== undefined) (folder ? folders : files).add(place);
    if (access === 'discard') for (const kind of ['lower', 'upper', 'work']) folders.add(`layers/${mounts.length}/${kind}`);
    const nested = own === undefined && table.some(({ path }) => path !== target && isWithin(target, path));
    mounts.push({ target, source: own === undefined ? target : at(own), access, nested });
  }
  return { folders: [...folders], files: [...files], links: linksOf(view.links, pieces), mounts };
}

/** What is mounted: parents before what lies in them, each path once, and nothing that is shown already as part of its parent. */
function chosen(view: FenceView, discards: boolean): Piece[] {
  const strongest = new Map<string, Piece>();
  for (const { path, access: wished, folder } of view.shown) {
    const access = wished === 'discard' && !(discards && folder) ? 'read' : wished;
    const before = strongest.get(path);
    if (before === undefined || strength[before.access] < strength[access]) strongest.set(path, { target: path, access, folder });
  }
  const own = [...ownFolders(view.home), ...(isInMemory(view) ? [sharedMemory] : [])];
  for (const { place, target } of own) strongest.set(target, { target, access: 'write', folder: true, own: place });
  view.hidden.forEach(({ path, folder }, index) => {
    strongest.set(path, { target: path, access: 'read', folder, own: `${hiddenFolder}/${index}` });
  });
  const kept: Piece[] = [];
  for (const piece of byPath([...strongest.values()])) {
    const around = nearest(piece.target, kept);
    const needless = piece.own?.startsWith(hiddenFolder)
      ? around === undefined || around.own !== undefined
      : piece.own === undefined && around?.own === undefined && around?.access === piece.access;
    if (!needless) kept.push(piece);
  }
  return kept;
}

/** A folder that is only read is not so where another file system is mounted below it: each of those is made so on its own. */
function withNested(pieces: readonly Piece[], table: readonly MountPoint[]): Piece[] {
  const nested = new Map<string, Piece>();
  for (const { path, options } of table) {
    const around = nearest(path, pieces);
    if (around?.own !== undefined || around?.access !== 'read' || options.includes('ro')) continue;
    if (!pieces.some(({ target }) => target === path)) nested.set(path, { target: path, access: 'read', folder: true });
  }
  return byPath([...pieces, ...nested.values()]);
}

const byPath = (pieces: readonly Piece[]): Piece[] => [...pieces].sort((a, b) => (`${a.target}/` < `${b.target}/` ? -1 : 1));

/** Of real absolute paths, a few thousand times for a command: `path.relative` would take two milliseconds. */
const isWithin = (folder: string, path: string): boolean => path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);

/** The innermost piece that a path lies in; with `itself`, or is. */
function nearest(path: string, pieces: readonly Piece[], itself = false): Piece | undefined {
  let found: Piece | undefined;
  for (const piece of pieces) {
    if (!isWithin(piece.target, path) || (!itself && piece.target === path)) continue;
    if (found === undefined || piece.target.length > found.target.length) found = piece;
  }
  return found;
}

/** The place where a path of the command's root has to be made; undefined where this machine's own folder has it. */
function placeOf(path: string, pieces: readonly Piece[], itself: boolean): string | undefined {
  const around = nearest(path, pieces, itself);
  if (around === undefined) return rootFolder + path;
  return around.own === undefined ? undefined : around.own + path.slice(around.target.length);
}

function linksOf(links: readonly Link[], pieces: readonly Piece[]): { at: string; to: string }[] {
  const found = new Map(links.map(({ at, to }) => [placeOf(at, pieces, true), to]));
  return [...found].flatMap(([at, to]) => (at === undefined ? [] : [{ at, to }]));
}
