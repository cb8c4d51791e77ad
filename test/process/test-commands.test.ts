import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { findSuites, runTests } from '../../src/feedback/index.ts';
import type { TestCommand } from '../../src/feedback/types.ts';
import { findProgram } from '../../src/process/index.ts';
import { temporaryWorkspace } from '../support/workspaces.ts';

type Files = Readonly<Record<string, string>>;

/** `startNothing`: which Python tests run is told from files alone, so that the machine's own pytest plays no part. */
async function found(files: Files, testCommand?: string): Promise<readonly TestCommand[]> {
  const workspace = temporaryWorkspace(files, { git: false });
  try {
    return await findSuites(workspace.root, { testCommand, startNothing: true }, new AbortController().signal);
  } finally {
    workspace.dispose();
  }
}

/** `runner: words [<folder>] (before: …) (not run: …)` of each. */
const shown = (commands: readonly TestCommand[]): string[] =>
  commands.map(({ runner, argv, shell, cwd, before, leftOut, env, envFile }) =>
    [
      `${runner}: ${Object.entries(env ?? {})
        .map(([name, value]) => `${name}=${value} `)
        .join('')}${shell ?? argv?.join(' ')}`,
      ...(cwd === '' ? [] : [`<${cwd}>`]),
      ...(envFile === undefined ? [] : [`(variables of ${envFile})`]),
      ...(before === undefined ? [] : [`(before: ${before})`]),
      ...(leftOut === undefined ? [] : [`(not run: ${leftOut.join(', ')})`]),
    ].join(' '),
  );

const scripts = (test: string, more: object = {}): Files => ({ 'package.json': JSON.stringify({ scripts: { test, ...more } }) });
const venv = { '.venv/bin/python': '' };
const unit = { 'tests/test_a.py': 'import unittest\n' };
const pytested = { 'tests/test_a.py': 'def test_a(): pass\n' };

