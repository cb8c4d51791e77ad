import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assemble,
  byteLines,
  bytesOf,
  hunkIds,
  joinNeighbours,
  readable,
  readStretches,
  type Stretch,
  stretchesIn,
} from '../../src/workspace/hunks.ts';

/** A file's change as its author made it: kept lines and replaced ones in turn. */
interface Change {
  readonly base: string[];
  readonly candidate: string[];
  readonly stretches: Stretch[];
}

const line = fc.oneof(
  { arbitrary: fc.constantFrom('\n', '}\n', 'a\n', 'a\r\n', '\ufeffa\n', 'grüße 🎉\n'), weight: 3 },
  fc.string({ unit: 'grapheme' }).map((text) => `${text.replaceAll('\n', ' ')}\n`),
);
const block = fc.array(line, { maxLength: 3 });

const change: fc.Arbitrary<Change> = fc
  .tuple(
    block,
    fc.array(
      fc
        .record({ removed: block, added: block, kept: fc.array(line, { minLength: 1, maxLength: 3 }) })
        .filter(({ removed, added }) => removed.join('') !== added.join('')),
      { maxLength: 6 },
    ),
    fc.boolean(),
  )
  .map(([head, parts, ended]) => {
    const base = [...head];
    const candidate = [...head];
    const stretches: Stretch[] = [];
    for (const { removed, added, kept } of parts) {
      stretches.push({
        base: { start: base.length, end: base.length + removed.length },
        candidate: { start: candidate.length, end: candidate.length + added.length },
      });
      base.push(...removed, ...kept);
      candidate.push(...added, ...kept);
    }
    // Without a last line end on both sides.
    const cut = (lines: string[]) => (ended || lines.length === 0 ? lines : [...lines.slice(0, -1), `${lines.at(-1)?.slice(0, -1)}.`]);
    const asBytes = (lines: string[]) => byteLines(Buffer.from(cut(lines).join('')));
    return { base: asBytes(base), candidate: asBytes(candidate), stretches };
  });

const subsetOf = (stretches: readonly Stretch[], mask: number): Set<number> =>
  new Set(stretches.flatMap((_, n) => ((mask >> n) & 1 ? [n] : [])));

describe('a file put together from accepted hunks', () => {
  it('is the candidate when all are accepted, and the base when none is', () => {
    fc.assert(
      fc.property(change, ({ base, candidate, stretches }) => {
        expect(assemble(base, candidate, stretches, new Set(stretches.keys()))).toEqual(candidate);
        expect(assemble(base, candidate, stretches, new Set())).toEqual(base);
      }),
    );
  });

  it('holds exactly the lines of the accepted ones for any choice', () => {
    fc.assert(
      fc.property(change, fc.nat(63), ({ base, candidate, stretches }, mask) => {
        const accepted = subsetOf(stretches, mask);
        const expected: string[] = [];
        let at = 0;
        stretches.forEach((stretch, n) => {
          expected.push(...base.slice(at, stretch.base.start));
          const side = accepted.has(n)
            ? candidate.slice(stretch.candidate.start, stretch.candidate.end)
            : base.slice(stretch.base.start, stretch.base.end);
          expected.push(...side);
          at = stretch.base.end;
        });
        expect(assemble(base, candidate, stretches, accepted).join('')).toBe([...expected, ...base.slice(at)].join(''));
      }),
    );
  });

  it('tells which hunks it holds, so that the rest completes it to the candidate', () => {
    fc.assert(
      fc.property(change, fc.nat(63), ({ base, candidate, stretches }, mask) => {
        const accepted = subsetOf(stretches, mask);
        const some = assemble(base, candidate, stretches, accepted);
        const held = stretchesIn(some, base, candidate, stretches);
        // Another reading of the same lines is as good: what counts is that the rest leads to the candidate.
        expect(held && assemble(base, candidate, stretches, held)).toEqual(some);
        const rest = [...stretches.keys()].filter((n) => !accepted.has(n));
        const both = assemble(base, candidate, stretches, new Set([...(held ?? []), ...accepted, ...rest]));
        expect(both).toEqual(candidate);
      }),
    );
  });

  it('is recognised as something else when a line of the user‘s own is in it', () => {
    const base = ['a\n', 'b\n', 'c\n'];
    const candidate = ['a\n', 'B\n', 'c\n'];
    const stretches = [{ base: { start: 1, end: 2 }, candidate: { start: 1, end: 2 } }];
    expect(stretchesIn(['a\n', 'B\n', 'c\n', 'mine\n'], base, candidate, stretches)).toBeUndefined();
    expect(stretchesIn(['a\n', 'B\n', 'c\n'], base, candidate, stretches)).toEqual(new Set([0]));
  });
});

describe('lines of a file', () => {
  it('come back byte for byte, whatever the encoding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(bytesOf(byteLines(Buffer.from(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('are read by people as text without line ends', () => {
    expect(readable(byteLines(Buffer.from('grüße\r\n🎉\nlast')))).toEqual(['grüße', '🎉', 'last']);
  });
});

describe('the stretches of a patch', () => {
  const patch = [
    'diff --git a/x b/x',
    'index aaaa..bbbb 100644',
    '--- a/x',
    '+++ b/x',
    '@@ -0,0 +1,2 @@',
    '+@@ -9,9 +9,9 @@ is a line of the file',
    '+index cccc..dddd',
    '@@ -4 +6 @@ function f() {',
    '-old',
    '+new',
    '@@ -8,2 +9,0 @@',
    '-gone',
    '-gone',
    'diff --git a/y b/y',
    'index cccc..dddd 100644',
    'Binary files a/y and b/y differ',
  ].join('\n');

  it('are found by the pair of contents, counted from 0', () => {
    expect([...readStretches(patch)]).toEqual([
      [
        'aaaa..bbbb',
        [
          { base: { start: 0, end: 0 }, candidate: { start: 0, end: 2 } },
          { base: { start: 3, end: 4 }, candidate: { start: 5, end: 6 } },
          { base: { start: 7, end: 9 }, candidate: { start: 9, end: 9 } },
        ],
      ],
      ['cccc..dddd', []],
    ]);
  });

  it('are one when only blank lines and brackets stand between them', () => {
    const at = (start: number) => ({ base: { start, end: start + 1 }, candidate: { start, end: start + 1 } });
    const base = ['a\n', '}\n', '\n', 'b\n', 'c\n', 'd\n'];
    expect(joinNeighbours([at(0), at(3), at(5)], base)).toEqual([{ base: { start: 0, end: 4 }, candidate: { start: 0, end: 4 } }, at(5)]);
  });
});

describe('the id of a hunk', () => {
  it('follows from path, kind and content; equal ones in a file are told apart by their order', () => {
    const first = hunkIds();
    const again = hunkIds();
    const ids = [
      first('a.js', 'lines', 'x', 'y'),
      first('a.js', 'lines', 'x', 'y'),
      first('b.js', 'lines', 'x', 'y'),
      first('a.js', 'lines', 'xy', ''),
    ];
    expect(new Set(ids).size).toBe(4);
    expect([again('a.js', 'lines', 'x', 'y'), again('a.js', 'lines', 'x', 'y')]).toEqual(ids.slice(0, 2));
  });
});
