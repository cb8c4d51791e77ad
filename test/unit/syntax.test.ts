/** Source text as statements and small changes, read by the real grammars. */
import { expect, test } from 'vitest';
import { mutationsOf, shapeOf } from '../../src/syntax/index.ts';

async function statementsIn(path: string, text: string): Promise<string[]> {
  const shape = await shapeOf(path, text);
  return (shape?.statements ?? []).map(({ start, end, line, role }) => `${line} ${role}: ${text.slice(start, end)}`);
}

const python = `import os

def share(a, b=1):
    """Says what it does."""
    if a == b:
        return [x for x in a if x]
    elif a: return other(a, b)
    else:
        a += 2
    return call(
        a,
        b)
`;

const typescript = `export const share = (a: number) => {
  if (a > 1) return a;
  else if (b) { one(); } else two();
  for (let i = 0; i < 3; i++) sum += i;
  switch (a) { case 1: return 2; default: three(); }
  return all.map((x) => x + 1).filter((x) => { return x > 1; });
};
class Box { count = 1; add(x) { return x; } }
`;

const go = `package box

func Share(a int) (int, error) {
	if x := other(a); x > 1 {
		return x, nil
	} else if a == 1 {
		a++
	}
	switch a {
	case 1:
		return 2, nil
	}
	return 0, nil
}
`;

const rust = `fn share(a: &str) -> Option<i32> {
    let x = if a.len() > 1 { 3 } else { 4 };
    match x { 1 => Some(2), _ => { return None; } }
    x.sum()
}
`;

test('a block holds statements, and what holds a block counts up to it', async () => {
  expect(await statementsIn('share.py', python)).toEqual([
    '1 definition: import os',
    '3 definition: def share(a, b=1):',
    '5 header: if a == b:',
    '6 plain: return [x for x in a if x]',
    '7 header: elif a:',
    '7 plain: return other(a, b)',
    '8 definition: else:',
    '9 plain: a += 2',
    '10 plain: return call(\n        a,\n        b)',
  ]);
  expect(await statementsIn('share.ts', typescript)).toEqual([
    '1 definition: export const share = (a: number) =>',
    '2 header: if (a > 1)',
    '2 plain: return a;',
    '3 header: if (b)',
    '3 plain: one();',
    '3 plain: two();',
    '4 header: for (let i = 0; i < 3; i++)',
    '4 plain: sum += i;',
    '5 header: switch (a)',
    '5 header: case 1:',
    '5 plain: return 2;',
    '5 definition: default:',
    '5 plain: three();',
    '6 definition: return all.map((x) => x + 1).filter((x) =>',
    '6 plain: return x > 1;',
    '8 definition: class Box',
    '8 plain: count = 1',
    '8 definition: add(x)',
    '8 plain: return x;',
  ]);
  expect(await statementsIn('share.go', go)).toEqual([
    '1 definition: package box',
    '3 definition: func Share(a int) (int, error)',
    '4 header: if x := other(a); x > 1',
    '5 plain: return x, nil',
    '6 header: if a == 1',
    '7 plain: a++',
    '9 header: switch a',
    '10 header: case 1:',
    '11 plain: return 2, nil',
    '13 plain: return 0, nil',
  ]);
  expect(await statementsIn('share.rs', rust)).toEqual([
    '1 definition: fn share(a: &str) -> Option<i32>',
    '2 header: let x = if a.len() > 1',
    '2 plain: 3',
    '2 plain: 4',
    '3 header: match x',
    '3 plain: 1 => Some(2),',
    '3 header: _ =>',
    '3 plain: return None;',
    '4 plain: x.sum()',
  ]);
});

test('statements never overlap, and lie inside the text, also in text that is broken or holds wide characters', async () => {
  const texts: [string, string][] = [
    ['a.py', python],
    ['a.py', `# 😀 ünï\nname = "😀"\n${python}`],
    ['a.tsx', typescript],
    ['a.js', typescript.replace(': number', '')],
    ['a.py', 'def broken(:\n    return (\n'],
    ['a.ts', 'function f( { return ; } } }'],
    ['a.go', 'func'],
    ['a.rs', ''],
  ];
  for (const [path, text] of texts) {
    const { statements = [], broken } = (await shapeOf(path, text)) ?? {};
    let before = 0;
    for (const { start, end } of statements) {
      expect(start).toBeGreaterThanOrEqual(before);
      expect(end).toBeGreaterThan(start);
      before = end;
    }
    expect(before).toBeLessThanOrEqual(text.length);
    if (path === 'a.ts') expect(broken).toBe(true);
  }
  const wide = `# 😀 ünï\nname = "😀"\n${python}`;
  expect(await statementsIn('a.py', wide)).toContain('2 plain: name = "😀"');
});

test('Java has statements as well', async () => {
  const java =
    'class Box {\n  int add(int a) {\n    for (int i = 0; i < a; i++) sum += i;\n    if (a > 1) {\n      return a;\n    }\n    switch (a) {\n      case 1:\n        return 2;\n      default:\n        break;\n    }\n    return b;\n  }\n}\n';
  expect(await statementsIn('Box.java', java)).toEqual([
    '1 definition: class Box',
    '2 definition: int add(int a)',
    '3 header: for (int i = 0; i < a; i++)',
    '3 plain: sum += i;',
    '4 header: if (a > 1)',
    '5 plain: return a;',
    '7 header: switch (a)',
    '8 definition: case 1',
    '9 plain: return 2;',
    '10 definition: default',
    '11 plain: break;',
    '13 plain: return b;',
  ]);
});