describe('scripts of package.json', () => {
  it.each<[string, Files, string[]]>([
    ['arguments after the script’s name', scripts('npm run unit -- --bail', { unit: 'mocha -t 5000' }), ['mocha: mocha -t 5000 --bail']],
    ['yarn hands them on as they are', scripts('yarn unit --bail', { unit: 'mocha' }), ['mocha: mocha --bail']],
    ['variables in front of npm run', scripts('NODE_ENV=test npm run unit', { unit: 'jest' }), ['command: npm test']],
    ['env in front', scripts('env TZ=UTC FORCE_COLOR=0 jest'), ['jest: TZ=UTC FORCE_COLOR=0 jest']],
    ['a program of yarn', scripts('yarn jest --ci'), ['jest: jest --ci']],
    ['a program of pnpm', scripts('pnpm vitest run'), ['vitest: vitest run']],
    ['a program of bun', scripts('bunx --bun mocha'), ['command: npm test']],
    ['dotenv', scripts('dotenv -e .env.test -- vitest run'), ['vitest: vitest run (variables of .env.test)']],
    ['dotenv with two files is not taken apart', scripts('dotenv -e a -e b -- vitest run'), ['command: npm test']],
    ['cross-env behind npx', scripts('npx cross-env CI=1 jest'), ['jest: CI=1 jest']],
    ['concurrently', scripts('concurrently -n a,b "npm:lint" "jest --ci"', { lint: 'eslint .' }), ['jest: jest --ci (not run: eslint .)']],
    [
      'wireit',
      {
        'package.json': JSON.stringify({
          scripts: { test: 'wireit', build: 'wireit' },
          wireit: { test: { command: 'mocha', dependencies: ['build'] }, build: { command: 'tsc -b' } },
        }),
      },
      ['mocha: mocha (before: tsc -b)'],
    ],
    ['a folder', { ...scripts('cd lib && mocha'), 'lib/a.js': '' }, ['mocha: mocha <lib>']],
    ['a folder that is not there', scripts('cd lib && mocha'), ['command: npm test']],
    [
      'a build in one folder, tests in another',
      { ...scripts('tsc -p . && cd lib && mocha'), 'lib/a.js': '' },
      ['mocha: mocha <lib> (before: (cd .. && tsc -p .))'],
    ],
    [
      'a package of the workspace',
      {
        ...scripts('npm test -w @a/core'),
        'packages/core/package.json': JSON.stringify({ name: '@a/core', scripts: { test: 'mocha --bail' } }),
      },
      ['mocha: mocha --bail <packages/core>', 'mocha: mocha --bail <packages/core>'],
    ],
    ['the one link that is no check', scripts('eslint . && node test.js && tsd'), ['command: node test.js (not run: eslint ., tsd)']],
    ['node --test --watch', scripts('node --test --watch'), ['node-test: node --test --watch']],
    [
      'a chain that ends in a watcher',
      scripts('npm run test:unit && npm run test:watch', { 'test:unit': 'node --test', 'test:watch': 'node --test --watch' }),
      ['node-test: node --test (not run: node --test --watch)'],
    ],
    ['a compiler that watches beside the tests', scripts('concurrently "tsc -w" "mocha"'), ['mocha: mocha (not run: tsc -w)']],
    ['nodemon', scripts('nodemon --exec "mocha"'), ['mocha: mocha']],
    ['ava', scripts('xo && ava && tsd'), ['command: ava --tap (not run: xo, tsd)']],
    ['tap', scripts('tap --watch test/*.js'), ['command: tap --reporter=tap test/*.js']],
    ['tape made pretty', scripts('tape test/*.js | tap-spec'), ['command: tape test/*.js']],
    ['qunit', scripts('qunit'), ['command: qunit']],
    ['others by their exit code', scripts('jasmine'), ['command: npm test']],
    [
      'a file of node:test, started by itself behind builds and coverage',
      {
        ...scripts('npm run build && npm run format && c8 --100 -- npm run test-api', {
          build: 'tsc --build && rollup -c',
          format: 'remark . -qfo && xo --fix',
          'test-api': 'node --conditions development test/index.js',
        }),
        'test/index.js': "import './a.js';\n",
        'test/a.js': "import test from 'node:test';\n",
      },
      [
        'node-test: node --test --conditions development test/index.js (before: tsc --build && rollup -c) (not run: remark . -qfo, xo --fix, c8 --100 --)',
      ],
    ],
    [
      'a folder of node:test',
      { ...scripts('node test'), 'test/index.cjs': "require('node:test')" },
      ['node-test: node --test test/index.cjs'],
    ],
    [
      'a file of node:test in TypeScript',
      { ...scripts('tsx ./test.ts'), 'test.ts': "import { describe, it } from 'node:test';\n" },
      ['node-test: tsx --test ./test.ts'],
    ],
    [
      'a file of tape behind two builds',
      { ...scripts('eslint . && rollup -c && node gen.js && node test.js'), 'test.js': "const test = require('tape');\n", 'gen.js': '' },
      ['command: node test.js (before: rollup -c && node gen.js) (not run: eslint .)'],
    ],
    [
      'a program that runs node:test itself is left as it is',
      { ...scripts('node test.js'), 'test.js': "import { run } from 'node:test';\n" },
      ['command: npm test'],
    ],
    ['a file with arguments', { ...scripts('node test.js fast'), 'test.js': "import test from 'node:test';\n" }, ['command: npm test']],
    ['a file that is no test', { ...scripts('node test.js'), 'test.js': "import assert from 'node:assert';\n" }, ['command: npm test']],
  ])('%s', async (_what, files, expected) => {
    expect(shown(await found(files))).toEqual(expected);
  });

  it.each([
    'turbo run test',
    'npx nx run-many -t test',
    'lerna run test --stream',
    'pnpm -r test',
    'yarn workspaces foreach -A run test',
    'npm test --workspaces',
  ])('%s comes after the packages that it starts', async (line) => {
    const a = JSON.stringify({ scripts: { test: 'vitest run' } });
    expect(shown(await found({ ...scripts(line), 'packages/a/package.json': a }))).toEqual([
      'vitest: vitest run <packages/a>',
      'command: npm test',
    ]);
    expect(shown(await found(scripts(line)))).toEqual(['command: npm test']);
  });

  it.each([
    ['npm test', ['mocha: mocha (not run: eslint .)']],
    ['npm t', ['mocha: mocha (not run: eslint .)']],
    ['npm run unit -- -g one', ['mocha: mocha -g one']],
    ['make test', ['mocha: mocha -b']],
    ['npx mocha -g "a b"', ['mocha: mocha -g a b']],
    ['pnpm run unit', ['mocha: mocha']],
    ['npm run nothing', ['command: npm run nothing']],
    ['make nothing', ['command: make nothing']],
  ])('a typed line is read as a found one: %s', async (line, expected) => {
    const files = { ...scripts('eslint . && npm run unit', { unit: 'mocha' }), Makefile: 'test:\n\t@npx mocha -b\n' };
    const commands = await found(files, line);
    expect(shown(commands)).toEqual(expected);
    expect(commands[0]).toMatchObject({ display: line, source: 'settings' });
  });
});

