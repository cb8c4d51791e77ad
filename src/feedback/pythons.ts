/** The Python that a project's tests run in, and what makes its environment where it has none. */
import { existsSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { throwIfStopped } from '../errors.ts';
import { type Fenced, findProgram, openFor, runCommand } from '../process/index.ts';
import { type Folder, textOf } from './folders.ts';

/** Interpreters that may be asked what they have. */
export interface Pythons {
  /** Whether one finds a module from the project's folder; nothing of it is run. False where nothing may be started. */
  has(module: string, python: string, at: Folder): Promise<boolean>;
  readonly startNothing: boolean;
}

/** Each interpreter is asked once for each module. */
export function pythonsOf(fence: Fenced | undefined, startNothing: boolean, signal: AbortSignal): Pythons {
  const answers = new Map<string, Promise<boolean>>();
  const ask = async (module: string, python: string, { root, path }: Folder): Promise<boolean> => {
    const options = fence === undefined ? {} : { fence: { ...fence, view: openFor(fence.view, [root]) } };
    const find = `import sys, importlib.util; sys.exit(importlib.util.find_spec("${module}") is None)`;
    const result = await runCommand({ argv: [python, '-c', find], cwd: path, wallMs: 20_000 }, options, signal);
    throwIfStopped(signal);
    // One that cannot be asked is started all the same: it says itself what is amiss.
    return !(result.ending === 'exited' && result.exitCode === 1);
  };
  return {
    startNothing,
    has: async (module, python, at) => {
      if (startNothing) return false;
      const program = python.includes('/') ? join(at.path, python) : python;
      const key = `${program} ${at.path} ${module}`;
      const known = answers.get(key) ?? ask(module, python, at);
      answers.set(key, known);
      return known;
    },
  };
}

/** The interpreter of the environment that the project has in its folder, or the workspace around it; relative, so that it is also found in a copy. */
export function environmentOf({ root, path }: Folder): string | undefined {
  const own = ['.venv', 'venv'].flatMap((folder) => [`${folder}/bin/python`, `${folder}/Scripts/python.exe`]);
  for (let folder = path; ; folder = dirname(folder)) {
    const found = own.find((program) => existsSync(join(folder, program)));
    if (found !== undefined) return posix.join(relative(path, folder).replaceAll('\\', '/'), found);
    if (folder === root || folder === dirname(folder)) return undefined;
  }
}

/** That of the project, else the machine's. */
export const pythonOf = (at: Folder): string =>
  environmentOf(at) ??
  (findProgram('python3', at.root) === undefined && findProgram('python', at.root) !== undefined ? 'python' : 'python3');

/** What makes an environment, by the tool that the project uses. */
const makers: readonly (readonly [tool: string, is: RegExp, files: readonly string[], make: string])[] = [
  ['uv', /^\[tool\.uv[\].]/m, ['uv.lock'], 'uv sync'],
  ['poetry', /^\[tool\.poetry[\].]/m, ['poetry.lock'], 'POETRY_VIRTUALENVS_IN_PROJECT=1 poetry install'],
  ['pdm', /^\[tool\.pdm[\].]/m, ['pdm.lock'], 'pdm install'],
  ['pipenv', /^$a/m, ['Pipfile'], 'PIPENV_VENV_IN_PROJECT=1 pipenv install --dev'],
  ['pixi', /^\[tool\.pixi[\].]/m, ['pixi.lock', 'pixi.toml'], 'pixi install'],
  ['hatch', /^\[tool\.hatch[\].]/m, [], 'python -m venv .venv && .venv/bin/pip install pytest -e .'],
  ['rye', /^\[tool\.rye[\].]/m, ['requirements-dev.lock'], 'rye sync'],
];

/** The command that makes the environment of a project, in its folder: that of `tool`, or of the tool that its files speak of. */
export function environmentMaker({ path }: Folder, tool: string | undefined): string | undefined {
  const project = textOf(join(path, 'pyproject.toml')) ?? '';
  const maker = makers.find(([name, is, files]) =>
    tool === undefined ? is.test(project) || files.some((file) => existsSync(join(path, file))) : name === tool,
  );
  return maker?.[3];
}

/** The command that adds a module to the project's environment, or makes one that has it. */
export function installing(module: string, own: string | undefined, { path }: Folder): string {
  const names: Readonly<Record<string, string>> = { django: 'Django', pytest_django: 'pytest-django', xmlrunner: 'unittest-xml-reporting' };
  const project = ['pyproject.toml', 'setup.py'].some((file) => existsSync(join(path, file))) ? ['-e', '.'] : [];
  const install = (python: string): string => [python, '-m', 'pip', 'install', names[module] ?? module, ...project].join(' ');
  return own === undefined ? `python3 -m venv .venv && ${install('.venv/bin/python')}` : install(own);
}
