import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { normaliserFor, shorten } from '../../src/feedback/normalise.ts';
import { readingOf } from '../../src/feedback/reading.ts';
import { type GuardRecord, parseRecord } from '../../src/feedback/records.ts';

const naming = { root: '/workspace', normalise: (text: string) => text.replaceAll('/workspace/', ''), separator: ' > ' };
/** A reading of lines that are all authentic, written by the runner's main process unless they say otherwise. */
function read(...records: (object | string)[]) {
  return readOf(records, false);
}
function readOf(records: readonly (object | string)[], cutShort: boolean) {
  const all = records.flatMap((one): GuardRecord[] => {
    const text = typeof one === 'string' ? one : JSON.stringify(one);
    const record = parseRecord(text);
    return record === undefined ? [] : [{ worker: 'm', ...(typeof one === 'string' ? {} : one), ...record }];
  });
  return readingOf({ records: all, breaches: [], overflow: false }, naming, undefined, cutShort);
}
const fixture = (name: string) => read(...readFileSync(join('test/fixtures/feedback', name), 'utf8').split('\n'));

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
  const file = '/workspace/a.js';

  it('what started and did not end is suspected; equal names are told apart; what is no record is left out', () => {
    const reading = read(
      { t: 'start', file, name: '' },
      { t: 'start', file, name: 'one' },
      { t: 'case', file, name: 'one', outcome: 'passed' },
      { t: 'case', file, name: 'one', outcome: 'failed', message: 'no' },
      'printed by a test',
      { t: 'case', file, name: 'bad', outcome: 'exploded' },
      { t: 'start', file, name: 'two' },
      '{"t":"case","file":"/workspace/a.js","na',
    );
    expect(reading.complete).toBe(false);
    expect(reading.cases.map((one) => one.id)).toEqual(['a.js > one', 'a.js > one #2']);
    expect(reading.pending.map((one) => one.id)).toEqual(['a.js > two']);
  });

  it('without a guard in place the reading says that it is unguarded', () => {
    expect(read({ t: 'end' })).toMatchObject({ guard: 'exit-code', doubts: [{ kind: 'unguarded' }] });
    expect(read({ t: 'open' }, { t: 'end' })).toMatchObject({ guard: 'records', doubts: [], complete: true });
  });

  const heard = (name: string, outcome: string) => ({ t: 'case', file, name, outcome });
  const saw = (name: string, outcome: string) => ({ t: 'saw', file, name, outcome });
  const outcomes = (reading: ReturnType<typeof read>) => reading.cases.map((one) => `${one.name} ${one.outcome}`);

  it('where the guard sees the tests, only what it saw pass has passed', () => {
    const reading = read(
      { t: 'open', sees: true },
      ...[saw('both', 'passed'), heard('both', 'passed'), heard('unseen', 'passed'), heard('later', 'skipped')],
      ...[saw('hook fails', 'passed'), heard('hook fails', 'failed')],
    );
    expect(outcomes(reading)).toEqual(['both passed', 'unseen failed', 'later skipped', 'hook fails failed']);
    expect(reading).toMatchObject({ guard: 'records', breaches: [] });
  });

  it('called passed and seen to fail is a contradiction, also among tests of one name', () => {
    const alone = read({ t: 'open', sees: true }, saw('one', 'failed'), heard('one', 'passed'));
    expect(outcomes(alone)).toEqual(['one failed']);
    expect(alone.breaches).toEqual([{ kind: 'contradiction', detail: 'Called passed, but seen to fail: one' }]);
    const honest = [saw('same', 'failed'), heard('same', 'failed'), saw('same', 'passed'), heard('same', 'passed')];
    expect(read({ t: 'open', sees: true }, ...honest).breaches).toEqual([]);
    const forged = [saw('same', 'failed'), heard('same', 'passed'), saw('same', 'passed'), heard('same', 'passed')];
    expect(read({ t: 'open', sees: true }, ...forged).breaches).toMatchObject([{ kind: 'contradiction' }]);
  });

  it('a file whose process left before its end was reached has failed', () => {
    const file = '/workspace/b.js';
    const early = [{ t: 'open' }, { t: 'start', file, name: '' }, { t: 'end' }];
    expect(read(...early).cases).toMatchObject([{ id: 'b.js', outcome: 'failed', whole: true }]);
    expect(read(...early, { t: 'over', file, name: '' }).cases).toEqual([]);
    const unseen = read({ t: 'open', sees: true }, { t: 'case', file, name: '', outcome: 'passed', whole: true }, { t: 'end' });
    expect(unseen.cases).toMatchObject([{ id: 'b.js', outcome: 'failed', message: 'Its process ended before its tests did.' }]);
  });

  it('a test is known by the file that the runner names, be it the test file or the one that registered it', () => {
    const helper = '/workspace/helper.js';
    const seen = { t: 'saw', file, at: helper, name: 'one', outcome: 'passed' };
    for (const told of [file, helper]) {
      const reading = read({ t: 'open', sees: true }, seen, { t: 'case', file: told, name: 'one', outcome: 'passed' });
      expect(outcomes(reading)).toEqual(['one passed']);
    }
  });

  it('of a run that was cut short, what the guard saw stands, not what the runner made of the processes we killed', () => {
    const records = [
      { t: 'open', sees: true },
      { t: 'start', file, name: '', worker: 'w1' },
      { t: 'start', file, name: 'ok', worker: 'w1' },
      { t: 'saw', file, name: 'ok', outcome: 'passed', worker: 'w1' },
      { t: 'start', file, name: 'outer', worker: 'w1' },
      { t: 'start', file, name: 'outer > spins', worker: 'w1' },
      { t: 'case', file, name: '', outcome: 'failed', message: 'test failed', whole: true },
      { t: 'end' },
    ];
    const cut = readOf(records, true);
    expect(outcomes(cut)).toEqual(['ok passed']);
    expect(cut.pending.map(({ name }) => name)).toEqual(['outer > spins']);
    expect(cut.complete).toBe(false);
    // The same lines from a run that ended by itself: the file's process crashed.
    expect(read(...records).cases).toMatchObject([{ outcome: 'failed', whole: true }]);
  });

  it("a guard's own signs are told, each once, with paths as everywhere", () => {
    const doubt = (name: string) => ({ t: 'doubt', kind: 'foreign-test', detail: 'A test', file: `/workspace/${name}` });
    const canary = { t: 'breach', kind: 'canary', detail: 'assert.equal' };
    const reading = read({ t: 'open' }, canary, doubt('x.js'), doubt('x.js'), doubt('test/helper.js'));
    expect(reading.breaches).toEqual([{ kind: 'canary', detail: 'assert.equal' }]);
    expect(reading.doubts).toMatchObject([{ kind: 'foreign-test', file: 'x.js' }]);
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

  it('loses the source lines that Node prints above an error of its own, and the middle of very long lines', () => {
    expect(normalise('a\nnode:internal/fs:1\n  throw\n  ^\n\nError: x\nnode:internal/last')).toBe('a\nError: x\nnode:internal/last');
    expect(normalise(`start${'x'.repeat(9000)}end`)).toMatch(/^startx{995}…x{997}end$/);
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