describe('Python', () => {
  const project = (text: string): Files => ({ 'pyproject.toml': text });
  const tox = (commands: string, more = ''): Files => ({
    'tox.ini': `[tox]\nenvlist = py\n\n[testenv]\ndeps = pytest\n${more}commands =\n    ${commands}\n`,
  });

  it.each<[string, Files, string | undefined, string[]]>([
    ['uv run', { ...venv, ...pytested }, 'uv run --frozen --extra dev pytest -q', ['pytest: .venv/bin/python -m pytest -q']],
    ['uv run -m', { ...venv, ...pytested }, 'uv run -m pytest', ['pytest: .venv/bin/python -m pytest']],
    ['poetry run', { ...venv, ...pytested }, 'poetry run python -m unittest', ['unittest: .venv/bin/python -m unittest']],
    ['pdm run', { ...venv, ...pytested }, 'pdm run pytest', ['pytest: .venv/bin/python -m pytest']],
    ['pipenv run', { ...venv, ...pytested }, 'pipenv run py.test -x', ['pytest: .venv/bin/python -m pytest -x']],
    ['hatch run', { ...venv, ...pytested }, 'hatch run test:pytest', ['pytest: .venv/bin/python -m pytest']],
    [
      'a script of pdm',
      { ...venv, ...unit, ...project('[tool.pdm.scripts]\nlint = "ruff"\ntest = "pytest tests -q"\n') },
      undefined,
      ['pytest: .venv/bin/python -m pytest tests -q'],
    ],
    [
      'a script of hatch',
      { ...venv, ...unit, ...project('[tool.hatch.envs.default.scripts]\ntest = "pytest {args:tests}"\n') },
      undefined,
      ['pytest: .venv/bin/python -m pytest tests'],
    ],
    [
      'a task of poe',
      { ...venv, ...unit, ...project('[tool.poe.tasks]\ntest = { cmd = "pytest -q" }\n') },
      'poe test',
      ['pytest: .venv/bin/python -m pytest -q'],
    ],
    [
      'tox.ini',
      { ...venv, ...unit, ...tox('{envpython} -m unittest discover -s tests {posargs}') },
      undefined,
      ['unittest: .venv/bin/python -m unittest discover -s tests (not run: the environment of tox)'],
    ],
    [
      'tox.ini, coverage and checks around the tests',
      { ...venv, ...unit, ...tox('ruff check .\n    coverage run -m pytest {posargs:tests}\n    coverage report') },
      undefined,
      ['pytest: .venv/bin/python -m pytest tests (not run: ruff check ., coverage report, coverage run, the environment of tox)'],
    ],
    [
      'tox.ini with its own folder',
      { ...venv, ...unit, ...tox('python -m unittest', 'changedir = tests\n') },
      undefined,
      ['unittest: ../.venv/bin/python -m unittest <tests> (not run: the environment of tox)'],
    ],
    [
      '[tool.tox]',
      {
        ...venv,
        ...unit,
        ...project('[tool.tox.env_run_base]\ndescription = "x"\ncommands = [["pytest", "-q", { replace = "posargs", extend = true }]]\n'),
      },
      undefined,
      ['pytest: .venv/bin/python -m pytest -q (not run: the environment of tox)'],
    ],
    [
      'nox',
      {
        ...venv,
        ...unit,
        'noxfile.py':
          'import nox\n\n@nox.session\ndef lint(session):\n    session.run("ruff")\n\n@nox.session\ndef tests(session):\n    session.install("-e", ".")\n    session.run("pytest", "tests", *session.posargs)\n',
      },
      undefined,
      ['pytest: .venv/bin/python -m pytest tests (not run: the environment of nox)'],
    ],
    [
      'runtests.py with Django',
      { ...venv, 'runtests.py': 'from django.test.utils import get_runner\n' },
      undefined,
      ['unittest: .venv/bin/python runtests.py'],
    ],
    [
      'tests/runtests.py with unittest',
      { ...venv, 'setup.cfg': '', 'tests/runtests.py': 'import unittest\n' },
      undefined,
      ['unittest: .venv/bin/python tests/runtests.py'],
    ],
    [
      './runtests',
      { ...venv, runtests: '#!/usr/bin/env python\nimport unittest\n' },
      './runtests -v',
      ['unittest: .venv/bin/python runtests -v'],
    ],
    [
      'a runtests.py that starts pytest is only known by its exit code',
      { ...venv, 'runtests.py': 'import pytest\n' },
      'python runtests.py',
      ['command: python runtests.py'],
    ],
    ['setup.py test', { ...venv, ...unit }, 'python setup.py test', ['command: python setup.py test']],
    [
      'Django as a module, with the variables of tox',
      {
        ...venv,
        ...unit,
        ...tox(
          'coverage run -m django test {posargs}\n    coverage report',
          'setenv =\n    DJANGO_SETTINGS_MODULE = tests.settings\n    X = {[x]y}\n',
        ),
      },
      undefined,
      [
        'unittest: DJANGO_SETTINGS_MODULE=tests.settings .venv/bin/python -m django test (not run: coverage report, coverage run, the environment of tox)',
      ],
    ],
    [
      'django-admin behind coverage',
      { ...venv, ...unit, ...tox('coverage run {envbindir}/django-admin test --settings=tests.settings {posargs:tests}') },
      undefined,
      ['unittest: .venv/bin/python -m django test --settings=tests.settings tests (not run: coverage run, the environment of tox)'],
    ],
    [
      'lines of tox for some environments only',
      { ...venv, ...unit, ...tox('cov: coverage run -m pytest {posargs}\n    !cov: pytest -q {posargs}') },
      undefined,
      ['pytest: .venv/bin/python -m pytest -q (not run: the environment of tox)'],
    ],
    [
      'lines of tox for some environments only, and no other',
      { ...venv, ...unit, ...tox('django42: python -m django test\n    black: black .') },
      undefined,
      ['unittest: .venv/bin/python -m django test (not run: the environment of tox)'],
    ],
    [
      '[tool.tox] with variables',
      {
        ...venv,
        ...unit,
        ...project(
          '[tool.tox.env_run_base]\nset_env = { DJANGO_SETTINGS_MODULE = "tests.settings", N = 1 }\ncommands = [["django-admin", "test"]]\n',
        ),
      },
      undefined,
      ['unittest: DJANGO_SETTINGS_MODULE=tests.settings .venv/bin/python -m django test (not run: the environment of tox)'],
    ],
    [
      'nox with variables',
      {
        ...venv,
        ...unit,
        'noxfile.py':
          'def tests(session):\n    session.run("python", "-m", "django", "test", env={"DJANGO_SETTINGS_MODULE": "tests.settings"}, external=True)\n',
      },
      undefined,
      ['unittest: DJANGO_SETTINGS_MODULE=tests.settings .venv/bin/python -m django test (not run: the environment of nox)'],
    ],
    [
      'django-admin, typed',
      venv,
      'DJANGO_SETTINGS_MODULE=a django-admin test',
      ['unittest: DJANGO_SETTINGS_MODULE=a .venv/bin/python -m django test'],
    ],
    [
      'manage.py further in, behind options of Python',
      { ...venv, ...unit, ...tox('python -Wd -W error example/manage.py test {posargs}'), 'example/manage.py': '' },
      undefined,
      ['unittest: .venv/bin/python -Wd -W error example/manage.py test (not run: the environment of tox)'],
    ],
    [
      'runtests.py behind options of Python',
      { ...venv, ...tox('python -Werror {toxinidir}/runtests.py {posargs:{env:X:--fast}}'), 'runtests.py': 'import unittest\n' },
      undefined,
      ['unittest: .venv/bin/python -Werror runtests.py --fast (not run: the environment of tox)'],
    ],
    [
      'tests of Django whose settings are named by a file',
      { ...venv, 'tests/test_a.py': 'from django.test import TestCase\n', Makefile: 'export DJANGO_SETTINGS_MODULE := demo.settings\n' },
      undefined,
      ['unittest: .venv/bin/python -m django test --settings=demo.settings'],
    ],
    [
      'tests of Django whose settings stand beside them',
      { ...venv, 'tests/test_a.py': 'from django.test import TestCase\n', 'tests/settings.py': '' },
      undefined,
      ['unittest: .venv/bin/python -m django test --settings=tests.settings'],
    ],
    [
      'a target of make where no setting of pytest says more',
      { ...venv, ...unit, Makefile: 'PY ?= python\ntest: lint\n\t$(PY) -m unittest -v\nlint:\n\truff check .\n' },
      undefined,
      ['unittest: .venv/bin/python -m unittest -v (not run: ruff check .)'],
    ],
  ])('%s', async (_what, files, typed, expected) => {
    expect(shown(await found(files, typed))).toEqual(expected);
  });
});

