/** A change is tried on inputs that its tests do not hold: which ones, and what is told of the answers. */
import { describe, expect, test } from 'vitest';
import { type Answers, answersIn, answersKey, callableIn, inputsIn, inputText, madeForInputs, trialOf } from '../../src/feedback/index.ts';

const js = (name: string) => [{ path: 'calc.js', before: '', after: `// ours\nexport function ${name}(value) {\n  return value;\n}\n` }];
const py = (name: string) => [{ path: 'calc.py', before: '', after: `def ${name}(value):\n    return value\n` }];

function inputs(path: string, text: string, changed: ReturnType<typeof js>): string[][] {
  const trial = trialOf(new Map([[path, text]]), changed, 'mark');
  return (trial?.calls ?? []).map(({ variants }) => variants.map(({ args }) => args.join(', ')));
}
const jsInputs = (call: string): string[] =>
  inputs('calc.test.js', `test('it', () => { assert.equal(${call}, 1); });\n`, js('total'))[0] ?? [];

describe('other inputs', () => {
  test.each([
    ['a number', 'total(12)', ['13', '14', '11']],
    ['a fraction stays one', 'total(1.0)', ['1.5', '2.25', '2.0']],
    ['digits in a text stay digits', "total('2h30m')", ["'3h30m'", "'4h30m'", "'2h31m'", "'2h32m'"]],
    ['words of a text in another order', "total('a b c')", ["'b c a'", "'a b'", "'a b c a'"]],
    ['a list and what is in it', 'total([1, 2])', ['[1]', '[2, 2]', '[1, 3]', '[1, 2, 1]', '[3, 2]', '[1, 4]']],
    ['a word may be a key: it stays', "total('km')", []],
    ['so does what is called by a name nobody knows', 'total(value)', []],
  ])('%s', (_what, call, expected) => expect(jsInputs(call)).toEqual(expected));

  test('the inputs of other calls come first, and no visible call is one of them', () => {
    const text = "it('a', () => { expect(total('km', 5)).toBe(1); expect(total('mile', 5)).toBe(2); expect(total('mile', 7)).toBe(3); });";
    const [first] = inputs('calc.test.ts', text, js('total'));
    expect(first?.slice(0, 2)).toEqual(["'km', 7", "'km', 6"]);
    expect(inputs('calc.test.ts', text, js('total')).flat()).not.toContain("'mile', 5");
  });

  test('a literal that has a name is found, keywords of Python stay', () => {
    const text = 'def test_it():\n    values = [3, 4]\n    assert calc.total(values, start=2) == 9\n';
    expect(inputs('test_calc.py', text, py('total'))[0]).toContain('[3, 4], start=3');
    expect(inputs('test_calc.py', text, py('total'))[0]).toContain('[3], start=2');
  });

  test('they are found soon, however many calls there are', () => {
    const begun = process.cpuUsage();
    for (const call of ['total(1, 2, 3)', 'total([1, [2, [3', 'total(name', "total('a b c'"]) {
      const text = Array.from({ length: 5_000 }, (_, at) => `${call.replace('1', `${at}`)});\n`).join('');
      expect(inputs('calc.test.js', `test('it', () => {});\n${text}`, js('total')).length).toBeLessThanOrEqual(8);
    }
    expect(process.cpuUsage(begun).user / 1_000).toBeLessThan(3_000);
  });

  test('nothing is tried where the tests call nothing of the change, or in other languages', () => {
    expect(trialOf(new Map([['calc.test.js', "test('it', () => other(1));"]]), js('total'), 'mark')).toBeUndefined();
    expect(trialOf(new Map([['calc.test.js', "test('it', () => '// total(1)');"]]), js('total'), 'mark')).toBeUndefined();
    const go = [{ path: 'calc.go', before: '', after: 'package calc\nfunc Total(n int) int { return n }' }];
    expect(trialOf(new Map([['calc_test.go', 'func TestIt(t *testing.T) { Total(1) }']]), go, 'mark')).toBeUndefined();
  });
});

