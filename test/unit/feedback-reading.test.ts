import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { normaliserFor, shorten } from '../../src/feedback/normalise.ts';
import { readingOf, readRecords } from '../../src/feedback/records.ts';

const naming = { root: '/workspace', normalise: (text: string) => text.replaceAll('/workspace/', ''), separator: ' > ' };
const fixture = (name: string) => readingOf(readRecords(join('test/fixtures/feedback', name)), naming);

describe('reports recorded from real runners', () => {
  it('jest 30', () => {
    const { cases, complete, pending } = fixture('jest.jsonl');
    expect(complete).toBe(true);
    expect(pending).toEqual([]);
    expect(cases.map((one) => [one.id, one.outcome, one.whole ?? false]).sort()).toEqual([
      ['a.test.js > outer', 'failed', false],
      ['a.test.js > suite > bad', 'failed', false],
      ['a.test.js > suite > ok', 'passed', false],
      ['a.test.js > suite > sk', 'skipped', false],
      ['a.test.js > suite > td', 'skipped', false],
      ['b.test.js', 'failed', true],
    ]);
    expect(cases.find((one) => one.id === 'b.test.js')?.message).toContain("Cannot find module './nope'");
  });

  it('mocha 11', () => {
    const { cases, complete } = fixture('mocha.jsonl');
    expect(complete).toBe(true);
    expect(cases.map((one) => [one.id, one.outcome, one.whole ?? false])).toEqual([
      ['test/a.js > suite > ok', 'passed', false],
      ['test/a.js > suite > bad', 'failed', false],
      ['test/a.js > suite > sk', 'skipped', false],
      ['test/a.js > suite > td', 'skipped', false],
      ['test/a.js > hooked > "before all" hook for "never"', 'failed', true],
    ]);
  });
});

describe('records', () => {
  it('torn and foreign lines are left out; what started and did not end is suspected; equal names are told apart', () => {
    const folder = mkdtempSync(join(tmpdir(), 'teamwright-records-'));
    const path = join(folder, 'report.jsonl');
    const lines = [
      '{"t":"start","file":"/workspace/a.js","name":""}',
      '{"t":"start","file":"/workspace/a.js","name":"one"}',
      '{"t":"case","file":"/workspace/a.js","name":"one","outcome":"passed"}',
      '{"t":"case","file":"/workspace/a.js","name":"one","outcome":"failed","message":"no"}',
      'printed by a test',
      '{"t":"case","file":"/workspace/a.js","name":"bad","outcome":"exploded"}',
      '{"t":"start","file":"/workspace/a.js","name":"two"}',
      '{"t":"case","file":"/workspace/a.js","na',
    ];
    writeFileSync(path, lines.join('\n'));
    const reading = readingOf(readRecords(path), naming);
    rmSync(folder, { recursive: true });
    expect(reading.complete).toBe(false);
    expect(reading.cases.map((one) => one.id)).toEqual(['a.js > one', 'a.js > one #2']);
    expect(reading.pending.map((one) => one.id)).toEqual(['a.js > two']);
    expect(readRecords(path)).toEqual([]);
  });
});

describe('normal text', () => {
  const here = process.cwd();
  const normalise = normaliserFor(here, ['/tmp/reports-1']);

  it('has paths relative to the workspace, no colours, addresses, timings or frames of the runtime', () => {
    const text = [
      `\u001b[31mError: x\u001b[39m`,
      `    at f (${here}/src/a.js:1:2)`,
      `    at file://${here}/src/b.mjs:3:4`,
      '    at Module._compile (node:internal/modules/cjs/loader:1:1)',
      '    at report (/tmp/reports-1/reporter.mjs:1:1)',
      '<function f at 0x7f3a2b1c9d00>',
      '✔ adds (1.234ms)',
      '--- FAIL: TestA (0.01s)',
      '===== 1 failed in 0.12s =====',
      'test result: ok. 1 passed; finished in 0.01s',
      'Node.js v24.1.0',
    ].join('\r\n');
    expect(normalise(text)).toBe(
      [
        'Error: x',
        '    at f (src/a.js:1:2)',
        '    at src/b.mjs:3:4',
        '<function f at 0x…>',
        '✔ adds',
        '--- FAIL: TestA',
        '===== 1 failed =====',
        'test result: ok. 1 passed',
      ].join('\n'),
    );
  });

  it('leaves the values of assertions alone', () => {
    for (const text of [
      'expected 5ms to equal 6ms',
      'assert 0.12 == 0.13',
      'took (3) of 4',
      'expected "in 3s flat" got "in 4s"',
      '0xff != 0xfe',
    ]) {
      expect(normalise(text)).toBe(text);
    }
  });

  it('is shortened in the middle, at line ends, without half characters', () => {
    const long = `start\n${'😀 line\n'.repeat(2000)}end`;
    const short = shorten(long, 500);
    expect(short.length).toBeLessThanOrEqual(500);
    expect(short).toMatch(/^start\n[\s\S]*\n\[…\]\n[\s\S]*\nend$/);
    expect(short.isWellFormed()).toBe(true);
    expect(shorten('short', 500)).toBe('short');
  });
});
