/** How a Python project runs its tests: its own tools say so (pytest's settings, Django, tox, nox, scripts), else its test files do. */
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { type Folder, findFiles, isInside, textOf } from './folders.ts';
import { longestManifest, pythonScript } from './named-lines.ts';
import { type Pythons, pythonOf } from './pythons.ts';
import { readLine } from './read-line.ts';
import type { TestCommand } from './types.ts';

export async function fromPython(at: Folder, known: readonly TestCommand[], pythons: Pythons): Promise<TestCommand | undefined> {
  const { path } = at;
  const source = pytestConfig(path);
  // A folder further in is a project of its own when it says so; else its tests are among those of the project around it.
  if (source === undefined && !at.isTop && known.some((other) => isPython(other) && isInside(at.folder, other.cwd))) return undefined;
  if (source !== undefined) return readLine('python -m pytest', at, source, pythons);
  const said: TestCommand[] = [];
  if (existsSync(join(path, 'manage.py')) && findFiles(path, ['**/tests.py', '**/test*.py']).length > 0)
    said.push(await readLine('python manage.py test', at, 'manage.py', pythons));
  else said.push(...(await fromTools(at, pythons)));
  // What the interpreter does not have is the answer only where nothing else can run.
  const [first] = said;
  const ready = said.find(({ unready }) => unready === undefined);
  if (ready !== undefined) return ready;
  const files = findFiles(path, ['test_*.py', '*_test.py', '{test,tests}/**/{test_*,*_test}.py', '*/{test,tests}/**/{test_*,*_test}.py']);
  if (files.length === 0) return first;
  const python = pythonOf(at);
  const imports = files.slice(0, 20).map((file) => textOf(join(path, file)) ?? '');
  const settings = imports.some((text) => ofDjango.test(text)) ? djangoSettings(at) : undefined;
  if (settings !== undefined && !(await pythons.has('pytest_django', python, at)))
    return readLine(`python -m django test --settings=${settings}`, at, 'test files', pythons);
  // Without pytest on the machine its command is still the honest answer, unless the tests run without it.
  if (imports.some((text) => /\bunittest\b/.test(text)) && !(await pythons.has('pytest', python, at))) {
    const folder = files.every((file) => file.includes('/')) ? ` discover -s ${files[0]?.split('/')[0]} -t .` : '';
    return readLine(`python -m unittest${folder}`, at, 'test files', pythons);
  }
  const pytest = await readLine('python -m pytest', at, 'test files', pythons);
  return pytest.unready === undefined ? pytest : (first ?? pytest);
}

const ofDjango = /^[ \t]*(?:from|import) (?:django\.test|rest_framework\.test)\b/m;

