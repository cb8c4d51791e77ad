/** Where a repair looks and how a filling becomes a text. */
import { expect, test } from 'vitest';
import type { Origin } from '../../src/run/candidates.ts';
import type { StepContext } from '../../src/run/context.ts';
import { gapsOf } from '../../src/run/repair/gaps.ts';
import { filled, gapKey, type HoleGap, holeAt, openingIn } from '../../src/run/repair/holes.ts';
import { framesIn, type SuspectFile, suspects } from '../../src/run/repair/localise.ts';
import { smallChanges } from '../../src/run/repair/mutations.ts';
import { RepairProgress } from '../../src/run/repair/progress.ts';
import { weighed } from '../../src/run/repair/read.ts';
import { shapeOf } from '../../src/syntax/index.ts';

const python = [
  'def clean(n):',
  '    return int(n)',
  '',
  'def total(numbers):',
  '    result = 0',
  '    for number in numbers:',
  '        result -= clean(number)',
  '    return result',
  '',
].join('\n');

async function fileOf(text: string, more: Partial<SuspectFile> = {}, path = 'sums.py'): Promise<SuspectFile> {
  const shape = await shapeOf(path, text);
  if (shape === undefined) throw new Error('no shape');
  return { path, text, shape, frames: [], ...more };
}

const runs = (failing: number, passing: number) => ({ failing, passing });

test('a line that only failing tests ran over is the most suspicious one, and one that none ran over the least', async () => {
  const spectrum = new Map([
    [1, runs(2, 8)],
    [4, runs(2, 8)],
    [5, runs(2, 3)],
    [6, runs(2, 3)],
    [7, runs(2, 0)],
    [8, runs(2, 3)],
  ]);
  const places = suspects([await fileOf(python, { spectrum })], 2);
  expect(places.map(({ statement }) => statement.line)).toEqual([7, 5, 6, 8, 1, 4, 2]);
  expect(places[0]).toMatchObject({ suspicion: 1, because: ['spectrum'] });
  expect(places.at(-1)).toMatchObject({ suspicion: 0, because: [] });
});

test('a surprise in code that no failing test ran over hardly counts', async () => {
  const at = (needle: string) => python.indexOf(needle);
  const weights = [
    { start: at('return int'), logprob: -9 },
    { start: at('result -='), logprob: -2 },
  ];
  const spectrum = new Map([4, 5, 6, 7, 8].map((line) => [line, runs(1, 1)]));
  const order = async (file: Promise<SuspectFile>) => suspects([await file], 1).map(({ statement }) => statement.line);
  expect((await order(fileOf(python, { weights })))[0]).toBe(2);
  expect((await order(fileOf(python, { weights, spectrum })))[0]).toBe(7);
  expect((await order(fileOf(python, { weights, spectrum }))).at(-1)).toBe(1);
});

test('of two files the one that failing tests ran over comes first', async () => {
  const other = await fileOf(python, { spectrum: new Map() }, 'other.py');
  const own = await fileOf(python, { spectrum: new Map([[7, runs(1, 0)]]) });
  expect(suspects([other, own], 1)[0]).toMatchObject({ path: 'sums.py', statement: { line: 7 } });
});

test('files that are hardly to blame come last, whatever surprises in them', async () => {
  const weights = [{ start: python.indexOf('result -='), logprob: -9 }];
  const other = await fileOf(python, { weights, aside: true }, 'other.py');
  const own = await fileOf(python, { frames: [7] });
  const places = suspects([other, own], 1);
  expect(places[0]).toMatchObject({ path: 'sums.py', statement: { line: 7 } });
  const last = places.filter(({ aside }) => aside);
  expect(last.map(({ path }) => path)).toEqual(own.shape.statements.map(() => 'other.py'));
  const changes = await smallChanges(places, [other, own], 100);
  expect(new Set(changes.map(({ place }) => place.path))).toEqual(new Set(['sums.py']));
  expect((await smallChanges(last, [other], 100)).length).toBeGreaterThan(0);
});

