/** The command lines that a folder has names for: scripts of a package, targets of make, recipes of just, tasks of Task. */

import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { globSync } from 'tinyglobby';
import { parse as parseYaml, YAMLParseError } from 'yaml';
import * as z from 'zod';
import { jsonIn } from '../text/index.ts';
import { textOf } from './folders.ts';
import { testsStarted } from './node-files.ts';

export interface NamedLines {
  /** Scripts of `package.json`. */
  readonly scripts: Readonly<Record<string, string>>;
  /** The lines behind a script that says `wireit`. */
  readonly wireit?: (script: string) => readonly string[] | undefined;
  /** The lines of a target with those it depends on, each for a shell of its own; '' is the first target. Undefined where they are more than plain lines. */
  readonly recipe?: (program: string, target: string) => readonly string[] | undefined;
  /** A script of `pyproject.toml` that pdm, hatch or poe start. */
  readonly python?: (tool: string, script: string) => string | undefined;
  /** How a line runs that starts tests by their file alone (`node test.js`); undefined where it does not. */
  readonly tests?: (line: string) => string | undefined;
  /** What another folder (relative to the workspace) has names for; undefined where there is none in the workspace. */
  readonly at?: (folder: string) => NamedLines | undefined;
  /** Folder of the package of that name in this workspace. */
  readonly packageFolder?: (name: string) => string | undefined;
}

const text = z.string();
const wireitSchema = z.object({
  command: text.optional(),
  dependencies: z.array(z.union([text, z.object({ script: text }).transform(({ script }) => script)])).default([]),
});
const packageSchema = z.object({
  name: text.optional().catch(undefined),
  scripts: z.record(text, text).catch({}).default({}),
  wireit: z.record(text, wireitSchema).catch({}).default({}),
});

/** Reads files, starts nothing. `folder`: relative to `root`. */
export function namedLinesAt(root: string, folder: string): NamedLines {
  const path = join(root, folder);
  const { scripts, wireit } = packageSchema.safeParse(readJson(join(path, 'package.json'))).data ?? { scripts: {}, wireit: {} };
  return {
    scripts,
    wireit: (script) => wireitLines(script, wireit, 0),
    recipe: (program, target) => recipesOf(program, path)?.(target),
    python: (tool, script) => pythonScript((textOf(join(path, 'pyproject.toml')) ?? '').slice(0, longestManifest), tool, script),
    tests: (line) => testsStarted(line, path),
    at: (other) => {
      const inside = posix.normalize(other).replace(/^\.$|\/$/, '');
      if (inside.startsWith('..') || posix.isAbsolute(inside)) return undefined;
      return statSync(join(root, inside), { throwIfNoEntry: false })?.isDirectory() ? namedLinesAt(root, inside) : undefined;
    },
    packageFolder: (name) => {
      const ignore = ['**/node_modules/**', '**/.git/**'];
      const found = globSync('**/package.json', { cwd: root, ignore, deep: 4, followSymbolicLinks: false }).sort();
      const manifest = found.find((file) => packageSchema.safeParse(readJson(join(root, file))).data?.name === name);
      return manifest === undefined ? undefined : posix.dirname(manifest).replace(/^\.$/, '');
    },
  };
}

const deepest = 8;
/** Characters. */
const longestLine = 2000;
/** Characters looked at of a manifest of Python. */
export const longestManifest = 20_000;

function wireitLines(script: string, all: z.infer<typeof packageSchema>['wireit'], depth: number): string[] | undefined {
  const own = all[script];
  if (own === undefined || depth > deepest) return undefined;
  const lines = own.dependencies.map((one) => (all[one] === undefined ? [] : wireitLines(one, all, depth + 1)));
  return lines.some((each) => each === undefined)
    ? undefined
    : [...lines.flatMap((each) => each ?? []), ...(own.command ? [own.command] : [])];
}

type Recipes = (target: string) => readonly string[] | undefined;

function recipesOf(program: string, path: string): Recipes | undefined {
  const file = files[program]?.find((name) => existsSync(join(path, name)));
  const source = file === undefined ? undefined : textOf(join(path, file));
  if (source === undefined) return undefined;
  if (program === 'make') return linesOf(makeRules(source), makeVariables(source));
  return program === 'just' ? linesOf(justRules(source), () => undefined) : linesOf(taskRules(source), () => undefined);
}

