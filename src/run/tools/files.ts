/** Tools for the files of the agent's copy: looking at them, and changing them within its scope. */
import { lstat, readdir } from 'node:fs/promises';
import ignore from 'ignore';
import { glob } from 'tinyglobby';
import * as z from 'zod';
import { isTeamwrightError, throwIfStopped } from '../../errors.ts';
import { ifThere } from '../../process/index.ts';
import { jsonIn } from '../../text/index.ts';
import type { FileEdit } from '../../workspace/edit-types.ts';
import { isNeverShown, parseEdits, readInside, readText, replyForm, resolveInside } from '../../workspace/index.ts';
import type { WorkspaceCopy } from '../../workspace/types.ts';
import { shortened, type ToolBench, tool } from './tool.ts';

const readCharacters = 16_000;
const readBytes = 5_000_000;
const listed = 200;
const hits = 40;
const searchedFiles = 2000;
const searchedBytes = 512_000;

/** Makes edits and tells what they changed. */
async function change(edits: FileEdit | readonly FileEdit[], { copy, scope, hidden, onEdit }: ToolBench): Promise<string> {
  const report = await copy.edit([edits].flat(), scope, hidden);
  onEdit(report);
  const problem = report.problems[0];
  if (problem) throw new Error(problem.message);
  return `Changed ${report.changed.join(', ') || 'nothing'}.`;
}

/** Some models call this tool of theirs whether they were offered it or not; its argument is one text, under several names. */
export const patchTool = /^(?:functions\.)?apply_?patch$/i;

/** The text of a patch among the arguments of a call; all of them where they are no JSON. */
function patchIn(argumentText: string): string {
  const value = jsonIn(argumentText);
  const texts = [value].flat(1).flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one).flat() : [one]));
  return texts.find((one): one is string => typeof one === 'string' && /^\*\*\* |^--- |^diff --git /m.test(one)) ?? argumentText;
}

export async function applyPatch(argumentText: string, bench: ToolBench): Promise<string> {
  const { edits, problems } = parseEdits(patchIn(argumentText), { ...replyForm('unified-diff', []), named: true }, []);
  if (problems[0] !== undefined) throw new Error(problems[0].message);
  if (edits.length === 0)
    throw new Error(`That is no patch that can be read. Call edit with path, search and replace. You wrote: ${shortened(argumentText)}`);
  return change(edits, bench);
}

export const fileTools = {
  read: tool(
    'Read a file, or some of its lines.',
    z.strictObject({ path: z.string(), from: z.int().positive().nullish(), to: z.int().positive().nullish() }),
    async ({ path, from, to }, { copy, isShown }) => {
      const text = await textOf(copy, path, readBytes);
      if (from == null && to == null && isShown?.(path, text)) return `${path} is as it is shown above, in full.`;
      const lines = text.split('\n');
      const part = lines.slice((from ?? 1) - 1, to ?? lines.length).join('\n');
      return part.length > readCharacters ? `${part.slice(0, readCharacters)}\n… (${part.length} characters in all; ask for lines)` : part;
    },
  ),
  list: tool('List the files below a folder.', z.strictObject({ path: z.string().nullish() }), async ({ path }, { copy }) => {
    const folder = (await folderIn(copy, path)).absolute;
    const entries = await readdir(folder, { withFileTypes: true });
    const names = entries.filter((entry) => entry.name !== '.git').map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
    return (
      [...names.sort().slice(0, listed), ...(names.length > listed ? [`… ${names.length - listed} more`] : [])].join('\n') || '(empty)'
    );
  }),
  search: tool(
    'Find lines that contain a text.',
    z.strictObject({ text: z.string().min(1), path: z.string().nullish() }),
    async ({ text, path }, { copy }, signal) => {
      const found: string[] = [];
      for (const file of await filesBelow(copy, path, signal)) {
        throwIfStopped(signal);
        if (found.length >= hits) break;
        const whole = await textOf(copy, file, searchedBytes).catch(leaveOut);
        whole?.split('\n').forEach((line, index) => {
          if (found.length < hits && line.includes(text)) found.push(`${file}:${index + 1}: ${line.trim().slice(0, 200)}`);
        });
      }
      return found.join('\n') || 'No line contains it.';
    },
  ),
  edit: tool(
    'Change a file: replace a text that occurs exactly once. An empty search writes the whole file.',
    z.strictObject({ path: z.string(), search: z.string(), replace: z.string() }),
    async ({ path, search, replace }, bench) => {
      // Models that mean to remove a file write nothing in its place; one that was removed would be there again.
      if (search === '' && replace === '')
        throw new Error('There is nothing to write. Call delete to remove a file; an empty one is made with one newline.');
      return change(
        search === '' ? { kind: 'whole-file', path, text: replace, exact: true } : { kind: 'search-replace', path, search, replace },
        bench,
      );
    },
  ),
  delete: tool('Delete a file.', z.strictObject({ path: z.string() }), ({ path }, bench) => change({ kind: 'delete', path }, bench)),
  rename: tool('Rename or move a file.', z.strictObject({ path: z.string(), to: z.string() }), ({ path, to }, bench) =>
    change({ kind: 'rename', path, to }, bench),
  ),
};

async function folderIn(copy: WorkspaceCopy, path: string | null | undefined): Promise<{ absolute: string; relative: string }> {
  return path && path !== '.' && path !== '/' ? resolveInside(copy.root, path) : { absolute: copy.root, relative: '' };
}

export class NotShown extends Error {}

/** Text of a file of the copy; throws `NotShown` for one that no agent gets to see, `path-escapes` for a link or a way out. */
export async function textOf(copy: WorkspaceCopy, path: string, mostBytes: number): Promise<string> {
  const { absolute, relative } = await resolveInside(copy.root, path);
  // `.worktreeinclude` can bring secrets into a copy, for the tests. They are not for a model, nor for the trace.
  if (isNeverShown(relative)) throw new NotShown(`${path} looks like a secret and is not shown.`);
  const size = (await ifThere(lstat(absolute)))?.size ?? 0;
  if (size > mostBytes) throw new NotShown(`${path} is too large to read (${size} bytes).`);
  const found = await readInside(copy.root, relative);
  if (!found) throw new NotShown(`There is no file ${path}.`);
  const text = readText(found.bytes);
  if (text === undefined) throw new NotShown(`${path} is not a text file, or in an encoding that cannot be told.`);
  return text.text;
}

/** A search passes over what it may not read (links, secrets, large and binary files). */
export function leaveOut(error: unknown): undefined {
  if (error instanceof NotShown || isTeamwrightError(error, 'path-escapes')) return undefined;
  throw error;
}

/** Paths relative to the copy. */
export async function filesBelow(copy: WorkspaceCopy, path: string | null | undefined, signal: AbortSignal): Promise<readonly string[]> {
  const { absolute, relative } = await folderIn(copy, path);
  const ignored = ignore().add((await textOf(copy, '.gitignore', searchedBytes).catch(leaveOut)) ?? '');
  const below = await glob('**/*', {
    cwd: absolute,
    dot: true,
    followSymbolicLinks: false,
    ignore: ['**/.git', '**/.git/**', '**/node_modules/**', '**/.venv/**', '**/target/**', '**/dist/**'],
    signal,
  });
  const paths = below.map((file) => (relative === '' ? file : `${relative}/${file}`));
  return ignored.filter(paths).sort().slice(0, searchedFiles);
}