test('messages of failures point at lines in the ways of Python, Node, Go and Rust', () => {
  const messages = ['File "sums.py", line 7, in total', 'at total (sums.py:5:3)', 'sums.py:8: AssertionError', 'notsums.pyc:3'];
  expect(framesIn(messages, 'sums.py')).toEqual([7, 5, 8]);
});

const gapAt = (file: SuspectFile, line: number, kind: HoleGap['kind']): HoleGap => {
  const statement = file.shape.statements.find((one) => one.line === line);
  if (statement === undefined) throw new Error(`no statement in line ${line}`);
  return { kind, place: { path: file.path, statement, suspicion: 1, because: [] } };
};

test('a statement is left out, and the filling stands in its place', async () => {
  const gap = gapAt(await fileOf(python), 7, 'statement');
  const { before, after, stop } = holeAt(python, gap, 'suffix');
  expect(before.endsWith('in numbers:\n        ')).toBe(true);
  expect(after).toBe('\n    return result\n');
  expect(stop).toEqual(['\n']);
  expect(filled(python, gap, '        result += clean(number)')).toBe(python.replace('-=', '+='));
  expect(filled(python, gap, 'result += clean(number)\n    return result\n\nprint(1)')).toBe(python.replace('-=', '+='));
  expect(filled(python, gap, 'result  -= clean(number)')).toBeUndefined();
  expect(filled(python, gap, '  \n')).toBeUndefined();
});

test('a missing line is written before the statement it belongs to, with what hangs on it and nothing of what follows', async () => {
  const gap = gapAt(await fileOf(python), 7, 'before');
  const { before, after, stop } = holeAt(python, gap, 'suffix');
  expect(before.endsWith('in numbers:\n        ')).toBe(true);
  expect(after).toBe('\n        result -= clean(number)\n    return result\n');
  expect(stop).toBeUndefined();
  const body = '        result -= clean(number)\n';
  const written = (lines: string) => python.replace(body, `${lines}${body}`);
  expect(filled(python, gap, 'number = abs(number)')).toBe(written('        number = abs(number)\n'));
  expect(filled(python, gap, 'number = abs(number)\n        other = 1')).toBe(written('        number = abs(number)\n'));
  expect(filled(python, gap, 'if number is None:\n            continue\n        result -= clean(number)\n    return 3')).toBe(
    written('        if number is None:\n            continue\n'),
  );
  expect(filled(python, gap, 'result -= clean(number)')).toBeUndefined();
  expect(filled(python, gap, '\n')).toBeUndefined();
});

test('a block with brackets is taken with its closing one', async () => {
  const script = 'function total(list) {\n  let sum = 0;\n  return sum;\n}\n';
  const gap = gapAt(await fileOf(script, {}, 'total.js'), 3, 'before');
  expect(filled(script, gap, 'for (const one of list) {\n    sum += one;\n  }\n  return sum;\n}')).toBe(
    'function total(list) {\n  let sum = 0;\n  for (const one of list) {\n    sum += one;\n  }\n  return sum;\n}\n',
  );
});

test('rooms between statements come behind the statements, and never in front of an import or a signature', async () => {
  const spectrum = new Map([5, 6, 7, 8].map((line) => [line, runs(1, 0)]));
  const file = await fileOf(python, { spectrum });
  const gaps = gapsOf(suspects([file], 1), () => file);
  const firsts = gaps.filter(({ kind, again }) => kind !== 'anew' || again === undefined);
  expect(firsts.slice(0, 9).map(({ kind, place }) => `${kind} ${place.statement.line}`)).toEqual([
    'statement 5',
    'anew 5',
    'statement 6',
    'statement 7',
    'statement 8',
    'before 5',
    'before 6',
    'before 7',
    'before 8',
  ]);
  expect(gaps.filter(({ kind, place }) => kind === 'before' && place.statement.role === 'definition')).toEqual([]);
});

