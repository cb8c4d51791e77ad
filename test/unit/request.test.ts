import { describe, expect, test } from 'vitest';
import { mentionOf, mentionsIn, namesIn, parseRequest, requestAbout, requestTitle } from '../../src/request/index.ts';
import { longestRequest } from '../../src/request/types.ts';

describe('parseRequest', () => {
  test('takes plain text, with line ends, byte order mark and outer space made plain', () => {
    expect(parseRequest('\uFEFF  make it\r\nfaster\r ').text).toBe('make it\nfaster');
    expect(parseRequest('grüße 日本語 🎉').text).toBe('grüße 日本語 🎉');
  });

  test.each([
    ['', /empty/],
    [' \n\t ', /empty/],
    ['x'.repeat(longestRequest + 1), /20001 characters/],
    ['clear \u001b[2J screen', /U\+001B.*position 7/],
    ['nul \0', /U\+0000/],
    ['\u202Eoverride', /U\+202E/],
    ['half \uD800 pair', /U\+D800/],
  ])('refuses %j with a sentence and a next step', (text, message) => {
    expect(() => parseRequest(text)).toThrow(expect.objectContaining({ code: 'request-invalid', message: expect.stringMatching(message) }));
  });

  test('paths get forward slashes and stay inside the workspace', () => {
    const request = parseRequest({
      text: 'x',
      selection: { path: '.\\src\\a b.ts', startLine: 2 },
      files: ['./a.ts', 'a.ts'],
      failingTest: { name: 't' },
    });
    expect(request.selection).toEqual({ path: 'src/a b.ts', startLine: 2 });
    expect(request.files).toEqual(['a.ts']);
    for (const path of ['../x', '/etc/passwd', 'C:\\x', 'a/../../x', '']) {
      expect(() => parseRequest({ text: 'x', files: [path] })).toThrow(/not inside the workspace/);
    }
  });

  test('a wrong field is named', () => {
    expect(() => parseRequest({ text: 'x', selection: { path: 'a', startLine: 0 } })).toThrow(/startLine/);
    expect(() => parseRequest(undefined as never)).toThrow(/not a text/);
  });
});

describe('requestTitle', () => {
  test('is the first sentence, on one line, cut at a word', () => {
    expect(requestTitle({ text: '\n## Fix the `cart` total. It is off by one.\nMore' })).toBe('Fix the `cart` total');
    const long = requestTitle({ text: 'word '.repeat(60) }, 40);
    expect(long).toMatch(/^word( word)+…$/);
    expect([...long].length).toBeLessThanOrEqual(40);
    expect([...requestTitle({ text: '🎉'.repeat(100) }, 10)].length).toBe(10);
  });
});

describe('namesIn', () => {
  test('finds paths with lines, identifiers, test names and words', () => {
    const names = namesIn(
      'Fix `applyDiscount()` in packages/cart/src/cart.ts:42 (see src\\util\\money.py): the test "rounds half to even" and test_total_tax fail, ' +
        'Cart.total returns NaN, MAX_ITEMS ignored; see https://example.org/a/b.html',
    );
    expect(names.paths).toEqual([{ path: 'packages/cart/src/cart.ts', line: 42 }, { path: 'src/util/money.py' }]);
    expect(names.identifiers).toEqual(expect.arrayContaining(['applyDiscount', 'test_total_tax', 'MAX_ITEMS']));
    expect(names.tests).toEqual(['rounds half to even', 'test_total_tax']);
    expect(names.words).toEqual(expect.arrayContaining(['cart', 'total', 'ignored']));
    expect(names.words).not.toContain('returns');
  });

  test('a backticked plain word is an identifier, a dotted code name gives its parts', () => {
    expect(namesIn('use `parse` and `Cart::total`').identifiers).toEqual(['parse', 'Cart::total', 'Cart', 'total']);
  });

  test('a huge pasted log stays bounded', () => {
    const names = namesIn(Array.from({ length: 2000 }, (_, n) => `fooBar${n} a/b${n}.ts`).join(' '));
    expect(names.identifiers.length).toBeLessThanOrEqual(40);
    expect(names.paths.length).toBeLessThanOrEqual(40);
  });

  test('apostrophes are not quotes', () => {
    expect(namesIn("don't break the user's cart").tests).toEqual([]);
  });
});

