/**
 * Commands that a plan lets an agent run: each in a copy of its own, like the tests. What it writes within the agent's scope is made an edit of the
 * agent, with all that holds for edits; everything else goes with the copy.
 */
import { lstat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import ignore from 'ignore';
import { glob } from 'tinyglobby';
import { isTeamwrightError, throwIfStopped } from '../errors.ts';
import type { Agent } from '../plan/schema.ts';
import { ifThere, textAt } from '../process/index.ts';
import type { FileEdit } from '../workspace/edit-types.ts';
import { globTest, readInside, readText, resolveInside } from '../workspace/index.ts';
import type { EditReport, FileScope, WorkspaceCopy } from '../workspace/types.ts';
import type { StepContext } from './context.ts';
import type { Commands } from './tools/tool.ts';

/** More files than this are no work of an agent: packages, or a build. */
const mostChanged = 200;

/** `onEdit` hears of what was kept, as of any edit. */
export function commandsOn(
  copy: WorkspaceCopy,
  scope: FileScope,
  onEdit: (report: EditReport) => void,
  { commands: granted = [], network = false }: Pick<Agent, 'commands' | 'network'>,
  { ports, settings, steering }: StepContext,
): Commands | undefined {
  if (granted.length === 0) return undefined;
  const mayWrite = globTest(scope.allow);
  let runs = 0;
  return {
    granted,
    network,
    run: async (argv, folder, signal) => {
      await steering.ready(signal);
      runs += 1;
      const apart = await ports.copies.create(`${copy.id}-run-${runs}`, await copy.freeze(`teamwright ${copy.id} for a command`), signal);
      try {
        const { root } = apart;
        const cwd = folder === '' || folder === '.' ? root : (await resolveInside(root, folder)).absolute;
        const before = await filesIn(root, signal);
        const result = await ports.runAllowed(argv, { root, cwd, network }, settings.testLimits, signal);
        throwIfStopped(signal);
        const written = await differing({ root, copy: copy.root }, before, await filesIn(root, signal));
        // A file of the project that it may not write is refused like an edit of it, and so is on record; what else it left is no part of the project.
        const kept = written.filter((path) => mayWrite(path) || before.has(path));
        if (kept.length > mostChanged) throw new Error(`It changed ${kept.length} files; nothing of that is kept.`);
        const edits = await editsFor(root, kept);
        const report = edits.length === 0 ? undefined : await copy.edit(edits, scope);
        if (report) onEdit(report);
        const changed = report?.changed ?? [];
        return {
          ...result,
          output: [result.stdout, result.stderr].filter((text) => text !== '').join('\n'),
          changed,
          undone: named(written.filter((path) => !changed.includes(path))),
        };
      } finally {
        await apart.remove();
      }
    },
  };
}

const named = (paths: readonly string[]): string[] =>
  paths.length > 20 ? [...paths.slice(0, 20), `${paths.length - 20} more`] : [...paths];

/** Size and times of each file that git would not ignore, by its path. */
type Files = ReadonlyMap<string, string>;

async function filesIn(root: string, signal: AbortSignal): Promise<Files> {
  const ignored = ['**/.git', '**/.git/**', '**/node_modules/**', '**/.venv/**', '**/target/**', '**/__pycache__/**'];
  const paths = await glob('**/*', { cwd: root, dot: true, followSymbolicLinks: false, ignore: ignored, signal });
  const isIgnored = await ignoredBy(root, paths);
  const seen = paths
    .filter((path) => !isIgnored(path))
    .sort()
    .map(async (path): Promise<[string, string]> => {
      const stats = await ifThere(lstat(join(root, path), { bigint: true }));
      return [path, `${stats?.size} ${stats?.mtimeNs} ${stats?.ctimeNs}`];
    });
  return new Map(await Promise.all(seen));
}

/** What the `.gitignore` files among these say. */
async function ignoredBy(root: string, paths: readonly string[]): Promise<(path: string) => boolean> {
  const rules = await Promise.all(
    paths
      .filter((path) => posix.basename(path) === '.gitignore')
      .map(async (path) => ({ folder: posix.dirname(path), rule: ignore().add((await textAt(join(root, path))) ?? '') })),
  );
  return (path) =>
    rules.some(({ folder, rule }) => {
      if (folder === '.') return rule.ignores(path);
      return path.startsWith(`${folder}/`) && rule.ignores(path.slice(folder.length + 1));
    });
}

/** Files that are not what they were, in the order of their names. */
async function differing(
  { root, copy }: { readonly root: string; readonly copy: string },
  before: Files,
  after: Files,
): Promise<readonly string[]> {
  const touched = [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path)).sort();
  const differ: string[] = [];
  for (const path of touched) {
    const stats = await ifThere(lstat(join(root, path)));
    // What has become ignored by what the command wrote into a `.gitignore` is there all the same.
    if (!after.has(path) && stats) continue;
    const [now, then] = stats?.isFile() ? [await readInside(root, path), await readInside(copy, path)] : [];
    if (!now || !then || !now.bytes.equals(then.bytes)) differ.push(path);
  }
  return differ;
}

/** The same as edits; what is no text cannot be one, and links are no files. */
async function editsFor(root: string, paths: readonly string[]): Promise<readonly FileEdit[]> {
  const edits: FileEdit[] = [];
  for (const path of paths) {
    if ((await ifThere(lstat(join(root, path)))) === undefined) {
      edits.push({ kind: 'delete', path });
      continue;
    }
    const found = await readInside(root, path).catch((error: unknown) => {
      if (!isTeamwrightError(error, 'path-escapes')) throw error;
      return undefined;
    });
    const text = found && readText(found.bytes)?.text;
    if (text !== undefined) edits.push({ kind: 'whole-file', path, text, exact: true });
  }
  return edits;
}
