import { describe, expect, it } from 'vitest';
import { asTap, tapReader, withoutPrettyTap } from '../../src/feedback/runners/tap.ts';

/** In chunks that cut lines anywhere. */
function read(text: string) {
  const reader = tapReader();
  for (let at = 0; at < text.length; at += 7) reader.add(text.slice(at, at + 7));
  const found = reader.read();
  return found && { ...found, cases: found.cases.map(({ name, outcome, message }) => [outcome, name, message ?? ''].join('|')) };
}

describe('TAP that a program prints', () => {
  it.each<[string, string, string[], boolean]>([
    [
      'of tape, with the test in a comment and npm’s words in front',
      '> a@1 test\nTAP version 13\n# one\nok 1 should be equal\nnot ok 2 should be equal\n  ---\n    expected: 2\n  ...\n\n1..2\n# tests 2\n# fail 1\n',
      ['passed|one > should be equal|', 'failed|one > should be equal (2)|expected: 2'],
      true,
    ],
    [
      'of ava',
      'TAP version 13\n# a › one\nok 1 - a › one\n# a › two\nok 2 - a › two # SKIP\nnot ok 3 - later # TODO\n1..3\n',
      ['passed|a › one|', 'skipped|a › two|', 'skipped|a › two > later|'],
      true,
    ],
    [
      'with subtests, which are told by the one around them',
      'TAP version 14\n# Subtest: a\n    ok 1 - in\n    1..1\nok 1 - a # time=3ms\n1..1\n',
      ['passed|a|'],
      true,
    ],
    ['cut short', 'TAP version 13\n1..3\nok 1 - a\n', ['passed|a|'], false],
    ['given up', 'TAP version 13\n1..1\nok 1 - a\nBail out! no more\n', ['passed|a|'], false],
  ])('%s', (_what, text, cases, complete) => {
    expect(read(text)).toEqual({ cases, complete });
  });

  it('is nothing where there is no head of TAP, or no test', () => {
    expect(read('ok 1 - a\n1..1\n')).toBeUndefined();
    expect(read('TAP version 13\n1..0\n')).toBeUndefined();
    expect(read('')).toBeUndefined();
  });
});

it('is switched on where a program prints something else, without its watching', () => {
  expect(asTap(['ava', '--watch', 'a.js'])).toEqual(['ava', '--tap', 'a.js']);
  expect(asTap(['tap', '-R', 'spec', 'a.js'])).toEqual(['tap', '--reporter=tap', 'a.js']);
  expect(asTap(['tape', 'a.js'])).toEqual(['tape', 'a.js']);
  expect(withoutPrettyTap('tape test | npx tap-dot')).toBe('tape test');
  expect(withoutPrettyTap('tape test | tee log')).toBe('tape test | tee log');
});
