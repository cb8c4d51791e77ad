/** Only what the guard wrote is read, and reading it ends soon, whatever lies there. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Channel, openChannel, readChannel, signedLine, workerKey } from '../../src/feedback/channel.ts';

let folder: string;
let channel: Channel;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'teamwright-channel-'));
  channel = openChannel(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const passed = (name: string, more: object = {}) => ({ t: 'case', file: '/w/a.js', name, outcome: 'passed', ...more });

/** Lines as a guard writes them, numbered per worker. */
function linesOf(...records: { by?: string; [key: string]: unknown }[]): string[] {
  const next = new Map<string, number>();
  return records.map(({ by = 'm', ...record }) => {
    const seq = next.get(by) ?? 0;
    next.set(by, seq + 1);
    return signedLine(workerKey(channel.key, by), by, seq, JSON.stringify(record));
  });
}

const write = (lines: readonly string[]): void => writeFileSync(channel.records, lines.join(''));
const names = () => readChannel(channel).records.map((record) => ('name' in record ? record.name : record.t));
const breaches = () => readChannel(channel).breaches.map((one) => one.detail);

describe('the ticket', () => {
  it('is for its owner alone and says where to write and with which key', () => {
    expect(JSON.parse(readFileSync(channel.ticket, 'utf8'))).toEqual({ key: channel.key.toString('hex'), records: channel.records });
    expect(channel.key).toHaveLength(32);
    if (process.platform !== 'win32') expect(statSync(channel.ticket).mode & 0o777).toBe(0o600);
    expect(existsSync(channel.records)).toBe(false);
  });

  it('of another run has another key', () => {
    const other = openChannel(mkdtempSync(join(folder, 'other-')));
    expect(other.key.equals(channel.key)).toBe(false);
  });
});

describe('what the guard wrote', () => {
  it('up to a sign of somebody else at work cannot be written anew by who has the key then', () => {
    const lines = (key: Buffer, from: number, ...records: object[]) =>
      records.map((record, index) => signedLine(key, 'm', from + index, JSON.stringify(record)));
    const [first, turned] = [workerKey(channel.key, 'm'), workerKey(workerKey(channel.key, 'm'), 'turn')];
    const sign = { t: 'doubt', kind: 'reached-in', detail: 'Somebody looked' };
    write([...lines(first, 0, { t: 'open' }, sign), ...lines(turned, 2, passed('one'), { t: 'end' })]);
    expect(readChannel(channel)).toMatchObject({ breaches: [], records: [{}, sign, {}, { t: 'end' }] });
    write(lines(turned, 0, { t: 'open' }, passed('one'), { t: 'end' }));
    expect(breaches()).toEqual(['A line of the record was not written by the guard']);
    write([...lines(first, 0, { t: 'open' }), ...lines(turned, 1, passed('one'), { t: 'end' })]);
    expect(breaches()).toEqual(['A line of the record was not written by the guard']);
    write([...lines(first, 0, { t: 'open' }, sign, passed('one'), { t: 'end' })]);
    expect(breaches()).toEqual(['A line of the record was not written by the guard']);
  });

  it('of a process that runs one test is believed where the one that forked it said so first, and of that test alone', () => {
    const own = workerKey(channel.key, 'm');
    const child = workerKey(own, 'm.1');
    const fork = signedLine(own, 'm', 0, JSON.stringify({ t: 'fork', child: 'm.1', file: 'a.py', name: 'one' }));
    const saw = (name: string, by = child) => signedLine(by, 'm.1', 0, JSON.stringify({ t: 'saw', file: 'a.py', name, outcome: 'passed' }));
    write([fork, saw('one')]);
    expect(readChannel(channel)).toMatchObject({ breaches: [], records: [{ t: 'fork' }, { t: 'saw', worker: 'm.1' }] });
    write([fork, saw('two')]);
    expect(breaches()).toEqual(['A process that ran one test told of another']);
    for (const lines of [[saw('one')], [saw('one'), fork], [fork, saw('one', own)]]) {
      write(lines);
      expect(breaches()).toEqual(['A line of the record was not written by the guard']);
    }
    write([fork, saw('one'), saw('one')]);
    expect(breaches()).toEqual(['Lines of the record are missing, repeated or out of order']);
  });

  it('is read in its order, from every worker', () => {
    write(linesOf({ t: 'open' }, { ...passed('one'), by: 'w1' }, passed('two'), { ...passed('drei ü\u2028'), by: 'w1' }, { t: 'end' }));
    expect(names()).toEqual(['open', 'one', 'two', 'drei ü\u2028', 'end']);
    expect(readChannel(channel)).toMatchObject({ breaches: [], overflow: false });
    expect(readChannel(channel).records.map((record) => record.worker)).toEqual(['m', 'w1', 'm', 'w1', 'm']);
  });

  it('and had not finished writing when it was killed, is no record and no sign of anything', () => {
    const [first = '', second = ''] = linesOf(passed('one'), passed('two'));
    writeFileSync(channel.records, first + second.slice(0, -9));
    expect(names()).toEqual(['one']);
    expect(breaches()).toEqual([]);
  });

  it('is nothing where no file lies', () => {
    expect(readChannel(channel)).toEqual({ records: [], breaches: [], overflow: false });
  });
});