/** What each program reads, in its order. */
export const files: Readonly<Record<string, readonly string[]>> = {
  make: ['GNUmakefile', 'makefile', 'Makefile'],
  just: ['justfile', 'Justfile', '.justfile'],
  task: ['Taskfile.yml', 'Taskfile.yaml', 'taskfile.yml', 'taskfile.yaml'],
};

interface Rule {
  readonly needs: readonly string[];
  readonly lines: readonly string[];
}

/** `expanded`: a line with the values of its variables; undefined where they are not plain. */
function linesOf(rules: ReadonlyMap<string, Rule>, expanded: (line: string) => string | undefined): Recipes {
  const of = (target: string, depth: number): string[] | undefined => {
    const rule = rules.get(target === '' ? ([...rules.keys()].find((name) => !name.startsWith('.')) ?? '') : target);
    if (rule === undefined || depth > deepest) return undefined;
    const before = rule.needs.map((name) => (rules.has(name) ? of(name, depth + 1) : []));
    const own = rule.lines.map((line) => (/[$]|\{\{/.test(line) ? expanded(line) : line));
    const all = [...before, own];
    return all.some((lines) => lines?.some((line) => line === undefined) ?? true)
      ? undefined
      : all.flatMap((lines) => (lines ?? []) as string[]);
  };
  return (target) => {
    const lines = of(target, 0)?.filter((line) => line !== '' && !/^(echo|printf|:)(\s|$)/.test(line));
    return lines?.length ? lines : undefined;
  };
}

// ---- make -----------------------------------------------------------------------------------------------------------------------

function makeRules(source: string): ReadonlyMap<string, Rule> {
  const rules = new Map<string, { needs: string[]; lines: string[] }>();
  let open: { needs: string[]; lines: string[] }[] = [];
  for (const line of source.replace(/\\\r?\n[ \t]*/g, ' ').split(/\r?\n/)) {
    if (line.length > longestLine) {
      for (const rule of open) rule.lines.push('$');
      continue;
    }
    const head = /^([\w./ -]+?)\s*::?(?!=)\s*([^;#]*)(?:;(.*))?(?:#.*)?$/.exec(line);
    if (line.startsWith('\t')) {
      // `-` lets a line fail, which a chain does not.
      for (const rule of open)
        rule.lines.push(
          /^\t[@+]*-/.test(line)
            ? '$'
            : line
                .replace(/^\t[@+]*/, '')
                .replace(/\s+#.*$/, '')
                .trim(),
        );
    } else if (head !== null) {
      open = (head[1] ?? '').split(/\s+/).map((name) => {
        const rule = rules.get(name) ?? { needs: [], lines: [] };
        rules.set(name, rule);
        rule.needs.push(...(head[2] ?? '').split(/[\s|]+/).filter((need) => need !== ''));
        if (head[3] !== undefined) rule.lines.push(head[3].trim());
        return rule;
      });
    } else if (/^(ifn?eq|ifn?def|else|endif|define|include)\b/.test(line.trim())) open.forEach(({ lines }) => void lines.push('$'));
    else if (line.trim() !== '' && !line.trim().startsWith('#')) open = [];
  }
  return rules;
}

/** Plain values only; what stands in the environment or comes from a program is not known. */
function makeVariables(source: string): (line: string) => string | undefined {
  const values = new Map<string, string>([['MAKE', 'make']]);
  const unclear = new Set<string>();
  for (const [, name = '', how = '', value = ''] of source
    .replace(/\\\r?\n[ \t]*/g, ' ')
    .matchAll(/^(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*([:?+!]{0,3}=)[ \t]*([^\r\n#]*)/gm)) {
    if (/[+!]/.test(how)) unclear.add(name);
    values.set(name, value.trim());
  }
  const expand = (line: string, depth: number): string | undefined => {
    let clear = depth < deepest;
    const done = line.replace(/\$(?:\$|\((\w+)\)|\{(\w+)\}|.|$)/g, (whole, round: string | undefined, curly: string | undefined) => {
      const name = round ?? curly;
      const value = name === undefined || unclear.has(name) ? undefined : expand(values.get(name) ?? '', depth + 1);
      clear &&= value !== undefined;
      return value ?? whole;
    });
    return clear ? done.replace(/\s+/g, ' ').trim() : undefined;
  };
  return (line) => expand(line, 0);
}

// ---- just, Task -----------------------------------------------------------------------------------------------------------------

function justRules(source: string): ReadonlyMap<string, Rule> {
  const rules = new Map<string, { needs: string[]; lines: string[] }>();
  let open: { needs: string[]; lines: string[] } | undefined;
  let optional: string[] = [];
  for (const line of source.split(/\r?\n/)) {
    const head = /^@?([\w-]+)((?:\s+[*+$]*\w+(?:=\S+)?)*)\s*:(?!=)\s*([^#]*)/.exec(line);
    if (/^[ \t]+\S/.test(line) && open !== undefined) {
      const plain = line.trim().replace(/^[@]+/, '');
      const filled = plain.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => (optional.includes(name) ? '' : whole));
      open.lines.push(plain.startsWith('-') || plain.startsWith('#!') ? '{{' : filled.trim());
    } else if (head !== null) {
      // Parameters without a value, or with any number of them, are empty when nobody names them.
      optional = [...(head[2] ?? '').matchAll(/\*\s*(\w+)(?!=)/g)].map(([, name = '']) => name);
      open = {
        needs: (head[3] ?? '')
          .trim()
          .split(/\s+/)
          .filter((need) => /^[\w-]+$/.test(need)),
        lines: [],
      };
      rules.set(head[1] ?? '', open);
    } else if (line.trim() !== '' && !line.trim().startsWith('#')) open = undefined;
  }
  return rules;
}

const commandSchema = z.union([
  text,
  z.object({ cmd: text }).transform(({ cmd }) => cmd),
  z.object({ task: text }).transform(({ task }) => `task ${task}`),
]);
const taskSchema = z.object({
  deps: z.array(z.union([text, z.object({ task: text }).transform(({ task }) => task)])).default([]),
  cmds: z.array(commandSchema).default([]),
  cmd: commandSchema.optional(),
  // What changes where or how the lines run.
  dir: z.never().optional(),
  preconditions: z.never().optional(),
  status: z.never().optional(),
  platforms: z.never().optional(),
});
const taskfileSchema = z.object({
  tasks: z.record(text, z.union([commandSchema, z.array(commandSchema), taskSchema, z.unknown().transform(() => undefined)])),
});

function taskRules(source: string): ReadonlyMap<string, Rule> {
  const { tasks } = taskfileSchema.safeParse(readYaml(source)).data ?? { tasks: {} };
  return new Map(
    Object.entries(tasks).flatMap(([name, task]): [string, Rule][] => {
      if (task === undefined) return [];
      if (typeof task === 'string') return [[name, { needs: [], lines: [task] }]];
      if (Array.isArray(task)) return [[name, { needs: [], lines: task }]];
      const lines = task.cmd === undefined ? task.cmds : [task.cmd, ...task.cmds];
      return [[name, { needs: task.deps, lines: lines.map((line) => line.replace(/\{\{\s*\.CLI_ARGS\s*\}\}/g, '').trim()) }]];
    }),
  );
}

function readYaml(source: string): unknown {
  try {
    return parseYaml(source);
  } catch (error) {
    if (error instanceof YAMLParseError) return undefined;
    throw error;
  }
}

// ---- pyproject.toml -------------------------------------------------------------------------------------------------------------

/** A script that `pyproject.toml` has a name for. */
export function pythonScript(project: string, tool: string, name: string): string | undefined {
  const tables: Readonly<Record<string, string>> = {
    pdm: String.raw`tool\.pdm\.scripts`,
    hatch: String.raw`tool\.hatch\.envs\.(?:default|test|tests|hatch-test)\.scripts`,
    poe: String.raw`tool\.poe\.tasks`,
  };
  if (tables[tool] === undefined) return undefined;
  const entry = new RegExp(
    String.raw`^\[${tables[tool]}\]\n(?:(?!\[).*\n)*?${name.replace(/[^\w-]/g, '')}\s*=\s*(?:\{\s*cmd\s*=\s*)?(["'])(.*?)\1`,
    'm',
  );
  return entry
    .exec(`${project}\n`)?.[2]
    ?.replace(/\{args(?::([^{}]*))?\}/g, (_, value: string | undefined) => value ?? '')
    .trim();
}

/** Undefined for no file and for one that is not JSON: then its owner's tools cannot read it either. */
export function readJson(path: string): unknown {
  const source = textOf(path);
  if (source === undefined) return undefined;
  return jsonIn(source);
}