test('a statement that the model would write again as it stands comes last, also where its end is a surprise no more', async () => {
  const spectrum = new Map([5, 6, 7, 8].map((line) => [line, runs(1, 0)]));
  const likely = [...python].map((_, start) => ({ start, logprob: -0.1 }));
  const but = (surprising: number) => likely.map((weight) => (weight.start === surprising ? { ...weight, logprob: -3 } : weight));
  const order = async (surprising: number) => {
    const file = await fileOf(python, { spectrum, weights: but(surprising) });
    const gaps = gapsOf(suspects([file], 1), () => file);
    return gaps.filter(({ kind }) => kind === 'statement').map(({ place }) => place.statement.line);
  };
  const inside = python.indexOf('-= clean');
  const behind = python.indexOf('result = 0') + 'result = 0'.length;
  expect((await order(inside))[0]).toBe(7);
  expect((await order(behind))[0]).toBe(5);
  const file = await fileOf(python, { spectrum, weights: but(inside) });
  const gaps = gapsOf(suspects([file], 1), () => file).map(({ kind, place }) => `${kind} ${place.statement.line}`);
  // A line may be missing before a statement that is right.
  expect(gaps.indexOf('before 8')).toBeLessThan(gaps.indexOf('statement 8'));
});

test('a body with blocks of its own ends with its function, and not with the first of them', async () => {
  const text = '// All that occur once, in their order.\nconst once = (list) => {\n  return list;\n};\n\nmodule.exports = { once };\n';
  const written = ['const seen = {};', '  for (const one of list) {', '    if (seen[one]) {', '      seen[one] += 1;', '    } else {'];
  const body = [...written, '      seen[one] = 1;', '    }', '  }', '  return list.filter((one) => seen[one] === 1);'].join('\n');
  const file = await fileOf(text, {}, 'once.js');
  const place = gapAt(file, 3, 'statement').place;
  for (const kind of ['anew', 'body'] as const) {
    expect(filled(text, { kind, place }, `${body}\n};\n\nmodule.exports = { once };`)).toBe(text.replace('return list;', body));
  }
});

test('a statement of several lines is cut where the text behind it begins, and not at a bracket inside of it', async () => {
  const text = 'function total(list) {\n  if (list) {\n    a(\n      1,\n    );\n  }\n}\n';
  const file = await fileOf(text, {}, 'total.js');
  const gap = gapAt(file, 3, 'statement');
  const filling = 'list.forEach((one) => {\n      if (one) {\n        b(one);\n      }\n    });';
  expect(filled(text, gap, `${filling}\n  }\n}`)).toBe(text.replace('a(\n      1,\n    );', filling));
});

test.each([
  [
    'most.go',
    'func Most(numbers []int) int {\n\tmost := 0\n\tfor _, n := range numbers {\n\t\tmost = n\n\t}\n\treturn most\n}\n',
    4,
    'if n > most {',
    '\t\t\tmost = n\n\t\t}',
    '\n\t}\n\treturn',
  ],
  [
    'most.py',
    'def most(numbers):\n    most = 0\n    for n in numbers:\n        most = n\n    return most\n',
    4,
    'if n > most:',
    '            most = n',
    '\n    return',
  ],
  [
    'most.js',
    'const most = (list) => {\n  let most = 0;\n  for (const n of list) {\n    most = n;\n  }\n  return most;\n};\n',
    4,
    'if (n > most) {',
    '      most = n;\n    }',
    '\n  }\n  return',
  ],
])('what belongs to a line that opens a block is asked for next: %s', async (path, text, line, opening, block, rest) => {
  const file = await fileOf(text, {}, path);
  const gap = gapAt(file, line, 'statement');
  expect(openingIn(text, gap, ` ${opening}`)).toBe(opening);
  expect(openingIn(text, gap, 'most = 2 * n')).toBeUndefined();
  // A header has its block already.
  expect(openingIn(text, gapAt(file, line - 1, 'statement'), opening)).toBeUndefined();
  const hole = holeAt(text, { ...gap, kind: 'block', opening }, 'suffix');
  expect(hole.before.endsWith(`${opening}\n`)).toBe(true);
  expect(hole.after.startsWith(rest)).toBe(true);
  expect(hole).not.toHaveProperty('stop');
  const place = gap.place.statement;
  // Models go on.
  expect(filled(text, { ...gap, kind: 'block', opening }, `${block}${rest} most\n`)).toBe(
    `${text.slice(0, place.start)}${opening}\n${block}${text.slice(place.end)}`,
  );
  expect(filled(text, { ...gap, kind: 'block', opening }, 'return 1')).toBeUndefined();
});

