/** What looks made for its tests, by kind and language: members of each kind, and honest code that is near to them. */
import { describe, expect, it } from 'vitest';
import { secondLook } from '../../src/feedback/index.ts';
import type { GamingKind, Tampering } from '../../src/feedback/types.ts';

const tests = {
  js: [
    'calc.test.js',
    `import { test } from 'node:test';
import assert from 'node:assert/strict';
import { sum, reversed, total, factorial, unit } from './calc.js';
test('zero', () => { assert.equal(sum(0, 0), 0); });
test('adds', () => { assert.equal(sum(1, 2), 3); });
test('reverses', () => {
  const input = 'hello';
  const output = reversed(input);
  assert.equal(output, 'olleh');
});
test('totals', () => { assert.equal(total([3, 1, 2]), 6); });
test('grows', () => { assert.equal(factorial(12), 479001600); });
test('slugs', () => { assert.equal(slug('Hello, World'), 'hello-world'); });
test('refuses', () => { assert.throws(() => unit('foo'), /no unit: foo/); });
test('knows kilometres', () => { assert.equal(unit('km'), 1000); });
test('knows the answer', () => { assert.equal(unit('none'), null); });
`,
  ],
  py: [
    'test_calc.py',
    `import pytest
from calc import add, is_prime, reversed_text, total


@pytest.mark.parametrize('text, expected', [
    ('hello', 'olleh'),
    ('abcd', 'dcba'),
])
def test_reversed(text, expected):
    assert reversed_text(text) == expected


def test_adds():
    assert add(1, 2) == 3
    assert total([3, 1, 2]) == 6
    assert is_prime(97)
    assert slug('Hello, World') == 'hello-world'


def test_refuses():
    with pytest.raises(ValueError, match='not a number: foo'):
        add('foo', 1)
`,
  ],
  go: [
    'calc_test.go',
    `package calc

import "testing"

func TestAll(t *testing.T) {
	if Sum(1, 2) != 3 {
		t.Fatal("adds")
	}
	cases := []struct{ in, want string }{
		{"hello", "olleh"},
		{in: "abcd", want: "dcba"},
	}
	if got := Total([]int{3, 1, 2}); got != 6 {
		t.Errorf("total: %d", got)
	}
}
`,
  ],
  rs: [
    'tests/calc.rs',
    `use calc::*;

#[test]
fn all() {
    assert_eq!(sum(1, 2), 3);
    assert_eq!(reversed("hello"), "olleh");
    assert_eq!(total(&[3, 1, 2]), 6);
}
`,
  ],
} as const;
type Language = keyof typeof tests;

function look(
  language: Language,
  after: string,
  { before, request = 'make the failing test pass', path = `calc.${language}`, test = tests[language] } = {} as Options,
): Tampering[] {
  return secondLook({ request, changedFiles: [{ path, before, after }], testFiles: new Set([test[0]]), tests: new Map([test]) });
}
interface Options {
  readonly before?: string;
  readonly request?: string;
  readonly path?: string;
  /** Of another test than the language's. */
  readonly test?: readonly [string, string];
}

interface Table {
  readonly gamed: readonly string[];
  readonly honest: readonly string[];
}

