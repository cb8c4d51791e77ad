import { lstat, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { applyFailed, errorText, isTeamwrightError } from '../errors.ts';
import { removeIndex } from './capture.ts';
import type { TreeEntry } from './diff.ts';
import { type GitPlace, git, gitCatFile } from './git.ts';
import { type Content, removeEmptyFolders, type Staged, stage, temporaryName } from './inside.ts';
import { isAlive, thisProcess } from './owner.ts';
import { isAbsent, readOr, type Store, temporary } from './store.ts';
import type { Snapshot } from './types.ts';

/** Written before the first file of an apply, removed once it is whole and on record: what a crash in between would leave behind. */
const journalSchema = z.object({
  version: z.literal(1),
  pid: z.number().int(),
  started: z.string().default(''),
  host: z.string().default(hostname),
  undo: z.object({ commit: z.string(), tree: z.string() }).optional(),
  /** Temporary names, relative to the workspace. */
  temporaries: z.array(z.string()),
});

/** What a file of the workspace is known by: size and time of the last write. Undefined: there is none. */
type Mark = string | undefined;
export type Marks = ReadonlyMap<string, Mark>;

/** Taken before the workspace is looked at. Whoever writes a file after that is not written over. */
export async function marksOf(store: Store, paths: readonly string[]): Promise<Marks> {
  return new Map(await Promise.all(paths.map(async (path) => [path, await markOf(store, path)] as const)));
}

async function markOf({ source }: Store, path: string): Promise<Mark> {
  try {
    const { size, mtimeNs } = await lstat(join(source.workspace, path), { bigint: true });
    return `${size} ${mtimeNs}`;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** What the workspace shall hold at a path, and what it holds now. */
export interface Target {
  readonly path: string;
  readonly now: TreeEntry | undefined;
  readonly wanted: TreeEntry | undefined;
}

/** What `writeChanges` is part of. */
export interface Writing {
  /** Names the state before: where a crash in the middle leads back to. */
  readonly undo: Snapshot;
  /** Goes on where a crash left its journal, which stays until the state before stands again. */
  readonly recovery?: boolean;
  /** Puts on record that everything is written. When it rejects nothing was; when the process ends in it, recovery takes all of it back. */
  readonly record?: () => Promise<void>;
}

/** Journals of this process whose work goes on. */
const underWay = new Set<string>();

const journalPath = (gitDir: string): string => join(gitDir, 'apply-journal.json');

/**
 * Writes all targets, as `tree` has them, or none: every new content is on the disk before the first file is exchanged, and a failure brings back those that
 * were. `marks` are of the moment before the targets were decided: a file that was written since is left as it is now, and so are all others.
 * Throws `apply-conflict`, `disk-full`, or what `record` threw; the workspace is then as it was.
 */
export async function writeChanges(
  store: Store,
  targets: readonly Target[],
  marks: Marks,
  tree: string,
  { undo, recovery = false, record }: Writing,
): Promise<void> {
  const { workspace } = store.source;
  const contents = await readContents(store, targets, tree);
  const names = new Map(targets.map((target) => [target.path, [temporaryName(), temporaryName()]]));
  const temporaries = [...names].flatMap(([path, own]) => own.map((name) => path.split('/').with(-1, name).join('/')));
  const file = journalPath(store.gitDir);
  const owner = { version: 1, ...(await thisProcess()), temporaries };
  const journal = JSON.stringify({ ...owner, undo });
  const whole = `${file}.${process.pid}`;
  if (underWay.has(file)) throw applyFailed('another change is being applied to this workspace');
  underWay.add(file);
  const staged: Staged[] = [];
  let keepsJournal = recovery;
  try {
    await (recovery ? takeOverJournal(file, journal) : openJournal(file, journal));
    try {
      // Deletions first, and among them the deepest: a file may take the place of a folder.
      const order = [...targets].sort((a, b) => Number(a.wanted !== undefined) - Number(b.wanted !== undefined));
      for (const target of order) {
        const own = [...(names.get(target.path) ?? [])];
        staged.push(
          await stage(workspace, target.path, contents.get(target.path) ?? { kind: 'absent' }, () => own.pop() ?? temporaryName()),
        );
      }
      for (const [n, one] of staged.entries()) {
        const path = order[n]?.path ?? one.path;
        if ((await markOf(store, path)) !== marks.get(path)) throw applyFailed(`${path} was changed at the same moment`);
        await one.commit();
      }
      // From the record on there is nothing to take back any more, only temporary names to remove.
      if (!recovery) await writeFile(whole, JSON.stringify(owner), { flush: true });
      await record?.();
      if (!recovery) await rename(whole, file);
    } catch (error) {
      // What cannot be brought back file by file is taken back when the workspace is opened: the journal stays.
      for (const one of staged.reverse()) {
        await one.rollBack().catch(() => {
          keepsJournal = true;
        });
      }
      throw isTeamwrightError(error) ? error : applyFailed(errorText(error), error);
    } finally {
      for (const one of staged) await one.close();
      await rm(whole, { force: true });
      if (!keepsJournal) await rm(file, { force: true });
    }
  } finally {
    underWay.delete(file);
  }
  for (const target of targets) if (target.wanted === undefined) await removeEmptyFolders(workspace, target.path);
}

async function openJournal(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flush: true, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw applyFailed('another process is applying a change to this workspace');
    throw applyFailed(errorText(error), error);
  }
}

/** In one step: a crash leaves the old journal or the new one, and both lead back to the same state. */
async function takeOverJournal(file: string, text: string): Promise<void> {
  const next = `${file}.${process.pid}`;
  await writeFile(next, text, { flush: true });
  await rename(next, file);
}

/**
 * Content as the workspace wants it on disk: one `checkout-index` into a temporary folder applies the line endings and other filters of the
 * user's repository. Links are read as what they say.
 */
async function readContents(store: Store, targets: readonly Target[], tree: string): Promise<Map<string, Content>> {
  const { source } = store;
  const index = temporary(store, '.index');
  const folder = temporary(store, '.files');
  const standing: Record<string, string> =
    source.kind === 'repository'
      ? { GIT_OBJECT_DIRECTORY: join(store.gitDir, 'objects') }
      : { GIT_DIR: store.gitDir, GIT_WORK_TREE: source.top };
  const place: GitPlace = { cwd: source.top, env: { ...standing, GIT_INDEX_FILE: index } };
  const contents = new Map<string, Content>();
  const files = targets.filter((target) => target.wanted !== undefined && target.wanted.mode !== '120000');
  try {
    if (files.length > 0) {
      await git(place, ['read-tree', tree]);
      const input = files.map((target) => `${source.prefix}${target.path}\0`).join('');
      await git(place, ['checkout-index', '-z', '--stdin', `--prefix=${folder}/`], { input });
    }
    for (const { path, wanted } of targets) {
      if (wanted === undefined) contents.set(path, { kind: 'absent' });
      else if (wanted.mode === '120000') {
        contents.set(path, { kind: 'link', target: (await gitCatFile(store.place, ['blob', wanted.blob])).toString('utf8') });
      } else contents.set(path, { kind: 'file', bytes: await readFile(join(folder, source.prefix, path)), mode: modeOf(wanted) });
    }
    return contents;
  } finally {
    await removeIndex(index);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Git knows only "executable or not". */
const modeOf = (entry: TreeEntry): number => (entry.mode === '100755' ? 0o755 : 0o644);

/** After a crash in the middle of an apply: what was written is taken back, temporary files are removed. When that fails the journal stays. */
export async function recoverWrites(store: Store, takeBack: (undo: Snapshot) => Promise<unknown>): Promise<void> {
  const file = journalPath(store.gitDir);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return;
    throw error;
  }
  if (underWay.has(file)) return;
  const journal = parseJournal(text);
  if (journal !== undefined && (await goesOn(journal, file))) return;
  for (const path of journal?.temporaries ?? []) await removeTemporary(join(store.source.workspace, path));
  if (journal !== undefined) await rm(`${file}.${journal.pid}`, { force: true });
  if (journal?.undo !== undefined) await takeBack(journal.undo);
  await rm(file, { force: true });
}

/** An apply takes seconds. A machine that cannot be asked (a shared home), or this one under an earlier host name, has this long. */
const foreignMs = 10 * 60_000;

async function goesOn(journal: z.infer<typeof journalSchema>, file: string): Promise<boolean> {
  if (journal.host !== hostname()) return Date.now() - (await lstat(file)).mtimeMs < foreignMs;
  return journal.pid !== process.pid && (await isAlive(journal));
}

/** A file may have taken the place of its folder by now. */
async function removeTemporary(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

/** The commit that a cut short apply of this store leads back to. */
export async function journalUndo(gitDir: string): Promise<string | undefined> {
  const text = await readOr(journalPath(gitDir), '');
  return text === '' ? undefined : parseJournal(text)?.undo?.commit;
}

function parseJournal(text: string): z.infer<typeof journalSchema> | undefined {
  try {
    return journalSchema.parse(JSON.parse(text));
  } catch (error) {
    // A torn journal was being written: nothing had been staged yet.
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}