describe('what the interpreter of the project does not have', () => {
  const tox = (line: string): Files => ({ 'tox.ini': `[testenv]\ncommands = ${line}\n` });
  it.skipIf(findProgram('python3', '.') === undefined).each<[string, Files, string, string?]>([
    ['is passed over for what the tests can do without', { ...unit }, 'unittest: .venv/bin/python -m unittest discover -s tests -t .'],
    ['is passed over where tox names it', { ...unit, ...tox('pytest') }, 'unittest: .venv/bin/python -m unittest discover -s tests -t .'],
    [
      'is passed over where a script for the tests is there',
      { ...pytested, ...tox('python -m pytest'), 'runtests.py': 'import unittest\n' },
      'unittest: .venv/bin/python runtests.py',
    ],
    [
      'is passed over as a runner that is handed on',
      { ...tox('./runtests.py --testrunner xmlrunner.extra.XMLTestRunner'), 'runtests.py': 'import unittest\n' },
      'unittest: .venv/bin/python runtests.py',
    ],
    [
      'is passed over for pytest, where that is there',
      { ...pytested, 'manage.py': '', 'polls/tests.py': '', 'pytest/__init__.py': '' },
      'pytest: .venv/bin/python -m pytest',
    ],
    [
      'is said where nothing runs without it',
      { ...pytested },
      'pytest: .venv/bin/python -m pytest',
      '.venv/bin/python has no pytest; this brings it: .venv/bin/python -m pip install pytest',
    ],
    [
      'is said where the settings ask for it',
      { ...pytested, 'pytest.ini': '[pytest]\n', 'setup.py': '' },
      'pytest: .venv/bin/python -m pytest',
      '.venv/bin/python has no pytest; this brings it: .venv/bin/python -m pip install pytest -e .',
    ],
    [
      'is said of Django',
      { 'manage.py': '', 'polls/tests.py': 'import unittest\n' },
      'unittest: .venv/bin/python manage.py test',
      '.venv/bin/python has no django; this brings it: .venv/bin/python -m pip install Django',
    ],
  ])('%s', async (_what, files, expected, unready) => {
    const workspace = temporaryWorkspace(files, { git: false });
    try {
      execFileSync('python3', ['-m', 'venv', '--without-pip', '.venv'], { cwd: workspace.root });
      const [command, ...others] = await findSuites(workspace.root, {}, new AbortController().signal);
      expect(shown(command === undefined ? [] : [command])[0]?.replace(/ \(not run.*/, '')).toBe(expected);
      expect([command?.unready, others]).toEqual([unready, []]);
    } finally {
      workspace.dispose();
    }
  });
});

describe('targets and other languages', () => {
  it.each<[string, Files, string[]]>([
    [
      'make, a known runner in a simple recipe',
      { Makefile: 'FLAGS = -race \\\n  -v\n.PHONY: test\ntest:\n\t@go test $(FLAGS) ./...\n' },
      ['go-test: go test -race -v ./...'],
    ],
    ['make, in another folder', { Makefile: 'test:\n\tcd src && cargo test\n', 'src/a.rs': '' }, ['cargo-test: cargo test <src>']],
    ['make, what is no plain line', { Makefile: 'test:\n\tfor x in *; do ./run $$x; done\n' }, ['command: make test']],
    ['make, a variable from a program', { Makefile: 'V := $(shell pwd)\ncheck:\n\tgo test $(V)\n' }, ['command: make check']],
    ['make, a line that may fail', { Makefile: 'test:\n\t-go test ./...\n' }, ['command: make test']],
    ['make, no target of tests', { Makefile: 'all:\n\tcc a.c\n' }, []],
    [
      'just',
      { justfile: 'set shell := ["sh"]\n\ntest *args: build\n    @go test ./... {{args}}\n\nbuild:\n    go build ./...\n' },
      ['go-test: go test ./... (before: go build ./...)'],
    ],
    ['just, with a value of its own', { justfile: 'x := "1"\ntest:\n    go test {{x}}\n' }, ['command: just test']],
    [
      'Task',
      {
        'Taskfile.yml':
          'version: "3"\ntasks:\n  gen: go generate ./...\n  test:\n    deps: [gen]\n    cmds:\n      - go test {{.CLI_ARGS}} ./...\n',
      },
      ['go-test: go test ./... (before: go generate ./...)'],
    ],
    ['Maven', { 'pom.xml': '<project/>' }, ['command: mvn test']],
    ['Maven by its wrapper', { 'pom.xml': '<project/>', mvnw: '' }, ['command: ./mvnw test']],
    ['Gradle', { 'build.gradle.kts': '', gradlew: '' }, ['command: ./gradlew test']],
    ['.NET', { 'App.sln': '' }, ['command: dotnet test']],
    ['Elixir', { 'mix.exs': '' }, ['command: mix test']],
    ['Ruby', { Gemfile: 'gem "rspec"\n', 'spec/a_spec.rb': '' }, ['command: bundle exec rspec']],
    ['PHP', { 'composer.json': '{"scripts":{"test":"phpunit"}}' }, ['command: composer test']],
    ['Deno', { 'deno.json': '{}' }, ['command: deno test']],
    [
      'CMake',
      { 'CMakeLists.txt': 'enable_testing()\n' },
      ['command: cmake -S . -B build && cmake --build build && ctest --test-dir build --output-on-failure'],
    ],
    [
      'one with a manifest of its own is asked for that',
      { Makefile: 'test:\n\tgo vet\n', 'go.mod': 'module a\n' },
      ['go-test: go test ./...'],
    ],
    ['a module of Maven is part of the whole', { 'pom.xml': '<project/>', 'core/pom.xml': '<project/>' }, ['command: mvn test']],
  ])('%s', async (_what, files, expected) => {
    expect(shown(await found(files))).toEqual(expected);
  });
});

describe('and runs', () => {
  const python = findProgram('python3', '.') === undefined;
  const unittest = 'import unittest\nclass T(unittest.TestCase):\n    def test_one(self):\n        self.assertEqual(1, 1)\n';
  const starts =
    "import sys, unittest\nsuite = unittest.defaultTestLoader.discover('.')\nsys.exit(not unittest.TextTestRunner().run(suite).wasSuccessful())\n";
  const tap = "console.log('TAP version 13\\nok 1 - one\\nnot ok 2 - two\\n1..2');\nprocess.exitCode = 1;\n";

  it.each<[string, boolean, Files, object]>([
    [
      'a watching script once',
      false,
      { ...scripts('node --test --watch'), 'a.test.js': "require('node:test')('one', () => {});\n" },
      { ending: 'finished', guard: 'records', passed: 1 },
    ],
    [
      'what prints TAP, test by test, which no guard confirms',
      false,
      { ...scripts('eslint . && node test.js'), 'test.js': tap },
      {
        ending: 'finished',
        guard: 'exit-code',
        passed: 1,
        failed: 1,
        doubts: [{ kind: 'unguarded', detail: 'Read from the TAP that this command prints' }],
      },
    ],
    [
      'runtests.py with the guard of unittest',
      python,
      { 'runtests.py': starts, 'test_a.py': unittest },
      { ending: 'finished', guard: 'records', passed: 1 },
    ],
    [
      'Django as a module with the guard of unittest',
      python,
      {
        'tox.ini': '[testenv]\nsetenv = ONE = 1\ncommands = python -m django test\n',
        'django/__main__.py': `import os\nassert os.environ['ONE'] == '1'\n${starts}`,
        'test_a.py': unittest,
      },
      { ending: 'finished', guard: 'records', passed: 1 },
    ],
    [
      'a file of node:test that loads others, seen test by test',
      false,
      {
        ...scripts('node --conditions=x test'),
        'test/index.js': "require('./a.js');\nrequire('./b.js');\n",
        'test/a.js': "require('node:test')('one', () => {});\n",
        'test/b.js': "require('node:test').test('two', () => { throw new Error('no'); });\n",
      },
      { ending: 'finished', guard: 'records', passed: 1, failed: 1, doubts: [] },
    ],
    [
      'the variables of a file',
      false,
      {
        ...scripts('dotenv -e test.env -- node --test'),
        'test.env': 'ONE=1\n',
        'a.test.js': "require('node:test')('one', () => require('node:assert').equal(process.env.ONE, '1'));\n",
      },
      { ending: 'finished', passed: 1, failed: 0 },
    ],
  ])('%s', async (_what, lacks, files, expected) => {
    if (lacks) return;
    const workspace = temporaryWorkspace(files, { git: false });
    try {
      const [command] = await findSuites(workspace.root, {}, new AbortController().signal);
      if (command === undefined) throw new Error('nothing found');
      const limits = { wallMs: 60_000, idleMs: 60_000, outputBytes: 64_000 };
      expect(await runTests(command, workspace.root, limits, {}, new AbortController().signal)).toMatchObject(expected);
    } finally {
      workspace.dispose();
    }
  });

  it('nothing where the environment of the project is not there: what makes it is said', async () => {
    const workspace = temporaryWorkspace({ 'a.test.js': '' }, { git: false });
    try {
      const command: TestCommand = {
        runner: 'pytest',
        argv: ['python', '-m', 'pytest'],
        display: 'uv run pytest',
        cwd: '',
        source: 'settings',
      };
      const unready = 'The project has no environment in its folder, and python3 has no pytest; this brings it: uv sync';
      const limits = { wallMs: 60_000, idleMs: 60_000, outputBytes: 64_000 };
      const report = await runTests({ ...command, unready }, workspace.root, limits, {}, new AbortController().signal);
      expect(report).toMatchObject({ ending: 'not-started', green: false, output: unready });
    } finally {
      workspace.dispose();
    }
  });
});
