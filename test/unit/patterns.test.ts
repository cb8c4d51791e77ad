import { describe, expect, test } from 'vitest';
import { findIdleAllowances, findSlowPatterns } from '../../scripts/patterns.ts';

const findingsOf = (text: string, file = 'run/ask.ts'): string[] =>
  findSlowPatterns([{ path: file, text }]).map(({ line, reason }) => `${line}: ${reason}`);

describe('the pattern check', () => {
  test('lets a pattern pass whose time grows with the text alone', () => {
    expect(findingsOf(String.raw`const number = /^\d+(?:\.\d+)?$/; const end = /(?<!\/)\/+$/; // /(a+)+$/ is no pattern here`)).toEqual([]);
  });

  test('names a pattern that starts anew at every place, one with two parts for the same text, and one that doubles', () => {
    expect(findingsOf('text\n.replace(/\\n+$/, "")')).toEqual(['2: its time grows faster than the text with many of "\\n"']);
    expect(findingsOf(String.raw`/^a\s*b?\s*$/m.test(text)`)).toHaveLength(1);
    expect(findingsOf('/^(?:a+)+$/.test(text)')).toEqual(['1: its time grows exponentially with many of "a"']);
  });

  test('names a pattern that is put together where no reason is given', () => {
    expect(findingsOf('new RegExp(word)')).toEqual(['1: a pattern that is put together is not analysed']);
    expect(findingsOf('RegExp(word, "g")')).toHaveLength(1);
    expect(findingsOf('new RegExp(word)', 'redaction/names.ts')).toEqual([]);
  });

  test('an allowance holds for its pattern in its file, and is named when it is no longer needed', () => {
    const text = String.raw`/new|updated|modified\s+\s+$/.test(line)`;
    expect(findingsOf(text)).toHaveLength(1);
    expect(findingsOf(text, 'workspace/named-path.ts')).toEqual([]);
    expect(findIdleAllowances([{ path: 'workspace/named-path.ts', text }])).not.toContain('workspace/named-path.ts: new|updated|modified');
    expect(findIdleAllowances([])).toEqual(expect.arrayContaining(['workspace/named-path.ts: new|updated|modified', 'redaction/names.ts']));
  });
});