test('what no failing test ran over comes after every try at a body that is not written yet', async () => {
  const text = 'def total(numbers):\n    raise NotImplementedError\n';
  const stub = await fileOf(text, { spectrum: new Map([[2, runs(1, 0)]]) }, 'total.py');
  const done = await fileOf(python, { spectrum: new Map([[1, runs(0, 4)]]), weights: [{ start: 0, logprob: -9 }] });
  const gaps = gapsOf(suspects([stub, done], 1), (path) => (path === 'total.py' ? stub : done));
  expect(gaps.slice(0, 4).map(({ kind, place, again }) => `${kind} ${place.path} ${again ?? 0}`)).toEqual([
    'function total.py 0',
    'body total.py 0',
    'function total.py 1',
    'function total.py 2',
  ]);
});

test('a hole is the same question while what is shown around it is the same', async () => {
  const lines = Array.from({ length: 200 }, (_, index) => `v${index} = f(${index})`);
  const text = lines.join('\n');
  const far = text.replace('v199 = f(199)', 'v199 = g(199)');
  const near = text.replace('v11 = f(11)', 'v11 = g(11)');
  const keyIn = async (one: string) => gapKey(gapAt(await fileOf(one), 10, 'statement'), one);
  expect(await keyIn(far)).toBe(await keyIn(text));
  expect(await keyIn(near)).not.toBe(await keyIn(text));
  expect(gapKey(gapAt(await fileOf(text), 11, 'statement'), text)).not.toBe(await keyIn(text));
});

test('a body that was filled is the same question when something wrong stands in it', async () => {
  const [stub, wrong] = ['raise NotImplementedError', 'result = 0\n    for n in numbers: result -= n\n    return result'].map(
    (body) => `def total(numbers):\n    """The sum of all of them."""\n    ${body}\n`,
  ) as [string, string];
  const [first, second] = [await fileOf(stub), await fileOf(wrong, { spectrum: new Map([[3, runs(1, 0)]]) })];
  const gaps = gapsOf(suspects([second], 1), () => second);
  const anew = gaps.find(({ kind }) => kind === 'anew');
  expect(anew && gapKey(anew, wrong)).toBe(gapKey(gapAt(first, 3, 'body'), stub));
});

test('a model weighs what failing tests ran over, and no file of which they ran only what loading it runs', async () => {
  const loaded = await fileOf(
    python,
    {
      spectrum: new Map([
        [1, runs(2, 0)],
        [4, runs(2, 0)],
      ]),
    },
    'loaded.py',
  );
  const wrong = await fileOf(
    python,
    {
      spectrum: new Map([
        [4, runs(1, 0)],
        [7, runs(1, 1)],
      ]),
    },
    'wrong.py',
  );
  const asked: string[] = [];
  const context = {
    ports: { models: { worker: { capabilities: { weighs: true } } } },
    repairs: new RepairProgress(),
    ask: async ({ place }: { place: string }) => {
      asked.push(place);
      return { hidden: new Map(), weights: [] };
    },
  } as unknown as StepContext;
  const origin = { step: 's', agentName: 'a', agent: { tier: 'worker' }, call: 'r0/s' } as Origin;
  const files = await weighed([loaded, wrong], origin, context, new AbortController().signal);
  expect(asked).toEqual(['r0/s/0/2']);
  expect(files.map(({ weights }) => weights)).toEqual([undefined, []]);
});

