/**
 * The tools an agent may be granted, each working inside the agent's own worktree and scope. A tool never throws for what a model asked:
 * it answers with a text that says what went wrong, because that is what the model can act on.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import ignore from 'ignore';
import { glob } from 'tinyglobby';
import * as z from 'zod';
import { errorText, isTeamwrightError } from '../errors.ts';
import type { ToolDefinition } from '../models/types.ts';
import type { ToolName } from '../plan/schema.ts';
import { readInside, resolveInside } from '../workspace/index.ts';
import type { EditReport, FileScope, WorkspaceCopy } from '../workspace/types.ts';

export interface ToolBench {
  readonly copy: WorkspaceCopy;
  readonly scope: FileScope;
  /** Runs the project's tests in the copy and tells what fails; absent when there are none. */
  readonly runTests?: (signal: AbortSignal) => Promise<string>;
  /** Told of every edit, for the candidate's record. */
  readonly onEdit: (report: EditReport) => void;
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

const tools: Record<ToolName, Tool> = {
  read: tool(
    'Read a file, or some of its lines.',
    z.strictObject({ path: z.string(), from: z.int().positive().nullish(), to: z.int().positive().nullish() }),
    async ({ path, from, to }, { copy }) => {
      const found = await readInside(copy.root, path);
      if (!found) throw new Error(`There is no file ${path}.`);
      const text = found.bytes.toString('utf8');
      const lines = text.split('\n');
      const part = lines.slice((from ?? 1) - 1, to ?? lines.length).join('\n');
      return part.length > readCharacters ? `${part.slice(0, readCharacters)}\n… (${part.length} characters in all; ask for lines)` : part;
    },
  ),
  list: tool('List the files below a folder.', z.strictObject({ path: z.string().nullish() }), async ({ path }, { copy }) => {
    const folder = await folderIn(copy, path);
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
      const folder = await folderIn(copy, path);
      const found: string[] = [];
      for (const file of await filesBelow(folder, signal)) {
        if (found.length >= hits) break;
        if ((await stat(file)).size > searchedBytes) continue;
        const lines = (await readFile(file, 'utf8')).split('\n');
        const name = relative(copy.root, file).split(sep).join('/');
        lines.forEach((line, index) => {
          if (found.length < hits && line.includes(text)) found.push(`${name}:${index + 1}: ${line.trim().slice(0, 200)}`);
        });
      }
      return found.join('\n') || 'No line contains it.';
    },
  ),
  edit: tool(
    'Change a file: replace a text that occurs exactly once. An empty search writes the whole file.',
    z.strictObject({ path: z.string(), search: z.string(), replace: z.string() }),
    async ({ path, search, replace }, { copy, scope, onEdit }) => {
      const report = await copy.edit(
        [search === '' ? { kind: 'whole-file', path, text: replace } : { kind: 'search-replace', path, search, replace }],
        scope,
      );
      onEdit(report);
      const problem = report.problems[0];
      if (problem) throw new Error(problem.message);
      return `Changed ${report.changed.join(', ') || 'nothing'}.`;
    },
  ),
  test: tool('Run the tests.', z.strictObject({}), async (_input, { runTests }, signal) =>
    runTests ? runTests(signal) : 'The workspace has no tests.',
  ),
};

export function definitionsOf(names: readonly ToolName[]): readonly ToolDefinition[] {
  return names.map((name) => ({
    name,
    description: tools[name].description,
    parameters: z.toJSONSchema(tools[name].parameters, { target: 'draft-7' }) as Record<string, unknown>,
  }));
}

/** Uses a tool as a model asked for it: any name, any argument text. Only a stop is thrown. */
export async function useTool(
  granted: readonly ToolName[],
  name: string,
  argumentText: string,
  bench: ToolBench,
  signal: AbortSignal,
): Promise<ToolAnswer> {
  const granting = granted.find((candidate) => candidate === name);
  if (!granting) return { ok: false, text: `There is no tool "${name}". You have: ${granted.join(', ')}.` };
  const { parameters, use } = tools[granting];
  let input: unknown;
  try {
    input = JSON.parse(argumentText === '' ? '{}' : argumentText);
  } catch (error) {
    return { ok: false, text: `The arguments are not JSON: ${errorText(error)}` };
  }
  const parsed = parameters.safeParse(input);
  if (!parsed.success) return { ok: false, text: z.prettifyError(parsed.error) };
  try {
    return { ok: true, text: await use(parsed.data as never, bench, signal) };
  } catch (error) {
    if (isTeamwrightError(error, 'stopped')) throw error;
    signal.throwIfAborted();
    return { ok: false, text: errorText(error) };
  }
}

async function folderIn(copy: WorkspaceCopy, path: string | null | undefined): Promise<string> {
  return path && path !== '.' && path !== '/' ? (await resolveInside(copy.root, path)).absolute : copy.root;
}

async function filesBelow(folder: string, signal: AbortSignal): Promise<readonly string[]> {
  const ignored = ignore().add(await readFile(join(folder, '.gitignore'), 'utf8').catch(() => ''));
  const paths = await glob('**/*', {
    cwd: folder,
    dot: true,
    followSymbolicLinks: false,
    ignore: ['**/.git/**', '**/node_modules/**', '**/.venv/**', '**/target/**', '**/dist/**'],
    signal,
  });
  return ignored
    .filter(paths)
    .sort()
    .slice(0, searchedFiles)
    .map((path) => join(folder, path));
}