test('files without a grammar have no shape', async () => {
  for (const path of ['notes.md', 'Makefile', 'a.unknown', '']) expect(await shapeOf(path, 'a = 1\n')).toBeUndefined();
});

async function changesOf(path: string, text: string, line: number): Promise<string[]> {
  const { statements = [] } = (await shapeOf(path, text)) ?? {};
  const statement = statements.find((one) => one.line === line && one.role !== 'definition');
  if (statement === undefined) throw new Error(`no statement in line ${line}`);
  const all = await mutationsOf(path, text, statements);
  return (all.get(statement) ?? []).map(({ start, end, text: written }) => {
    return text.slice(statement.start, start) + written + text.slice(end, statement.end);
  });
}

test('no kind of small change waits until another kind with many changes is through', async () => {
  const text = 'def f(tokens, stack, op):\n    a = stack.pop()\n    b = stack.pop()\n    stack.append(op(tokens, a, b))\n';
  const changes = await changesOf('a.py', text, 4);
  expect(changes.indexOf('stack.append(op(tokens, b, a))')).toBeLessThan(10);
  expect((await changesOf('a.py', 'def f(a, b):\n    return a - b * 2 + b\n', 2)).slice(0, 4)).toEqual([
    'return a + b * 2 + b',
    'return a - b / 2 + b',
    'return a - b * 3 + b',
    'return a - b * 1 + b',
  ]);
});

test('small changes hold the usual one-place mistakes, without repeats', async () => {
  const found = async (path: string, text: string, line = 2): Promise<string[]> => {
    const changes = await changesOf(path, text, line);
    expect(new Set(changes).size).toBe(changes.length);
    return changes;
  };
  expect(await found('a.py', 'def f(n):\n    n ^= n - 1\n')).toEqual(expect.arrayContaining(['n &= n - 1', 'n ^= n + 1', 'n ^= n - 2']));
  expect(await found('a.py', 'def f(a, b):\n    return f(a % b, b)\n')).toEqual(
    expect.arrayContaining(['return f(b, a % b)', 'return f(b % a, b)', 'return f(a / b, b)']),
  );
  expect(await found('a.py', 'def f(a, low):\n    while low < len(a):\n        pass\n')).toEqual(
    expect.arrayContaining(['while low <= len(a):', 'while low < len(a) - 1:', 'while not (low < len(a)):']),
  );
  expect(await found('a.py', 'def f(a, b):\n    if a in b and not b: pass\n')).toEqual(
    expect.arrayContaining(['if a not in b and not b:', 'if a in b or not b:', 'if a in b:']),
  );
  expect(await found('a.ts', 'function f(x, y) {\n  return x.startsWith(y) && x !== y;\n}\n')).toEqual(
    expect.arrayContaining([
      'return x.endsWith(y) && x !== y;',
      'return x.startsWith(y) || x !== y;',
      'return x.startsWith(y) && x === y;',
    ]),
  );
  expect(await found('a.go', 'func F(a []int, i int) {\n\tfor i := 0; i < len(a); i++ {\n\t\tg()\n\t}\n}\n')).toEqual(
    expect.arrayContaining(['for i := 0; i <= len(a); i++', 'for i := 1; i < len(a); i++']),
  );
  expect(await found('a.rs', 'fn f(n: i32) {\n    for i in 0..n { g(i); }\n}\n')).toEqual(
    expect.arrayContaining(['for i in 0..=n', 'for i in 1..n']),
  );
  // A deleted statement leaves a block that can be read.
  expect(await found('a.py', 'def f(n):\n    g(n)\n')).toContain('pass');
});

test('a statement that only says that a body is not written yet is told from one that means it', async () => {
  const stubs = async (path: string, text: string) =>
    ((await shapeOf(path, text))?.statements ?? []).filter(({ stub }) => stub).map(({ line }) => line);
  const unwritten: readonly [string, string, number][] = [
    ['a.py', 'def f(x):\n    """What it does."""\n    # soon\n    raise NotImplementedError("later")\n', 4],
    ['a.py', 'class A:\n    async def f(self):\n        pass\n', 3],
    ['a.py', 'def f(): ...\n', 1],
    ['a.js', "const f = (a) => {\n  throw new Error('not implemented');\n}\n", 2],
    ['a.ts', "export class A {\n  f(): number {\n    throw new Error('Method not implemented.');\n  }\n}\n", 3],
    ['a.go', 'package a\n\nfunc F(n int) int {\n\tpanic("Please implement this: TODO")\n}\n', 4],
    ['a.rs', 'pub fn f(n: u32) -> u32 {\n    todo!("f of {n}")\n}\n', 2],
    ['a.rs', 'impl A {\n    fn f(&self) {\n        unimplemented!();\n    }\n}\n', 3],
  ];
  for (const [path, text, line] of unwritten) expect([path, text, await stubs(path, text)]).toEqual([path, text, [line]]);
  for (const [path, text] of [
    ['a.py', 'def f(x):\n    if x:\n        pass\n    return 1\n'],
    ['a.py', 'class A(Exception):\n    pass\n'],
    ['a.py', 'def f(x):\n    raise ValueError("not implemented")\n    return 1\n'],
    ['a.js', "function f(a) {\n  if (a) return 1;\n  throw new Error('not implemented');\n}\n"],
    ['a.js', "throw new Error('not implemented');\n"],
    ['a.js', "function f() {\n  throw new Error('no such file');\n}\n"],
    ['a.rs', 'fn f() -> u32 {\n    let a = 1;\n    todo!()\n}\n'],
  ] as const)
    expect([path, text, await stubs(path, text)]).toEqual([path, text, []]);
});