test('of a long file near holes begin with the same text, whole lines, and little is read behind them', async () => {
  const long = Array.from({ length: 400 }, (_, index) => `v${index} = f(${index})`).join('\n');
  const file = await fileOf(long);
  const at = (line: number) => holeAt(long, gapAt(file, line, 'statement'), 'suffix');
  const [a, b] = [at(205), at(215)];
  expect(b.before.startsWith(a.before)).toBe(true);
  for (const { before, after } of [a, b, at(1), at(400)]) {
    expect(before.split('\n').length).toBeLessThanOrEqual(62);
    expect(before === '' || /^v\d+ = f\(\d+\)$/.test(before.split('\n')[0] ?? '')).toBe(true);
    expect(after.split('\n').length).toBeLessThanOrEqual(21);
  }
  expect(a.before.split('\n').length).toBeGreaterThan(30);
  const wide = holeAt(`${'x'.repeat(9000)} = 1\ny = 2\n`, gapAt(await fileOf('x = 1\ny = 2\n'), 2, 'statement'), 'suffix');
  expect(wide.before.length).toBeLessThan(9_100);
});

test('a body that is not written yet comes first, in words and then as a hole where words beside it say what for, and again only after the other places', async () => {
  const text =
    'def total(numbers):\n    """The sum of all of them."""\n    raise NotImplementedError\n\n\ndef other(n):\n    m = n + 1\n    return m\n';
  const file = await fileOf(text, { spectrum: new Map([1, 3, 6, 7, 8].map((line) => [line, runs(1, 0)])) });
  const [first] = suspects([file], 1);
  expect(first).toMatchObject({ statement: { line: 3 }, because: ['unwritten', 'spectrum'] });
  const gaps = gapsOf(suspects([file], 1), () => file).map(({ kind, place, again }) => `${kind} ${place.statement.line} ${again ?? 0}`);
  expect(gaps.slice(0, 5)).toEqual(['function 3 0', 'statement 7 0', 'anew 7 0', 'statement 8 0', 'body 3 0']);
  expect(gaps).toContain('function 3 1');
  const gap = gapAt(file, 3, 'body');
  expect(holeAt(text, gap, 'suffix')).toMatchObject({ after: '\n\n\ndef other(n):\n    m = n + 1\n    return m\n' });
  expect(holeAt(text, gap, 'suffix').stop).toBeUndefined();
  const written = text.replace('raise NotImplementedError', 'result = 0\n    for n in numbers:\n        result += n\n\n    return result');
  const filling = 'result = 0\n    for n in numbers:\n        result += n\n\n    return result\n\n\ndef more():\n    return 1';
  expect(filled(text, gap, filling)).toBe(written);
  expect(filled(text, gap, `    ${filling}`)).toBe(written);
  expect(filled(text, gap, 'raise NotImplementedError')).toBeUndefined();
});

test('a body between brackets ends where the brackets do', async () => {
  const text = "const total = (list) => {\n  throw new Error('not implemented');\n}\n\nmodule.exports = { total };\n";
  const gap = gapAt(await fileOf(text, {}, 'total.js'), 2, 'body');
  expect(filled(text, gap, 'let sum = 0;\n  for (const one of list) sum += one;\n  return sum;\n}\n\nmodule.exports = { total };')).toBe(
    text.replace("throw new Error('not implemented');", 'let sum = 0;\n  for (const one of list) sum += one;\n  return sum;'),
  );
});

test('a function is written anew right behind its worst place, as far as its body fits, and later once more with chance in it', async () => {
  const text = [
    ...['def least(numbers):', '    """The least of them, or None."""', '    best = None', '    for number in numbers:'],
    ...['        if best is None or number > best:', '            best = number', '    return best', '', 'def long(n):'],
    ...Array.from({ length: 90 }, (_, index) => `    value_${index} = other(n, ${index})`),
  ].join('\n');
  const spectrum = new Map([[5, runs(2, 0)], ...[3, 4, 6, 7, 10, 11].map((line) => [line, runs(1, 1)] as const)]);
  const file = await fileOf(text, { spectrum });
  const gaps = gapsOf(suspects([file], 2), () => file);
  expect(gaps.slice(0, 2).map(({ kind, place }) => `${kind} ${place.statement.line}-${place.statement.endLine}`)).toEqual([
    'statement 5-5',
    'anew 3-7',
  ]);
  const anew = gaps.filter(({ kind }) => kind === 'anew');
  expect(anew.map(({ again = 0, place }) => `${again} ${place.statement.line}`)).toEqual(['0 3', '1 3', '2 3', '3 3', '4 3', '5 3', '6 3']);
  const third = gaps.findIndex(({ kind, place }) => kind === 'statement' && place.statement.line === 3);
  expect(gaps.indexOf(anew[6] as HoleGap)).toBeGreaterThan(third);
  expect(new Set(anew.map((one) => gapKey(one, text))).size).toBe(7);
  const gap = gaps[1] as HoleGap;
  const hole = holeAt(text, gap, 'suffix');
  expect(hole.before.endsWith('"""The least of them, or None."""\n    ')).toBe(true);
  expect(hole.after.startsWith('\n\ndef long(n):')).toBe(true);
  expect(hole.stop).toBeUndefined();
  expect(filled(text, gap, 'return min(numbers, default=None)\n\ndef long(n):\n    return n')).toBe(
    text.replace(/best = None\n[\s\S]*return best/, 'return min(numbers, default=None)'),
  );
  expect(filled(text, gap, text.slice(gap.place.statement.start, gap.place.statement.end))).toBeUndefined();
});

