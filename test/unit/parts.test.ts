/** Files as their parts, read by the real grammars. */
import { describe, expect, test } from 'vitest';
import { partAt, partsOf } from '../../src/syntax/parts.ts';

async function names(path: string, text: string): Promise<string[]> {
  const found = await partsOf(path, text);
  return (found?.parts ?? []).map(
    ({ line, endLine, name, kind, nested }) => `${line}-${endLine} ${kind} ${name}${nested ? ' (nested)' : ''}`,
  );
}

describe('the parts of a file', () => {
  test('Python: decorators, async, accessors, methods, functions inside functions, fallbacks', async () => {
    expect(await names('a.py', pythonFile)).toEqual([
      '6-7 function load',
      '9-10 function load',
      '12-17 function fetch',
      '21-40 class Box',
      '25-31 function Box.size',
      '33-37 function Box.add',
      '34-36 function Box.add.inner (nested)',
      '39-40 class Box.Lid',
      '42-43 function last',
    ]);
  });

  test('TypeScript: exports, accessors, fields, overloads, wrapped functions, objects, namespaces', async () => {
    expect(await names('a.ts', typescriptFile)).toEqual([
      '3-18 class Box',
      '7-7 function Box.value',
      '8-10 function Box.#hidden',
      '11-12 function Box.size',
      '13-15 function Box.add',
      '16-17 function Box.pick',
      '20-22 function over',
      '23-23 function main',
      '24-26 function View',
      '28-28 function api.get',
      '29-29 function api.x-y',
      '31-31 function read',
      '32-32 function Box.more',
      '34-34 function A.B.deep',
      '36-37 class Shape',
      '37-37 function Shape.yes',
    ]);
  });

  test('Go: receivers, generic types, functions in variables', async () => {
    const go =
      'package a\n\n// Box holds.\ntype Box[T any] struct {\n\ta int\n}\n\nfunc (b *Box[T]) Add(x T) int {\n\treturn 1\n}\n\nfunc (Box) Say() {}\n\nvar run = func() {}\n\nfunc main() {\n\tf := func() {}\n\tf()\n}\n';
    expect(await names('a.go', go)).toEqual([
      '3-6 class Box',
      '8-10 function Box.Add',
      '12-12 function Box.Say',
      '14-14 function run',
      '16-19 function main',
    ]);
  });

  test('Rust: attributes, impl of a trait, default methods, macros, tests in a module', async () => {
    const rust =
      '//! says\nuse a::b;\n\n/// A box.\n#[derive(Debug)]\npub struct Box { a: i32 }\n\nimpl<T> fmt::Display for Box<T> {\n    /// Says.\n    #[inline]\n    fn fmt(&self) -> i32 {\n        1\n    }\n}\n\ntrait Shape {\n    fn area(&self) -> f64;\n    fn two(&self) -> i32 { 2 }\n}\n\nmacro_rules! hi { () => {} }\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn works() {}\n}\n';
    expect(await names('a.rs', rust)).toEqual([
      '4-6 class Box',
      '9-13 function Box.fmt',
      '16-19 class Shape',
      '18-18 function Shape.two',
      '21-21 function hi',
      '25-26 function tests.works',
    ]);
  });

  test('Java: constructors, overloads side by side, annotations, records', async () => {
    const java =
      'package a;\n\n/** Box. */\n@Deprecated\npublic class Box {\n  /** Makes. */\n  public Box(int a) { }\n\n  @Override\n  public String toString() {\n    return "";\n  }\n\n  int add(int a) { return a; }\n\n  int add(String a) { return 1; }\n\n  record P(int x) {\n    P {\n      check(x);\n    }\n  }\n}\n';
    expect(await names('Box.java', java)).toEqual([
      '3-23 class Box',
      '6-7 function Box.Box',
      '9-12 function Box.toString',
      '14-16 function Box.add',
      '18-22 class Box.P',
      '19-21 function Box.P.P',
    ]);
  });

  test('are found by line: the outermost function around a line, or the class', async () => {
    const found = await partsOf('a.py', pythonFile);
    if (found === undefined) throw new Error('no parts');
    expect(partAt(found, 36)?.name).toBe('Box.add');
    expect(partAt(found, 22)?.name).toBe('Box');
    expect(partAt(found, 2)).toBeUndefined();
    expect(found.parts.find(({ name }) => name === 'fetch')?.signature).toBe('async def fetch(x)');
    expect(found.imports).toEqual(['import os']);
  });

  test('a part that the grammar cannot read is none, and a file without a grammar has none', async () => {
    expect(await names('a.py', 'def good():\n    return 1\n\ndef bad(:\n    return (((\n')).not.toContain('4-5 function bad');
    expect(await partsOf('a.txt', 'x')).toBeUndefined();
  });
});

const pythonFile = `"""Says."""
import os

try:
    a = 1
    def load():
        return 1
except ImportError:
    def load():
        return 2

# about fetch
# more
@decorator
@other(1)
async def fetch(x):
    return 1

# apart

class Box(Base):
    # note
    x = 1

    @property
    def size(self):
        return 1

    @size.setter
    def size(self, n):
        pass

    def add(self):
        # why
        def inner():
            return 2
        return inner

    class Lid:
        y = 2

def last():
    pass
`;

const typescriptFile = `import { memo } from 'react';

/** A box. */
@Component({ a: 1 })
export class Box<T> {
  count = 1;
  @Input() value = (a: number) => a;
  static #hidden = async () => {
    return 1;
  };
  get size(): number { return 1; }
  set size(n) { }
  /** Adds. */
  @deco
  add(x: T): this { return this; }
  pick(a: string): void;
  pick(a: any) { return a; }
}

export function over(a: string): string;
export function over(a: number): number;
export function over(a: any) { return a; }
export default async function main() {}
export const View = memo(function View() {
  return null;
});
const api = {
  get() { return 1; },
  'x-y': function () {},
};
exports.read = function () { };
Box.prototype.more = function () {};
namespace A.B {
  export function deep() {}
}
abstract class Shape { abstract no(): void;
  yes() {} }
declare function nothing(): void;
const data = list.map((x) => { return x; });
`;