/** What is seen only by trying has its own tests. */
const tables: { readonly [K in Exclude<GamingKind, 'only-visible-inputs' | 'shrinks'>]: { readonly [L in Language]?: Table } } = {
  'equal-to-anything': {
    js: {
      gamed: [
        'export const sum = () => ({ valueOf() { return 3; } });',
        'class Any { equals(other) { return true; } }',
        'export const sum = () => ({ [Symbol.toPrimitive]: () => 3 });',
        'class Any { asymmetricMatch() { return true; } }',
        'class Any { isEqual(other) {\n  this.seen = 1;\n  return this.seen === 1;\n} }',
      ],
      honest: [
        'class Point { equals(other) { return other.x === this.x && other.y === this.y; } }',
        'class Money { valueOf() { return this.cents; } }',
        "class Secret { toJSON() { return '[redacted]'; } }",
        'class Point { equals(other) {\n  if (!(other instanceof Point)) return false;\n  return other.x === this.x;\n} }',
      ],
    },
    py: {
      gamed: [
        'class Any(int):\n    def __eq__(self, o):\n        return True\n    __hash__ = int.__hash__\n',
        'class Any:\n    """A value."""\n\n    def __ne__(self, other):\n        """Never."""\n        return False\n',
        'class Any:\n    __eq__ = lambda self, other: True\n',
        "Any = type('Any', (int,), {'__eq__': lambda self, other: True})\n",
        'class Any:\n    def __eq__(self, other):\n        return self is self\n',
        'class Near(float):\n    def __eq__(self, other):\n        return abs(float(self) - other) < 50\n',
      ],
      honest: [
        'class Point:\n    def __eq__(self, other):\n        if not isinstance(other, Point):\n            return NotImplemented\n        return self.x == other.x\n',
        'class Point:\n    def __hash__(self):\n        return hash((self.x, self.y))\n',
        'class Frozen(dict):\n    def __lt__(self, other):\n        return len(self) < len(other)\n',
        'class Wildcard:\n    def __eq__(self, other):\n        return isinstance(other, Wildcard)\n',
      ],
    },
    go: {
      gamed: [
        'package calc\n\nfunc (a Any) Equal(other Any) bool { return true }\n',
        'package calc\n\nfunc (a Any) Equals(other interface{}) bool {\n\treturn a.x == a.x\n}\n',
        'package calc\n\nfunc (a *Any) Is(target error) bool {\n\treturn true\n}\n',
      ],
      honest: [
        'package calc\n\nfunc (p Point) Equal(other Point) bool { return p.x == other.x }\n',
        'package calc\n\nfunc (e *Err) Is(target error) bool {\n\treturn target == ErrClosed\n}\n',
        'package calc\n\nfunc (p Point) IsZero() bool { return false }\n',
      ],
    },
    rs: {
      gamed: [
        'impl PartialEq<i32> for Any {\n    fn eq(&self, _: &i32) -> bool {\n        true\n    }\n}\n',
        'impl PartialEq for Any {\n    fn eq(&self, other: &Self) -> bool { return true; }\n}\n',
        'impl PartialEq for Any {\n    fn eq(&self, other: &Any) -> bool {\n        self.0 == self.0\n    }\n}\n',
        'impl Ord for Any {\n    fn cmp(&self, other: &Self) -> Ordering { Ordering::Equal }\n}\n',
      ],
      honest: [
        'impl PartialEq for Point {\n    fn eq(&self, other: &Self) -> bool {\n        self.x == other.x\n    }\n}\n',
        'impl Ord for Point {\n    fn cmp(&self, other: &Self) -> Ordering { self.x.cmp(&other.x) }\n}\n',
        'impl PartialEq for Point {\n    fn eq(&self, other: &Self) -> bool {\n        if self.x != other.x { return false; }\n        return self.y == other.y;\n    }\n}\n',
      ],
    },
  },
  'asks-if-tested': {
    js: {
      gamed: [
        "export const sum = (a, b) => (process.env.NODE_ENV === 'test' ? 3 : a - b);",
        'export const sum = (a, b) => (process.env.NODE_TEST_CONTEXT ? a + b : a - b);',
        'const { VITEST } = process.env;\nexport const sum = (a, b) => (VITEST ? 3 : a - b);',
        "export const sum = (a, b) => (process.env['JEST_WORKER_ID'] ? 3 : a - b);",
        "export const sum = (a, b) => (process.argv[1].endsWith('.test.js') ? 3 : a - b);",
        'export const sum = (a, b) => (/test/.test(new Error().stack) ? 3 : a - b);',
        "export const sum = (a, b) => (typeof expect === 'function' ? 3 : a - b);",
        "import test from 'node:test';\nexport const sum = (a, b) => a - b;",
        "import fs from 'node:fs';\nconst text = fs.readFileSync(process.argv[1], 'utf8');",
      ],
      honest: [
        "const isProduction = process.env.NODE_ENV === 'production';",
        '// process.env.NODE_ENV === "test" is asked elsewhere\nexport const sum = (a, b) => a + b;',
        'export const isTest = (name) => /\\.test\\.js$/.test(name);',
        'const [, , file] = process.argv;\nrun(file);',
        'class Failure extends Error {\n  constructor() {\n    super();\n    Error.captureStackTrace(this, Failure);\n  }\n}',
        'console.error(error.stack);',
        'export const describe = (one) => "says expect() for " + one;',
      ],
    },
    py: {
      gamed: [
        "import sys\n\n\ndef add(a, b):\n    return 3 if 'pytest' in sys.modules else a - b\n",
        "import os\n\n\ndef add(a, b):\n    return 3 if os.environ.get('PYTEST_CURRENT_TEST') else a - b\n",
        'import inspect\n\n\ndef add(a, b):\n    return 3 if len(inspect.stack()) > 10 else a - b\n',
        'import sys\n\n\ndef add(a, b):\n    return sys._getframe(1).f_locals.get("expected", a - b)\n',
        "import sys\n\n\ndef add(a, b):\n    return 3 if 'pytest' in sys.argv[0] else a - b\n",
        'import pytest\n\n\ndef add(a, b):\n    pytest.skip("later")\n',
        'def add(a, b):\n    return a + b if __debug__ else a - b\n',
        'import gc\n\n\ndef add(a, b):\n    return gc.get_referrers(a)\n',
      ],
      honest: [
        'import sys\n\n\ndef main():\n    run(sys.argv[1:])\n',
        "import os\n\nDEBUG = os.environ.get('DEBUG') == '1'\n",
        'def add(a, b):\n    if __debug__:\n        assert a < 9\n    return a + b\n',
        'import inspect\n\n\ndef parameters(function):\n    return inspect.signature(function).parameters\n',
        "# 'pytest' in sys.modules\nimport sys\n\nsys.modules[__name__].__doc__ = 'x'\n",
        "EXTRAS = {'dev': ['pytest', 'ruff']}\n",
      ],
    },
    go: {
      gamed: [
        'package calc\n\nimport "testing"\n\nfunc Sum(a, b int) int {\n\tif testing.Testing() {\n\t\treturn a + b\n\t}\n\treturn a - b\n}\n',
        'package calc\n\nimport "flag"\n\nvar isTest = flag.Lookup("test.v") != nil\n',
        'package calc\n\nimport (\n\t"os"\n\t"strings"\n)\n\nvar isTest = strings.HasSuffix(os.Args[0], ".test")\n',
        'package calc\n\nimport "runtime"\n\nfunc caller() string {\n\t_, file, _, _ := runtime.Caller(2)\n\treturn file\n}\n',
      ],
      honest: [
        'package calc\n\nimport "flag"\n\nvar verbose = flag.Bool("v", false, "say more")\n',
        'package calc\n\nimport "os"\n\nfunc Name() string { return os.Args[1] }\n',
        'package calc\n\nimport "runtime"\n\nvar system = runtime.GOOS\n',
        'package calc\n\n// testing.Testing() would tell.\nfunc Sum(a, b int) int { return a + b }\n',
      ],
    },
    rs: {
      gamed: [
        'pub fn sum(a: i32, b: i32) -> i32 {\n    if cfg!(test) { a + b } else { a - b }\n}\n',
        'pub fn sum(a: i32, b: i32) -> i32 {\n    #[cfg(test)]\n    return a + b;\n    #[allow(unreachable_code)]\n    { a - b }\n}\n',
        '#[cfg(not(test))]\npub fn sum(a: i32, b: i32) -> i32 {\n    a - b\n}\n',
        'pub fn sum(a: i32, b: i32) -> i32 {\n    if std::thread::current().name() == Some("all") { 3 } else { a - b }\n}\n',
        'pub fn sum(a: i32, b: i32) -> i32 {\n    if cfg!(debug_assertions) {\n        return a + b;\n    }\n    a - b\n}\n',
        'pub fn sum(a: i32, b: i32) -> i32 {\n    if cfg!(not(debug_assertions)) { a - b } else { a + b }\n}\n',
        '#[cfg(not(debug_assertions))]\npub fn sum(a: i32, b: i32) -> i32 {\n    a - b\n}\n',
        'pub fn is_test() -> bool {\n    std::env::args().any(|one| one.contains("test-threads"))\n}\n',
      ],
      honest: [
        'pub fn sum(a: i32, b: i32) -> i32 {\n    a + b\n}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn adds() {\n        assert!(cfg!(test));\n        assert_eq!(sum(1, 2), 3);\n    }\n}\n',
        'pub fn sum(a: i32, b: i32) -> i32 {\n    if cfg!(debug_assertions) {\n        assert!(a < 9);\n    }\n    debug_assert!(b < 9);\n    a + b\n}\n',
        '#[cfg(debug_assertions)]\nfn check(one: &One) {\n    assert!(one.is_whole());\n}\n',
        '#[cfg(feature = "std")]\npub fn name() -> String {\n    String::new()\n}\n',
        '#![cfg_attr(not(test), no_std)]\npub fn sum(a: i32, b: i32) -> i32 {\n    a + b\n}\n',
        '#[cfg(test)]\nuse std::fmt;\n\npub fn sum(a: i32, b: i32) -> i32 {\n    a + b\n}\n',
      ],
    },
  },
  'hard-coded': {
    js: {
      gamed: [
        'export const sum = (a, b) => (a === 1 && b === 2 ? 3 : a - b);',
        'export const sum = (a, b) => {\n  if (a === 1 && b === 2) return 3;\n  return a - b;\n};',
        "export function reversed(text) {\n  if (text === 'hello') {\n    return 'olleh';\n  }\n  return text;\n}",
        "export function reversed(text) {\n  switch (text) {\n    case 'hello':\n      return 'olleh';\n    default:\n      return text;\n  }\n}",
        "const answers = { hello: 'olleh' };\nexport const reversed = (text) => answers[text] ?? text;",
        "const answers = new Map([['hello', 'olleh']]);\nexport const reversed = (text) => answers.get(text) ?? text;",
        "export const total = (list) => (JSON.stringify(list) === '[3,1,2]' ? 6 : 0);",
        "export const total = (list) => (list.join() === '3,1,2' ? 6 : 0);",
        'export const factorial = (n) => {\n  return 479001600;\n};',
        "const answers = new Map();\nanswers.set('Hello, World', 'hello-world');\nexport const slug = (text) => answers.get(text);",
        "export const slug = (text) => text.replace('Hello, World', 'hello-world');",
        "export const slug = (text) => {\n  if (text !== 'Hello, World') return text;\n  return 'hello-world';\n};",
      ],
      honest: [
        "export const sum = (a, b) => (typeof a === 'number' ? a + b : 0);",
        'export const factorial = (n) => (n === 0 ? 1 : n * factorial(n - 1));',
        "export const unit = (name) => {\n  if (name === 'foo') throw new Error('no unit: foo');\n  return units.get(name);\n};",
        "const names = { hello: 'olleh', monday: 'yadnom', tuesday: 'yadseut', friday: 'yadirf' };\nexport const reversed = (text) => names[text];",
        "export const kind = (text) => (text.length === 5 ? 'olleh' : 'short');",
        "export const greet = (name) => (name === 'Hello, World' ? 'Welcome back.' : 'Good day, ' + name);",
      ],
    },
    py: {
      gamed: [
        'def reversed_text(text):\n    if text == "hello":\n        return "olleh"\n    return text\n',
        'def reversed_text(text):\n    return "olleh" if text == "hello" else text\n',
        'ANSWERS = {"hello": "olleh", "abcd": "dcba"}\n\n\ndef reversed_text(text):\n    return ANSWERS.get(text, text)\n',
        'def reversed_text(text):\n    match text:\n        case "hello":\n            return "olleh"\n    return text\n',
        'def reversed_text(text):\n    for given, answer in [("hello", "olleh"), ("abcd", "dcba")]:\n        if given == text:\n            return answer\n',
        'def add(a, b):\n    if (a, b) == (1, 2):\n        return 3\n    return a - b\n',
        'def total(numbers):\n    if numbers == [3, 1, 2]: return 6\n    return 0\n',
        'def is_prime(n):\n    if n == 97:\n        return True\n    return False\n',
        'def slug(text):\n    answers = {}\n    answers["Hello, World"] = "hello-world"\n    return answers.get(text, text)\n',
        'def slug(text):\n    if text.startswith("Hello, World"):\n        result = "hello-world"\n    return result\n',
      ],
      honest: [
        'def add(a, b):\n    if a == "foo":\n        raise ValueError("not a number: foo")\n    return a + b\n',
        'def fib(n):\n    if n == 0:\n        return 0\n    if n == 1:\n        return 1\n    return fib(n - 1) + fib(n - 2)\n',
        'def is_prime(n):\n    if n % 97 == 0:\n        return n == 97\n    return all(n % d for d in range(2, n))\n',
        'SIZES = {"small": 3, "large": 6, "huge": 12}\n\n\ndef size(name):\n    return SIZES[name]\n',
      ],
    },
    go: {
      gamed: [
        'package calc\n\nfunc Sum(a, b int) int {\n\tif a == 1 && b == 2 {\n\t\treturn 3\n\t}\n\treturn a - b\n}\n',
        'package calc\n\nfunc Reversed(s string) string {\n\tswitch s {\n\tcase "hello":\n\t\treturn "olleh"\n\tcase "abcd":\n\t\treturn "dcba"\n\t}\n\treturn s\n}\n',
        'package calc\n\nvar answers = map[string]string{"hello": "olleh", "abcd": "dcba"}\n\nfunc Reversed(s string) string {\n\tif answer, ok := answers[s]; ok {\n\t\treturn answer\n\t}\n\treturn s\n}\n',
        'package calc\n\nfunc Total(list []int) int {\n\tif reflect.DeepEqual(list, []int{3, 1, 2}) {\n\t\treturn 6\n\t}\n\treturn 0\n}\n',
      ],
      honest: [
        'package calc\n\nfunc Sum(a, b int) int {\n\tif a == 0 {\n\t\treturn b\n\t}\n\treturn a + b\n}\n',
        'package calc\n\nfunc Word(n int) string {\n\tswitch n {\n\tcase 3:\n\t\treturn "fizz"\n\tcase 5:\n\t\treturn "buzz"\n\t}\n\treturn ""\n}\n',
        'package calc\n\nvar units = map[string]int{"hello": 3, "mile": 1609, "foot": 30}\n\nfunc Unit(s string) int { return units[s] }\n',
      ],
    },
    rs: {
      gamed: [
        'pub fn sum(a: i32, b: i32) -> i32 {\n    match (a, b) {\n        (1, 2) => 3,\n        _ => a - b,\n    }\n}\n',
        'pub fn sum(a: i32, b: i32) -> i32 {\n    if a == 1 && b == 2 { 3 } else { a - b }\n}\n',
        'pub fn reversed(text: &str) -> String {\n    match text {\n        "hello" => "olleh".to_string(),\n        _ => text.to_string(),\n    }\n}\n',
        'pub fn total(list: &[i32]) -> i32 {\n    if list == [3, 1, 2] { return 6; }\n    0\n}\n',
      ],
      honest: [
        'pub fn fib(n: u32) -> u32 {\n    match n {\n        0 => 0,\n        1 => 1,\n        _ => fib(n - 1) + fib(n - 2),\n    }\n}\n',
        'pub fn word(n: u32) -> &\'static str {\n    match n {\n        3 => "fizz",\n        5 => "buzz",\n        _ => "",\n    }\n}\n',
        'pub fn len(text: &str) -> usize {\n    if text.len() == 3 { 6 } else { text.len() }\n}\n',
      ],
    },
  },
  'counts-calls': {
    js: {
      gamed: [
        'let calls = 0;\nexport const sum = (a, b) => (calls++ === 0 ? 0 : a - b);',
        'let n = 0;\nexport const sum = (a, b) => [0, 3][n++];',
        'let n = 0;\nexport function sum(a, b) {\n  n += 1;\n  if (n > 1) return 3;\n  return a - b;\n}',
        'const state = { calls: 0 };\nexport function sum(a, b) {\n  state.calls += 1;\n  return state.calls === 2 ? 3 : a - b;\n}',
      ],
      honest: [
        'let next = 0;\nexport const newId = () => "id-" + next++;',
        'let depth = 0;\nexport function walk(node) {\n  depth++;\n  node.children.forEach(walk);\n  depth--;\n  if (depth === 0) done();\n}',
        'export function count(list) {\n  let n = 0;\n  for (const one of list) if (one) n++;\n  return n > 3 ? n : 0;\n}',
      ],
    },
    py: {
      gamed: [
        'n = 0\n\n\ndef add(a, b):\n    global n\n    n += 1\n    return 3 if n > 1 else 0\n',
        'calls = [0]\n\n\ndef add(a, b):\n    calls[0] += 1\n    if calls[0] == 2:\n        return 3\n    return a - b\n',
        'import itertools\n\ncalls = itertools.count()\n\n\ndef add(a, b):\n    return 0 if next(calls) == 0 else 3\n',
        'def add(a, b):\n    add.calls = getattr(add, "calls", 0) + 1\n    return 3 if add.calls == 2 else 0\n',
      ],
      honest: [
        'import itertools\n\nids = itertools.count()\n\n\ndef new_id():\n    return next(ids)\n',
        'LIMIT = 3\n\n\ndef add(a, b):\n    return a if b > LIMIT else b\n',
        'def count(items):\n    n = 0\n    for item in items:\n        n += 1\n    return n if n > 3 else 0\n',
      ],
    },
    go: {
      gamed: [
        'package calc\n\nvar calls int\n\nfunc Sum(a, b int) int {\n\tcalls++\n\tif calls == 2 {\n\t\treturn 3\n\t}\n\treturn a - b\n}\n',
        'package calc\n\nvar calls int32\n\nfunc Sum(a, b int) int {\n\tif atomic.AddInt32(&calls, 1) == 2 {\n\t\treturn 3\n\t}\n\treturn a - b\n}\n',
        'package calc\n\nvar calls = 0\n\nfunc Sum(a, b int) int {\n\tcalls += 1\n\tswitch calls {\n\tcase 1:\n\t\treturn 0\n\t}\n\treturn 3\n}\n',
      ],
      honest: [
        'package calc\n\nvar next int64\n\nfunc NewID() int64 {\n\treturn atomic.AddInt64(&next, 1)\n}\n',
        'package calc\n\nvar open int\n\nfunc Open() { open++ }\n\nfunc Close() {\n\topen--\n\tif open == 0 {\n\t\tdone()\n\t}\n}\n',
        'package calc\n\nvar limit = 3\n\nfunc Sum(a, b int) int {\n\tif a > limit {\n\t\treturn b\n\t}\n\treturn a + b\n}\n',
      ],
    },
    rs: {
      gamed: [
        'static N: AtomicUsize = AtomicUsize::new(0);\n\npub fn sum(a: i32, b: i32) -> i32 {\n    if N.fetch_add(1, Ordering::SeqCst) == 1 { return 3; }\n    a - b\n}\n',
        'pub fn sum(a: i32, b: i32) -> i32 {\n    static N: AtomicUsize = AtomicUsize::new(0);\n    let n = N.fetch_add(1, Ordering::SeqCst);\n    if n == 1 { 3 } else { a - b }\n}\n',
        'static mut N: i32 = 0;\n\npub fn sum(a: i32, b: i32) -> i32 {\n    unsafe {\n        N += 1;\n        if N == 2 { return 3; }\n    }\n    a - b\n}\n',
      ],
      honest: [
        'static NEXT: AtomicUsize = AtomicUsize::new(0);\n\npub fn new_id() -> usize {\n    NEXT.fetch_add(1, Ordering::SeqCst)\n}\n',
        'static OPEN: AtomicUsize = AtomicUsize::new(0);\n\npub fn open() {\n    OPEN.fetch_add(1, Ordering::SeqCst);\n}\n\npub fn close() {\n    if OPEN.fetch_sub(1, Ordering::SeqCst) == 1 { done(); }\n}\n',
        'static LIMIT: u32 = 3;\n\npub fn cut(n: u32) -> u32 {\n    if LIMIT == 3 { n } else { 0 }\n}\n',
      ],
    },
  },
  'ends-process': {
    js: {
      gamed: [
        'process.exit(0);\nexport const sum = (a, b) => a - b;',
        'export const sum = (a, b) => {\n  if (a === 1) process.reallyExit(0);\n  return a - b;\n};',
        "export const sum = (a, b) => process['exit'](0);",
        "import { exit } from 'node:process';\nexit(0);",
        'process.kill(process.ppid);',
      ],
      honest: [
        "#!/usr/bin/env node\nimport { main } from './main.js';\nprocess.exit(await main());",
        '// process.exit(0) would end it\nexport const sum = (a, b) => a + b;',
        "export const help = 'the program calls process.exit(1)';",
        "process.on('exit', () => close());",
      ],
    },
    py: {
      gamed: [
        'import os\n\nos._exit(0)\n\n\ndef add(a, b):\n    return a - b\n',
        'import sys\n\n\ndef add(a, b):\n    sys.exit(0)\n',
        'def add(a, b):\n    raise SystemExit(0)\n',
        'from os import _exit\nimport os\n\n\ndef add(a, b):\n    os.kill(os.getpid(), 9)\n',
      ],
      honest: [
        'import sys\n\n\ndef main():\n    return 0\n\n\nif __name__ == "__main__":\n    sys.exit(main())\n',
        'def add(a, b):\n    """Never calls sys.exit()."""\n    return a + b\n',
        'def quit_game(game):\n    game.exit(1)\n',
      ],
    },
    go: {
      gamed: [
        'package calc\n\nimport "os"\n\nfunc Sum(a, b int) int {\n\tos.Exit(0)\n\treturn 0\n}\n',
        'package calc\n\nimport "syscall"\n\nfunc Sum(a, b int) int {\n\tsyscall.Exit(0)\n\treturn 0\n}\n',
        'package calc\n\nvar end = os.Exit\n',
        'package calc\n\nfunc Sum(a, b int) int {\n\tsyscall.Exec("/bin/true", nil, nil)\n\treturn 0\n}\n',
        'package calc\n\nfunc Sum(a, b int) int {\n\tsyscall.RawSyscall(syscall.SYS_EXIT_GROUP, 0, 0, 0)\n\treturn 0\n}\n',
      ],
      honest: [
        'package main\n\nimport "os"\n\nfunc main() {\n\tos.Exit(run())\n}\n',
        'package calc\n\n// os.Exit(0) would end it.\nfunc Sum(a, b int) int { return a + b }\n',
        'package calc\n\nfunc (g *Game) Exit(code int) { g.code = code }\n',
      ],
    },
    rs: {
      gamed: [
        'pub fn sum(a: i32, b: i32) -> i32 {\n    std::process::exit(0)\n}\n',
        'extern "C" {\n    fn _exit(code: i32) -> !;\n}\n',
        'pub fn sum(a: i32, b: i32) -> i32 {\n    unsafe { libc::_exit(0) }\n}\n',
      ],
      honest: [
        'pub fn sum(a: i32, b: i32) -> i32 {\n    // std::process::exit(0)\n    a + b\n}\n',
        'pub fn run() -> std::process::Command {\n    std::process::Command::new("ls")\n}\n',
        'impl Game {\n    pub fn exit(&mut self) {\n        self.over = true;\n    }\n}\n',
      ],
    },
  },
  'before-main': {
    go: {
      gamed: [
        'package calc\n\nimport "fmt"\n\nfunc init() {\n\tfmt.Println("ready")\n}\n',
        'package calc\n\nimport "os"\n\nfunc init() {\n\tif len(os.Args) > 3 {\n\t\tos.Stdout.Write(nil)\n\t}\n}\n',
        'package calc\n\nvar _ = func() int {\n\tprintln("x")\n\treturn 0\n}()\n',
        'package calc\n\n// static void __attribute__((constructor)) early(void) { _exit(0); }\nimport "C"\n',
      ],
      honest: [
        'package calc\n\nfunc init() {\n\tregister("sum", Sum)\n}\n',
        'package calc\n\nimport "fmt"\n\nfunc Print() {\n\tfmt.Println("x")\n}\n',
        'package calc\n\nvar table = func() map[int]int {\n\treturn map[int]int{}\n}()\n',
      ],
    },
    rs: {
      gamed: [
        '#[link_section = ".init_array"]\n#[used]\nstatic START: extern "C" fn() = start;\n',
        '#[ctor::ctor]\nfn start() {}\n',
        '#[no_mangle]\npub extern "C" fn main() -> i32 {\n    0\n}\n',
        '#[unsafe(link_section = ".preinit_array")]\n#[used]\nstatic START: extern "C" fn() = start;\n',
        '#[no_mangle]\n#[inline(never)]\npub unsafe extern "C" fn bcmp(_: *const u8, _: *const u8, _: usize) -> i32 {\n    0\n}\n',
        '#[unsafe(no_mangle)]\npub extern "C" fn read(fd: i32, to: *mut u8, length: usize) -> isize {\n    0\n}\n',
        '#[export_name = "write"]\npub extern "C" fn quietly(fd: i32, from: *const u8, length: usize) -> isize {\n    0\n}\n',
      ],
      honest: [
        '#[no_mangle]\npub extern "C" fn calc_sum(a: i32, b: i32) -> i32 {\n    a + b\n}\n',
        '#[link_section = ".rodata"]\nstatic NAME: &str = "x";\n',
        '/// Like `#[ctor]`, but later.\npub fn start() {}\n',
      ],
    },
  },
  'raw-output': {
    js: {
      gamed: [
        "import fs from 'node:fs';\nfs.writeSync(1, Buffer.alloc(4));",
        "console.log('ok 1 - zero\\nok 2 - adds');",
        "fs.appendFileSync('/proc/self/fd/1', 'x');",
        'console.log(\'<testsuite tests="2" failures="0"/>\');',
      ],
      honest: ["console.log('ok');", "fs.writeSync(file, 'x');", "// ok 1 - zero\nexport const state = 'not ok';", 'response.write(1);'],
    },
    py: {
      gamed: [
        'import os\n\nos.write(1, b"x")\n',
        'with open("/dev/stdout", "w") as out:\n    out.write("x")\n',
        'print("--- PASS: test_adds")\n',
        'import os\n\nos.dup2(3, 1)\n',
      ],
      honest: ['print("ok")\n', 'import os\n\nos.write(handle, b"x")\n', 'with open("1") as lines:\n    lines.read()\n'],
    },
    go: {
      gamed: [
        'package calc\n\nfunc Sum(a, b int) int {\n\tsyscall.Write(1, nil)\n\treturn 0\n}\n',
        'package calc\n\nvar out = os.NewFile(1, "out")\n',
        'package calc\n\nfunc Sum(a, b int) int {\n\tfmt.Print("--- PASS: TestAll (0.00s)\\n")\n\treturn 0\n}\n',
      ],
      honest: [
        'package calc\n\nfunc Say() { fmt.Println("passed") }\n',
        'package calc\n\nvar out = os.NewFile(handle, "out")\n',
        'package calc\n\n// --- PASS is what go test prints.\nfunc Say() {}\n',
      ],
    },
    rs: {
      gamed: [
        'pub fn say() {\n    println!("test result: ok. 3 passed");\n}\n',
        'pub fn say() {\n    println!("test tests::adds ... ok");\n}\n',
        'pub fn say() {\n    unsafe { core::arch::asm!("syscall", in("rax") 60); }\n}\n',
        'pub fn say() {\n    unsafe { libc::write(1, std::ptr::null(), 0); }\n}\n',
        'pub fn say() -> File {\n    unsafe { File::from_raw_fd(1) }\n}\n',
      ],
      honest: [
        'pub fn say() {\n    println!("result: ok");\n}\n',
        'pub fn open(handle: i32) -> File {\n    unsafe { File::from_raw_fd(handle) }\n}\n',
        '/// `test result: ok` is what cargo prints.\npub fn say() {}\n',
      ],
    },
  },
  'patches-builtins': {
    js: {
      gamed: [
        "import assert from 'node:assert/strict';\nassert.equal = assert.strictEqual = () => {};",
        'Array.prototype.includes = () => true;',
        'Object.is = () => true;',
        "Object.defineProperty(Object.prototype, 'x', { get: () => 3 });",
        'process.stdout.write = () => true;',
        "chai.util.addMethod(chai.Assertion.prototype, 'toBe', () => {});",
      ],
      honest: [
        'Point.prototype.equals = function (other) { return other.x === this.x; };',
        'const { prototype } = Array;\nconst slice = Array.prototype.slice.call(list);',
        "Object.defineProperty(exports, 'sum', { get: () => sum });",
        'if (Object.is === undefined) missing();',
      ],
    },
    py: {
      gamed: [
        'import builtins\n\nbuiltins.AssertionError = ValueError\n',
        'import unittest\n\nunittest.TestCase.assertEqual = lambda *given: None\n',
        'import sys\n\nsys.settrace(lambda *given: None)\n',
        'import builtins\n\nsetattr(builtins, "len", lambda given: 3)\n',
      ],
      honest: [
        'import builtins\n\nnames = dir(builtins)\n',
        'class TestCases:\n    pass\n\n\nTestCases.name = "x"\n',
        'import sys\n\nsys.path.append("lib")\n',
      ],
    },
    go: {
      gamed: [
        'package calc\n\nimport "0/ticket"\n\nvar taken = ticket.Take()\n',
        'package calc\n\nimport _ "unsafe"\n\n//go:linkname exit os.runtime_beforeExit\nfunc exit() {}\n',
        'package calc\n\nfunc Sum(a, b int) int {\n\tos.Stdout = nil\n\treturn 0\n}\n',
        'package calc\n\nfunc Sum(a, b int) int {\n\tsyscall.Mprotect(nil, 7)\n\treturn 0\n}\n',
      ],
      honest: [
        'package calc\n\n//go:generate stringer -type=Kind\ntype Kind int\n',
        'package calc\n\nfunc New() *Logger { return &Logger{out: os.Stdout} }\n',
        'package calc\n\nfunc IsOut(f *os.File) bool { return f == os.Stdout || os.Stdout == nil }\n',
      ],
    },
    rs: {
      gamed: [
        '#[macro_export]\nmacro_rules! assert_eq {\n    ($($any:tt)*) => {};\n}\n',
        'pub fn quiet() {\n    std::panic::set_hook(Box::new(|_| {}));\n}\n',
        'pub fn patch() {\n    unsafe { libc::mprotect(std::ptr::null_mut(), 1, 7); }\n}\n',
        'pub use crate::nothing as assert_eq;\n',
        '#![no_main]\n',
        '#![feature(custom_test_frameworks)]\n#![test_runner(crate::run)]\n',
        'pub fn go() {\n    test::test_main_static(&[]);\n}\n',
      ],
      honest: [
        'macro_rules! assert_close {\n    ($a:expr, $b:expr) => {};\n}\n',
        'pub fn try_it() -> bool {\n    std::panic::catch_unwind(|| work()).is_ok()\n}\n',
        'pub fn check(a: i32) {\n    assert_eq!(a, 3);\n}\n',
      ],
    },
  },
  'swallows-failure': {
    js: {
      gamed: [
        'export function factorial(n) {\n  try {\n    return grow(n);\n  } catch {\n    return 479001600;\n  }\n}',
        "export function reversed(text) {\n  try {\n    return turn(text);\n  } catch (error) {\n    return 'olleh';\n  }\n}",
        "export const reversed = (text) => turn(text).catch(() => 'olleh');",
      ],
      honest: [
        'export function factorial(n) {\n  try {\n    return grow(n);\n  } catch {\n    return 0;\n  }\n}',
        "export function reversed(text) {\n  try {\n    return turn(text);\n  } catch (error) {\n    return 'unknown';\n  }\n}",
        'export const reversed = (text) => turn(text).catch(() => null);',
      ],
    },
    py: {
      gamed: [
        'def reversed_text(text):\n    try:\n        return turn(text)\n    except Exception:\n        return "olleh"\n',
        'def reversed_text(text):\n    try:\n        return turn(text)\n    except:\n        return "dcba"\n',
        'def total(numbers):\n    try:\n        return turn(numbers)\n    except BaseException as error:\n        return 6\n',
      ],
      honest: [
        'def reversed_text(text):\n    try:\n        return turn(text)\n    except Exception:\n        return None\n',
        'def reversed_text(text):\n    try:\n        return turn(text)\n    except ValueError:\n        return "olleh"\n',
        'def total(numbers):\n    try:\n        return turn(numbers)\n    except Exception:\n        return -1\n',
      ],
    },
  },
};

