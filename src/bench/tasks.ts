/** Benchmark tasks: one JSON object a line, each a small workspace with a request. The format is in `docs/bench.md`. */
import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { benchUnusable, errorText, taskInvalid } from '../errors.ts';
import { ifThere } from '../process/index.ts';
import { readLines } from '../trace/index.ts';

/** Says what is wrong with a path inside a task's workspace; undefined when it is safe on every system. */
export function pathProblem(name: string): string | undefined {
  if (name === '' || name.length > 400) return 'is empty or too long';
  if (name.includes('\\') || name.includes('\0')) return 'must use forward slashes only';
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) return 'must be relative';
  for (const part of name.split('/')) {
    if (part === '' || part === '.' || part === '..') return 'must not contain empty parts, "." or ".."';
    // Windows drops trailing dots and spaces, so such a name could become another one; and `.git` holds hooks that run.
    if (/[. ]$/.test(part)) return 'must not have parts that end in a dot or a space';
    if (/^\.git$/i.test(part) || /^git~\d+$/i.test(part)) return 'must not reach into .git';
  }
  return undefined;
}

const filesSchema = z.record(z.string(), z.string()).superRefine((files, context) => {
  const names = Object.keys(files);
  for (const name of names) {
    const problem = pathProblem(name);
    if (problem !== undefined) context.addIssue({ code: 'custom', path: [name], message: `this path ${problem}` });
    const parent = names.find((other) => name.startsWith(`${other}/`));
    if (parent !== undefined) context.addIssue({ code: 'custom', path: [name], message: `"${parent}" is a file and a folder at once` });
  }
});

export const taskSchema = z.object({
  /** `suite/number` or `suite/name`. */
  id: z.string().regex(/^[\w.-]+\/[\w./-]+$/, 'must be "suite/number"'),
  /** What the user asks. */
  request: z.string().trim().min(1).max(20_000),
  /** The workspace at the start, path → text. */
  files: filesSchema,
  /** The visible test command, run in the workspace by a shell. */
  test: z.string().min(1),
  /** Laid over the finished workspace, only to score it; no agent sees them. */
  hiddenFiles: filesSchema,
  hiddenTest: z.string().min(1),
  /** A correct solution, for checking a harness; no agent sees it. */
  reference: filesSchema,
  /** Of the code, as a word in small letters: `javascript`, `python`, `go`, `rust` … */
  language: z.string().regex(/^[a-z][a-z0-9+#-]*$/, 'must be a word in small letters, such as "python" or "go"'),
});
export type Task = z.infer<typeof taskSchema>;

export const suiteOf = (taskId: string): string => taskId.split('/', 1)[0] as string;

/**
 * Tasks of one problem are no independent evidence. The same number in `fix-js`, `make-py` and their kin is one problem in two forms and several
 * languages; in other suites that end in a language, one in several languages.
 */
export function problemOf(taskId: string): string {
  const suite = suiteOf(taskId);
  const form = suite.replace(/-(js|ts|py|go|rs|rust|java|cpp)$/, '');
  return `${form === 'fix' || form === 'make' ? 'small' : form}${taskId.slice(suite.length)}`;
}

/**
 * The tasks of a file, as they are read. Rejects with `task-invalid`, naming file and line, at the first line that is not a task or
 * repeats an id; with `bench-unusable` when the file cannot be read or holds no task.
 */
export async function* readTasks(file: string): AsyncGenerator<Task> {
  const seen = new Map<string, number>();
  let lineNumber = 0;
  try {
    for await (const lines of readLines(file)) {
      for (const line of lines) {
        lineNumber += 1;
        if (line.tooLong) throw taskInvalid(file, lineNumber, 'the line is longer than 16 MB');
        const text = line.bytes.toString('utf8').replace(/^\uFEFF/, '');
        if (text.trim() === '') continue;
        const task = parseTask(text, file, lineNumber);
        const earlier = seen.get(task.id);
        if (earlier !== undefined) throw taskInvalid(file, lineNumber, `the id "${task.id}" was given in line ${earlier} already`);
        seen.set(task.id, lineNumber);
        yield task;
      }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw benchUnusable({ why: 'tasks-unreadable', file, detail: errorText(error) });
  }
  if (seen.size === 0) throw benchUnusable({ why: 'no-tasks', file });
}

function parseTask(text: string, file: string, line: number): Task {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw taskInvalid(file, line, `not JSON: ${errorText(error)}`);
  }
  const parsed = taskSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw taskInvalid(file, line, `${issue?.path.length ? `"${issue.path.join('.')}": ` : ''}${issue?.message ?? 'not a task'}`);
}

/**
 * Writes the task's start into `dir`, which must be absent or empty.
 * Rejects with `bench-unusable` when there is something in it already.
 */
export async function materialise(task: Task, dir: string): Promise<void> {
  await fs.promises.mkdir(dir, { recursive: true });
  if ((await fs.promises.readdir(dir)).length > 0) throw benchUnusable({ why: 'folder-not-empty', folder: dir, task: task.id });
  await lay(task.files, dir);
}

/** Lays the hidden tests over the finished workspace in `dir`, replacing whatever stands in their place. Only for scoring, after the run. */
export async function layHidden(task: Task, dir: string): Promise<void> {
  await lay(task.hiddenFiles, dir);
}

/** A link an agent left behind must not carry a file out of the folder: every part of the way is looked at, and links are removed. */
async function lay(files: Readonly<Record<string, string>>, dir: string): Promise<void> {
  const root = await fs.promises.realpath(dir);
  for (const [name, text] of Object.entries(files)) {
    const problem = pathProblem(name);
    if (problem !== undefined) throw benchUnusable({ why: 'path', path: name, problem });
    const parts = name.split('/');
    const last = parts.pop() as string;
    let folder = root;
    for (const part of parts) {
      folder = path.join(folder, part);
      if (await removeUnless(folder, (found) => found.isDirectory())) await fs.promises.mkdir(folder);
    }
    const target = path.join(folder, last);
    await removeUnless(target, (found) => found.isFile() && found.nlink === 1);
    await fs.promises.writeFile(target, text);
  }
}

/** Removes what stands at `place` unless it may stay; true when nothing is there afterwards. Never follows a link. */
async function removeUnless(place: string, mayStay: (found: fs.Stats) => boolean): Promise<boolean> {
  const found = await ifThere(fs.promises.lstat(place));
  if (found === undefined) return true;
  if (mayStay(found)) return false;
  await fs.promises.rm(place, { recursive: true, force: true });
  return true;
}
