import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openChannel, signedLine, workerKey } from '../../src/feedback/channel.ts';
import { nodeTest } from '../../src/feedback/runners/node-test.ts';

test('a runner that outlives the test process we killed does not call its file failed', () => {
  const root = mkdtempSync(join(tmpdir(), 'teamwright-cut-'));
  try {
    const channel = openChannel(root);
    const { read } = nodeTest.prepare(['node', '--test'], { root, cwd: root, reports: root, channel, normalise: (text) => text });
    const file = join(root, 'a.test.js');
    const lines = (...records: object[]): string => records.map((record) => `${JSON.stringify(record)}\n`).join('');
    writeFileSync(
      join(root, 'progress.jsonl'),
      lines(
        { t: 'start', file, name: '' },
        { t: 'start', file, name: 'ok' },
        { t: 'case', file, name: 'ok', outcome: 'passed' },
        { t: 'start', file, name: 'spins' },
      ),
    );
    const killed = { t: 'case', file, name: '', outcome: 'failed', message: 'test failed', whole: true };
    const key = workerKey(channel.key, 'm');
    const signed = [killed, { t: 'end' }].map((record, seq) => signedLine(key, 'm', seq, JSON.stringify(record)));
    writeFileSync(channel.records, signed.join(''));

    const cut = read(true);
    expect(cut.cases.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(['ok passed']);
    expect(cut.pending.map(({ name }) => name)).toEqual(['spins']);
    // The same lines from a run that ended by itself: the file's process crashed.
    expect(read(false).cases).toMatchObject([{ outcome: 'failed', whole: true }]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
