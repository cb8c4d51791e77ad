import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openDiff } from '../../src/workspace/index.ts';
import type { ApplyReport, Snapshot } from '../../src/workspace/types.ts';

/** A temporary folder with a workspace and a data folder beside it; `remove` when done. */
export interface Bench {
  readonly top: string;
  readonly workspace: string;
  readonly dataDir: string;
  write(files: Readonly<Record<string, string | Buffer>>, below?: string): void;
  git(...args: string[]): string;
  remove(): void;
}

const identity = [
  '-c',
  'user.name=Test',
  '-c',
  'user.email=test@example.org',
  '-c',
  'commit.gpgSign=false',
  '-c',
  'protocol.file.allow=always',
];

/** Environment without GIT_* so that tests do not depend on where they are started from. */
export const plainEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));

export function gitIn(cwd: string, ...args: string[]): string {
  return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8', env: plainEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
}

export function makeBench(name = 'project'): Bench {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'teamwright-workspace-')));
  const workspace = join(top, name);
  mkdirSync(workspace);
  return {
    top,
    workspace,
    dataDir: join(top, 'data'),
    write: (files, below = workspace) => {
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(below, path)), { recursive: true });
        writeFileSync(join(below, path), content);
        if (Buffer.isBuffer(content) || !content.startsWith('#!')) continue;
        chmodSync(join(below, path), 0o755);
      }
    },
    git: (...args) => gitIn(workspace, ...args),
    remove: () => rmSync(top, { recursive: true, force: true }),
  };
}

/** A bench whose workspace is a repository with these files in one commit. */
export function makeRepository(files: Readonly<Record<string, string | Buffer>>, name?: string): Bench {
  const bench = makeBench(name);
  bench.git('init', '-q', '-b', 'main');
  bench.write(files);
  bench.git('add', '-A');
  bench.git('commit', '-q', '--allow-empty', '-m', 'start');
  return bench;
}

/** The one store in a data folder. */
export function storeIn(dataDir: string): string {
  const [store = ''] = readdirSync(join(dataDir, 'stores'));
  return join(dataDir, 'stores', store);
}

/** A candidate that edits do not make (links, modes, renames, any bytes): the base with all that was done by hand in a folder that holds it. */
export function frozenByHand(dataDir: string, base: Snapshot, root: string): Snapshot {
  const store = storeIn(dataDir);
  const place = { GIT_DIR: store, GIT_WORK_TREE: root, GIT_INDEX_FILE: join(store, 'by-hand') };
  const git = (...args: string[]): string =>
    execFileSync('git', [...identity, ...args], { cwd: root, encoding: 'utf8', env: { ...plainEnvironment(), ...place } }).trim();
  git('read-tree', base.tree);
  git('add', '-A');
  const tree = git('write-tree');
  rmSync(place.GIT_INDEX_FILE);
  return { tree, commit: git('commit-tree', tree, '-p', base.commit, '-m', 'by hand') };
}

/** Lays all of base → candidate onto the workspace, as a review that accepts everything does. */
export async function applyAll(
  { workspace, dataDir }: Pick<Bench, 'workspace' | 'dataDir'>,
  base: Snapshot,
  candidate: Snapshot,
  runId = 'run',
): Promise<ApplyReport> {
  const { signal } = new AbortController();
  return (await openDiff({ workspace, dataDir, runId }, base, candidate, signal)).apply({}, signal);
}
