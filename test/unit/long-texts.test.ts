/** What foreign texts may cost: 100,000 characters made to be hard for patterns take no longer than any others. A quadratic pattern needs several seconds. */
import { describe, expect, it } from 'vitest';
import { framesIn } from '../../src/briefing/frames.ts';
import { normaliserFor } from '../../src/feedback/normalise.ts';
import { findTampering } from '../../src/feedback/tampering.ts';
import { bodyOfTest } from '../../src/feedback/touched-names.ts';
import { createRedaction } from '../../src/redaction/index.ts';
import { namesIn } from '../../src/request/names.ts';
import { textCalls } from '../../src/run/text-calls.ts';
import { definitionsOf } from '../../src/run/tools.ts';
import { byteLines } from '../../src/workspace/hunks.ts';
import { readPatch } from '../../src/workspace/patch.ts';
import { expandBraces } from '../../src/workspace/scope.ts';
import { readText, writeText } from '../../src/workspace/text.ts';
import { parseEdits } from '../support/replies.ts';

const characters = 100_000;
const units = [
  '\n',
  ' ',
  '\t',
  'a',
  '`',
  '~',
  '/',
  '.',
  '-',
  '=',
  '[',
  '{',
  '(',
  '<',
  '"',
  "'",
  ',',
  'a b ',
  ' \n',
  '    x\n',
  '```\n',
  '```tool\n',
  '<tool_call>',
  '[TOOL_CALLS]{',
  '<function=read>',
  '<<<<<<< ',
  '@@ -1 ',
  'node:internal/x\n',
  '  File "/lib/python3.1/',
  'DELETE: "',
  '`a',
  'path = ',
  '{a,',
  '(0x1',
];
const starts = ['', '```', '<<<<<<< SEARCH ', '@@ -', 'DELETE: ', '  File "', 'File: '];
const hostile = units.flatMap((unit) => starts.map((start) => `${start}${unit.repeat(Math.ceil(characters / unit.length))}!`));
const normalise = normaliserFor(process.cwd(), []);
const redaction = createRedaction({ known: [], workspace: '/w', dataDir: '/d', home: '/home/u' });
const mixed = Buffer.from('a\r\nb\n');

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  'a reply with whole files': (text) => parseEdits(text, 'whole-file', ['a.js']),
  'a reply with blocks': (text) => parseEdits(`a.js\n<<<<<<< SEARCH\na\n=======\n${text}`, 'search-replace', ['a.js']),
  'a patch': readPatch,
  'a call of a tool': (text) => textCalls(text, definitionsOf(['read', 'edit'])),
  'the output of tests': normalise,
  'frames of a stack': framesIn,
  'names in a request': namesIn,
  'lines of a file': (text) => byteLines(Buffer.from(text)),
  'a file with mixed line ends': (text) => writeText(text, readText(mixed), Buffer.from(`a\r\n${text}`)),
  'what an export holds': redaction.text,
  'a test': (text) => findTampering({ changedFiles: [{ path: 'test/a.test.js', before: 'it("adds")', after: text }] }),
  'a name of a test': (text) => bodyOfTest('test', text),
};

describe('long lines and many of them', () => {
  it.each(Object.entries(readers))('as %s are read in time', async (_, read) => {
    for (const text of hostile) {
      const before = performance.now();
      await read(text);
      expect(performance.now() - before, JSON.stringify(text.slice(0, 40))).toBeLessThan(3_000);
    }
  });

  it('as a scope with braces are expanded in time', () => {
    const before = performance.now();
    for (const unit of ['{', '{a,', ',', '{a,b']) expandBraces(unit.repeat(20_000));
    expect(performance.now() - before).toBeLessThan(3_000);
  });
});
