import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containment, similarity, survivalOf, survivalOfAll } from '../../src/lessons/survival.ts';

describe('four-grams', () => {
  it('of a text are runs of four characters; white space in any amount is one space', () => {
    // abcd bcde | abcd bcdX
    expect(containment('abcde', 'abcdX')).toBe(1 / 2);
    expect(similarity('abcde', 'abcdX')).toBe(1 / 2);
    expect(containment('a\n  b c', ' a b\tc')).toBe(1);
  });

  it('count as often as they stand there', () => {
    // aaaa three times of which the other has one
    expect(containment('aaaaaa', 'aaaa')).toBe(1 / 3);
    expect(similarity('aaaaaa', 'aaaa')).toBe(2 / 4);
  });

  it('of a text under four characters are the text itself; an empty text is wholly there', () => {
    expect(containment('ab', 'ab')).toBe(1);
    expect(containment('ab', 'abc')).toBe(0);
    expect(containment('', 'anything')).toBe(1);
  });
});

const before = 'one\ntwo\nthree\nfour\n';
const after = 'one\nTWO and more\nthree\nfour\n';

describe('survival of a file', () => {
  it('is whole when nothing was touched', () => {
    expect(survivalOf({ before, after, now: after })).toMatchObject({ fourGram: 1, noRevert: 1 });
  });

  it('is nothing when the file is as before', () => {
    expect(survivalOf({ before, after, now: before })).toMatchObject({ fourGram: 0, noRevert: 0 });
  });

  it('is no text but no revert either when the lines were written anew', () => {
    expect(survivalOf({ before, after, now: 'one\nsomething else\nthree\nfour\n' })).toMatchObject({ fourGram: 0, noRevert: 1 });
  });

  it('has known values when half of the accepted line went', () => {
    // "TWO and more" has nine four-grams; "TWO and" keeps TWO_ WO_a O_an _and. Nothing of it is in "two".
    const { fourGram, noRevert } = survivalOf({ before, after, now: 'one\nTWO and\nthree\nfour\n' });
    expect(fourGram).toBeCloseTo(4 / 9, 10);
    expect(noRevert).toBe(1);
  });

  it('has known values when a line went back half of the way', () => {
    // was "abcdefgh" (5 grams), became "abcdEFGH" (shares abcd: similarity 2/10), is "abcdefGH" (shares abcd bcde cdef: 6/10).
    const { fourGram, noRevert } = survivalOf({ before: 'abcdefgh\n', after: 'abcdEFGH\n', now: 'abcdefGH\n' });
    expect(fourGram).toBeCloseTo(1 / 5, 10);
    expect(noRevert).toBeCloseTo(1 - (0.6 - 0.2) / (1 - 0.2), 10);
  });

  it('does not fall because the user works on elsewhere in the file', () => {
    const now = `# new heading\n${after}five\nsix and two\n`;
    expect(survivalOf({ before, after, now })).toMatchObject({ fourGram: 1, noRevert: 1 });
  });

  it('sees a revert although the user works on elsewhere in the file', () => {
    const { fourGram, noRevert } = survivalOf({ before, after, now: `# new heading\n${before}five\nsix\n` });
    expect(fourGram).toBe(0);
    expect(noRevert).toBe(0);
  });

  it('does not fall by a formatter: indents, line ends and wrapped lines', () => {
    const now = after.replace('TWO and more', '    TWO and\r\n    more').replaceAll('three', '\tthree');
    expect(survivalOf({ before, after, now }).fourGram).toBe(1);
    expect(survivalOf({ before, after, now: after.replaceAll('\n', '\r\n') })).toMatchObject({ fourGram: 1, noRevert: 1 });
  });

  it('follows accepted lines that were moved within the file', () => {
    expect(survivalOf({ before, after, now: 'one\nthree\nfour\nTWO and more\n' }).fourGram).toBe(1);
  });

  it('counts lines put in and taken out: out again, back again', () => {
    const added = { before: 'a\nb\n', after: 'a\nnew line\nb\n' };
    expect(survivalOf({ ...added, now: 'a\nb\n' })).toMatchObject({ fourGram: 0, noRevert: 0 });
    const removed = { before: 'a\nold line\nb\n', after: 'a\nb\n' };
    expect(survivalOf({ ...removed, now: 'a\nb\n' })).toMatchObject({ fourGram: 1, noRevert: 1 });
    expect(survivalOf({ ...removed, now: 'a\nold line\nb\n' })).toMatchObject({ fourGram: 1, noRevert: 0 });
  });

  it('of whole files: an added one that is gone, a deleted one that is back, an edited one that is gone', () => {
    expect(survivalOf({ before: undefined, after: 'new\n', now: undefined })).toMatchObject({ fourGram: 0, noRevert: 0 });
    expect(survivalOf({ before: 'old\n', after: undefined, now: 'old\n' })).toMatchObject({ noRevert: 0 });
    expect(survivalOf({ before: 'old\n', after: undefined, now: undefined })).toMatchObject({ fourGram: 1, noRevert: 1 });
    expect(survivalOf({ before, after, now: undefined })).toMatchObject({ fourGram: 0, noRevert: 1 });
  });

  it('stays between 0 and 1 for any three texts, is 1 for an untouched and 0 for a reverted change', () => {
    const text = fc.option(
      fc.array(fc.constantFrom('a', 'b', '', '}', 'longer line', 'x = y'), { maxLength: 12 }).map((lines) => lines.join('\n')),
      { nil: undefined },
    );
    fc.assert(
      fc.property(text, text, text, (was, came, is) => {
        const { fourGram, noRevert } = survivalOf({ before: was, after: came, now: is });
        for (const score of [fourGram, noRevert]) expect(score).toSatisfy((value: number) => value >= 0 && value <= 1);
        expect(survivalOf({ before: was, after: came, now: came })).toMatchObject({ fourGram: 1, noRevert: 1 });
        const read = (one: string | undefined) => (one ?? '').replaceAll(/\s+/g, ' ').trim();
        if (read(was) !== read(came)) expect(survivalOf({ before: was, after: came, now: was }).noRevert).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('of a very long file is found in good time', () => {
    const long = Array.from({ length: 60_000 }, (_, n) => (n % 2 ? '}' : `row ${n}`));
    const edited = long.with(30_000, 'accepted text');
    const started = performance.now();
    expect(survivalOf({ before: long.join('\n'), after: edited.join('\n'), now: long.join('\n') })).toMatchObject({
      fourGram: 0,
      noRevert: 0,
    });
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('survival of a whole change', () => {
  it('is the mean of its files by the size of what was changed in them; 1 for a change without text', () => {
    const all = survivalOfAll([
      { fourGram: 1, noRevert: 1, weight: 30 },
      { fourGram: 0, noRevert: 0.5, weight: 10 },
    ]);
    expect(all).toEqual({ fourGram: 0.75, noRevert: 0.875 });
    expect(survivalOfAll([])).toEqual({ fourGram: 1, noRevert: 1 });
  });
});
