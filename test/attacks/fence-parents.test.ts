/** What Teamwright itself was started with does not reach a fenced command: open folders, a terminal, keys of the session. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandResult } from '../../src/process/index.ts';
import { fences } from '../support/fences.ts';
import { python } from '../support/python.ts';
import { secret, type WalledPlace, walledPlace } from '../support/walled-place.ts';

const program = join(import.meta.dirname, 'run-fenced.ts');

if (fences.length === 0) test.skip('no fence works on this machine', () => undefined);

for (const fence of fences) {
  describe(`in the fence by ${fence.by}`, () => {
    let place: WalledPlace;
    beforeAll(async () => {
      place = await walledPlace(fence);
    });
    afterAll(() => place.dispose());

    /** The command line that has this run in the fence. */
    const fenced = (...argv: string[]): [string, string, string] => {
      const spec = { argv, cwd: place.copy, env: { HOME: place.home }, wallMs: 20_000 };
      return [process.execPath, program, JSON.stringify({ spec, fence: place.fenced() })];
    };
    const outcome = ({ stdout, stderr }: SpawnSyncReturns<string>): CommandResult => {
      const line = stdout.split('\n').find((text) => text.startsWith('{'));
      if (line === undefined) throw new Error(`It told nothing: ${stdout}${stderr}`);
      return JSON.parse(line);
    };

    test('a folder that this program has open is none of its own', () => {
      const folder = openSync(place.workspace, 'r');
      const [file, ...args] = fenced(
        '/bin/sh',
        '-c',
        'ls -l /proc/self/fd /proc/1/fd; cat /proc/self/fd/*/.env /proc/1/fd/*/.env; ls /dev/fd/*/',
      );
      const stdio = ['ignore', 'pipe', 'pipe', folder, folder, folder, folder, 'ignore', folder] as const;
      const { stdout, stderr } = outcome(spawnSync(file, args, { encoding: 'utf8', stdio: [...stdio] }));
      closeSync(folder);
      expect(stdout + stderr).not.toMatch(new RegExp(`${secret}|node_modules|-> ${place.workspace}`));
    });

    test('the terminal of this program cannot be typed into, written to or taken', () => {
      const body = `
const fs = require('node:fs'), { spawnSync } = require('node:child_process');
const t = (what, action) => { try { action(); console.log('GOT', what); } catch {} };
t('the terminal', () => fs.openSync('/dev/tty', 'r+'));
t('the console', () => fs.openSync('/dev/console', 'r+'));
for (const name of fs.readdirSync('/dev/pts')) if (name !== 'ptmx') console.log('GOT', name);
for (const file of [0, 1, 2]) if (require('node:tty').isatty(file)) console.log('GOT', file);`;
      const words = fenced(process.execPath, '-e', body).map((word) => `'${word.replaceAll("'", "'\\''")}'`);
      const result = outcome(spawnSync('script', ['-qefc', `exec ${words.join(' ')}`, '/dev/null'], { encoding: 'utf8' }));
      expect(result).toMatchObject({ ending: 'exited', exitCode: 0, stdout: '', stderr: '' });
    });

    test.skipIf(python === undefined)('keys in the key ring of the session cannot be found, read or replaced', () => {
      const attempt = `
import ctypes
libc = ctypes.CDLL(None)
for ring in (-1, -2, -3, -4, -5):
  key = libc.syscall(250, 10, ring, b'user', b'walls', 0)
  if key > 0: print('GOT', key)
  if libc.syscall(248, b'user', b'walls', b'x', 1, ring) > 0: print('GOT ring', ring)
print(libc.syscall(249, b'user', b'walls', None, -3))
try: print(open('/proc/keys').read(), end='')
except PermissionError: pass`;
      const command = fenced(python ?? '', '-c', attempt);
      const session = `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(250, 1, None) < 0: sys.exit('no key ring')
if libc.syscall(248, b'user', b'walls', b'${secret}', ${secret.length}, -3) < 0: sys.exit('no key')
os.execv(sys.argv[1], sys.argv[1:])`;
      const started = spawnSync(python ?? '', ['-c', session, ...command], { encoding: 'utf8' });
      expect(outcome(started)).toMatchObject({ exitCode: 0, stdout: '-1\n' });
    });
  });
}