test.each([
  ['Look at #file.', ['file']],
  ['#folder:src/lib, please', ['folder src/lib']],
  ['see #file:"a b.ts" and #file:src/a.ts:', ['file a b.ts', 'file src/a.ts']],
  ['#problems #changes #problems', ['problems', 'changes']],
  ['C#file a#file #files #file-name &#file #problemsolver', []],
  ['#file:../x and #folder:/', ['file ../x', 'folder']],
  ['As on #picture:image-2.png, #picture:"a shot.png" and not as on a #picture.', ['picture image-2.png', 'picture a shot.png']],
])('the # words of %j', (text, expected) => {
  expect(mentionsIn(text).map(({ kind, path }) => [kind, path].filter(Boolean).join(' '))).toEqual(expected);
});

test.each(['src/a.js', 'a b.js', "it's.js", 'über/日本.js', 'end.', 'what?', 'a,b;c(d).js'])(
  '%j is named by a # word that points at it',
  (path) => {
    expect(mentionsIn(`${mentionOf('file', path)} `)).toMatchObject([{ kind: 'file', path }]);
  },
);

test('what no # word can hold points at nothing', () => {
  expect([mentionOf('file', 'a"b.js'), mentionOf('folder', 'a\nb')]).toEqual(['a"b.js', 'a\nb']);
});

describe('what a request says of one function', () => {
  const request = [
    'Finish this package:',
    '- src/bored.py: write `is_bored` as its description says',
    '  (a sentence may end with any of .?!)',
    '- `longest`: write it',
    '    - of equal ones the first',
    '- add.py: `add` has a bug; mend it',
    '- keep to the style of the rest',
    'The tests are examples.',
  ].join('\n');
  test.each([
    ['by its path', { path: 'src/bored.py', name: 'is_bored' }, [0, 1, 2, 6, 7]],
    ['by the end of its path', { path: 'lib/add.py', name: 'add' }, [0, 5, 6, 7]],
    ['by its name, with what hangs on it', { path: 'lists.py', name: 'Lists.longest' }, [0, 3, 4, 6, 7]],
    ['all of it where no item is about it', { path: 'other.py', name: 'other' }, [0, 1, 2, 3, 4, 5, 6, 7]],
  ])('%s', (_why, about, kept) => {
    expect(requestAbout(request, about).split('\n')).toEqual(kept.map((at) => request.split('\n')[at]));
  });
  test('leaves a request alone that has no list, or whose items say in words what they are about', () => {
    for (const text of [
      'Write is_bored in bored.py, and mend add.py.',
      '1. In bored.py write is_bored\n2. In add.py mend `add`',
      '- add.py: mend it',
      '',
    ])
      expect(requestAbout(text, { path: 'bored.py', name: 'is_bored' })).toBe(text);
  });
  test.each([
    ['numbers, boxes and calls', '1. `is_bored()`: write it', '2) [ ] `add(lst)`: mend it'],
    ['dashes', '* `is_bored` – write it', '* add.py — mend it'],
    ['paths of Windows, and lines', '- src\\bored.py:12: write it', '- src\\add.py:3: mend it'],
  ])('takes lists with %s', (_what, mine, other) => {
    for (const text of [`${mine}\n${other}`, `${other}\n${mine}`])
      expect(requestAbout(text, { path: 'src/bored.py', name: 'is_bored' })).toBe(mine);
  });
  test('keeps what is said of a method by its full name, and of the class that holds it', () => {
    const mine = '- stack.py: write it\n- `Stack`: never grows beyond 10\n- `Stack.push()`: gives the new length';
    expect(requestAbout(`${mine}\n- \`Queue.push()\`: write it`, { path: 'stack.py', name: 'Stack.push' })).toBe(mine);
  });
  test('keeps what holds for all, also where it begins with code', () => {
    const text = '- `is_bored`: write it\n- `eval` must not be used\n- utils.py stays as it is\n- note: no new imports';
    expect(requestAbout(text, { path: 'bored.py', name: 'is_bored' })).toBe(text);
  });
});
