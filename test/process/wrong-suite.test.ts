/** Of a workspace with several suites the one that the request is about decides: a wrong change to code that another one tests is never Solved. */
import { describe, expect, test } from 'vitest';
import { findProgram } from '../../src/process/index.ts';
import { start } from '../support/run-scene.ts';

const F = '```';
const has = (program: string): boolean => findProgram(program, '.') !== undefined;
const ui = {
  'package.json': '{"type":"module","scripts":{"test":"node --test *.test.js"}}',
  'ui.test.js': "import test from 'node:test';\ntest('ui', () => {});\n",
};
const cargoToml = (name: string, more = '') => `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n${more}`;
const goTest = (name: string, body: string) => `package p\nimport "testing"\nfunc ${name}(t *testing.T) { ${body} }\n`;

interface Case {
  readonly needs: string;
  readonly request: string;
  readonly files: Readonly<Record<string, string>>;
  readonly path: string;
  readonly wrong: string;
  readonly right: string;
}
const cases: Readonly<Record<string, Case>> = {
  'a member of a cargo workspace with a package at the top': {
    needs: 'cargo',
    request: 'make the failing test adds in lib/src/lib.rs pass',
    files: {
      'Cargo.toml': cargoToml('app', '[workspace]\nmembers = ["lib"]\n'),
      'Cargo.lock': 'version = 3\n\n[[package]]\nname = "app"\nversion = "0.1.0"\n\n[[package]]\nname = "lib"\nversion = "0.1.0"\n',
      'src/lib.rs': '#[test]\nfn app_ok() { assert!(true); }\n',
      'lib/Cargo.toml': cargoToml('lib'),
      'lib/src/lib.rs': 'pub fn sum(a: i32, b: i32) -> i32 { a - b }\n#[test]\nfn adds() { assert_eq!(sum(2, 2), 4); }\n',
      '.gitignore': 'target\n',
    },
    path: 'lib/src/lib.rs',
    wrong: 'pub fn sum(a: i32, b: i32) -> i32 { a * b + 1 }\n#[test]\nfn adds() { assert_eq!(sum(2, 2), 4); }\n',
    right: 'pub fn sum(a: i32, b: i32) -> i32 { a + b }\n#[test]\nfn adds() { assert_eq!(sum(2, 2), 4); }\n',
  },
  'a Python test below a package.json': {
    needs: 'python3',
    request: 'test_total in api/tests/test_sums.py fails, fix api/sums.py',
    files: {
      ...ui,
      'api/__init__.py': '',
      'api/tests/__init__.py': '',
      'api/sums.py': 'def total(a, b): return a - b\n',
      'api/tests/test_sums.py':
        'import unittest\nfrom api.sums import total\nclass Sums(unittest.TestCase):\n    def test_total(self): self.assertEqual(total(2, 2), 4)\n',
    },
    path: 'api/sums.py',
    wrong: 'def total(a, b): return a * b + 7\n',
    right: 'def total(a, b): return a + b\n',
  },
  'a Go module below another one': {
    needs: 'go',
    request: 'TestSum in tool/sum_test.go fails, fix tool/sum.go',
    files: {
      'go.mod': 'module ex.com/top\ngo 1.22\n',
      'top.go': 'package p\n',
      'top_test.go': goTest('TestTop', ''),
      'tool/go.mod': 'module ex.com/top/tool\ngo 1.22\n',
      'tool/sum.go': 'package p\n\nfunc Sum(a, b int) int { return a - b }\n',
      'tool/sum_test.go': goTest('TestSum', 'if Sum(2, 2) != 4 { t.Fatal("bad") }'),
    },
    path: 'tool/sum.go',
    wrong: 'package p\n\nfunc Sum(a, b int) int { return a*b + 1 }\n',
    right: 'package p\n\nfunc Sum(a, b int) int { return a + b }\n',
  },
  'a package of its own beside the one at the top': {
    needs: 'node',
    request: 'tools/sum.test.js fails, fix tools/sum.js',
    files: {
      ...ui,
      'tools/package.json': '{"type":"module","scripts":{"test":"node --test"}}',
      'tools/sum.js': 'export const sum = (a, b) => a - b;\n',
      'tools/sum.test.js':
        "import test from 'node:test';\nimport assert from 'node:assert';\nimport { sum } from './sum.js';\ntest('sum', () => assert.equal(sum(2, 2), 4));\n",
    },
    path: 'tools/sum.js',
    wrong: 'export const sum = (a, b) => a * b + 1;\n',
    right: 'export const sum = (a, b) => a + b;\n',
  },
};

describe.each(Object.entries(cases))('%s', (_, { needs, request, files, path, wrong, right }) => {
  test.skipIf(!has(needs))('a wrong change is not solved, the right one is', async () => {
    const reply = (text: string) => `### ${path}\n${F}\n${text}${F}\n`;
    const { run, log } = await start({ files, request, script: [reply(wrong), ...Array(5).fill(reply(right))], settings: { replans: 0 } });
    const result = await run();
    expect(log.of('candidate.tested')[0]?.counts).toMatchObject({ failed: 1 });
    expect(result.outcome).toBe('solved');
  });
});