/** The module of settings that the tests of a reusable application run with: what a file of the project names, or one that is called so. */
function djangoSettings({ path }: Folder): string | undefined {
  const files = ['tox.ini', 'setup.cfg', 'pyproject.toml', 'noxfile.py', 'runtests.py', 'Makefile', 'tests/__init__.py'];
  const texts = files.map((file) => (textOf(join(path, file)) ?? '').slice(0, longestManifest));
  const named = texts
    .map((text) => /DJANGO_SETTINGS_MODULE["']?\s*(?::=|[,:=])\s*["']?([\w.]+)/.exec(text)?.[1])
    .find((name) => name !== undefined);
  const usual = ['tests', 'test', '.'].flatMap((folder) =>
    ['settings', 'test_settings', 'testsettings'].map((name) => posix.join(folder, name)),
  );
  return named ?? usual.find((file) => existsSync(join(path, `${file}.py`)))?.replaceAll('/', '.');
}

const isPython = ({ runner }: TestCommand): boolean => runner === 'pytest' || runner === 'unittest';

function pytestConfig(root: string): string | undefined {
  const has = (file: string, section: RegExp): boolean => section.test(textOf(join(root, file)) ?? '');
  if (existsSync(join(root, 'pytest.ini'))) return 'pytest.ini';
  if (has('pyproject.toml', /^\[tool\.pytest/m)) return 'pyproject.toml';
  if (has('setup.cfg', /^\[tool:pytest\]/m)) return 'setup.cfg';
  if (has('tox.ini', /^\[pytest\]/m)) return 'tox.ini';
  if (existsSync(join(root, 'conftest.py'))) return 'conftest.py';
  return undefined;
}

// ---- what tools of the project say ----------------------------------------------------------------------------------------------

/** What tox, nox, a script or a file for it says, where that comes down to tests that are seen one by one. What else they do is not run. */
async function fromTools(at: Folder, pythons: Pythons): Promise<readonly TestCommand[]> {
  const found: TestCommand[] = [];
  for (const { source, line, env, tool } of linesOfTools(at)) {
    const command = await readLine(line, at, source, pythons);
    if (!isPython(command)) continue;
    const set = Object.entries(env ?? {}).map(([name, value]) => `${name}=${value} `);
    found.push({
      ...command,
      ...(env === undefined ? {} : { env: { ...env, ...command.env }, display: `${set.join('')}${command.display}` }),
      ...(tool === undefined ? {} : { leftOut: [...(command.leftOut ?? []), `the environment of ${tool}`] }),
    });
    if (command.unready === undefined) break;
  }
  return found;
}

interface SaidLine {
  readonly source: string;
  readonly line: string;
  /** Variables that the tool sets for it. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly tool?: string;
}

function* linesOfTools({ path }: Folder): Generator<SaidLine> {
  const text = (file: string): string => (textOf(join(path, file)) ?? '').slice(0, longestManifest);
  const project = text('pyproject.toml');
  const legacy = /^legacy_tox_ini\s*=\s*("""|''')([\s\S]*?)\1/m.exec(project)?.[2] ?? '';
  for (const [source, ini] of [
    ['tox.ini', text('tox.ini')],
    ['setup.cfg', text('setup.cfg')],
    ['pyproject.toml', legacy],
  ] as const) {
    const section = /^\[testenv\]\n((?:(?!\[).*\n?)*)/m.exec(ini)?.[1] ?? '';
    const line = toxLine(section);
    if (line !== undefined) yield { source, line, env: toxVariables(section), tool: 'tox' };
  }
  const table = /^\[tool\.tox\.(?:env_run_base|env\.[\w-]+)\]\n((?:(?!\[).*\n?)*)/m.exec(project)?.[1] ?? '';
  const listed = listedLine(/^commands\s*=\s*(\[[\s\S]*?\n?\s*\]\s*\]|\[\s*\[.*\]\s*\])/m.exec(table)?.[1] ?? '');
  const set = variablesIn(/^set_?env\s*=\s*\{([^{}\n]*)\}/m.exec(table)?.[1] ?? '', '=');
  if (listed !== undefined) yield { source: 'pyproject.toml', line: listed, env: set, tool: 'tox' };
  const session = noxLine(text('noxfile.py'));
  if (session !== undefined) yield { source: 'noxfile.py', ...session, tool: 'nox' };
  for (const tool of ['pdm', 'hatch', 'poe'])
    if (pythonScript(project, tool, 'test') !== undefined)
      yield { source: 'pyproject.toml', line: tool === 'poe' ? 'poe test' : `${tool} run test` };
  for (const file of ['runtests.py', 'runtests', 'tests/runtests.py'])
    if (existsSync(join(path, file))) yield { source: file, line: `python ${file}` };
  if (/^(tests?|check)\s*::?(?!=)/m.test(text('Makefile')))
    yield { source: 'Makefile', line: `make ${/^(test|tests|check)\s*::?(?!=)/m.exec(text('Makefile'))?.[1]}` };
}

/** A setting of a section by one of its names, with its further lines. */
function settingIn(section: string, ...names: readonly string[]): string | undefined {
  const lines = section.split('\n');
  const cut = (line: string): number => line.indexOf('=');
  const at = lines.findIndex((line) => names.includes(line.slice(0, Math.max(0, cut(line))).trimEnd()));
  if (at < 0) return undefined;
  const rest = lines.slice(at + 1);
  const next = rest.findIndex((line) => /^\S/.test(line));
  const first = lines[at] ?? '';
  return [first.slice(cut(first) + 1), ...(next < 0 ? rest : rest.slice(0, next))].join('\n');
}

/** What stands for a place in an ini file of tox, as a path from the folder of the file. */
const inPlace = (text: string): string =>
  text
    .replace(/\{(?:envpython|env_python)\}/g, 'python')
    .replace(/\{env_?bin_?dir\}\//g, '')
    .replace(/\{(?:tox_?(?:ini|root)_?dir)\}/g, '.')
    .replace(/\{env:\w+:([^{}]*)\}/g, '$1');

/** `{ "A": "b" }` of Python or `{ A = "b" }` of TOML, without the brackets. */
function variablesIn(text: string, between: ':' | '='): Readonly<Record<string, string>> | undefined {
  const found = [...text.matchAll(/["']?\b([A-Za-z_]\w*)["']? ?([:=]) ?["']([^"'{}]*)["']/g)].filter(([, , sign]) => sign === between);
  return found.length === 0 ? undefined : Object.fromEntries(found.map(([, name = '', , value = '']) => [name, value]));
}

/** What tox's own test environment sets for every run; values that need more than words are left out. */
function toxVariables(section: string): Readonly<Record<string, string>> | undefined {
  const lines = inPlace(settingIn(section, 'setenv', 'set_env') ?? '').split('\n');
  const set = lines.flatMap((line) => {
    const [, name, value = ''] = /^([A-Za-z_]\w*)\s*=\s*([^\s{}#]*)$/.exec(line.trim()) ?? [];
    return name === undefined ? [] : [[name, value] as const];
  });
  return set.length === 0 ? undefined : Object.fromEntries(set);
}

/** The commands of tox's own test environment; undefined where they need more than words. */
function toxLine(section: string): string | undefined {
  const lines = settingIn(section, 'commands')
    ?.replace(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
    .map((line) => line.replace(/^[-!] (?=\S)/, ''));
  if (!lines?.length) return undefined;
  const folder = inPlace(settingIn(section, 'changedir', 'change_dir') ?? '')
    .trim()
    .replace(/^\.\//, '');
  const plain = unconditioned(lines).map((line) =>
    inPlace(line.replace(/\{posargs(?::((?:[^{}]|\{[^{}]*\})*))?\}/g, (_, value: string | undefined) => value ?? '')).trim(),
  );
  return [...(folder === '' || folder === '.' ? [] : [`cd ${folder}`]), ...plain].join(' && ');
}

/** Of lines for some environments only (`cov: …`, `!cov: …`) those that a plain one runs; where there are no others, the first. */
function unconditioned(lines: readonly string[]): readonly string[] {
  const parts = lines.map((line) => /^([\w{},.!-]+): *(\S.*)$/.exec(line) ?? ['', '', line]);
  const plain = parts.filter(([, factors = '']) => factors === '' || factors.startsWith('!'));
  return (plain.length > 0 ? plain : parts.slice(0, 1)).map(([, , line = '']) => line);
}

/** `[["python", "-m", "pytest", "tests"], …]` of TOML, as one line. */
function listedLine(table: string): string | undefined {
  const plain = table
    .replace(/,?\s*\{\s*replace\s*=\s*"posargs"[^{}]*\}/g, '')
    .replace(/'([^'"]*)'/g, '"$1"')
    .replace(/,(\s*\])/g, '$1');
  try {
    const lists: unknown = JSON.parse(plain);
    return (lists as string[][]).map((words) => words.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(' ')).join(' && ');
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** The run of tests in a session of nox that is called after them. */
function noxLine(text: string): Pick<SaidLine, 'line' | 'env'> | undefined {
  const session = /^def (?:tests?|unit\w*|pytest)\([\s\S]*?(?=^\S(?!.*\) *(?:->.*)?:$)|(?![\s\S]))/m.exec(text)?.[0] ?? '';
  for (const [, given = ''] of session.matchAll(/session\.run\(\s*([\s\S]*?)\s*,?\s*\)/g)) {
    const set = /\benv\s*=\s*\{([^{}]*)\}/.exec(given);
    const list = given.replace(set?.[0] ?? '', '');
    const words = /^\s*["']/.test(list) ? [...list.matchAll(/(["'])([^"']*)\1/g)].map(([, , word = '']) => word) : [];
    const isPlain = list.replace(/(["'])[^"']*\1|\*session\.posargs|\b(?:external|silent)\s*=\s*\w+|[\s,]/g, '') === '';
    if (isPlain && /^(pytest|python|unittest|coverage)$/.test(words[0] ?? '') && !(words[0] === 'coverage' && words[1] !== 'run'))
      return { line: words.join(' '), env: variablesIn(set?.[1] ?? '', ':') };
  }
  return undefined;
}