/** Answers to calls of `total(n)`: what the visible one gives, and three others. `!`: thrown, `=`: given back. */
function told(rows: readonly (readonly [string, ...string[]])[]): Answers[] {
  const answer = (text: string) => ({ said: text.replace(/^[!=]/, ''), threw: text.startsWith('!'), given: text.startsWith('=') });
  return rows.map(([visible, ...variants], at) => ({
    call: {
      name: 'total',
      visible: { callee: 'total', args: [`${at}`] },
      variants: variants.map((_, more) => ({ callee: 'total', args: [`${at}${more}`] })),
    },
    visible: answer(visible),
    variants: variants.map(answer),
  }));
}
const signs = (now: Answers[], before: readonly (readonly [string, ...string[]])[] = [], tests: readonly string[] = []) =>
  madeForInputs(
    now,
    told(before).map((one, at) => ({ ...one, call: now[at]?.call ?? one.call })),
    js('total'),
    tests,
  );

describe('what is told', () => {
  const nothing = ['undefined', 'undefined', 'undefined'] as const;
  const none = ['None', 'None', 'None'] as const;

  test('a refusal in words that a visible test asks for is an answer like any other', () => {
    const refuses = (said: string) => told([3, 7].map((right) => [`${right}`, said, said, said] as const));
    const tests = ["test('refuses', () => { assert.throws(() => total([]), /lists must have the same length/); });"];
    expect(signs(refuses('!Error: lists must have the same length'), [], tests)).toEqual([]);
    expect(signs(refuses('!Error: lists must have the same length… 90'), [], tests)).toEqual([]);
    expect(signs(refuses('!Error: another reason altogether'), [], tests)).toHaveLength(1);
    expect(signs(refuses('!Error: must'), [], tests)).toHaveLength(1);
    expect(signs(refuses('lists must have the same length'), [], tests)).toHaveLength(1);
  });

  test('one answer to all of them that no visible call got, with its place and an example', () => {
    expect(
      signs(
        told([
          ['3', ...nothing],
          ['7', ...nothing],
        ]),
      ),
    ).toEqual([
      {
        kind: 'only-visible-inputs',
        path: 'calc.js',
        line: 2,
        detail: 'with total(00) in place of total(0) it gives undefined, as with all 6 other inputs that were tried',
      },
    ]);
  });

  test.each<[string, string, readonly (readonly [string, ...string[]])[], (readonly (readonly [string, ...string[]])[])?]>([
    [
      'every other input throws',
      'throws Error: no',
      [
        ['3', '!Error: no', '!Error: no', '!Error: no'],
        ['7', '!Error: no', '!Error: no', '!Error: no'],
      ],
    ],
    [
      'what was given comes back',
      'gives back what it was given',
      [
        ['3', '=1', '=2', '=3'],
        ['7', '=4', '=5', '=6'],
      ],
    ],
    [
      'a yes or no where a question is none',
      'gives None',
      [
        ['True', ...none],
        ['True', ...none],
      ],
    ],
    [
      'as before the change',
      'does what it did before',
      [
        ['3', '1', '2', '3'],
        ['7', '4', '5', '!6'],
      ],
      [
        ['0', '1', '2', '3'],
        ['!x', '4', '5', '!6'],
      ],
    ],
  ])('%s', (_what, words, now, before) => expect(signs(told(now), before)[0]?.detail).toContain(words));

  test.each<[string, readonly (readonly [string, ...string[]])[], (readonly (readonly [string, ...string[]])[])?]>([
    [
      'different answers',
      [
        ['3', '1', '1', '1'],
        ['7', '1', '1', '2'],
      ],
    ],
    [
      'an answer that a visible call got',
      [
        ['0', '0', '0', '0'],
        ['7', '0', '0', '0'],
      ],
    ],
    [
      'too few inputs',
      [
        ['3', 'null', 'null'],
        ['7', 'null', 'null', 'null'],
      ],
    ],
    ['a single visible call', [['3', 'null', 'null', 'null', 'null', 'null', 'null']]],
    [
      'no, where only yes was asked for',
      [
        ['true', 'false', 'false', 'false'],
        ['true', 'false', 'false', 'false'],
      ],
    ],
    [
      'visible calls that throw',
      [
        ['!x', '!x', '!x', '!x'],
        ['!y', '!x', '!x', '!x'],
      ],
    ],
    [
      'a boundary that was mended',
      [
        ['3', '1', '2', '3'],
        ['7', '4', '5', '6'],
      ],
      [
        ['0', '1', '2', '3'],
        ['7', '4', '5', '6'],
      ],
    ],
    [
      'yes and no as before',
      [
        ['true', 'false', 'true', 'false'],
        ['false', 'true', 'true', 'true'],
      ],
      [
        ['false', 'false', 'true', 'false'],
        ['true', 'true', 'true', 'true'],
      ],
    ],
  ])('nothing: %s', (_what, now, before) => expect(signs(told(now), before)).toEqual([]));

  test('candidates that answer alike share a key', () => {
    expect(answersKey(told([['3', '1', '2']]))).toBe(answersKey(told([['3', '1', '2']])));
    expect(answersKey(told([['3', '1', '2']]))).not.toBe(answersKey(told([['3', '1', '!2']])));
  });
});