describe('what somebody else wrote', () => {
  const forged = 'A line of the record was not written by the guard';
  const disordered = 'Lines of the record are missing, repeated or out of order';

  it.each([
    ['a line without a signature', () => `${JSON.stringify(passed('forged'))}\n`],
    ['a line signed with another key', () => signedLine(workerKey(Buffer.alloc(32), 'm'), 'm', 1, JSON.stringify(passed('forged')))],
    ["a line signed with another worker's key", () => signedLine(workerKey(channel.key, 'w1'), 'm', 1, JSON.stringify(passed('forged')))],
    ['a line whose text was changed', () => (linesOf({ t: 'open' }, passed('x'))[1] ?? '').replace('"x"', '"y"')],
    ['a line whose number was changed', () => (linesOf(passed('x'))[0] ?? '').replace('m 0 ', 'm 1 ')],
    [
      'a line whose mac is in capitals',
      () => (linesOf({ t: 'open' }, passed('x'))[1] ?? '').replace(/[0-9a-f]{64}/, (mac) => mac.toUpperCase()),
    ],
    ['an empty line', () => '\n'],
    ['bytes that are no text', () => '\xff\xfe\0\n'],
  ])('%s', (_name, line) => {
    write([...linesOf({ t: 'open' }), line()]);
    expect(names()).toEqual(['open']);
    expect(breaches()).toEqual([forged]);
  });

  it('a line once more', () => {
    const lines = linesOf({ t: 'open' }, passed('one'));
    write([...lines, lines[1] ?? '']);
    expect(breaches()).toEqual([disordered]);
  });

  it('a line taken out, or two changed about', () => {
    const [first = '', second = '', third = ''] = linesOf(passed('one'), passed('two'), passed('three'));
    write([first, third]);
    expect(breaches()).toEqual([disordered]);
    write([first, third, second]);
    expect(breaches()).toEqual([disordered]);
  });

  it('the first lines taken out', () => {
    write(linesOf(passed('one'), passed('two')).slice(1));
    expect(breaches()).toEqual([disordered]);
  });

  it('a file cut off has no end', () => {
    const lines = linesOf({ t: 'open' }, passed('one'), { t: 'end' });
    write(lines);
    truncateSync(channel.records, (lines[0] ?? '').length + (lines[1] ?? '').length);
    expect(names()).toEqual(['open', 'one']);
  });

  it('two outcomes for one test', () => {
    write(linesOf(passed('one', { id: '7' }), { ...passed('one', { id: '7' }), outcome: 'failed' }));
    expect(breaches()).toEqual(['Two outcomes for one test: one']);
    write(linesOf(passed('one', { id: '7' }), { ...passed('one', { id: '8' }), outcome: 'failed' }));
    expect(breaches()).toEqual([]);
  });

  it('a signed line that is no record', () => {
    write(linesOf({ t: 'case', name: 'half' }));
    expect(breaches()).toEqual(['A line of the record is none of a guard']);
  });

  it('any change of any one byte', () => {
    const text = linesOf({ t: 'open' }, passed('one'), { ...passed('two'), by: 'w1' }, { t: 'end' }).join('');
    fc.assert(
      fc.property(fc.nat(text.length - 2), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const bytes = Buffer.from(text);
        bytes[at] = ((bytes[at] ?? 0) + by) % 256;
        writeFileSync(channel.records, bytes);
        expect(breaches().length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it('any lines left out, repeated or moved, but for the last of a worker', () => {
    const lines = linesOf({ t: 'open' }, passed('one'), passed('two'), passed('three'), { t: 'end' });
    const indices = fc.array(fc.nat(lines.length - 1), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(indices, (chosen) => {
        write(chosen.map((index) => lines[index] ?? ''));
        const isBeginning = chosen.every((index, place) => index === place);
        expect(breaches()).toEqual(isBeginning ? [] : [disordered]);
      }),
    );
  });
});

describe('what lies in its place', () => {
  const replaced = 'The file of records was replaced';

  it.skipIf(process.platform === 'win32')('a pipe nobody writes to does not hold us up', () => {
    execFileSync('mkfifo', [channel.records]);
    expect(breaches()).toEqual([replaced]);
  });

  it.skipIf(process.platform === 'win32')('a link is not followed', () => {
    const elsewhere = join(folder, 'elsewhere');
    writeFileSync(elsewhere, linesOf({ t: 'open' }).join(''));
    symlinkSync(elsewhere, channel.records);
    expect(readChannel(channel)).toMatchObject({ records: [], breaches: [{ detail: replaced }] });
  });

  it.skipIf(process.platform === 'win32')('an endless device is not read', () => {
    symlinkSync('/dev/zero', channel.records);
    expect(breaches()).toEqual([replaced]);
  });
});

describe('a flood', () => {
  it.each([
    ['of one line', 'x'.repeat(1024 * 1024)],
    ['of many lines', `${'x'.repeat(63)}\n`.repeat(16 * 1024)],
    ['of lines that look signed', `m 1 ${'0'.repeat(64)} {}\n`.repeat(14_000)],
    ['of line ends', '\n'.repeat(1024 * 1024)],
  ])('of 200 MB, %s, is not read to its end', (_name, megabyte) => {
    write(linesOf({ t: 'open' }, passed('one')));
    for (let written = 0; written < 200; written += 1) appendFileSync(channel.records, megabyte);
    const before = process.memoryUsage().rss;
    const began = performance.now();
    const readout = readChannel(channel);
    expect(performance.now() - began).toBeLessThan(3000);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
    expect(readout.overflow).toBe(true);
    expect(readout.records).toHaveLength(2);
  });

  it('of authentic records ends at the limit', () => {
    write(linesOf(...Array.from({ length: 40 }, (_, index) => passed(`${index}`))));
    const readout = readChannel(channel, { bytes: 1024 * 1024, records: 20, line: 1024 });
    expect(readout).toMatchObject({ overflow: true, breaches: [] });
  });
});
