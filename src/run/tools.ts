/**
 * The tools an agent may be granted, each working inside the agent's own copy and scope. A tool never throws for what a model asked:
 * it answers with a text that says what went wrong, because that is what the model can act on.
 */
import { lstat, readdir } from 'node:fs/promises';
import ignore from 'ignore';
import { glob } from 'tinyglobby';
import * as z from 'zod';
import { errorText, isTeamwrightError, throwIfStopped } from '../errors.ts';
import type { ToolDefinition } from '../models/types.ts';
import type { ToolName } from '../plan/schema.ts';
import { ifThere } from '../process/index.ts';
import type { HiddenSecrets } from '../redaction/index.ts';
import { jsonIn } from '../text/index.ts';
import type { FileEdit } from '../workspace/edit-types.ts';
import { isNeverShown, parseEdits, readInside, readText, replyForm, resolveInside } from '../workspace/index.ts';
import type { EditReport, FileScope, WorkspaceCopy } from '../workspace/types.ts';

export interface ToolBench {
  readonly copy: WorkspaceCopy;
  readonly scope: FileScope;
  /** What the agent did not see of what it was shown. */
  readonly hidden: HiddenSecrets;
  /** Runs the project's tests on what is in the copy; absent when there are none. */
  readonly runTests?: (signal: AbortSignal) => Promise<TestsOfWork>;
  /** Whether the agent has this text of a file in front of it already. */
  readonly isShown?: (path: string, text: string) => boolean;
  /** Told of every edit, for the candidate's record. */
  readonly onEdit: (report: EditReport) => void;
}

export interface TestsOfWork {
  /** What fails, or that nothing does. */
  readonly text: string;
  /** Something passes that did not, and nothing else fails. */
  readonly isBetter: boolean;
}

export interface ToolAnswer {
  readonly ok: boolean;
  readonly text: string;
}

interface Tool {
  readonly description: string;
  readonly parameters: z.ZodObject;
  use(input: never, bench: ToolBench, signal: AbortSignal): Promise<string>;
}

const readCharacters = 16_000;
const readBytes = 5_000_000;
const listed = 200;
const hits = 40;
const searchedFiles = 2000;
const searchedBytes = 512_000;

function tool<S extends z.ZodObject>(
  description: string,
  parameters: S,
  use: (input: z.infer<S>, bench: ToolBench, signal: AbortSignal) => Promise<string>,
): Tool {
  return { description, parameters, use: use as Tool['use'] };
}

/** Names that a model calls; a grant of `edit` covers what changes files. */
type CallName = ToolName | 'delete' | 'rename';

const callsOf = (names: readonly ToolName[]): readonly CallName[] =>
  names.flatMap((name): readonly CallName[] => (name === 'edit' ? ['edit', 'delete', 'rename'] : [name]));

/** Makes edits and tells what they changed. */
async function change(edits: FileEdit | readonly FileEdit[], { copy, scope, hidden, onEdit }: ToolBench): Promise<string> {
  const report = await copy.edit([edits].flat(), scope, hidden);
  onEdit(report);
  const problem = report.problems[0];
  if (problem) throw new Error(problem.message);
  return `Changed ${report.changed.join(', ') || 'nothing'}.`;
}

/** Some models call this tool of theirs whether they were offered it or not; its argument is one text, under several names. */
const patchTool = /^(?:functions\.)?apply_?patch$/i;

/** The text of a patch among the arguments of a call; all of them where they are no JSON. */
function patchIn(argumentText: string): string {
  const value = jsonIn(argumentText);
  const texts = [value].flat(1).flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one).flat() : [one]));
  return texts.find((one): one is string => typeof one === 'string' && /^\*\*\* |^--- |^diff --git /m.test(one)) ?? argumentText;
}

async function applyPatch(argumentText: string, bench: ToolBench): Promise<string> {
  const { edits, problems } = parseEdits(patchIn(argumentText), { ...replyForm('unified-diff', []), named: true }, []);
  if (problems[0] !== undefined) throw new Error(problems[0].message);
  if (edits.length === 0)
    throw new Error(`That is no patch that can be read. Call edit with path, search and replace. You wrote: ${shortened(argumentText)}`);
  return change(edits, bench);
}

const tools: Record<CallName, Tool> = {
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
  test: tool('Run the tests.', z.strictObject({}), async (_input, { runTests }, signal) =>
    runTests ? (await runTests(signal)).text : 'The workspace has no tests.',
  ),
};

export function definitionsOf(names: readonly ToolName[]): readonly ToolDefinition[] {
  return callsOf(names).map((name) => ({
    name,
    description: tools[name].description,
    parameters: z.toJSONSchema(tools[name].parameters, { target: 'draft-7' }) as Record<string, unknown>,
  }));
}

/** What went back to the server in its place may be an empty object: the model is shown what it wrote. */
const shortened = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text || '(nothing)');

/** Uses a tool as a model asked for it: any name, any argument text. Only a stop is thrown. */
export async function useTool(
  granted: readonly ToolName[],
  name: string,
  argumentText: string,
  bench: ToolBench,
  signal: AbortSignal,
): Promise<ToolAnswer> {
  if (patchTool.test(name) && granted.includes('edit')) return answerOf(() => applyPatch(argumentText, bench), signal);
  const granting = callsOf(granted).find((candidate) => candidate === name);
  if (!granting) return { ok: false, text: `There is no tool "${name}". You have: ${callsOf(granted).join(', ')}.` };
  const { parameters, use } = tools[granting];
  let input: unknown;
  try {
    input = JSON.parse(argumentText === '' ? '{}' : argumentText);
  } catch (error) {
    return { ok: false, text: `The arguments are not JSON: ${errorText(error)} You wrote: ${shortened(argumentText)}` };
  }
  const parsed = parameters.safeParse(input);
  if (!parsed.success) return { ok: false, text: `${z.prettifyError(parsed.error)}\nYou wrote: ${shortened(argumentText)}` };
  return answerOf(() => use(parsed.data as never, bench, signal), signal);
}

async function answerOf(act: () => Promise<string>, signal: AbortSignal): Promise<ToolAnswer> {
  try {
    return { ok: true, text: await act() };
  } catch (error) {
    if (isTeamwrightError(error, 'stopped')) throw error;
    signal.throwIfAborted();
    return { ok: false, text: errorText(error) };
  }
}

async function folderIn(copy: WorkspaceCopy, path: string | null | undefined): Promise<{ absolute: string; relative: string }> {
  return path && path !== '.' && path !== '/' ? resolveInside(copy.root, path) : { absolute: copy.root, relative: '' };
}

class NotShown extends Error {}

/** Text of a file of the copy; throws `NotShown` for one that no agent gets to see, `path-escapes` for a link or a way out. */
async function textOf(copy: WorkspaceCopy, path: string, mostBytes: number): Promise<string> {
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
function leaveOut(error: unknown): undefined {
  if (error instanceof NotShown || isTeamwrightError(error, 'path-escapes')) return undefined;
  throw error;
}

/** Paths relative to the copy. */
async function filesBelow(copy: WorkspaceCopy, path: string | null | undefined, signal: AbortSignal): Promise<readonly string[]> {
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