describe('what came back', () => {
  const trial = trialOf(new Map([['calc.test.js', "test('it', () => total(12));"]]), js('total'), 'mark');
  const reading = (message: string) => trial && answersIn({ cases: [{ id: 'x', name: 'x', outcome: 'failed', message }] }, trial);

  test('is read out of the failing message', () => {
    expect(reading('Error: mark_0:["v1","g2","tError: no",null]:mark at x')).toMatchObject([
      { visible: { said: '1', given: false }, variants: [{ said: '2', given: true }, { said: 'Error: no', threw: true }, undefined] },
    ]);
  });

  test.each(['mark_0:["v1"]:mark', 'mark_0:["v1","v2', 'mark_0:[v1]:mark', 'mark_1:["v1","v2","v3","v4"]:mark', 'passed'])(
    'what is cut or forged is no answer: %s',
    (message) => expect(reading(message)).toEqual([]),
  );
});

describe('inputs that somebody thought of', () => {
  const callable = callableIn([
    { path: 'a/calc.py', after: 'def total(values, start=0):\n    return 1\n\nclass Box:\n    def total_of(self):\n        return 2\n' },
    { path: 'b.ts', after: 'export const area = (w: number, h: number) => w * h;\n' },
    { path: 'view.tsx', after: 'export function view(a) { return a; }\n' },
    { path: 'c.go', after: 'func Sum(a int) int { return a }\n' },
  ]);

  test('are calls of functions that can be run by themselves', () => {
    expect([...callable]).toEqual([
      ['total', 'a/calc.py'],
      ['area', 'b.ts'],
    ]);
  });

  test.each([
    ['total([1, 2], start=3)', 'total([1, 2], start=3)'],
    ['- `area(-1.5, 0)`;', undefined],
    ['- `area(-1.5, 0)`', 'area(-1.5, 0)'],
    ['12. total({"a": [None, True]})', 'total({"a": [None, True]})'],
    ['area(\'a\', ["b", null]);', 'area(\'a\', ["b", null])'],
    ['total()', undefined],
    ['total(values)', undefined],
    ['total(open("x"))', undefined],
    ['total(1) + total(2)', undefined],
    ['total(1); import os', undefined],
    ['x = total(1)', undefined],
    ['total_of(1)', undefined],
    ['Sum(1)', undefined],
    ['constructor(1)', undefined],
    ['Try an empty list.', undefined],
  ])('%s', (line, read) => {
    const { inputs, unread } = inputsIn(line, callable);
    expect(inputs.map(inputText)).toEqual(read === undefined ? [] : [read]);
    expect(unread).toBe(read === undefined ? 1 : 0);
  });

  test('stand once, and blocks and empty lines say nothing', () => {
    const { inputs, unread } = inputsIn('```python\ntotal([1])\n\ntotal([1])\n```\n', callable);
    expect([inputs.map(inputText), unread]).toEqual([['total([1])'], 0]);
  });

  test('are read soon, however long a reply is', () => {
    const begun = process.cpuUsage();
    inputsIn(`${'total('.repeat(20_000)}\n${'total([1])\n'.repeat(2_000)}${'`'.repeat(50_000)}\n${'- '.repeat(50_000)}`, callable);
    expect(process.cpuUsage(begun).user / 1000).toBeLessThan(2_000);
  });
});
