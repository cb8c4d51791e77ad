import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import * as z from 'zod';
import { applyFailed, errorText, isTeamwrightError } from '../errors.ts';
import type { Target } from './apply.ts';
import type { TreeEntry } from './diff.ts';
import { type GitPlace, gitCatFile } from './git.ts';
import { type Content, removeEmptyFolders, type Staged, stage, temporaryName } from './inside.ts';
import { isAbsent, type Store } from './store.ts';
import type { Snapshot } from './types.ts';

/** Written before the first file of an apply and removed after the last: what a crash in between would leave behind. */
const journalSchema = z.object({
  version: z.literal(1),
  pid: z.number().int(),
  undo: z.object({ commit: z.string(), tree: z.string() }).optional(),
  /** Temporary names, relative to the workspace. */
  temporaries: z.array(z.string()),
});

const journalPath = (store: Store): string => join(store.gitDir, 'apply-journal.json');

/**
 * Writes all targets or none: every new content is on the disk before the first file is exchanged, and a failure brings back those that
 * were. Throws `apply-conflict` or `disk-full`; the workspace is then as it was.
 */
export async function writeChanges(store: Store, targets: readonly Target[], undo: Snapshot | undefined): Promise<void> {
  const { workspace } = store.source;
  const contents = await readContents(store, targets);
  const names = new Map(targets.map((target) => [target.path, [temporaryName(), temporaryName()]]));
  const temporaries = [...names].flatMap(([path, own]) => own.map((name) => path.split('/').with(-1, name).join('/')));
  await writeFile(journalPath(store), JSON.stringify({ version: 1, pid: process.pid, undo, temporaries }), { flush: true });
  const staged: Staged[] = [];
  try {
    // Deletions first, and among them the deepest: a file may take the place of a folder.
    const order = [...targets].sort((a, b) => Number(a.wanted !== undefined) - Number(b.wanted !== undefined));
    for (const target of order) {
      const own = [...(names.get(target.path) ?? [])];
      staged.push(await stage(workspace, target.path, contents.get(target.path) ?? { kind: 'absent' }, () => own.pop() ?? temporaryName()));
    }
    for (const one of staged) await one.commit();
  } catch (error) {
    for (const one of staged.reverse()) await one.rollBack();
    throw isTeamwrightError(error) ? error : applyFailed(errorText(error), error);
  } finally {
    for (const one of staged) await one.close();
  }
  for (const target of targets) if (target.wanted === undefined) await removeEmptyFolders(workspace, target.path);
  await rm(journalPath(store), { force: true });
}

/** Content as the workspace wants it on disk: line endings and other filters of the user's repository are applied. */
async function readContents(store: Store, targets: readonly Target[]): Promise<Map<string, Content>> {
  const { source } = store;
  const limit = pLimit(4);
  const place: GitPlace =
    source.kind === 'repository'
      ? { cwd: source.top, env: { GIT_OBJECT_DIRECTORY: join(store.gitDir, 'objects') } }
      : { cwd: source.top, env: { GIT_DIR: store.gitDir, GIT_WORK_TREE: source.top } };
  const contents = await Promise.all(
    targets.map(({ path, wanted }) =>
      limit(async (): Promise<readonly [string, Content]> => {
        if (wanted === undefined) return [path, { kind: 'absent' }];
        if (wanted.mode === '120000')
          return [path, { kind: 'link', target: (await gitCatFile(place, ['blob', wanted.blob])).toString('utf8') }];
        const bytes = await gitCatFile(place, ['--filters', `--path=${source.prefix}${path}`, wanted.blob]);
        return [path, { kind: 'file', bytes, mode: modeOf(wanted) }];
      }),
    ),
  );
  return new Map(contents);
}

/** Git knows only "executable or not". */
const modeOf = (entry: TreeEntry): number => (entry.mode === '100755' ? 0o755 : 0o644);

/** After a crash in the middle of an apply: what was written is taken back, temporary files are removed. */
export async function recoverWrites(store: Store, takeBack: (undo: Snapshot) => Promise<unknown>): Promise<void> {
  let text: string;
  try {
    text = await readFile(journalPath(store), 'utf8');
  } catch (error) {
    if (isAbsent(error)) return;
    throw error;
  }
  const journal = parseJournal(text);
  if (journal !== undefined && journal.pid !== process.pid && isRunning(journal.pid)) return;
  for (const path of journal?.temporaries ?? []) await rm(join(store.source.workspace, path), { force: true });
  if (journal?.undo !== undefined) await takeBack(journal.undo);
  await rm(journalPath(store), { force: true });
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

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