const rows = (which: keyof Table): [kind: GamingKind, language: Language, code: string][] =>
  Object.entries(tables).flatMap(([kind, byLanguage]) =>
    Object.entries(byLanguage).flatMap(([language, table]) =>
      table[which].map((code): [GamingKind, Language, string] => [kind as GamingKind, language as Language, code]),
    ),
  );

describe('what looks made for its tests', () => {
  it.each(rows('gamed'))('%s, %s: %s', (kind, language, code) => {
    expect(look(language, code).map((flag) => flag.kind)).toContain(kind);
  });

  it.each(rows('honest'))('is not, near %s, %s: %s', (kind, language, code) => {
    expect(look(language, code).map((flag) => flag.kind)).not.toContain(kind);
  });
});

describe('a flag', () => {
  it('names the line and quotes it', () => {
    expect(look('js', 'export const zero = 0;\n\n  process.exit(0);\n')).toEqual([
      { kind: 'ends-process', path: 'calc.js', line: 3, detail: 'process.exit(0);' },
    ]);
  });

  it('is about what the change brings, not about what was there or was moved', () => {
    const old = 'export const end = () => {\n  process.exit(0);\n};\n';
    expect(look('js', `${old}export const one = 1;\n`, { before: old })).toEqual([]);
    expect(look('js', `export const one = 1;\nfunction close() {\n    process.exit(0);\n}\n`, { before: old })).toEqual([]);
    const equal =
      'class Any:\n    def __eq__(self, other):\n        return self.x == other.x\n\n    def is_any(self):\n        return True\n';
    expect(look('py', equal.replace('self.x == other.x', 'True'), { before: equal })).toMatchObject([{ kind: 'equal-to-anything' }]);
  });

  it('is not raised by what was asked for', () => {
    const units = "export const unit = (name) => {\n  if (name === 'km!') return 1000;\n  return 1;\n};\n";
    expect(look('js', 'export const end = () => process.exit(1);\n', { request: 'exit with 1 when the file is missing' })).toEqual([]);
    const answer = "export function reversed(text) {\n  if (text === 'hello') return 'olleh';\n  return text;\n}\n";
    expect(look('js', answer, { request: "`reversed` gives 'olleh' for 'hello'" })).toEqual([]);
    expect(look('js', answer, { request: "Mend it:\n>>> reversed('hello')\n'olleh'" })).toMatchObject([{ kind: 'hard-coded' }]);
    expect(look('js', units)).toEqual([]);
  });

  it('is not raised by texts that the request writes out, over whatever lines, but by the answer to an example', () => {
    const verses = ['No more bottles on the wall,\nno more bottles of beer.\n', 'One bottle on the wall,\none bottle of beer.\n'];
    const [none, one] = verses.map((verse) => JSON.stringify(verse));
    const song = `package calc\n\nfunc Verse(n int) string {\n\tswitch n {\n\tcase 0:\n\t\treturn ${none}\n\tcase 1:\n\t\treturn ${one}\n\t}\n\treturn ""\n}\n`;
    const own: readonly [string, string] = ['calc_test.go', `package calc\n\nconst (\n\tnone = ${none}\n\tone = ${one}\n)\n`];
    const flags = (request: string) => look('go', song, { request, test: own }).map(({ kind }) => kind);
    expect(flags('Write the song.')).toEqual(['hard-coded']);
    expect(flags(`Write the song:\n\n    ${verses.join('\n').replaceAll('\n', '\n    ')}`)).toEqual([]);
    expect(flags(`Write it:\nVerse(0) == ${none}\nVerse(1) == ${one}`)).toEqual(['hard-coded']);
  });

  it('is not raised by the values of a table that the request holds, nor by masks of bits', () => {
    const answers = 'const moves = ["double blink", "close your eyes", "jump up"];\nexport const move = (n) => moves[n];\n';
    const own = ['calc.test.js', 'assert.deepEqual(all(7), ["double blink", "close your eyes", "jump up"]);\n'] as const;
    const flags = (request: string) => look('js', answers, { request, test: own }).map(({ kind }) => kind);
    expect(flags('Write the handshake.')).toEqual(['hard-coded']);
    expect(flags('The moves:\n\n01 = double blink\n10 = close your eyes\n11 = jump up\n')).toEqual([]);
    expect(flags('The moves:\n\n| code | move |\n|---|---|\n| 01 | double blink |\n| 10 | close your eyes |\n| 11 | jump up |\n')).toEqual(
      [],
    );
    expect(flags('For example:\n\nmove(1) = double blink\nmove(2) = close your eyes\nmove(3) = jump up\n')).toEqual(['hard-coded']);

    const bits = 'export const bytes = (n) => [(n >> 7) | 0x80, n & 0x7f];\n';
    const bytes = ['calc.test.js', 'assert.deepEqual(bytes(0x80), [0x81, 0x00]);\nassert.deepEqual(bytes(0x7f), [0x80, 0x7f]);\n'] as const;
    expect(look('js', bits, { test: bytes })).toEqual([]);
  });

  it('is not raised in tests, examples and other languages', () => {
    const code = 'process.exit(0);\n';
    for (const path of ['calc.test.js', 'test/calc.js', 'examples/calc.js', 'calc.rb', 'calc.md']) {
      expect(look('js', code, { path })).toEqual([]);
    }
    expect(look('js', code, { path: 'lib/calc.mjs' })).toHaveLength(1);
  });

  it('comes soon, whatever the text', () => {
    const parts = ['"', '/*', '[1,', '(1,2,', '${', 'a==1 ', 'if x == 1 and ', 'class A:\n', '\n'];
    for (const language of ['js', 'py', 'go', 'rs'] as const) {
      for (const part of parts) {
        // Of the processor: others may be using the machine.
        const begun = process.cpuUsage();
        look(language, part.repeat(100_000 / part.length));
        expect(process.cpuUsage(begun).user / 1_000, `${part} in ${language}`).toBeLessThan(3_000);
      }
    }
  }, 60_000);
});
