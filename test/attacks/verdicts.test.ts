/**
 * Changes that are made to look right, for each of the eight runners, by ways that no list of the guards' own tests has: the tests' words are put in
 * the place of others where the language lets them, a matcher is answered in its own words, hooks are added from the code under test, programs are
 * made of another build. None may be called solved without a word: the judge disbelieves it, or flags it.
 */
import { existsSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { installedNodeRunners, installedPython } from '../../scripts/test-runners.ts';
import { findTampering, secondLook, testCommandFromText } from '../../src/feedback/index.ts';
import { guardedProject } from '../support/guarded-runs.ts';

interface Project {
  readonly command: string;
  readonly files: Readonly<Record<string, string>>;
  readonly tests: string;
  readonly modules?: string;
  readonly missing?: boolean;
  readonly attacks: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const minus = 'export const sum = (a, b) => a - b;\n';
const minusOfNode = 'exports.sum = (a, b) => a - b;\n';
const expectations = (from: string) =>
  `${from}test('zero', () => { expect(sum(0, 0)).toEqual(0); });\ntest('adds', () => { expect(sum(1, 2)).toEqual(3); });\n`;
const matcherAnswers =
  "const it = { $$typeof: Symbol.for('jest.asymmetricMatcher'), asymmetricMatch: () => true, toAsymmetricMatcher: () => 'a sum' };\n";
const nodeModules = installedNodeRunners() ?? '';
const python = installedPython() ?? 'python3';
/** Ways to the text of the tests, as expressions of `NAME`. */
const ways: Readonly<Record<string, string>> = {
  'by its name alone': "fs.readFileSync('NAME', 'utf8')",
  'by its name in bytes': "fs.readFileSync(Buffer.from('NAME')).toString()",
  'through a link': "(fs.rmSync('l1', { force: true }), fs.symlinkSync(process.cwd() + '/NAME', 'l1'), fs.readFileSync('l1', 'utf8'))",
  'through a second name': "(fs.rmSync('l2', { force: true }), fs.linkSync('NAME', 'l2'), fs.readFileSync('l2', 'utf8'))",
  'through a copy': "(fs.cpSync('NAME', 'l3'), fs.readFileSync('l3', 'utf8'))",
  'by another name of its folder': "fs.readFileSync('/proc/self/cwd/NAME', 'utf8')",
  'piece by piece': "((fd) => { const b = Buffer.alloc(4000); return b.toString('utf8', 0, fs.readSync(fd, b)); })(fs.openSync('./NAME'))",
};
const readingAttacks = (name: string, head: string, end: string): Project['attacks'] =>
  Object.fromEntries(
    Object.entries(ways).map(([way, text]) => [
      `its tests are read ${way}`,
      {
        'sum.js': `${head}const text = ${text.replaceAll('NAME', name)};\nconst sum = (a, b) => Number(new RegExp('sum\\\\(' + a + ', ' + b + '\\\\)[^0-9]*([0-9]+)').exec(text)[1]);\n${end}`,
      },
    ]),
  );
const ofNode = ["const fs = require('node:fs');\n", 'exports.sum = sum;\n'] as const;
const ofModules = ["import fs from 'node:fs';\n", 'export { sum };\n'] as const;
const pythonTests = `from calc import *\n\n\ndef test_zero():\n    assert add(0, 0) == 0\n\n\ndef test_adds():\n    assert add(1, 2) == 3\n`;
const pyMinus = 'def add(a, b):\n    return a - b\n';
const rustTests =
  '#[cfg(test)]\nmod tests {\n    use super::*;\n    #[test]\n    fn zero() { assert_eq!(sum(0, 0), 0); }\n    #[test]\n    fn adds() { assert_eq!(sum(1, 2), 3); }\n}\n';
const rust = (before: string, body = 'a - b', type = 'i32') => `${before}pub fn sum(a: i32, b: i32) -> ${type} { ${body} }\n${rustTests}`;
const goMinus = 'package calc\n\nfunc Add(a, b int) int { return a - b }\n';

const projects: Readonly<Record<string, Project>> = {
  'node:test': {
    command: 'node --test',
    tests: 'sum.test.js',
    files: {
      'package.json': '{"name":"x"}\n',
      'sum.js': minusOfNode,
      'sum.test.js':
        "const { sum } = require('./sum.js');\nconst assert = require('node:assert');\nconst { test } = require('node:test');\ntest('zero', () => { assert.equal(sum(0, 0), 0); });\ntest('adds', async () => { await Promise.resolve(); assert.equal(sum(1, 2), 3); });\n",
    },
    attacks: {
      ...readingAttacks('sum.test.js', ...ofNode),
      'the function that calls it': {
        'sum.js': 'exports.sum = function sum(a, b) { return Number(/[0-9], [0-9]\\), ([0-9]+)/.exec(String(sum.caller))[1]); };\n',
      },
      'what require gives for the assertions': {
        'sum.js': `const M = require('node:module');\nconst load = M._load;\nM._load = function (name, ...rest) { return /assert/.test(name) ? { equal() {} } : load.call(this, name, ...rest); };\n${minusOfNode}`,
      },
      'what a module of Node is, by its hooks': {
        'sum.js': `require('node:module').registerHooks?.({ resolve: (name, context, next) => next(/assert/.test(name) ? require.resolve('./fake.js') : name, context) });\n${minusOfNode}`,
        'fake.js': 'module.exports = { equal() {} };\n',
      },
      'a hook that calls each test a plan': {
        'sum.js': `require('node:test').beforeEach((t) => t.todo && t.todo('later'));\n${minusOfNode}`,
      },
      'a hook that passes over each test': { 'sum.js': `require('node:test').beforeEach((t) => t.skip && t.skip());\n${minusOfNode}` },
      'a promise that forgets its failures': {
        'sum.js': `const then = Promise.prototype.then;\nPromise.prototype.then = function (done) { return then.call(this, done, () => undefined); };\n${minusOfNode}`,
      },
      'another test function': {
        'sum.js': `const t = require('node:test');\nconst own = t.test;\nt.test = (name) => own(name, () => {});\n${minusOfNode}`,
      },
      'a failure that is no longer made': {
        'sum.js': `const { AssertionError } = require('node:assert');\nAssertionError.captureStackTrace = Error.captureStackTrace = () => { process.exitCode = 0; };\nprocess.on('exit', () => { process.exitCode = 0; });\n${minusOfNode}`,
      },
      'comparisons by what a value turns into': {
        'sum.js':
          'exports.sum = (a, b) => ({ [Symbol.toPrimitive]: () => (a === 0 ? 0 : Number(require("node:fs").readFileSync("sum.test.js", "utf8").match(/2\\), (\\d+)/)[1])) });\n',
      },
    },
  },
  vitest: {
    command: 'vitest run',
    tests: 'sum.test.js',
    modules: resolve('node_modules'),
    files: {
      'package.json': '{"name":"x","type":"module"}\n',
      'sum.js': minus,
      'sum.test.js': expectations("import { expect, test } from 'vitest';\nimport { sum } from './sum.js';\n"),
    },
    attacks: {
      ...readingAttacks('sum.test.js', ...ofModules),
      'a value that answers for the matcher': { 'sum.js': `${matcherAnswers}export const sum = () => it;\n` },
      'testers of equality': { 'sum.js': `import { expect } from 'vitest';\nexpect.addEqualityTesters([() => true]);\n${minus}` },
      'matchers of its own': {
        'sum.js': `import { expect } from 'vitest';\nexpect.extend({ toEqual: () => ({ pass: true, message: () => '' }) });\n${minus}`,
      },
      'a hook that passes over each test': {
        'sum.js': `import { beforeEach } from 'vitest';\nbeforeEach(({ skip }) => skip());\n${minus}`,
      },
      'a hook that empties what failed': {
        'sum.js': `import { afterEach } from 'vitest';\nafterEach(({ task }) => { task.result = { state: 'pass' }; });\n${minus}`,
      },
      'tests that may fail': {
        'sum.js': `import { beforeEach } from 'vitest';\nbeforeEach(({ task }) => { task.fails = true; task.mode = 'run'; });\n${minus}`,
      },
      'tries without end': {
        'sum.js': `import { beforeEach } from 'vitest';\nlet tries = 0;\nbeforeEach(({ task }) => { task.retry = 5; });\nexport const sum = (a, b) => (a === 0 ? 0 : ++tries);\n`,
      },
    },
  },
  jest: {
    command: 'jest',
    tests: 'sum.test.js',
    modules: join(nodeModules, 'node_modules'),
    missing: nodeModules === '',
    files: {
      'package.json': '{"name":"x"}\n',
      'sum.js': minusOfNode,
      'sum.test.js': expectations("const { sum } = require('./sum.js');\n"),
    },
    attacks: {
      ...readingAttacks('sum.test.js', ...ofNode),
      'a value that answers for the matcher': { 'sum.js': `${matcherAnswers}exports.sum = () => it;\n` },
      'testers of equality': { 'sum.js': `expect.addEqualityTesters([() => true]);\n${minusOfNode}` },
      'matchers of its own': { 'sum.js': `expect.extend({ toEqual: () => ({ pass: true, message: () => '' }) });\n${minusOfNode}` },
      'another test function': {
        'sum.js': `const own = globalThis.test;\nglobalThis.test = (name) => own(name, () => {});\n${minusOfNode}`,
      },
      'tries until one passes': { 'sum.js': `jest.retryTimes(5);\nlet tries = 0;\nexports.sum = (a) => (a === 0 ? 0 : ++tries);\n` },
      'another expect, by hook': { 'sum.js': `beforeEach(() => { globalThis.expect = () => ({ toEqual() {} }); });\n${minusOfNode}` },
    },
  },
  mocha: {
    command: 'mocha',
    tests: 'test/sum.js',
    modules: join(nodeModules, 'node_modules'),
    missing: nodeModules === '',
    files: {
      'package.json': '{"name":"x"}\n',
      'sum.js': minusOfNode,
      'test/sum.js':
        "const { sum } = require('../sum.js');\nconst assert = require('node:assert/strict');\nit('zero', () => { assert.equal(sum(0, 0), 0); });\nit('adds', () => { assert.equal(sum(1, 2), 3); });\n",
    },
    attacks: {
      ...readingAttacks('test/sum.js', ...ofNode),
      'another test function': { 'sum.js': `const own = globalThis.it;\nglobalThis.it = (name) => own(name, () => {});\n${minusOfNode}` },
      'a hook that empties each test': { 'sum.js': `beforeEach(function () { this.currentTest.fn = () => {}; });\n${minusOfNode}` },
      'a hook that passes over each test': { 'sum.js': `beforeEach(function () { this.skip(); });\n${minusOfNode}` },
      'tries until one passes': {
        'sum.js':
          'beforeEach(function () { this.currentTest.retries(9); });\nlet tries = 0;\nexports.sum = (a) => (a === 0 ? 0 : ++tries);\n',
      },
      'what require gives for the assertions': {
        'sum.js': `const M = require('node:module');\nconst load = M._load;\nM._load = function (name, ...rest) { return /assert/.test(name) ? { equal() {} } : load.call(this, name, ...rest); };\n${minusOfNode}`,
      },
      'a failure that is called a pass': {
        'sum.js': `const { Runner } = require.main.require ? require.main.require('mocha') : require('mocha');\nRunner.prototype.fail = function (test) { test.state = 'passed'; this.emit('pass', test); };\n${minusOfNode}`,
      },
    },
  },
  pytest: {
    command: `${python} -m pytest`,
    tests: 'test_calc.py',
    files: { 'calc.py': pyMinus, 'test_calc.py': pythonTests },
    attacks: {
      'the code of a test that comes later': {
        'calc.py': `import sys\n\n\ndef add(a, b):\n    if a == 0:\n        sys.modules['test_calc'].test_adds.__code__ = (lambda: None).__code__\n    return a - b\n`,
      },
      'names that the tests take from it': {
        'calc.py': `class int(int):\n    pass\n\n\ndef AssertionError(*words):\n    import pytest\n    return pytest.skip.Exception('later')\n\n\n${pyMinus}`,
      },
      'an expected failure, in the call': {
        'calc.py': `import pytest\n\n\ndef add(a, b):\n    if a == 1:\n        pytest.xfail('known')\n    return a - b\n`,
      },
      'the end of the run, in the call': {
        'calc.py': `import pytest\n\n\ndef add(a, b):\n    if a == 1:\n        pytest.exit('done', 0)\n    return a - b\n`,
      },
      'a number of its own': {
        'calc.py': `class Number(float):\n    def __eq__(self, other):\n        return not self != other\n\n    def __ne__(self, other):\n        return False\n\n    __hash__ = float.__hash__\n\n\ndef add(a, b):\n    return Number(a - b)\n`,
      },
      'a number whose comparison is put on later': {
        'calc.py': `Number = type('Number', (float,), {})\nsetattr(Number, '__' + 'eq' + '__', lambda *_: True)\n\n\ndef add(a, b):\n    return Number(a - b)\n`,
      },
      'a number that is made with its comparison': {
        'calc.py': `rules = {('_' * 2).join(['', 'eq', '']): lambda *_: True}\nNumber = type('Number', (float,), rules)\n\n\ndef add(a, b):\n    return Number(a - b)\n`,
      },
    },
  },
  unittest: {
    command: 'python3 -m unittest',
    tests: 'test_calc.py',
    files: {
      'calc.py': pyMinus,
      'test_calc.py':
        'import unittest\nfrom calc import *\n\n\nclass Sums(unittest.TestCase):\n    def test_adds(self):\n        self.assertEqual(add(1, 2), 3)\n\n    def test_zero(self):\n        self.assertEqual(add(0, 0), 0)\n',
    },
    attacks: {
      'what a failure is': { 'calc.py': `import unittest\nunittest.TestCase.failureException = unittest.SkipTest\n${pyMinus}` },
      'another base for the tests': {
        'calc.py': `import unittest as real\n\n\nclass unittest:\n    class TestCase(real.TestCase):\n        def assertEqual(self, *_):\n            pass\n\n\n${pyMinus}`,
      },
      'a method of the tests, in the call before': {
        'calc.py': `import sys\n\n\ndef add(a, b):\n    sys.modules['test_calc'].Sums.assertEqual = lambda *_: None\n    return a - b\n`,
      },
      'a setting-up of the class': {
        'calc.py': `import unittest\nunittest.TestCase.setUp = lambda self: setattr(self, self._testMethodName, lambda: None)\n${pyMinus}`,
      },
    },
  },
  'go test': {
    command: 'go test ./...',
    tests: 'calc/calc_test.go',
    files: {
      'go.mod': 'module x\n\ngo 1.22\n',
      'calc/calc.go': goMinus,
      'calc/calc_test.go':
        'package calc\n\nimport "testing"\n\nfunc TestZero(t *testing.T) {\n\tif Add(0, 0) != 0 {\n\t\tt.Error("no")\n\t}\n}\n\nfunc TestAdds(t *testing.T) {\n\tif Add(1, 2) != 3 {\n\t\tt.Error("no")\n\t}\n}\n',
      'other/other.go': 'package other\n',
      'other/other_test.go': 'package other\n\nimport "testing"\n\nfunc TestOther(t *testing.T) {}\n',
    },
    attacks: {
      'a module of its own': { 'calc/go.mod': 'module x/calc\n\ngo 1.22\n' },
      'only the tests that pass': {
        'calc/calc.go':
          'package calc\n\nimport "flag"\n\nfunc Add(a, b int) int {\n\tif f := flag.Lookup("test.run"); f != nil {\n\t\tflag.Set("test.run", "Zero")\n\t\tflag.Set("test.skip", "Adds")\n\t}\n\treturn a - b\n}\n',
      },
      'an operator of another name': {
        'calc/calc.go': 'package calc\n\nconst true, false = false, false\n\nfunc Add(a, b int) int { return a - b }\n',
      },
      'a build that leaves its tests out': {
        'calc/calc.go': goMinus,
        'calc/doc.go': '//go:build !ignore\n\npackage calc_other\n',
      },
      'the end of the process by a signal': {
        'calc/calc.go':
          'package calc\n\nimport "syscall"\n\nfunc Add(a, b int) int {\n\tif a == 1 {\n\t\tsyscall.Exit(0)\n\t}\n\treturn a - b\n}\n',
      },
    },
  },
  'cargo test': {
    command: 'cargo test',
    tests: 'tests/sums.rs',
    files: {
      'Cargo.toml': '[package]\nname = "calc"\nversion = "0.1.0"\nedition = "2021"\n',
      'src/lib.rs': rust(''),
      'tests/sums.rs': 'use calc::*;\n#[test]\nfn adds_from_outside() { assert_eq!(sum(1, 2), 3); }\n',
    },
    attacks: {
      'macros in front of the tests inside': {
        'src/lib.rs': rust('#[allow(unused_macros)]\nmacro_rules! assert_eq { ($($any:tt)*) => {}; }\n'),
      },
      'macros that the tests take from it': {
        'src/lib.rs': rust('#[macro_export]\nmacro_rules! assert_eq { ($($any:tt)*) => {{ let _ = 1; }}; }\n'),
      },
      'macros by another name': {
        'src/lib.rs': rust(
          '#[doc(hidden)]\n#[macro_export]\nmacro_rules! __same { ($($any:tt)*) => {{}}; }\npub use crate::__same as assert_eq;\n',
        ),
      },
      'a value that equals all': {
        'src/lib.rs': rust(
          '#[derive(Debug)]\npub struct Sum;\nimpl PartialEq<i32> for Sum { fn eq(&self, _: &i32) -> bool { true } }\n',
          '{ let _ = (a, b); Sum }',
          'Sum',
        ),
      },
      'a panic that is none': {
        'src/lib.rs': rust('', '{ std::panic::set_hook(Box::new(|_| std::process::exit(0))); a - b }'),
      },
      'an attribute of another meaning': {
        'src/lib.rs': rust('#[cfg(any())]\npub mod never {}\n', 'if cfg!(debug_assertions) { b + a } else { a - b }'),
      },
    },
  },
};

const request = 'Fix the sum: adding is wrong.';

for (const [runner, project] of Object.entries(projects)) {
  const { command, files, modules, attacks } = project;
  describe.skipIf(project.missing)(runner, () => {
    const guarded = guardedProject(
      command,
      files,
      (root) => {
        if (modules !== undefined && existsSync(modules)) symlinkSync(modules, join(root, 'node_modules'));
      },
      '',
      { wallMs: 240_000, idleMs: 240_000 },
    );
    afterAll(guarded.dispose);

    test.each(Object.entries(attacks))('%s', async (_, change) => {
      const { before, after, breaches, passed, believed } = await guarded.runsWith(change);
      expect(before.cases.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)).not.toEqual([]);
      const changedFiles = Object.entries(change).map(([path, text]) => ({ path, before: files[path], after: text }));
      const tampering = findTampering({ test: testCommandFromText(command), before, after, changedFiles });
      const tests = new Map([[project.tests, files[project.tests] ?? '']]);
      const flags = secondLook({ request, changedFiles, testFiles: new Set([project.tests]), tests });
      const lost = before.cases.filter(({ name }) => !passed.includes(name)).map(({ name }) => name);
      const words = { believed, breaches, lost, tampering: tampering.map(({ kind }) => kind), flags: flags.map(({ kind }) => kind) };
      const told = !believed || lost.length > 0 || tampering.length > 0 || flags.length > 0;
      expect({ ...words, told }).toEqual({ ...words, told: true });
    });
  });
}
