/** How a Python project runs its tests: its own tools say so (pytest's settings, Django, tox, nox, scripts), else its test files do. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
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
  if (source === undefined) {
    if (existsSync(join(path, 'manage.py')) && findFiles(path, ['**/tests.py', '**/test*.py']).length > 0)
      return readLine('python manage.py test', at, 'manage.py', pythons);
    const said = await fromTools(at, pythons);
    if (said !== undefined) return said;
  }
  const files = findFiles(path, ['test_*.py', '*_test.py', '{test,tests}/**/{test_*,*_test}.py', '*/{test,tests}/**/{test_*,*_test}.py']);
  if (source === undefined && files.length === 0) return undefined;
  const usesUnittest = files.slice(0, 20).some((file) => /\bunittest\b/.test(textOf(join(path, file)) ?? ''));
  // Without pytest on the machine its command is still the honest answer, unless the tests run without it.
  if (source === undefined && usesUnittest && !(await pythons.hasPytest(pythonOf(at), at))) {
    const folder = files.every((file) => file.includes('/')) ? ` discover -s ${files[0]?.split('/')[0]} -t .` : '';
    return readLine(`python -m unittest${folder}`, at, 'test files', pythons);
  }
  return readLine('python -m pytest', at, source ?? 'test files', pythons);
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
async function fromTools(at: Folder, pythons: Pythons): Promise<TestCommand | undefined> {
  for (const [source, line, tool] of linesOfTools(at)) {
    const command = await readLine(line, at, source, pythons);
    if (!isPython(command)) continue;
    return tool === undefined ? command : { ...command, leftOut: [...(command.leftOut ?? []), `the environment of ${tool}`] };
  }
  return undefined;
}

function* linesOfTools({ path }: Folder): Generator<[source: string, line: string, tool?: string]> {
  const text = (file: string): string => (textOf(join(path, file)) ?? '').slice(0, longestManifest);
  const project = text('pyproject.toml');
  const legacy = /^legacy_tox_ini\s*=\s*("""|''')([\s\S]*?)\1/m.exec(project)?.[2] ?? '';
  for (const [file, ini] of [
    ['tox.ini', text('tox.ini')],
    ['setup.cfg', text('setup.cfg')],
    ['pyproject.toml', legacy],
  ] as const) {
    const line = toxLine(ini);
    if (line !== undefined) yield [file, line, 'tox'];
  }
  const table =
    /^\[tool\.tox\.(?:env_run_base|env\.[\w-]+)\]\n(?:(?!\[).*\n)*?commands\s*=\s*(\[[\s\S]*?\n?\s*\]\s*\]|\[\s*\[.*\]\s*\])/m.exec(
      project,
    )?.[1];
  const listed = table === undefined ? undefined : listedLine(table);
  if (listed !== undefined) yield ['pyproject.toml', listed, 'tox'];
  const session = noxLine(text('noxfile.py'));
  if (session !== undefined) yield ['noxfile.py', session, 'nox'];
  for (const tool of ['pdm', 'hatch', 'poe'])
    if (pythonScript(project, tool, 'test') !== undefined) yield ['pyproject.toml', tool === 'poe' ? 'poe test' : `${tool} run test`];
  for (const file of ['runtests.py', 'runtests', 'tests/runtests.py']) if (existsSync(join(path, file))) yield [file, `python ${file}`];
  if (/^(tests?|check)\s*::?(?!=)/m.test(text('Makefile')))
    yield ['Makefile', `make ${/^(test|tests|check)\s*::?(?!=)/m.exec(text('Makefile'))?.[1]}`];
}

/** The commands of tox's own test environment; undefined where they need more than words. */
function toxLine(ini: string): string | undefined {
  const section = /^\[testenv\]\n((?:(?!\[).*\n?)*)/m.exec(ini)?.[1];
  const body = /^commands\s*=\s*(.*(?:\n(?:[ \t]+.*|[ \t]*))*)/m.exec(section ?? '')?.[1];
  const lines = body
    ?.replace(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
    .map((line) => line.replace(/^[-!] ?/, ''));
  if (!lines?.length) return undefined;
  const folder = /^change_?dir\s*=\s*(.+)$/m
    .exec(section ?? '')?.[1]
    ?.replace(/\{tox_?(?:ini|root)_?dir\}\/?/, '')
    .trim();
  const plain = lines.map((line) =>
    line
      .replace(/\{posargs(?::([^{}]*))?\}/g, (_, value: string | undefined) => value ?? '')
      .replace(/\{(?:envpython|env_python)\}/g, 'python')
      .replace(/\{tox_?(?:ini|root)_?dir\}/g, '.')
      .trim(),
  );
  return [...(folder ? [`cd ${folder}`] : []), ...plain].join(' && ');
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
function noxLine(text: string): string | undefined {
  const session = /^def (?:tests?|unit\w*|pytest)\([\s\S]*?(?=^\S(?!.*\) *(?:->.*)?:$)|(?![\s\S]))/m.exec(text)?.[0] ?? '';
  for (const [, list = ''] of session.matchAll(/session\.run\(\s*([\s\S]*?)\s*,?\s*\)/g)) {
    const words =
      [...list.matchAll(/^\s*,?\s*(["'])([^"']*)\1/gm)].length > 0
        ? [...list.matchAll(/(["'])([^"']*)\1/g)].map(([, , word = '']) => word)
        : [];
    const isPlain = list.replace(/(["'])[^"']*\1|\*session\.posargs|\b(?:external|silent)\s*=\s*\w+|[\s,]/g, '') === '';
    if (isPlain && /^(pytest|python|unittest|coverage)$/.test(words[0] ?? '') && !(words[0] === 'coverage' && words[1] !== 'run'))
      return words.join(' ');
  }
  return undefined;
}
