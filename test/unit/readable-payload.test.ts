/** A payload in the form that people read before they say yes: nothing is lost on the way there and back. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { payloadRead, readablePayload } from '../../src/lessons/index.ts';

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '',
        ' ',
        '\t',
        'a: b',
        '- x',
        '---',
        '...',
        '# c',
        '\r',
        '"',
        "'",
        '|',
        '>',
        '2026-11-29',
        '0x1',
        '~',
        'null',
        'yes',
        ' end ',
      ),
      {
        maxLength: 8,
      },
    )
    .map((lines) => lines.join('\n')),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    texts,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(texts, tie('value'), { maxKeys: 4 }),
  ),
}));

test('any payload comes back as it was, letter by letter', () => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.string(), value, { minKeys: 1, maxKeys: 4 }), { minLength: 1, maxLength: 4 }), (lines) => {
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      const shown = readablePayload(text);
      // An editor has one kind of line end in a document.
      expect(shown).not.toContain('\r');
      expect(payloadRead(shown)).toBe(text);
    }),
    { numRuns: 300 },
  );
});

test('long texts stand in lines of their own', () => {
  const line = { line: 'run', patch: 'diff --git a/x b/x\n-old\n+new\n', prompt: `${'word '.repeat(60)}end` };
  expect(readablePayload(`${JSON.stringify({ line: 'head' })}\n${JSON.stringify(line)}\n`)).toBe(
    `line: head\n---\nline: run\npatch: |\n  diff --git a/x b/x\n  -old\n  +new\nprompt: ${line.prompt}\n`,
  );
});

test('what cannot be read any more is refused with its line; an emptied one too', () => {
  expect(() => payloadRead('line: head\n---\nrun: [1\n')).toThrow(
    expect.objectContaining({ code: 'payload-broken', facts: { why: 'not-yaml', line: expect.any(Number) } }),
  );
  expect(() => payloadRead(' \n')).toThrow(expect.objectContaining({ facts: { why: 'empty' } }));
});