test('a function that the model would write again as it stands, line by line, is still written anew before those lines', async () => {
  const likely = [...python].map((_, start) => ({ start, logprob: -0.1 }));
  const spectrum = new Map([5, 6, 7, 8].map((line) => [line, runs(1, 0)]));
  const file = await fileOf(python, { spectrum, weights: likely });
  const gaps = gapsOf(suspects([file], 1), () => file).map(({ kind }) => kind);
  expect(gaps.indexOf('anew')).toBeLessThan(gaps.indexOf('statement'));
});

test.each([
  [
    'Python, a docstring',
    'a.py',
    'def total(numbers):\n    """The sum of all of them."""\n    pass\n\ndef other(n):\n    pass\n',
    [true, false],
  ],
  ['Python, the head of a file with one function', 'a.py', '"""The sum of all of them."""\ndef total(numbers):\n    pass\n', [true]],
  [
    'Python, the head of a file with two',
    'a.py',
    '"""The sum of all of them."""\ndef a(n):\n    pass\n\ndef b(n):\n    pass\n',
    [false, false],
  ],
  ['Python, a method', 'a.py', 'class A:\n    # The sum of all of them.\n    def total(self):\n        pass\n', [true]],
  [
    'Python, a decorator says nothing',
    'a.py',
    '@app.route("/users/list/all")\ndef total():\n    pass\n\ndef b():\n    pass\n',
    [false, false],
  ],
  [
    'JavaScript, a comment above',
    'a.js',
    "/** The sum of all of them. */\nconst total = (list) => {\n  throw new Error('todo');\n};\nfunction b() {\n  c();\n}\n",
    [true, false],
  ],
  ['JavaScript, a licence is no description', 'a.js', '/* Copyright 2026 Some Company, Inc. */\n\nfunction b() {\n  c();\n}\n', [false]],
  [
    'TypeScript, a comment inside',
    'a.ts',
    'class A {\n  total(n: number): number {\n    // the sum of all of them\n    return n;\n  }\n}\n',
    [true],
  ],
  [
    'Go',
    'a.go',
    'package a\n\n// Total is the sum of all of them.\nfunc Total(n int) int {\n\tpanic("todo")\n}\n\nfunc B() {\n\tC()\n}\n',
    [true, false],
  ],
  ['Rust', 'a.rs', '/// The sum of all of them.\nfn total(n: i32) -> i32 {\n    todo!()\n}\nfn b() {\n    c();\n}\n', [true, false]],
  ['Java', 'A.java', 'class A {\n  /** The sum of all of them. */\n  int total(int n) {\n    return n;\n  }\n}\n', [true]],
])('what a function does, and whether words say what it is for: %s', async (_, path, text, described) => {
  const { bodies } = (await shapeOf(path, text)) ?? { bodies: [] };
  expect(bodies.map((body) => body.described)).toEqual(described);
  for (const { start, end } of bodies)
    expect(text.slice(start, end)).toMatch(/^(?:pass|throw new Error\('todo'\);|c\(\);|return n;|panic\("todo"\)|C\(\)|todo!\(\))$/);
});
